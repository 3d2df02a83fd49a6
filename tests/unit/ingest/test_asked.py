"""Questions that stand in one block with their answer, in several formats: the answer is what can be quoted."""

import io
import json
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.ingest.asked import divided
from qa.ingest.blocks import problems
from qa.ingest.pipeline import prepare
from qa.records import Block, Span


def shown(name: str, data: bytes | str) -> list[tuple[str, str, str]]:
    """Kind, text and question of each block that is no furniture."""
    document = prepare(name, data.encode() if isinstance(data, str) else data).document
    assert list(problems(document.text, document.blocks)) == []
    result = []
    for block in document.blocks:
        above = document.blocks[block.parent] if block.parent is not None else None
        asked = document.text[above.start : above.end] if above and above.kind == "question" else ""
        if block.kind != "furniture":
            result.append((block.kind, document.text[block.start : block.end], asked))
    return result


LIFT = [
    ("question", "Is there a lift?", ""),
    ("paragraph", "Only in house B.", "Is there a lift?"),
    ("question", "Who has the keys?", ""),
    ("paragraph", "Milan has them.", "Who has the keys?"),
]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", "question,answer\nIs there a lift?,Only in house B.\nWho has the keys?,Milan has them.\n"),
        (
            "a.json",
            json.dumps(
                [
                    {"question": "Is there a lift?", "answer": "Only in house B."},
                    {"question": "Who has the keys?", "answer": "Milan has them."},
                ]
            ),
        ),
        (
            "a.html",
            "<table><tr><th>Question<th>Answer<tr><td>Is there a lift?<td>Only in house B."
            "<tr><td>Who has the keys?<td>Milan has them.</table>",
        ),
    ],
)
def test_a_cell_that_asks_is_the_question_of_the_cell_beside_it(name: str, data: str) -> None:
    assert shown(name, data)[1:] == LIFT
    assert shown(name, data)[0][0] == "header"


def test_a_row_of_names_over_questions_is_a_header_in_a_spreadsheet() -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (["No.", "Question", "Answer"], [1, "Is there a lift?", "Only in house B."]):
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    assert [row[:2] for row in shown("a.xlsx", buffer.getvalue())[1:]] == [
        ("header", "No. | Question | Answer"),
        ("question", "1 | Is there a lift?"),
        ("paragraph", "Only in house B."),
    ]


def test_a_row_with_two_more_cells_stays_a_row_with_their_headers() -> None:
    data = "question,answer,page\nIs there a lift?,Only in house B.,12\nIs there a bath?,In house A.,14\n"
    document = prepare("a.csv", data.encode()).document
    row = next(block for block in document.blocks if block.kind == "row")
    assert [document.text[cell.start : cell.end] for cell in row.cells] == ["Only in house B.", "12"]
    assert [document.text[span.start : span.end] for column in row.columns for span in column] == ["answer", "page"]


@pytest.mark.parametrize(
    "markdown",
    [
        "**Is there a lift?** Only in house B.\n\n**Who has the keys?** Milan has them.\n",
        "__Is there a lift?__\nOnly in house B.\n\n__Who has the keys__? Milan has them.\n",
    ],
)
def test_a_question_in_bold_print_that_opens_a_paragraph(markdown: str) -> None:
    plain = [tuple(re.sub(r"[*_]", "", part) for part in row) for row in shown("a.md", markdown)]
    assert plain == LIFT


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.md", "Q: Is there a lift?\nA: Only in house B.\nQ: Who has the keys?\nA: Milan has them.\n"),
        (
            "a.md",
            "**Q:** Is there a lift? **A:** Only in house B.\n\n**Q:** Who has the keys? **A:** Milan has them.\n",
        ),
        (
            "a.html",
            "<p>Q: Is there a lift?<br>A: Only in house B.</p><p>Q: Who has the keys?<br>A: Milan has them.</p>",
        ),
        (
            "a.html",
            "<p>Q. Is there a lift?</p><p>A. Only in house B.<p>Q. Who has the keys?<p>A. Milan has them.",
        ),
    ],
)
def test_parts_that_call_themselves_question_and_answer(name: str, data: str) -> None:
    found = shown(name, data)
    assert [kind for kind, _, _ in found] == ["question", "paragraph"] * 2
    assert [asked == question for (_, question, _), (_, _, asked) in list(pairwise(found))[::2]] == [True, True]
    assert found[1][1].endswith("Only in house B.")


def test_bold_questions_in_html_and_word() -> None:
    html = (
        "<p><b>Is there a lift?</b> Only in house B.</p><ul><li><strong>Who has the keys?</strong> Milan has them.</ul>"
    )
    assert [row[:2] for row in shown("a.html", html)] == [row[:2] for row in LIFT[:3]] + [("item", "Milan has them.")]
    docx = pytest.importorskip("docx")
    document = docx.Document()
    for question, answer in (("Is there a lift?", " Only in house B."), ("Who has the keys?", " Milan has them.")):
        paragraph = document.add_paragraph()
        paragraph.add_run(question).bold = True
        paragraph.add_run(answer)
    buffer = io.BytesIO()
    document.save(buffer)
    assert shown("a.docx", buffer.getvalue()) == LIFT


def test_questions_in_prose_stay_in_it() -> None:
    prose = (
        "What is a lift? It is a room that moves. It has doors.\n\nThe rest is silence.\n\nNo one asks.\n\nAll agree\n"
    )
    assert all(kind == "paragraph" for kind, _, _ in shown("a.md", prose))
    assert shown("a.md", "**Is it?** **Or is it not?**\n") == [("paragraph", "**Is it?** **Or is it not?**", "")]


def test_many_paragraphs_that_open_with_a_question_are_questions_and_answers() -> None:
    pairs = [("Is there a lift?", "No."), ("Is there a bath?", "In house A."), ("Who has the keys?", "Milan.")]
    text = "\n\n".join(f"{question} {answer}" for question, answer in pairs)
    assert [row[:2] for row in shown("a.md", text)] == [
        part for question, answer in pairs for part in (("question", question), ("paragraph", answer))
    ]


@given(
    st.lists(
        st.sampled_from(
            [
                "Q: Is it so?",
                "A: Yes.",
                "**Is it so now?** No.",
                "Who has the keys? Milan.",
                "a|b?|c",
                "- **Is it so?** x",
            ]
        ),
        max_size=8,
    ),
    st.sampled_from(["\n", "\n\n", " "]),
)
def test_whatever_is_divided_has_no_problems(parts: list[str], gap: str) -> None:
    text = gap.join(parts)
    blocks, at = [], 0
    for line in text.split("\n\n"):
        if line.strip():
            cells = tuple(Span(at, at + len(line)) for _ in range(1))
            blocks.append(Block("row" if "|" in line else "paragraph", at, at + len(line.rstrip()), None, cells=cells))
        at += len(line) + 2
    assert list(problems(text, divided(text, blocks))) == []


def test_a_dash_between_a_question_and_its_answer_belongs_to_neither() -> None:
    assert shown("a.md", "**Is there a lift?** - Yes, in house B.\n") == [
        ("question", "**Is there a lift?**", ""),
        ("paragraph", "Yes, in house B.", "**Is there a lift?**"),
    ]
    assert shown("a.md", "**Is there a lift?** - said he.\n") == [("paragraph", "**Is there a lift?** - said he.", "")]
