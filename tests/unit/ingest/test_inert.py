"""Lines that state nothing are not quoted, in any format."""

from qa.ingest import prepare
from qa.ingest.blocks import problems
from qa.records import QUOTABLE


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


def test_a_line_in_capitals_is_a_heading_and_a_code_is_not() -> None:
    assert quotable("a.html", "<p>“LA GRAND’ GARCE.”</p><p>She lived in the cave.</p><p>E-4013</p>") == [
        "She lived in the cave.",
        "E-4013",
    ]
    shouted = "DO NOT OPEN WHILE RUNNING."
    assert quotable("a.html", f"<p>ILLUSTRATED</p><p>{shouted}</p><p>It is loud.</p>") == [shouted, "It is loud."]


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


def test_titles_with_a_stop_are_headings_where_there_are_many() -> None:
    titles = ["Fairy Lore.", "Of Magic and Witches.", "The Harbour.", "Old Songs.", "Charms, Spells, and Incantations."]
    book = "".join(f"<p>{title}</p><p>This is told about it.</p>" for title in titles)
    assert quotable("a.html", book) == ["This is told about it."] * 5
    assert "Petra Novak." in quotable("a.html", "<p>Who was it, then, that came?</p><p>Petra Novak.</p>")
