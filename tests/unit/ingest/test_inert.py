"""Lines that state nothing are not quoted, in any format."""

import pytest

from qa.ingest.blocks import problems
from qa.ingest.inert import settled
from qa.ingest.pipeline import prepare
from qa.records import QUOTABLE, Block


def quotable(name: str, text: str) -> list[str]:
    prepared = prepare(name, text.encode())
    document = prepared.document
    assert list(problems(document.text, document.blocks)) == []
    kinds = {sentence: document.blocks[sentence.block].kind for sentence in prepared.sentences}
    return [document.text[s.start : s.end] for s, kind in kinds.items() if kind in QUOTABLE]


def test_numbers_of_sections_go_with_their_text_or_are_left_out() -> None:
    assert quotable("a.html", "<p>VII.</p><p>1.E.3. The fee is due in May.</p><p>It is nine euros.</p>") == [
        "1.E.3. The fee is due in May.",
        "It is nine euros.",
    ]


def test_a_tag_of_a_template_states_nothing() -> None:
    assert quotable("a.md", '- {% slack_channel "dc" "DC" %}\n- Ask in {% slack_channel "dc" %}.\n') == [
        'Ask in {% slack_channel "dc" %}.'
    ]


def test_a_lone_mark_of_a_note_goes_with_what_it_closes() -> None:
    assert quotable("a.html", "<p>He said: “It is late.”[203]</p><p>It rained. ”[204]</p>") == [
        "He said: “It is late.”[203]",
        "It rained. ”[204]",
    ]


def test_entries_of_an_index_are_contents() -> None:
    entries = "".join(f"<p>Place {page}, {page}, {page + 3}</p>" for page in range(10, 22))
    assert quotable("a.html", f"<p>The book is long.</p>{entries}") == ["The book is long."]
    assert quotable("a.html", "<p>The book is long.</p><p>Dublin, 1916</p>") == ["The book is long.", "Dublin, 1916"]


def test_rows_that_list_the_headings_below_them_are_contents() -> None:
    names = [f"Part {name}" for name in ("one", "two", "three", "four", "five")]
    rows = "".join(f"<tr><td>{name}</td><td>{9 + n}</td></tr>" for n, name in enumerate(names))
    parts = "".join(f"<h2>{name}</h2><p>It rains in {name}.</p>" for name in names)
    assert quotable("a.html", f"<table>{rows}</table>{parts}") == [f"It rains in {name}." for name in names]
    assert len(quotable("a.html", f"<table>{rows}</table><p>Nothing else.</p>")) == 6


def test_a_short_line_over_a_table_is_its_heading() -> None:
    text = "Blob objects\n\n======  =====\nused    3\nfree    14\n======  =====\n"
    document = prepare("a.rst", text.encode()).document
    assert [block.kind for block in document.blocks] == ["heading", "row", "row"]
    assert [block.parent for block in document.blocks] == [None, 0, 0]


DATED = [f"The board approved plan {plan} on June {day}, 2021." for day, plan in enumerate("ABCDEFGHIJ", 1)]
CREDITS = [f"Directed by {name}." for name in ("Ridley Scott", "Ada Holm", "Tom Berg", "Otto Plume", "Petra Novak")]


@pytest.mark.parametrize("suffix", ["txt", "md"])
@pytest.mark.parametrize("statements", [DATED, CREDITS])
def test_sentences_that_look_like_entries_or_titles_stay_quotable(statements: list[str], suffix: str) -> None:
    assert quotable(f"a.{suffix}", "\n\n".join(statements) + "\n") == statements


def test_a_line_in_capitals_without_a_style_stays_quotable() -> None:
    calls = ["EMERGENCY CALL 112", "The keys hang beside the door."]
    assert quotable("a.html", "".join(f"<p>{call}</p>" for call in calls)) == calls


@pytest.mark.parametrize("title", ["The lift is closed", "Opening hours"])
def test_a_statement_over_a_table_is_no_title(title: str) -> None:
    text = f"{title}\n\n======  =====\nused    3\nfree    14\n======  =====\n"
    assert (title in quotable("a.rst", text)) is (title == "The lift is closed")


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("a.md", "| item | price |\n|---|---|\n{rows}"),
        ("a.txt", "item\tprice\n{rows}"),
    ],
)
def test_a_price_list_sorted_by_price_stays_quotable(name: str, table: str) -> None:
    prices = {"Map": 3, "Towel": 5, "Lamp": 12, "Boots": 80, "Kayak": 300}
    row = "| {0} | {1} |" if name == "a.md" else "{0}\t{1}"
    rows = "\n".join(row.format(*pair) for pair in prices.items())
    about = "".join(f"## {item}\n\nIt is rented in the shop.\n\n" for item in prices)
    found = quotable(name, f"# Prices\n\n{table.format(rows=rows)}\n\n{about}")
    assert sum("Kayak" in sentence and "300" in sentence for sentence in found) == 1


def test_paragraphs_that_name_pages_among_many_others_stay_quotable() -> None:
    entries = [f"<p>Ada Holm, room {room}, extension, {room}</p>" for room in range(10, 20)]
    between = [f"<p>They share a desk number {n}.</p><p>It is beside the door.</p>" for n in range(10)]
    found = quotable("a.html", "".join(part for pair in zip(entries, between, strict=True) for part in pair))
    assert len(found) == 30


@pytest.mark.parametrize("text", ["x" + " " * 400_000 + "x", "1, " * 300_000 + "x", "x" + "." * 800_000 + "x"])
def test_a_long_paragraph_of_white_space_and_numbers_is_read(text: str) -> None:
    """In quadratic time it would take hours."""
    assert len(settled(text, [Block("paragraph", 0, len(text))])) == 1


def test_a_name_over_a_list_states_nothing_and_a_lead_in_does() -> None:
    text = "- Bug fixes:\n  - The gate closes.\n\nExamples:\n\n- One key.\n\nIt covers the following:\n\n- Towels.\n"
    assert quotable("a.md", text) == ["The gate closes.", "One key.", "It covers the following:", "Towels."]
    assert quotable("a.md", "It is closed:\n\n- on Monday\n") == ["It is closed:", "on Monday"]
    assert quotable("a.md", "Nothing follows:\n") == ["Nothing follows:"]


def test_a_line_drawn_with_characters_states_nothing() -> None:
    assert quotable("a.html", "<p>Hello.</p><p>________________</p><p>* * *</p><p>Bye.</p>") == ["Hello.", "Bye."]


def test_the_name_of_what_the_source_code_describes_is_not_quoted() -> None:
    assert quotable("a.rst", "It has names.\n\n.. autoattribute:: name\n\n.. py:automethod:: Shop.open\n") == [
        "It has names."
    ]


def test_a_link_to_a_place_in_the_document_and_nothing_else_is_an_entry_of_its_contents() -> None:
    text = "[Our fees](#our-fees)\n\n[See the fees](fees.md)\n\nSee [our fees](#our-fees)\n"
    assert quotable("a.md", text) == ["[See the fees](fees.md)", "See [our fees](#our-fees)"]
