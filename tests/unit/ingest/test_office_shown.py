"""What Word and PowerPoint show of a file: alternatives, properties that toggle, merged cells, layouts."""

import io

import docx
import pptx
import pytest
from docx.oxml import parse_xml

from qa.ingest.formats.slides import reader as slides
from qa.ingest.formats.word import reader as word
from qa.ingest.metadata import Extracted

SECRET, SEEN = "The zebra fee is 900 euros.", "The harbour opens at nine."
_OPEN = "http://schemas.openxmlformats.org/"
_NAMES = {
    "w": f"{_OPEN}wordprocessingml/2006/main",
    "mc": f"{_OPEN}markup-compatibility/2006",
    "a": f"{_OPEN}drawingml/2006/main",
    "p": f"{_OPEN}presentationml/2006/main",
    "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    "a14": "http://schemas.microsoft.com/office/drawing/2010/main",
    "zz": "urn:unknown",
}
NAMESPACES = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in _NAMES.items())


def paragraph(text: str, run: str = "", style: str = "") -> str:
    styled = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{styled}<w:r><w:rPr>{run}</w:rPr><w:t>{text}</w:t></w:r></w:p>"


def document(body: str, styles: str = "", defaults: str = "") -> Extracted:
    file = docx.Document()
    for node in parse_xml(f"<w:body{NAMESPACES}>{body}</w:body>"):
        file.element.body.insert(len(file.element.body) - 1, node)
    named = file.styles.element
    for node in parse_xml(f"<w:styles{NAMESPACES}>{styles}</w:styles>"):
        named.append(node)
    if defaults:
        place = named.find(f"{{{_NAMES['w']}}}docDefaults/{{{_NAMES['w']}}}rPrDefault/{{{_NAMES['w']}}}rPr")
        place.append(parse_xml(defaults.replace("/>", f"{NAMESPACES}/>")))
    buffer = io.BytesIO()
    file.save(buffer)
    return word.extract(buffer.getvalue())


def alternatives(*choices: tuple[str, str], fallback: str) -> str:
    written = "".join(f'<mc:Choice{NAMESPACES} Requires="{needs}">{content}</mc:Choice>' for needs, content in choices)
    return f"<mc:AlternateContent>{written}<mc:Fallback>{fallback}</mc:Fallback></mc:AlternateContent>"


CELL = "<w:tc><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>"
RUN = "<w:r><w:t>{}</w:t></w:r>"


@pytest.mark.parametrize(
    "body",
    [
        f"<w:p>{alternatives(('zz', RUN.format(SECRET)), fallback=RUN.format(SEEN))}</w:p>",
        alternatives(("zz", paragraph(SECRET)), fallback=paragraph(SEEN)),
        alternatives(("wps zz", paragraph(SECRET)), fallback=paragraph(SEEN)),
        alternatives(("zz", paragraph(SECRET)), ("wps", paragraph(SEEN)), fallback=paragraph(SECRET)),
        alternatives(("wps a14", paragraph(SEEN)), fallback=paragraph(SECRET)),
        alternatives(("", paragraph(SECRET)), fallback=paragraph(SEEN)),
        f"<w:p><w:r>{alternatives(('zz', f'<w:t>{SECRET}</w:t>'), fallback=f'<w:t>{SEEN}</w:t>')}</w:r></w:p>",
        alternatives(
            ("wps", alternatives(("zz", paragraph(SECRET)), fallback=paragraph(SEEN))), fallback=paragraph(SECRET)
        ),
        f"<w:tbl><w:tr>{alternatives(('zz', CELL.format(SECRET)), fallback=CELL.format(SEEN))}</w:tr></w:tbl>",
    ],
)
def test_the_first_alternative_that_word_knows_is_read(body: str) -> None:
    assert document(body).text == SEEN


def style(kind: str, number: str, properties: str) -> str:
    return (
        f'<w:style w:type="{kind}" w:styleId="{number}"><w:name w:val="{number}"/><w:rPr>{properties}</w:rPr></w:style>'
    )


CHARACTERS = '<w:rStyle w:val="C"/>'
HIDING = style("paragraph", "P", "<w:vanish/>") + style("character", "C", "<w:vanish/>")


def test_hidden_by_default_is_hidden() -> None:
    body = paragraph(SECRET) + paragraph(SEEN, run='<w:vanish w:val="0"/>')
    assert document(body, defaults="<w:vanish/>").text == SEEN


