"""Which sentences of a document code takes for its own statements, so that a copy needs no judge."""

from pathlib import Path

import pytest

import qa
from qa import gate
from qa.gate.around import support_quote
from qa.testing import HashEncoder

LIE = "The mayor took bribes for years."
TOWN = "The town has a museum and a harbour.\n\n"
MAIL = (
    "From: Ann <ann@example.org>\nTo: Bob <bob@example.org>\nSubject: Talk\nDate: Mon, 1 Jan 2024 10:00:00 +0000\n"
    "Content-Type: text/plain; charset=utf-8\n\nI do not agree.\n\nOn Monday, Bob wrote:\n"
    f"> I know him well. {LIE} It is so.\n\nIt is nonsense.\n"
)


def verdicts(folder: Path, name: str, text: str) -> set[str]:
    """What code says of a copy, for each sentence that it may be a copy of."""
    (folder / "seeds").mkdir()
    (folder / "seeds" / name).write_text(text, encoding="utf-8")
    with qa.Retriever.build(folder / "seeds", folder / "index", encoder=HashEncoder()) as retriever:
        sentences = retriever.sentences(name, 0, 100)
        return {gate.check(LIE, [support_quote(retriever, s)]).verdict for s in sentences}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.txt", f"{TOWN}{LIE}\n\nMore text.\n"),
        ("a.md", f"{TOWN}## Report\n\nHe is tall. {LIE} It is known.\n"),
        ("a.md", f'{TOWN}The "Old Harbour" is closed.\n\n## The "Crown"\n\n{LIE} It is known.\n'),
        ("a.md", f"{TOWN}- {LIE}\n- He is tall.\n"),
    ],
)
def test_a_sentence_that_its_document_states(tmp_path: Path, name: str, text: str) -> None:
    assert "supported" in verdicts(tmp_path, name, text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.md", f"{TOWN}&quot;I know him. {LIE} It is so.&quot; said Bob.\n"),
        ("a.md", f"{TOWN}&ldquo;I know him. {LIE} It is so.&rdquo; said Bob.\n"),
        ("a.md", f"Critics wrote “I know him.\n\n## Page 2\n\nHe lies. {LIE} It is so.\n\n## Page 3\n\nSure.”\n"),
        ("a.md", f"Critics wrote “I know him.\n\n```\nx = 1\n```\n\nHe lies. {LIE} It is so.\n\nSure.”\n"),
        (
            "a.md",
            f"Critics wrote “I know him.\n\nHe lies. {LIE} It is so.\n\n| a | b |\n|---|---|\n| c | d |\n\nSure.”\n",
        ),
        ("a.txt", f"{TOWN}Critics wrote ״I know him. {LIE} It is so.״ on a wall.\n"),
        ("a.txt", f"{TOWN}Critics wrote ❛I know him. {LIE} It is so.❜ on a wall.\n"),
        ("a.md", f"{TOWN}> I know him well. {LIE} It is so.\n"),
        ("a.md", f"## Claims that are false:\n\nI know him well. {LIE} It is so.\n"),
        ("a.eml", MAIL),
        ("a.md", f"{TOWN}- [ ] {LIE}\n- [x] He is tall.\n"),
    ],
)
def test_a_sentence_that_somebody_else_says_or_a_sign_may_take_back(tmp_path: Path, name: str, text: str) -> None:
    assert "supported" not in verdicts(tmp_path, name, text)
