"""Quotations that differ from their source by Markdown's marks or by hyphens at line ends."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.ingest.formats import reader
from qa.quotes.anchors import Anchor, Corpus, locate
from qa.quotes.rendered import Rendered
from qa.records import Span

FEES = (
    "# Fees\n\nThe yearly fee is **40 euros** for members and *65* euros for `guests`, payable by "
    "[bank transfer](https://example.org/99).\n\nIt costs 3\\*4 euros. The old<br>rule stands.\n\n- theft\n- fire\n"
)


def places(quote: str, text: str, markdown: bool = False) -> list[str]:
    """The slices of the text where the quote stands."""
    markup = reader(".md")(text.encode()).markup if markdown else ()
    corpus = Corpus({"a": text}, markup=lambda _: markup)
    return [text[m.start : m.end] for m in corpus.find(quote, "a")]


@pytest.mark.parametrize(
    ("quote", "source"),
    [
        ("The yearly fee is 40 euros for members", "The yearly fee is **40 euros** for members"),
        ("and 65 euros for guests, payable", "and *65* euros for `guests`, payable"),
        ("payable by bank transfer.", "payable by [bank transfer](https://example.org/99)."),
        ("The old rule stands.", "The old<br>rule stands."),
        ("It costs 3*4 euros.", "It costs 3\\*4 euros."),
    ],
)
def test_marks_of_markdown_are_typography(quote: str, source: str) -> None:
    assert places(quote, FEES, markdown=True) == [source]


@pytest.mark.parametrize(
    "quote",
    [
        "The yearly fee is 41 euros for members",
        "The yearly fee is 40 euros for guests",
        "The yearly fee is not 40 euros for members",
        "payable by bank transfer 99.",
        "the yearly fee was 40 euros",
        "40 euros for members and 6 euros",
        "theft fire",
        "The oldrule stands.",
    ],
)
def test_words_and_numbers_stay_strict(quote: str) -> None:
    assert places(quote, FEES, markdown=True) == []


def test_a_quotation_may_bring_marks_that_the_source_does_not_have() -> None:
    assert places("The fee is **40 euros** for _members_.", "The fee is 40 euros for members.") == [
        "The fee is 40 euros for members."
    ]
    assert places("The rule is ~~not~~ in force.", "The rule is in force.") == []
    assert places("It is 5*3*2 long", "It is 532 long") == []


@pytest.mark.parametrize(
    "divided", ["reim-\nbursement", "reim- bursement", "reim-\r\nbursement", "reim\u00ad\nbursement"]
)
def test_a_word_divided_at_a_line_end_is_the_word(divided: str) -> None:
    written = f"The {divided} ceiling is 142 euros."
    assert places("The reimbursement ceiling is 142 euros.", written) == [written]
    assert places(written, "The reimbursement ceiling is 142 euros.") == ["The reimbursement ceiling is 142 euros."]
    assert places("The reimbursement ceiling is 143 euros.", written) == []


def test_a_hyphen_at_a_line_end_may_belong_to_the_word() -> None:
    text = "It is a well-\nknown rule."
    assert places("It is a well-known rule.", text) == [text]


def test_a_compound_is_not_the_word_without_its_hyphen() -> None:
    assert places("They will resign the contract.", "They will re-sign the contract.") == []
    assert places("They will re-sign the contract.", "They will resign the contract.") == []


def test_a_hyphen_that_stands_for_a_part_of_a_word_stays() -> None:
    assert places("a shortand longterm plan", "a short- and long-term plan") == []


def test_numbers_are_never_joined() -> None:
    assert places("pages 1020 are missing", "pages 10-\n20 are missing") == []
    assert places("of type B2 here", "of type B-\n2 here") == []


def test_a_paragraph_ends_a_word() -> None:
    assert places("the reimbursement is due", "the reim-\n\nbursement is due") == []


@pytest.mark.parametrize(
    "stored",
    [
        "The reim- bursement ceiling is 142 euros a night.",
        "The reim\u00adburse\u00adment ceiling is 142 euros a night.",
        "The **reimbursement ceiling** is 142 euros a night.",
        "The reimbursement\nceiling is 142\u00a0euros a night.",
    ],
)
def test_a_stored_quote_that_differs_in_typography_only_stands(stored: str) -> None:
    now = "First. The reimbursement ceiling is 142 euros a night. Last."
    standing = locate(Anchor("a", stored), Corpus({"a": now}))
    assert (standing.state, standing.style_only, standing.stands) == ("intact", True, True)
    assert standing.place is not None
    assert now[standing.place.start : standing.place.end] == "The reimbursement ceiling is 142 euros a night."
    moved = locate(Anchor("a", stored, 0, len(stored)), Corpus({"a": now}))
    assert (moved.state, moved.place) == ("moved", standing.place)


@pytest.mark.parametrize(("old", "new"), [("142", "143"), ("142", "14 2"), ("ceiling", "floor"), ("is", "is not")])
def test_a_stored_quote_with_another_word_or_number_does_not_stand(old: str, new: str) -> None:
    stored = "The reim- bursement ceiling is 142 euros a night."
    now = "First. The reimbursement ceiling is 142 euros a night. Last.".replace(old, new)
    assert not locate(Anchor("a", stored), Corpus({"a": now})).stands


@given(st.text("ab- \n", max_size=30), st.data())
def test_what_is_left_leads_back_to_the_same_character(text: str, data: st.DataObject) -> None:
    borders = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6, unique=True)))
    replaced = [(a, b, "") for a, b in zip(borders[::2], borders[1::2], strict=False)]
    left = [n for n in range(len(text)) if not any(a <= n < b for a, b, _ in replaced)]
    rendered = Rendered(text, replaced)
    assert [rendered.origin(n, n + 1).start for n in range(len(left))] == left


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("able to leave the island", "They were **un**able to leave the island."),
        ("500 crowns and a horse", "It cost 1\\.500 crowns and a horse."),
        ("5 crowns for the year", "It is &minus;5 crowns for the year."),
        ("the price rose by 10", "Here the price rose by 10\\% in all."),
        ("the price rose by 10", "Here the price rose by 10<sup>6</sup> in all."),
        ("the price rose by 3", "Here the price rose by 3<sup>1</sup>/<sub>2</sub> in all."),
        ("the rent is 7", "Here the rent is 7<b>%</b> in all."),
        ("The board sold the ship.", "~~The board sold the ship.~~"),
        ("The board sold the ship.", "<div hidden>\nThe board sold the ship.\n</div>"),
        ("The board sold the ship.", "It is <!-- a\nnote: The board sold the ship. --> so."),
        ("the board sold it", '[A ship](http://a.b "the board sold it") is here.'),
    ],
)
def test_what_the_page_does_not_show_does_not_stand_in_markdown(quote: str, text: str) -> None:
    assert places(quote, text, markdown=True) == []
    assert places(quote, quote, markdown=True) == [quote]


@pytest.mark.parametrize("quote", ["The yearly fee is **40 euros** for members", "payable by"])
def test_marks_may_be_quoted_as_they_are_written(quote: str) -> None:
    assert places(quote, FEES, markdown=True) == [quote]


PARTS = ["Rules", "You must **not**", "smoke", "drink water.", "Leave at 10", "500 seats are free"]


@pytest.mark.parametrize("blank", [" ", "\n"])
@pytest.mark.parametrize("n", range(len(PARTS) - 1))
def test_a_quotation_sets_apart_what_stands_in_different_blocks(n: int, blank: str) -> None:
    text = "\n".join(PARTS)
    marks = [Span(found.start(), found.end()) for found in re.finditer(r"\*\*", text)]
    corpus = Corpus({"a": text}, markup=lambda _: marks, borders=lambda _: [text.index(part) for part in PARTS])
    quote = blank.join(PARTS[n : n + 2])
    stands = blank == "\n" or PARTS[n].endswith(".")
    assert [bool(corpus.find(wording, "a")) for wording in (quote, quote.replace("**", ""))] == [stands, stands]
    assert corpus.find(PARTS[n + 1], "a")
