"""Golden listings of every format but Markdown, text, HTML, PDF and Word, and what holds for all of them."""

import importlib.util
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.errors import SourceError
from qa.ingest.blocks import context, problems
from qa.ingest.formats import epub, mail, notebook, reader
from qa.ingest.metadata import Extracted
from qa.records import Block, Span

_TESTS = Path(__file__).parents[2]
_FORMATS = (
    *("delimited", "epub", "log", "mail", "notebook", "opendocument", "records", "restructured", "slides"),
    *("spreadsheet", "subtitles"),
)
FILES = sorted(
    path for name in _FORMATS for path in (_TESTS / "data/formats" / name).iterdir() if path.suffix != ".blocks"
)


def listing(extracted: Extracted) -> str:
    spec = importlib.util.spec_from_file_location("support_blocks", _TESTS / "support/blocks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return str(module.listing(extracted))


def page(data: bytes) -> Extracted:
    """A reader of pages and Markdown that knows headings and paragraphs, so that the formats are tested alone."""
    text = re.sub(r"<title>.*?</title>", "", data.decode("utf-8-sig", "replace"), flags=re.DOTALL)
    blocks, heading, plain = [], None, ""
    for match in re.finditer(r"<(h1|p|td)>(.*?)</\1>|^(# |## )?([^<\n]+)$", text, re.DOTALL | re.MULTILINE):
        words, is_heading = (match[2] or match[4] or "").strip(), bool(match[1] == "h1" or match[3])
        if words:
            plain += "\n\n" if plain else ""
            level = len((match[3] or "#").strip()) if is_heading else 0
            kind = "heading" if is_heading else "paragraph"
            blocks.append(Block(kind, len(plain), len(plain) + len(words), None if is_heading else heading, level))
            heading = len(blocks) - 1 if is_heading else heading
            plain += words
    return Extracted(plain, blocks=tuple(blocks))


@pytest.fixture(autouse=True, scope="module")
def _simple_pages():
    """EPUB, e-mail and notebooks get the reader above for pages and Markdown."""

    def simple(suffix: str):
        return page if suffix in (".html", ".md") else reader(suffix)

    with pytest.MonkeyPatch.context() as patch:
        for module in (epub, mail, notebook):
            patch.setattr(module, "reader", simple)
        patch.setattr(mail, "html", lambda data, scripts: page(data))
        patch.setattr(epub, "well_formed", page)
        yield


def shown(path: Path) -> str:
    """The listing, with fields and unread parts, or the reason why the file is refused."""
    try:
        extracted = reader(path.suffix)(path.read_bytes())
    except SourceError as error:
        return f"refused: {error}\n"
    lines = [f"{key}: {value}" for key, value in sorted(extracted.found.items())]
    return "\n".join([*lines, *(f"unread: {part}" for part in extracted.unread), listing(extracted)])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_gives_the_blocks_of_its_golden_listing(path: Path) -> None:
    assert shown(path) == path.with_name(f"{path.name}.blocks").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_blocks_are_sound_and_cells_and_context_are_slices(path: Path) -> None:
    try:
        extracted = reader(path.suffix)(path.read_bytes())
    except SourceError:
        return
    assert list(problems(extracted.text, extracted.blocks)) == []
    for number, block in enumerate(extracted.blocks):
        if block.cells:
            cells = [extracted.text[cell.start : cell.end] for cell in block.cells]
            assert " | ".join(cells).strip() == extracted.text[block.start : block.end]
            assert not block.columns or len(block.columns) == len(block.cells)
        assert all(span.end <= len(extracted.text) for _, span in context(extracted.blocks, number))
    assert all(0 <= page <= len(extracted.text) for page in extracted.pages)


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(FILES), st.data())
def test_any_prefix_or_mutation_of_a_file_is_read_or_refused(path: Path, data: st.DataObject) -> None:
    whole = path.read_bytes()
    cut = data.draw(st.integers(0, len(whole)))
    inserted = data.draw(st.binary(max_size=20) | st.sampled_from(_TOKENS))
    skipped = data.draw(st.integers(0, 50))
    changed = whole[:cut] + inserted + whole[cut + skipped :]
    for mutated in (whole[:cut], changed):
        try:
            extracted = reader(path.suffix)(mutated)
        except SourceError:
            continue
        assert list(problems(extracted.text, extracted.blocks)) == []
        assert extracted.text.encode().decode() == extracted.text


_TOKENS = [
    *(b'"', b"\n\n", b"\x00", b"\xff\xfe", b"{", b"[[", b"]}", b"-->", b"\n.. x::\n\n   y\n", b"\n> ", b"\n==\n"),
    *(b"Content-Type: text/html\n", b"--b1\n", b"\nFrom a 2020\n", b"<v >", b"\t;|,", b"1e999", b"\r", b"\x0b\x85"),
]


def test_a_row_names_its_column_headers_over_two_header_rows() -> None:
    extracted = reader(".xlsx")((_TESTS / "data/formats/spreadsheet/merged.xlsx").read_bytes())
    row = next(block for block in extracted.blocks if extracted.text[block.start :].startswith("Children"))

    def words(spans: tuple[Span, ...]) -> list[str]:
        return [extracted.text[span.start : span.end] for span in spans]

    assert [words(column) for column in row.columns] == [
        ["Group"],
        ["Weekday", "Morning"],
        ["Weekday", "Evening"],
        ["Sunday", "Morning"],
        ["Sunday", "Evening"],
    ]
