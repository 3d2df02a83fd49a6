"""What a file itself marks as hidden is not quoted: each format, with each of its ways to hide, and the same shown."""

import io
import re
import zipfile
from collections.abc import Callable

import openpyxl
import pptx
import pytest
from support.wordfile import paragraph, word_file

from qa.errors import SourceError
from qa.index.context import pieces
from qa.ingest.formats.common.concealed import declarations, is_hidden_element
from qa.ingest.formats.common.numberformat import is_blank
from qa.ingest.pipeline import prepare
from qa.records import Prepared, Span

SECRET = "The secret pact pays nine million euros."
SEEN = "The harbour office opens at nine."


def quoted(prepared: Prepared) -> str:
    """All that a quote may hold, with its context."""
    document = prepared.document
    found = []
    for each in prepared.sentences:
        if document.blocks[each.block].kind == "furniture":
            continue
        span = Span(each.start, each.end)
        around = pieces(document.blocks, each.block, span, lambda start, end: document.text[start:end])
        found += [document.text[each.start : each.end], *(piece.text for piece in around)]
    return "\n".join(found)


def holds(name: str, data: bytes | str) -> bool:
    """Whether the secret may be quoted; what is seen always is."""
    text = quoted(prepare(name, data.encode() if isinstance(data, str) else data))
    assert SEEN in text
    return SECRET in text


# -- HTML and Markdown: the same elements hide in both --

HIDING = (
    "p hidden",
    "p HIDDEN",
    "div popover",
    "dialog",
    'p aria-hidden="true"',
    'p style="display:none"',
    "p style='DISPLAY : none !important'",
    'p style="/**/display:/**/none"',
    'p style="display:none/*"',
    'p style="displ\\61 y:n\\6fne"',
    'p style="color:red;visibility:collapse"',
    'p style="visibility:hidden"',
    'p style="content-visibility:hidden"',
    "p style=\"content:'/*';display:none;quotes:'*/'\"",
    'p style="background:url(/*);display:none;cursor:url(*/)"',
    "p style=display&#58;none",
    'p title=">" hidden',
    "template",
    "noscript",
    "svg",
    "noframes",
    "noembed",
)
SHOWING = (
    "p",
    "dialog open",
    'p title="hidden"',
    'p data-hidden="1"',
    'p style="display:block"',
    'p style="/* display:none */"',
    "p style=\"content:';display:none'\"",
    'p style="dis/**/play:none"',
    'p style="x-display:none"',
)


@pytest.mark.parametrize("tag", HIDING)
def test_hidden_elements_of_a_page_are_left_out(tag: str) -> None:
    name = tag.split()[0]
    assert not holds("a.html", f"<p>{SEEN}</p><{tag}>{SECRET}</{name}><p>Nothing more.</p>")


@pytest.mark.parametrize("tag", SHOWING)
def test_other_elements_of_a_page_are_read(tag: str) -> None:
    name = tag.split()[0]
    assert holds("a.html", f"<p>{SEEN}</p><{tag}>{SECRET}</{name}><p>Nothing more.</p>")


@pytest.mark.parametrize(
    "inside",
    [
        "<h2>Title <span hidden>SECRET</span></h2><p>Text.</p>",
        "<pre>code <span hidden>SECRET</span></pre>",
        "<table><tr><th>Name<th>Fee<tr hidden><td>SECRET<td>1<tr><td>Blue<td>2</table>",
        "<table><tr><th>Name<th>Fee<tbody style='visibility:collapse'><tr><td>SECRET<td>1<tbody><tr><td>B<td>2</table>",
        "<table><tr><th>Name<th style='display:none'>SECRET<tr><td>Blue<td style='display:none'>SECRET</table>",
        "<table><caption hidden>SECRET</caption><tr><th>Name<th>Fee<tr><td>Blue<td>2</table>",
        "<dl><dt>Name</dt><dd>Blue</dd><dd class=x style='display:none'>SECRET</dd></dl>",
    ],
)
def test_hidden_parts_of_headings_code_and_tables_are_left_out(inside: str) -> None:
    assert not holds("a.html", f"<p>{SEEN}</p>{inside.replace('SECRET', SECRET)}")
    shown = re.sub(r" hidden| style='[^']*'", "", inside)
    assert holds("a.html", f"<p>{SEEN}</p>{shown.replace('SECRET', SECRET)}")


