"""Text and Markdown files with golden listings of their blocks, and what holds for every file."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.errors import SourceError
from qa.ingest.blocks import problems
from qa.ingest.formats.markdown import reader as markdown
from qa.ingest.formats.text import reader as plain
from qa.ingest.pipeline import prepare
from tests.support.blocks import listing

DATA = Path(__file__).resolve().parents[2] / "data" / "formats"
FILES = sorted([*DATA.glob("text/*.txt"), *DATA.glob("markdown/*.md")])
EXTRACT = {".txt": plain.extract, ".md": markdown.extract}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_blocks_of_a_file_are_those_of_its_listing(path: Path) -> None:
    extracted = EXTRACT[path.suffix](path.read_bytes())
    assert listing(extracted) == path.with_suffix(".blocks").read_bytes().decode()
    assert list(problems(extracted.text, extracted.blocks)) == []


@st.composite
def mutations(draw: st.DrawFn) -> tuple[str, bytes]:
    """A prefix of a file, some of whose bytes are left out, doubled or swapped for others."""
    path = draw(st.sampled_from(FILES))
    data = path.read_bytes()
    data = data[: draw(st.integers(0, len(data)))]
    for _ in range(draw(st.integers(0, 3))):
        at, length = draw(st.integers(0, len(data))), draw(st.integers(0, 20))
        data = data[:at] + draw(
            st.sampled_from([b"", data[at : at + length] * 2, b"\n\n", b"|", b"> ", b"*", b"\r", b"\xff"])
        )
        data += path.read_bytes()[at + length :]
    return path.suffix, data


@settings(max_examples=150, deadline=None)
@given(mutations())
def test_any_mutation_has_sound_blocks_and_sentences_inside_them(case: tuple[str, bytes]) -> None:
    suffix, data = case
    try:
        prepared = prepare(f"a{suffix}", data)
    except SourceError:
        return
    text, blocks = prepared.document.text, prepared.document.blocks
    assert list(problems(text, blocks)) == []
    marks = prepared.document.markup
    assert all(0 <= span.start < span.end <= len(text) for span in marks)
    assert all(last.end <= span.start for last, span in pairwise(marks))
    for sentence in prepared.sentences:
        block = blocks[sentence.block]
        assert block.start <= sentence.start < sentence.end <= block.end
        assert text[sentence.start : sentence.end].strip() == text[sentence.start : sentence.end]


@pytest.mark.parametrize("suffix", EXTRACT)
@pytest.mark.parametrize(
    "part",
    [
        "[",
        "[a](",
        "*a ",
        ">",
        "> a\n",
        "<b ",
        "<!-- ",
        "{% ",
        "~~a ",
        "a. ",
        ". ",
        "-----\n",
        "- a\n",
        "a  b\n",
        "a | b\n",
    ],
)
def test_repeated_pieces_are_read(suffix: str, part: str) -> None:
    text = part * 3000
    extracted = EXTRACT[suffix](text.encode())
    assert list(problems(extracted.text, extracted.blocks)) == []


@pytest.mark.parametrize("line_end", ["\r", "\r\n"], ids=repr)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_blocks_do_not_depend_on_the_kind_of_line_ends(path: Path, line_end: str) -> None:
    """Seen on old Macs, on Windows, and where two programs wrote one file."""
    data = path.read_bytes().replace(b"\r\n", b"\n")
    expected = EXTRACT[path.suffix](data)
    extracted = EXTRACT[path.suffix](data.replace(b"\n", line_end.encode()))
    assert list(problems(extracted.text, extracted.blocks)) == []
    assert listing(extracted).replace("\r⏎", "⏎").replace("\r", "⏎") == listing(expected)
