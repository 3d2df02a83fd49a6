"""Word documents to blocks: golden listings of files written by hand, numbering, revisions, limits."""

import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.errors import SourceError
from qa.ingest.blocks import problems
from qa.ingest.formats.word import reader as docx
from tests.support.blocks import listing
from tests.support.wordfile import paragraph, word_file

DATA = Path(__file__).resolve().parents[2] / "data" / "formats" / "docx"
FILES = sorted(DATA.glob("*.docx"))
WORD = "<w:r><w:t>Text</w:t></w:r>"
RUN = f"<w:p>{WORD}</w:p>"
WIDE = f'<w:tc><w:tcPr><w:gridSpan w:val="60"/></w:tcPr>{RUN}</w:tc>'
MERGED = f"<w:tr><w:tc><w:tcPr><w:vMerge/></w:tcPr>{RUN}</w:tc><w:tc/></w:tr>"
FIELD = '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>' + WORD


def texts(body: str, **parts: str) -> list[str]:
    extracted = docx.extract(word_file(body, **parts))
    assert list(problems(extracted.text, extracted.blocks)) == []
    return [extracted.text[block.start : block.end] for block in extracted.blocks]


def numbered(level: int, text: str, number: int = 1) -> str:
    return paragraph(text, properties=f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')


def level(index: int, kind: str, text: str, more: str = "") -> str:
    kept = f'<w:start w:val="1"/><w:numFmt w:val="{kind}"/>{more}<w:lvlText w:val="{text}"/>'
    return f'<w:lvl w:ilvl="{index}">{kept}</w:lvl>'


def lists(*levels: str, nums: str = "") -> str:
    abstract = f'<w:abstractNum w:abstractNumId="0">{"".join(levels)}</w:abstractNum>'
    return abstract + (nums or '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>')


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_blocks_of_a_document_are_those_of_its_listing(path: Path) -> None:
    extracted = docx.extract(path.read_bytes())
    assert listing(extracted) == path.with_suffix(".blocks").read_text(encoding="utf-8")
    assert list(problems(extracted.text, extracted.blocks)) == []


@given(st.sampled_from(FILES), st.data())
@settings(max_examples=100, deadline=None)
def test_every_mutation_of_the_markup_gives_blocks_or_a_reason(path: Path, data: st.DataObject) -> None:
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    name = data.draw(st.sampled_from(sorted(files)))
    part = files[name]
    start = data.draw(st.integers(0, len(part)))
    end = data.draw(st.integers(start, min(start + 40, len(part))))
    files[name] = (
        part[:start] + data.draw(st.sampled_from([b"", b"<w:p/>", b"9", b"</w:p>", part[start:end] * 2])) + part[end:]
    )
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for key, content in files.items():
            archive.writestr(key, content)
    try:
        extracted = docx.extract(buffer.getvalue())
    except SourceError:
        return
    assert list(problems(extracted.text, extracted.blocks)) == []


@given(st.sampled_from(FILES), st.integers(0, 6000))
@settings(max_examples=60, deadline=None)
def test_every_prefix_of_a_file_gives_blocks_or_a_reason(path: Path, end: int) -> None:
    try:
        extracted = docx.extract(path.read_bytes()[:end])
    except SourceError:
        return
    assert list(problems(extracted.text, extracted.blocks)) == []


def test_deeper_levels_begin_anew_and_show_the_numbers_above() -> None:
    numbering = lists(level(0, "decimal", "%1"), level(1, "decimal", "%1.%2"), level(2, "lowerLetter", "%3)"))
    body = "".join(numbered(n, "x") for n in (0, 1, 1, 2, 0, 1, 2, 2))
    assert texts(body, numbering=numbering) == ["1 x", "1.1 x", "1.2 x", "a) x", "2 x", "2.1 x", "a) x", "b) x"]


def test_a_level_may_go_on_counting() -> None:
    numbering = lists(level(0, "decimal", "%1."), level(1, "decimal", "(%2)", '<w:lvlRestart w:val="0"/>'))
    body = "".join(numbered(n, "x") for n in (0, 1, 0, 1))
    assert texts(body, numbering=numbering) == ["1. x", "(1) x", "2. x", "(2) x"]


@pytest.mark.parametrize(
    ("kind", "third"),
    [("upperRoman", "III"), ("lowerRoman", "iii"), ("upperLetter", "C"), ("decimalZero", "03"), ("ordinal", "3rd"),
     ("hebrew1", "3"), ("bullet", "")],
)  # fmt: skip
def test_numbers_are_written_in_their_format(kind: str, third: str) -> None:
    numbering = lists(level(0, kind, "%1"))
    assert texts("".join(numbered(0, "x") for _ in range(3)), numbering=numbering)[2] == f"{third} x".strip()


def test_two_lists_of_one_definition_count_on_and_an_override_begins_anew() -> None:
    num = '<w:num w:numId="{}"><w:abstractNumId w:val="0"/>{}</w:num>'
    override = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'
    numbering = lists(level(0, "decimal", "%1."), nums=num.format(1, "") + num.format(2, "") + num.format(3, override))
    body = numbered(0, "a", 1) + numbered(0, "b", 2) + numbered(0, "c", 3) + numbered(0, "d", 3)
    assert texts(body, numbering=numbering) == ["1. a", "2. b", "1. c", "2. d"]


def test_numbers_go_on_through_the_cells_of_a_table() -> None:
    cell = "<w:tc>{}</w:tc>"
    table = f"<w:tbl><w:tr>{cell.format(numbered(0, 'b'))}{cell.format(numbered(0, 'c'))}</w:tr></w:tbl>"
    body = numbered(0, "a") + table + numbered(0, "d")
    assert texts(body, numbering=lists(level(0, "decimal", "%1."))) == ["1. a", "2. b | 3. c", "4. d"]


def test_a_deleted_paragraph_is_not_counted() -> None:
    gone = (
        '<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr><w:rPr><w:del w:id="1"/></w:rPr></w:pPr>'
        "<w:del><w:r><w:delText>b</w:delText></w:r></w:del></w:p>"
    )
    assert texts(numbered(0, "a") + gone + numbered(0, "c"), numbering=lists(level(0, "decimal", "%1."))) == [
        "1. a",
        "2. c",
    ]


@pytest.mark.parametrize("name", ["heading 2", "Überschrift 2", "Titre 2", "标题 2", "Kop 2"])
def test_headings_are_known_by_their_names(name: str) -> None:
    styles = f'<w:style w:type="paragraph" w:styleId="a"><w:name w:val="{name}"/></w:style>'
    extracted = docx.extract(word_file(paragraph("Fees", "a") + paragraph("None."), styles=styles))
    assert [(block.kind, block.level, block.parent) for block in extracted.blocks] == [
        ("heading", 2, None),
        ("paragraph", 0, 0),
    ]


def test_styles_based_on_each_other_in_a_ring_end() -> None:
    style = '<w:style w:type="paragraph" w:styleId="{0}"><w:name w:val="{0}"/><w:basedOn w:val="{1}"/></w:style>'
    assert texts(paragraph("Text", "a"), styles=style.format("a", "b") + style.format("b", "a")) == ["Text"]


def test_comments_are_not_text_and_an_embedded_document_is_named() -> None:
    body = paragraph("Text") + '<w:p><w:r><w:commentReference w:id="1"/></w:r></w:p>'
    extracted = docx.extract(word_file(body, comments='<w:comment w:id="1">' + paragraph("Aside") + "</w:comment>"))
    assert extracted.text == "Text"
    extracted = docx.extract(word_file(paragraph("Text"), aFChunk1="<w:p/>"))
    assert extracted.unread == ("an embedded document (aFChunk1.xml): not read",)


def test_the_strict_form_of_the_standard_is_read() -> None:
    buffer = BytesIO()
    with zipfile.ZipFile(BytesIO(word_file(paragraph("Text")))) as archive, zipfile.ZipFile(buffer, "w") as copy:
        for name in archive.namelist():
            part = archive.read(name)
            for kind in (b"officeDocument", b"wordprocessingml"):
                usual = b"http://schemas.openxmlformats.org/" + kind + b"/2006/"
                part = part.replace(usual, b"http://purl.oclc.org/ooxml/" + kind + b"/")
            copy.writestr(name, part)
    assert docx.extract(buffer.getvalue()).text == "Text"


def test_a_file_of_too_many_elements_is_refused_before_it_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docx, "_ELEMENTS", 1_000)
    with pytest.raises(SourceError, match=r"it has about 2,0\d\d elements; the limit is 1,000"):
        docx.extract(word_file("<w:p/>" * 2_000))


@pytest.mark.parametrize(
    "body",
    [
        f"{RUN}<w:p/>" * 50_000,
        f"<w:p>{WORD * 50_000}</w:p>",
        f"<w:tbl>{MERGED * 20_000}</w:tbl>",
        f"<w:tbl><w:tr>{WIDE * 20_000}</w:tr></w:tbl>",
        f"{RUN}<w:p>{FIELD * 50_000}</w:p>",
    ],
    ids=["paragraphs", "runs", "merged", "wide", "fields"],
)  # fmt: skip
def test_hostile_documents_are_read_in_linear_time(body: str) -> None:
    assert "Text" in docx.extract(word_file(body)).text