@pytest.mark.parametrize("tag", [*HIDING, "select", "video", "div hidden"])
@pytest.mark.parametrize(
    "form",
    [
        "<OPEN>\n\nSECRET\n\n</CLOSE>\n",
        "<OPEN>\nSECRET\n</CLOSE>\n",
        "<OPEN>SECRET</CLOSE>\n",
        "<OPEN>\n\n- One item.\n- SECRET\n\n</CLOSE>\n",
        "<OPEN>\n\n```\nSECRET\n```\n\n</CLOSE>\n",
        "<OPEN>\n\n| Name | Fee |\n|---|---|\n| SECRET | 2 |\n\n</CLOSE>\n",
        "<OPEN>\n\n## SECRET\n\n</CLOSE>\n",
        "<OPEN>\n\n> SECRET\n\n</CLOSE>\n",
        "> <OPEN>\n>\n> SECRET\n>\n> </CLOSE>\n",
        "- <OPEN>\n\n  SECRET\n\n  </CLOSE>\n",
        "<section>\n<OPEN>\n<b>SECRET</b>\n</CLOSE>\n</section>\n",
    ],
)
def test_markdown_below_a_hidden_element_is_furniture(tag: str, form: str) -> None:
    tag = re.sub(r"^p\b", "div", tag)  # a paragraph ends where the next one begins
    text = form.replace("OPEN", tag).replace("CLOSE", tag.split()[0]).replace("SECRET", SECRET)
    source = f"# Harbour\n\n{text}\n{SEEN}\n"
    assert not holds("a.md", source)
    assert not holds("a.md", source.replace("\n", "\r\n"))
    prepared = prepare("a.md", source.encode())
    assert prepared.document.text == source
    shown = form.replace("OPEN", "section").replace("CLOSE", "section").replace("SECRET", SECRET)
    assert holds("a.md", f"# Harbour\n\n{shown}\n{SEEN}\n")


@pytest.mark.parametrize("tag", SHOWING)
def test_markdown_below_other_elements_is_read(tag: str) -> None:
    tag = re.sub(r"^p\b", "div", tag)
    assert holds("a.md", f"<{tag}>\n\n{SECRET}\n\n</{tag.split()[0]}>\n\n{SEEN}\n")


def test_hidden_words_in_a_line_of_markdown_are_markup() -> None:
    source = f"{SEEN} <span hidden>{SECRET}</span> Ferries leave `<b hidden>` at ten.\n"
    prepared = prepare("a.md", source.encode())
    assert [source[each.start : each.end] for each in prepared.sentences] == [
        SEEN,
        "Ferries leave `<b hidden>` at ten.",
    ]


def test_what_follows_a_hidden_element_is_read() -> None:
    for opening in ("<p hidden>\n\n", "<div hidden></div>\n\n", "<div><p hidden></div>\n\n", "<input hidden>\n\n"):
        assert holds("a.md", f"{opening}{SECRET}\n\n{SEEN}\n")


def test_nothing_stands_under_a_hidden_heading_or_header() -> None:
    source = f"# Harbour\n\n<div hidden>\n\n## {SECRET}\n\nThe list:\n\n</div>\n\n- {SEEN}\n"
    assert not holds("a.md", source)
    table = f"<table><tr hidden><th>{SECRET}</th><th>B</th></tr><tr><td>{SEEN}</td><td>2</td></tr></table>\n"
    assert not holds("a.md", table)


def test_unclosed_tags_take_linear_time() -> None:
    for part in ('<a href="', "<div ", "<!--", "<div hidden>", "</div "):
        assert prepare("a.md", f"{SEEN}\n\n<div>\n{part * 20_000}".encode()).sentences


@pytest.mark.parametrize(
    ("style", "found"),
    [
        ("Display: NONE !important", (("display", ("none",)),)),
        ("a:b;;c : d e;f", (("a", ("b",)), ("c", ("d", "e")))),
        ("display\\3a none", ()),
        ("", ()),
        ("\\", ()),
    ],
)
def test_a_style_as_words(style: str, found: object) -> None:
    assert declarations(style) == found
    assert is_hidden_element("p", {"style": style}) == (style.startswith("Display"))


# -- OpenDocument --

FIRST, SECOND = f"<text:p>{SEEN}</text:p>", f"<text:p>{SECRET}</text:p>"
SPAN = f"<text:p>{SEEN} <text:span text:style-name='H'>{SECRET}</text:span></text:p>"
BOX = "<draw:frame{}><draw:text-box>{}</draw:text-box></draw:frame>"
CELL = "<table:table-cell>{}</table:table-cell>"
ROW = "<table:table-row>{}</table:table-row>"


def style(family: str, properties: str, name: str = "H", more: str = "") -> str:
    return f'<style:style style:name="{name}" style:family="{family}" {more}>{properties}</style:style>'


