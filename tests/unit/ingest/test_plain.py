"""Plain text: what layout says about it."""

from typing import Any

import pytest

from qa.ingest.formats.text import tables
from qa.ingest.formats.text.reader import find
from qa.ingest.pipeline import prepare
from qa.markup import plain


def blocks(text: str) -> list[tuple[str, str]]:
    return [(block.kind, text[block.start : block.end]) for block in find(text)[0]]


def kinds(text: str) -> list[str]:
    return [kind for kind, _ in blocks(text)]


def shown(text: str) -> list[str]:
    """The sentences of a text file as a reader sees them."""
    prepared = prepare("a.txt", text.encode())
    markup = prepared.document.markup
    return [" ".join(plain(text, s.start, s.end, markup).split()) for s in prepared.sentences]


@pytest.mark.parametrize("name", ["Oakley Mutual and its heirs.", "7 members of the board.", "the board."])
def test_a_wrapped_line_goes_on_with_whatever_begins_the_next_one(name: str) -> None:
    text = f"Repairs to the roof and to the chimneys of the house are paid for by\n{name}"
    assert shown(text) == [text.replace("\n", " ")]


def test_one_paragraph_a_line_stays_apart_and_its_headline_too() -> None:
    long = "The ferry left the harbour at six and came back at nine, as it does on every day of the year but one. " * 2
    text = f"A short headline\n{long.strip()}\n{long.strip()}"
    assert kinds(text) == ["heading", "paragraph", "paragraph"]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("2.1 Bleeding the brakes", "heading"),
        ("TERMS OF USE", "heading"),
        ("Terms of use", "heading"),
        ("# Terms", "heading"),
        ("The terms are these.", "paragraph"),
        ("Dear Ms Holm,", "paragraph"),
        ("12 March 2026", "paragraph"),
    ],
)
def test_a_line_without_a_stop_over_text_is_a_heading(line: str, kind: str) -> None:
    assert kinds(f"First words here.\n\n{line}\n\nThe text that stands under it is long enough.")[1] == kind


def test_headings_nest_by_their_style() -> None:
    found = find("CONTRACT\n\n1. Work\n\nIt is in Graz.\n\n1.1 Hours\n\nNine to five.\n\n2. Pay\n\nIt is low.")[0]
    assert [block.parent for block in found] == [None, 0, 1, 1, 3, 0, 5]


def test_a_question_in_a_story_is_no_heading() -> None:
    story = "He came in.\n\nWho is there?\n\nNobody answered him.\n\n" * 1 + "It was late.\n\n" * 6
    assert "question" not in kinds(story)
    assert kinds("May I?\n\nYes, you may.\n\nMust I?\n\nNo, never.") == ["question", "paragraph"] * 2


def test_items_have_their_lead_in() -> None:
    found = find("Bring:\n\n- a vest\n  of cork\n  * red\n- shoes\n\nNothing else is needed.")[0]
    assert [(block.kind, block.parent, block.level) for block in found] == [
        ("paragraph", None, 0),
        ("item", 0, 1),
        ("item", 1, 2),
        ("item", 0, 1),
        ("paragraph", None, 0),
    ]


def test_a_table_in_columns_has_cells_under_its_header() -> None:
    text = "Pos  Article      Price\n1    Rye flour    19.40\n2    Oat meal      7.20"
    header, first, _ = find(text)[0]
    assert header.kind == "header"
    assert [text[cell.start : cell.end] for cell in first.cells] == ["1", "Rye flour", "19.40"]
    assert [[text[s.start : s.end] for s in column] for column in first.columns] == [["Pos"], ["Article"], ["Price"]]


def test_a_line_of_bars_is_no_row_of_a_table() -> None:
    assert kinds("Tea | 3 |\n|\nMilk | 2 |") == ["field", "furniture", "field"]
    assert kinds("r | |`\x1d|\nh | ||") == ["header", "furniture", "row"]  # this raised an IndexError


def test_two_spaces_after_a_stop_make_no_table() -> None:
    text = "He came home.  She was there.\nIt was late.  They went out.\nNobody saw.  Nobody cared."
    assert kinds(text) == ["paragraph"]


def test_labels_with_values_are_fields() -> None:
    assert blocks("Invoice no. 7\nDate: 7 April\nDue: 21 April\n\nTotal due  427.68\nVAT  38.88") == [
        ("paragraph", "Invoice no. 7"),
        ("field", "Date: 7 April"),
        ("field", "Due: 21 April"),
        ("field", "Total due  427.68"),
        ("field", "VAT  38.88"),
    ]


def test_a_sentence_with_a_colon_is_no_field() -> None:
    assert kinds("There is one rule: nobody may swim here.") == ["paragraph"]


def test_older_messages_name_their_sender_and_the_newest_needs_no_context() -> None:
    text = "From: Ida\nDate: 2 May\n\nOn Friday.\n\n> From: Jon\n> Date: 1 May\n>\n> On Thursday, and we\n> come early."
    found = find(text)[0]
    newest = next(block for block in found if text[block.start : block.end] == "On Friday.")
    older = next(block for block in found if "Thursday" in text[block.start : block.end])
    assert newest.parent is None
    assert older.parent is not None
    assert text[found[older.parent].start : found[older.parent].end] == "> Date: 1 May"
    assert "On Thursday, and we come early." in shown(text)


def test_labels_of_records_are_no_speakers() -> None:
    record = "PMID: 1\nLicense: CC BY\nCitation: Holm (2005) The ferry. J Sea 2: e2.\n\n"
    assert "turn" not in kinds(record * 6)
    assert kinds("KIM: Where is it, then?\n\nLEE: It is in the box.\n\n" * 3) == ["turn"] * 6


def test_subtitles_are_sentences_without_their_times() -> None:
    text = (
        "1\n00:00:01,000 --> 00:00:02,000\nThe mill was built in\n\n"
        "2\n00:00:02,000 --> 00:00:03,000\n1911 by my aunt. It burned\n\n3\n00:00:03,000 --> 00:00:04,000\ndown.\n"
    )
    assert shown(text)[2:] == ["The mill was built in 1911 by my aunt.", "It burned down."]


def test_a_contents_list_is_no_heading() -> None:
    text = "Contents\n\nThe Fog\nThe Shore\n\nThe Fog\n\nIt was late, and grey.\n\nThe Shore\n\nIt was empty, and grey."
    assert kinds(text) == ["heading", "contents", "contents", "heading", "paragraph", "heading", "paragraph"]


@pytest.mark.parametrize("line", ["| a |", "a.  b", "| a |\n---"])
def test_the_work_for_lines_that_are_nearly_a_table_grows_with_their_number(
    line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = [0]
    split, used = tables._split, tables._used

    def counting_split(*arguments: Any) -> Any:
        seen[0] += 1
        return split(*arguments)

    def counting_used(*arguments: Any) -> Any:
        seen[0] += 1
        return used(*arguments)

    monkeypatch.setattr(tables, "_split", counting_split)
    monkeypatch.setattr(tables, "_used", counting_used)

    def work(lines: int) -> int:
        seen[0] = 0
        prepare("a.txt", f"{line}\n".encode() * lines)
        return seen[0]

    assert 0 < work(400) < 2.5 * work(200)
