"""Quotes and documents that are made to cost time: what is compared has a limit."""

from difflib import SequenceMatcher
from functools import partial

import pytest

from qa.quotes import anchors, match, nearest
from qa.quotes.anchors import Anchor, Corpus
from qa.quotes.effort import Effort
from qa.quotes.folding import Folded
from qa.quotes.nearest import WordIndex, likeness, word_diff
from qa.quotes.quoted import check_quotation, quotations

SAME = " ".join(["a"] * 3000)
THIRD = " ".join("b" if n % 3 == 1 else "a" for n in range(3000))


def test_only_short_texts_are_compared_word_for_word(monkeypatch: pytest.MonkeyPatch) -> None:
    def counting(junk, a, b, autojunk):
        pairs.append(len(a) * len(b))
        return SequenceMatcher(junk, a, b, autojunk)

    pairs = []
    monkeypatch.setattr(nearest, "SequenceMatcher", counting)
    steps = word_diff(SAME, THIRD)
    assert [step.kind for step in steps] == ["same", "changed", "same"]
    assert ("".join(s.old for s in steps), "".join(s.new for s in steps)) == (SAME, THIRD)
    assert 0 < likeness(SAME, THIRD) < 1
    WordIndex(f"Here. {THIRD} there.").nearest(SAME)
    assert all(n <= nearest._MOST_PAIRS for n in pairs)


def test_a_long_text_is_compared_by_the_words_that_it_has_once() -> None:
    words = [f"word{n} " if n % 7 else "the " for n in range(3000)]
    edited = [*words[:100], "another ", *words[101:1500], *words[1510:2000], "two ", "more ", *words[2000:]]
    steps = word_diff("".join(words), "".join(edited))
    assert ("".join(s.old for s in steps), "".join(s.new for s in steps)) == ("".join(words), "".join(edited))
    assert [step.kind for step in steps if step.kind != "same"] == ["changed", "deleted", "inserted"]
    assert likeness("".join(words), "".join(edited)) > 0.99
    (best, *_) = WordIndex(f"{'Before it. ' * 50}{''.join(edited)}").nearest("".join(words))
    assert (best.start, best.likeness > 0.99) == (550, True)


def test_a_quote_is_left_at_the_first_difference_of_case_that_counts() -> None:
    class Counted(str):
        def __iter__(self):
            for char in str.__iter__(self):
                read.append(char)
                yield char

    read: list[str] = []
    quote, doc = "b A" + " a" * 5000, Folded("b a" + " a" * 9000)
    assert not match._same_detail(Counted(quote), False, doc, 0)
    assert len(read) < 10


@pytest.mark.parametrize(("quote", "text"), [("A" + " A" * 9000 + " a", "a "), ("a" + " a" * 9000, "A ")])
def test_a_quote_is_compared_with_a_limited_number_of_places(quote, text, monkeypatch: pytest.MonkeyPatch) -> None:
    def counting(*given):
        starts.append(given)
        return clean(*given)

    starts, clean = [], match.clean_edges
    monkeypatch.setattr(match, "clean_edges", counting)
    match.find(quote, text * 20_000)
    assert 0 < len(starts) * len(quote) <= Effort.MOST


PIECES = ["retry of", "the link", "and close", "of the", "the port"] * 2
LOG = "2024-01-01 retry of the link and close of the port\n" * 20_000


@pytest.mark.parametrize("end", ["zebra crossing", "the link", "the port."])
@pytest.mark.parametrize("quote", [" … ".join(PIECES), " … ".join(f"*{piece}*" for piece in PIECES)])
def test_a_quote_of_many_pieces_is_looked_for_at_a_limited_number_of_places(quote, end, monkeypatch) -> None:
    looks, clean, harmless = 0, match.clean_edges, match.gap_is_harmless

    def counting(what, *given):
        nonlocal looks
        looks += 1
        return what(*given)

    monkeypatch.setattr(match, "clean_edges", partial(counting, clean))
    monkeypatch.setattr(match, "gap_is_harmless", partial(counting, harmless))
    (quotation,) = quotations(f"“{quote} … {end}”")
    checked = check_quotation(quotation, Corpus({"a.txt": LOG}))
    assert looks <= Effort.MOST / Effort.PLACE
    assert (checked.stands, checked.unfinished) == (False, end != "zebra crossing")


def test_all_quotations_of_a_text_have_one_budget(monkeypatch) -> None:
    monkeypatch.setattr(Effort, "WHOLE", 2 * Effort.MOST)
    texts = {"a.txt": LOG + "The ferry sails at nine. "}
    corpus = Corpus(texts)
    many = quotations(f"“{' … '.join(PIECES)} … the link” " * 4 + "“The ferry sails at nine”")
    assert [check_quotation(one, corpus).unfinished for one in many] == [True] * 5
    assert check_quotation(many[4], Corpus(texts)).stands


def test_a_rare_piece_is_found_among_frequent_ones() -> None:
    (found,) = match.find("of the … town hall near", f"{'of the sea ' * 40_000} of the (old) town hall near {LOG}")
    assert found.start == 440_001


def test_of_a_stored_quote_a_limited_number_of_copies_is_looked_at(monkeypatch) -> None:
    looks, clean = [], anchors.clean_edges
    monkeypatch.setattr(anchors, "clean_edges", lambda *given: looks.append(given) or clean(*given))
    last = LOG.rindex("of the")
    standing = anchors.locate(
        Anchor("a.txt", "of the", last, last + 6, sha256="a"), Corpus({"a.txt": LOG}, {"a.txt": "a"})
    )
    assert (standing.state, standing.place.start) == ("intact", last)
    assert len(looks) <= 1_000