def opendocument(kind: str, body: str, styles: str = "", named: str = "") -> bytes:
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{full}:1.0"'
        for name, full in (
            *(("office", "office"), ("text", "text"), ("style", "style"), ("table", "table"), ("draw", "drawing")),
            ("presentation", "presentation"),
        )
    )
    content = (
        f'<office:document-content {names} xmlns:drawooo="http://openoffice.org/2010/draw"><office:automatic-styles>'
        f"{styles}</office:automatic-styles><office:body><office:{kind}>{body}</office:{kind}></office:body>"
        "</office:document-content>"
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("content.xml", content)
        archive.writestr("styles.xml", f"<office:document-styles {names}>{named}</office:document-styles>")
    return buffer.getvalue()


NO_TEXT = '<style:text-properties text:display="none"/>'
NO_PAGE = '<style:drawing-page-properties presentation:visibility="hidden"/>'
NO_TABLE = '<style:table-properties table:display="false"/>'
OPEN_DOCUMENTS = {  # kind, body, automatic and named styles
    "section": ("text", f'{FIRST}<text:section text:display="none">{SECOND}</text:section>'),
    "flagged": (
        "text",
        f'{FIRST}<text:p><text:hidden-text text:is-hidden="true">{SECRET}</text:hidden-text></text:p>',
    ),
    "marked": ("text", f'{FIRST}<text:p><text:hidden-paragraph text:is-hidden="true"/>{SECRET}</text:p>'),
    "span": ("text", SPAN, style("text", NO_TEXT)),
    "paragraph": ("text", f"{FIRST}<text:p text:style-name='H'>{SECRET}</text:p>", style("paragraph", NO_TEXT)),
    "named": ("text", SPAN, "", style("text", NO_TEXT)),
    "based": ("text", SPAN, style("text", "", more='style:parent-style-name="B"'), style("text", NO_TEXT, "B")),
    "shape": ("text", FIRST + BOX.format(' drawooo:display="none"', SECOND)),
    "slide": (
        "presentation",
        f"<draw:page>{BOX.format('', FIRST)}</draw:page>"
        f"<draw:page draw:style-name='H'>{BOX.format('', SECOND)}</draw:page>",
        style("drawing-page", NO_PAGE),
    ),
    "sheet": (
        "spreadsheet",
        f"<table:table>{ROW.format(CELL.format(FIRST))}</table:table>"
        f"<table:table table:style-name='H'>{ROW.format(CELL.format(SECOND))}</table:table>",
        style("table", NO_TABLE),
    ),
    "column": (
        "spreadsheet",
        '<table:table><table:table-column/><table:table-column table:visibility="collapse"/>'
        f"{ROW.format(CELL.format(FIRST) + CELL.format(SECOND))}</table:table>",
    ),
}


@pytest.mark.parametrize("way", OPEN_DOCUMENTS)
def test_hidden_text_of_an_open_document_is_left_out(way: str) -> None:
    kind, *parts = OPEN_DOCUMENTS[way]
    suffix = {"text": "odt", "presentation": "odp", "spreadsheet": "ods"}[kind]
    shows = {"none": "true", "hidden": "visible", "collapse": "visible", "false": "true"}

    def shown(xml: str) -> str:
        xml = re.sub(r'((?:display|visibility)=")(\w+)', lambda match: match[1] + shows[match[2]], xml)
        return xml.replace('is-hidden="true"', 'is-hidden="false"')

    assert not holds(f"a.{suffix}", opendocument(kind, *parts))
    assert holds(f"a.{suffix}", opendocument(kind, *map(shown, parts)))


def test_hidden_slides_and_sheets_of_an_open_document_are_listed() -> None:
    slides = prepare("a.odp", opendocument(*OPEN_DOCUMENTS["slide"])).document
    assert slides.unread == ("slide 2: hidden",)
    assert len(slides.pages) == 2
    assert prepare("a.ods", opendocument(*OPEN_DOCUMENTS["sheet"])).document.unread == ('sheet "": hidden',)


# -- Office --


def workbook(change: Callable[[bytes], bytes] = lambda part: part, number_format: str = "General") -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"], sheet["B1"], sheet["A2"], sheet["B2"] = SEEN, "Fee", SECRET, 7
    sheet["A2"].number_format = number_format
    buffer, changed = io.BytesIO(), io.BytesIO()
    book.save(buffer)
    with zipfile.ZipFile(buffer) as before, zipfile.ZipFile(changed, "w") as after:
        for name in before.namelist():
            part = before.read(name)
            after.writestr(name, change(part) if name.endswith("sheet1.xml") else part)
    return changed.getvalue()


def test_hidden_cells_of_a_workbook_are_left_out() -> None:
    assert holds("a.xlsx", workbook())
    assert holds("a.xlsx", workbook(number_format="0;-0;;@"))
    assert not holds("a.xlsx", workbook(number_format=";;;"))
    assert not holds("a.xlsx", workbook(lambda part: part.replace(b'<row r="2"', b'<row r="2" ht="0"')))
    moved = workbook(
        lambda part: part.replace(b'"A2"', b'"C2"').replace(
            b"<sheetData>", b'<cols><col min="3" max="3" width="0"/></cols><sheetData>'
        )
    )
    assert not holds("a.xlsx", moved)


@pytest.mark.parametrize(
    ("value", "code", "blank"),
    [
        ("text", ";;;", True),
        ("text", ";;;@", False),
        ("text", ";;", False),
        ("text", '0;0;0;""', True),
        ("text", '""', False),
        (7, ";;;", True),
        (7, "0;;", False),
        (-7, "0;;", True),
        (0, "0;-0;;@", True),
        (0, '0;"";0', False),
        (7, '""', True),
        (7, "[Red]", False),
        (7, "[Red];[Blue]0", False),
        (7, "General;General", False),
        (7, "General", False),
        (True, ";;;", True),
        (0, '[=0]"";General', True),
        (0, "[=0];General", True),
        (1, '[=0]"";General', False),
    ],
)
def test_formats_that_show_nothing(value: object, code: str, blank: bool) -> None:
    assert is_blank(value, code) == blank


@pytest.mark.parametrize("hidden", [False, True])
def test_hidden_shapes_of_slides_are_left_out(hidden: bool) -> None:
    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[5])
    slide.shapes.title.text = SECRET
    box, group = slide.shapes.add_textbox(0, 0, 9, 9), slide.shapes.add_group_shape()
    box.text_frame.text = SECRET
    group.shapes.add_textbox(0, 0, 9, 9).text_frame.text = SECRET
    slide.shapes.add_textbox(0, 0, 9, 9).text_frame.text = SEEN
    for shape in (slide.shapes.title, box, group) if hidden else ():
        next(node for node in shape.element.iter() if node.tag.endswith("}cNvPr")).set("hidden", "1")
    buffer = io.BytesIO()
    show.save(buffer)
    assert holds("a.pptx", buffer.getvalue()) != hidden