def test_hidden_by_a_style_of_a_table_is_hidden() -> None:
    cell = f"<w:tc>{paragraph(SECRET)}</w:tc>"
    table = f'<w:tbl><w:tblPr><w:tblStyle w:val="T"/></w:tblPr><w:tr>{cell}{cell}</w:tr></w:tbl>'
    assert document(paragraph(SEEN) + table, style("table", "T", "<w:vanish/>")).text == SEEN
    assert SECRET in document(paragraph(SEEN) + table, style("table", "T", "<w:b/>")).text


def test_two_styles_that_hide_show_the_text_again() -> None:
    assert document(paragraph(SEEN, run=CHARACTERS, style="P"), HIDING).text == SEEN
    for run, styled in ((CHARACTERS, ""), ("", "P"), (f"{CHARACTERS}<w:vanish/>", "P")):
        assert document(paragraph(SEEN) + paragraph(SECRET, run=run, style=styled), HIDING).text == SEEN


def test_cells_merged_from_left_to_right_show_the_first_text_only() -> None:
    def cell(text: str, merge: str = "") -> str:
        return f"<w:tc><w:tcPr>{merge}</w:tcPr>{paragraph(text)}</w:tc>"

    first, on = '<w:hMerge w:val="restart"/>', "<w:hMerge/>"
    rows = [
        [cell("Item"), cell("Low"), cell("High"), cell("Most")],
        [cell("A"), cell("8 euros", first), cell(SECRET, on), cell("9 euros")],
    ]
    found = document("<w:tbl>" + "".join(f"<w:tr>{''.join(row)}</w:tr>" for row in rows) + "</w:tbl>")
    assert SECRET not in found.text
    row = found.blocks[-1]
    heads = [[found.text[span.start : span.end] for span in column] for column in row.columns]
    assert heads == [["Item"], ["Low", "High"], ["Most"]]


def test_placeholders_are_listed() -> None:
    control = "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{}</w:sdtContent></w:sdt>"
    found = document(paragraph(SEEN) + control.format(paragraph("Click here.")) + control.format("<w:p/>"))
    assert (found.text, found.unread) == (SEEN, ("1 placeholder to fill in",))


BOX = (
    '<p:sp><p:nvSpPr><p:cNvPr id="20" name="x"/><p:cNvSpPr txBox="1"/><p:nvPr/></p:nvSpPr><p:spPr/>'
    "<p:txBody><a:bodyPr/><a:p><a:r><a:t>{}</a:t></a:r></a:p></p:txBody></p:sp>"
)


def shape(markup: str) -> object:
    return parse_xml(f"<p:spTree{NAMESPACES}>{markup}</p:spTree>")[0]


def presentation(on_slide: str = "", on_layout: str = "", on_master: str = "", hide: str = "", count: int = 1) -> str:
    show = pptx.Presentation()
    layout = show.slide_layouts[5]
    for place, markup in ((layout, on_layout), (layout.slide_master, on_master)):
        if markup:
            place.shapes._spTree.append(shape(markup))
    for _ in range(count):
        slide = show.slides.add_slide(layout)
        slide.shapes.title.text = "Harbour"
        if on_slide:
            slide.shapes._spTree.append(shape(on_slide))
        if hide:
            (slide if hide == "slide" else layout).element.set("showMasterSp", "0")
    buffer = io.BytesIO()
    show.save(buffer)
    return slides.extract(buffer.getvalue()).text


def test_the_first_alternative_that_powerpoint_knows_is_read() -> None:
    choices = {"known": ("a14", BOX.format(SEEN)), "unknown": ("zz", BOX.format(SECRET))}
    for fallback, shown in ((SECRET, ["unknown", "known"]), (SEEN, ["unknown"]), (SECRET, ["known"])):
        text = presentation(alternatives(*(choices[name] for name in shown), fallback=BOX.format(fallback)))
        assert SEEN in text
        assert SECRET not in text


def test_texts_of_the_layout_and_the_master_are_read_once() -> None:
    layout, master = "All fees are in euros.", "Subject to change."
    text = presentation(on_layout=BOX.format(layout), on_master=BOX.format(master), count=3)
    assert (text.count(layout), text.count(master)) == (1, 1)


@pytest.mark.parametrize(("hide", "shown"), [("slide", []), ("layout", ["Layout."])])
def test_a_slide_or_a_layout_may_hide_what_is_behind_it(hide: str, shown: list[str]) -> None:
    text = presentation(on_layout=BOX.format("Layout."), on_master=BOX.format("Master."), hide=hide)
    assert [each for each in ("Layout.", "Master.") if each in text] == shown