TEXT_BOX = f"<w:txbxContent>{paragraph(SECRET)}</w:txbxContent>"


@pytest.mark.parametrize(
    ("hidden", "shown"),
    [
        (paragraph(SECRET, run="<w:vanish/>"), paragraph(SECRET, run="<w:webHidden/>")),
        (
            f'<w:p><w:r><w:drawing><wp:anchor><wp:docPr hidden="1"/>{TEXT_BOX}</wp:anchor></w:drawing></w:r></w:p>',
            f"<w:p><w:r><w:drawing><wp:anchor><wp:docPr/>{TEXT_BOX}</wp:anchor></w:drawing></w:r></w:p>",
        ),
        (
            f'<w:p><w:r><w:pict><v:shape style="width:9;visibility:hidden">{TEXT_BOX}</v:shape></w:pict></w:r></w:p>',
            f'<w:p><w:r><w:pict><v:shape style="width:9">{TEXT_BOX}</v:shape></w:pict></w:r></w:p>',
        ),
        (
            f"<w:tbl><w:tr><w:trPr><w:hidden/></w:trPr><w:tc>{paragraph(SECRET)}</w:tc></w:tr></w:tbl>",
            f"<w:tbl><w:tr><w:trPr/><w:tc>{paragraph(SECRET)}</w:tc></w:tr></w:tbl>",
        ),
    ],
)
def test_hidden_text_of_word_is_left_out(hidden: str, shown: str) -> None:
    assert not holds("a.docx", word_file(paragraph(SEEN) + hidden))
    assert holds("a.docx", word_file(paragraph(SEEN) + shown))


# -- reStructuredText --


@pytest.mark.parametrize(
    ("tags", "shown"),
    [
        ("html", True),
        ("not latex", True),
        ("latex or (html and not draft)", True),
        ("never", False),
        ("html and draft", False),
        ("not html", False),
        ("((", False),
        ("", False),
    ],
)
def test_parts_for_other_builders_are_left_out_and_listed(tags: str, shown: bool) -> None:
    source = f"{SEEN}\n\n.. only:: {tags}\n\n   {SECRET}\n"
    assert holds("a.rst", source) == shown
    assert prepare("a.rst", source.encode()).document.unread == (() if shown else (f"only {tags}".strip(),))


def test_a_file_with_hidden_text_only_is_refused() -> None:
    with pytest.raises(SourceError):
        prepare("a.html", f"<p hidden>{SECRET}</p>".encode())
