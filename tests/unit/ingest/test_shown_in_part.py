"""Office files that show more than their text: such a paragraph is marked, and no two parts of it run together."""

import io
import zipfile

import pptx
import pytest
from docx.oxml import parse_xml
from pptx.util import Inches

from qa.ingest.formats.common.joined import APART, joined
from qa.ingest.formats.opendocument import reader as opendocument
from qa.ingest.formats.slides import reader as slides
from qa.ingest.formats.word import reader as word
from qa.ingest.metadata import Extracted
from tests.support.wordfile import word_file

WHOLE, IN_PART = 0, 1  # levels of blocks

# Pieces of a line


@pytest.mark.parametrize(
    ("pieces", "text", "sure"),
    [
        ([("10", ""), ("2", "super"), ("5", "")], "10^2 5", True),
        ([("Ac", ""), ("tive text of a line", "sub"), (".", "")], "Active text of a line.", True),
        ([("3 × 10", ""), ("1", "super"), ("2", "super"), (" m", "")], "3 × 10^12 m", True),
        ([("H", ""), ("2", "sub"), ("O", "")], "H2O", True),
        ([("5", ""), ("2", "sub"), ("3", "")], "5_2 3", True),
        ([("CO", ""), ("2 ", "sub"), ("is", "")], "CO2 is", True),
        ([("The 1", ""), ("st", "super"), (" day", "")], "The 1st day", True),
        ([("A word", ""), ("1", "super"), (" more", "")], "A word [1] more", True),
        ([("9", ""), ("99", "super"), (" euros", "")], "9^99 euros", False),
        ([("in 4", ""), ("n", "super"), (" ways", "")], "in 4 [n] ways", False),
        ([("10", ""), ("2.5", "super")], "10 2.5", False),
        ([("3 ", ""), ("1", "super"), ("/", ""), ("2", "sub"), (" cups", "")], "3 [1]/2 cups", False),
        ([("is ", ""), ("238", "super"), ("U", "")], "is [238]U", False),
        ([("5", ""), (APART, ""), ("0", "")], "5 0", False),
    ],
)
def test_raised_and_lowered_pieces_give_no_other_number(pieces: list[tuple[str, str]], text: str, sure: bool) -> None:
    assert joined(pieces) == (text, sure)


# Word


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def math(text: str, properties: str = "") -> str:
    return f"<m:r><w:rPr>{properties}</w:rPr><m:t>{text}</m:t></m:r>"


def computed(code: str) -> str:
    marks = [f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "end")]
    return f"{marks[0]}<w:r><w:instrText>{code}</w:instrText></w:r>{marks[1]}"


def in_word(inner: str, before: str = "It is 4", after: str = "5 in all.") -> list[tuple[str, int]]:
    found = word.extract(word_file(f"<w:p>{run(before)}{inner}{run(after)}</w:p>"))
    return [(found.text[block.start : block.end], block.level) for block in found.blocks]


PICTURE = '<w:r><w:drawing><wp:inline><wp:docPr id="1" name="x"/></wp:inline></w:drawing></w:r>'
SEPARATE = '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
PROMPT = f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{run('[x]')}</w:sdtContent></w:sdt>"
HALF = f"<m:f><m:num>{math('1')}</m:num><m:den>{math('2')}</m:den></m:f>"
STRUCK = '<m:borderBox><m:borderBoxPr><m:strikeH m:val="1"/></m:borderBoxPr><m:e>{}</m:e></m:borderBox>'
PHANTOM = '<m:phant><m:phantPr><m:show m:val="0"/></m:phantPr><m:e>{}</m:e></m:phant>'
NOT_EQUAL = f'<m:acc><m:accPr><m:chr m:val="\u0338"/></m:accPr><m:e>{math("=")}</m:e></m:acc>'
SYMBOLS = '<w:rFonts w:ascii="Symbol"/>'


@pytest.mark.parametrize(
    ("inner", "text", "level"),
    [
        (PICTURE, "4 5", IN_PART),
        (PROMPT, "4 5", IN_PART),
        (run("0", "<w:strike/>"), "4 5", IN_PART),
        (run("0", "<w:vanish/>"), "45", WHOLE),
        (f'<w:bdo w:val="rtl">{run("12")}</w:bdo>', "4 5", IN_PART),
        (f'<w:dir w:val="rtl">{run(" 1 2 ")}</w:dir>', "4 1 2 5", IN_PART),
        (f'<w:dir w:val="rtl">{run(" 1 2 ", "<w:rtl/>")}</w:dir>', "4 1 2 5", WHOLE),
        ("<w:r><w:pgNum/></w:r>", "4 5", IN_PART),
        (computed(" EQ \\f(1,2) "), "4 5", IN_PART),
        (computed(" SYMBOL 177 "), "4 5", IN_PART),
        (computed(' XE "entry" '), "45", WHOLE),
        (computed(f" EQ </w:instrText></w:r>{SEPARATE}<w:r><w:instrText>"), "4 5", IN_PART),
        ('<w:fldSimple w:instr=" EQ \\o(x) "/>', "4 5", IN_PART),
        (run("m", SYMBOLS), "4μ5", IN_PART),
        (run("\uf06d", SYMBOLS), "4μ5", IN_PART),
        ('<w:r><w:sym w:font="Symbol" w:char="F0B1"/></w:r>', "4±5", WHOLE),
        ('<w:r><w:sym w:font="Other" w:char="F031"/></w:r>', "4 1 5", IN_PART),
        ('<w:r><w:sym w:font="Wingdings 2" w:char="F052"/></w:r>', "4☑5", WHOLE),
        (run("6", '<w:position w:val="12"/>'), "4 [6]5", IN_PART),
        (run("6", '<w:position w:val="-2"/>'), "465", WHOLE),
    ],
)
def test_a_word_paragraph_that_shows_more_is_marked(inner: str, text: str, level: int) -> None:
    assert in_word(inner) == [(f"It is {text} in all.", level)]


@pytest.mark.parametrize(
    ("formula", "text", "level"),
    [
        (math("3") + HALF, "3 1/2", WHOLE),
        (math("3") + f"<w:ins>{HALF}</w:ins>", "3 1/2", WHOLE),
        (math("3") + f"<w:ins>{math('0')}</w:ins>", "30", WHOLE),
        (f"<w:del>{math('40')}</w:del><w:ins>{math('30')}</w:ins>", "30", WHOLE),
        (f"<m:sSup><m:e>{math('10')}</m:e><m:sup>{math('2')}</m:sup></m:sSup>{math('7')}", "10^2 7", WHOLE),
        (f"<m:sSup><m:e>{HALF}</m:e><m:sup>{math('2')}</m:sup></m:sSup>", "(1/2)^2", WHOLE),
        (math("40", "<w:vanish/>") + math("30"), "30", WHOLE),
        (PHANTOM.format(math("9")) + math("30"), "30", WHOLE),
        (math("40", "<w:strike/>") + math("30"), "30", IN_PART),
        (STRUCK.format(math("40")) + math("30"), "30", IN_PART),
        (HALF.replace("<m:num>", '<m:fPr><m:type m:val="noBar"/></m:fPr><m:num>'), "1/2", IN_PART),
        (NOT_EQUAL, "=", IN_PART),
    ],
)
def test_a_formula_of_word_says_what_it_shows_or_is_marked(formula: str, text: str, level: int) -> None:
    line = f"<m:oMath>{formula}</m:oMath>"
    assert in_word(line, "It is ", " in all.") == [(f"It is {text} in all.", level)]
    assert ("4" + text) not in in_word(line)[0][0]


def test_signs_that_are_raised_beside_a_note_mark_leave_no_doubt() -> None:
    pieces = [("In 2009 ", ""), ("(", "super"), ("[1]", "note"), (")", "super"), (" it rained.", "")]
    assert joined(pieces) == ("In 2009 ( [1] ) it rained.", True)


def test_paragraphs_that_were_joined_keep_their_marks_and_numbers() -> None:
    ended = '<w:p><w:pPr><w:rPr><w:del w:id="1"/></w:rPr></w:pPr>{}</w:p>'
    found = word.extract(word_file(ended.format(run("1. It is ") + PICTURE) + f"<w:p>{run('closed.')}</w:p>"))
    assert (found.text, [block.level for block in found.blocks]) == ("1. It is closed.", [IN_PART])


def test_notes_and_footers_of_word_are_marked() -> None:
    body = (
        '<w:p><w:r><w:footnoteReference w:id="2"/></w:r></w:p><w:sectPr><w:footerReference r:id="footer1"/></w:sectPr>'
    )
    line = f"<w:p>{run('It is ')}{run('not ', '<w:strike/>')}{run('closed.')}</w:p>"
    note = f'<w:footnote w:id="2">{line}</w:footnote>'
    found = word.extract(word_file(body, footnotes=note, footer1=line))
    assert [block.level for block in found.blocks if "closed" in found.text[block.start : block.end]] == [1, 1]


def test_embedded_documents_that_are_nowhere_are_listed() -> None:
    found = word.extract(word_file(f'<w:p>{run("One.")}</w:p><w:altChunk r:id="rId9"/>'))
    assert found.unread == ("1 embedded document that cannot be found",)


# PowerPoint

_OPEN = "http://schemas.openxmlformats.org"
_NAMES = (
    f'xmlns:a="{_OPEN}/drawingml/2006/main" xmlns:m="{_OPEN}/officeDocument/2006/math" '
    f'xmlns:mc="{_OPEN}/markup-compatibility/2006" xmlns:a14="http://schemas.microsoft.com/office/drawing/2010/main"'
)
TIMES = "<a14:m><m:oMath><m:r><m:t>×</m:t></m:r>{}</m:oMath></a14:m>"


def on_slide(inner: str) -> list[tuple[str, int]]:
    show = pptx.Presentation()
    frame = show.slides.add_slide(show.slide_layouts[6]).shapes.add_textbox(*[Inches(1)] * 4).text_frame
    around = f"<a:r><a:t>It is 4</a:t></a:r>{inner}<a:r><a:t>5 in all.</a:t></a:r>"
    for node in parse_xml(f"<a:p {_NAMES}>{around}</a:p>"):
        frame.paragraphs[0]._p.append(node)
    buffer = io.BytesIO()
    show.save(buffer)
    found = slides.extract(buffer.getvalue())
    return [(found.text[block.start : block.end], block.level) for block in found.blocks]


@pytest.mark.parametrize(
    ("inner", "text", "level"),
    [
        (TIMES.format("<m:r><m:t>x</m:t></m:r>"), "4 ×x 5", WHOLE),
        (TIMES.format('<m:r><a:rPr strike="sngStrike"/><m:t>2</m:t></m:r>'), "4 × 5", IN_PART),
        ('<a:r><a:rPr strike="sngStrike"/><a:t>0</a:t></a:r>', "4 5", IN_PART),
        ('<a:r><a:rPr baseline="30000"/><a:t>2.5</a:t></a:r>', "4 2.5 5", IN_PART),
        ('<a:r><a:rPr baseline="-25000"/><a:t>2</a:t></a:r>', "4_2 5", WHOLE),
        ("<mc:AlternateContent/><a14:other/>", "4 5", IN_PART),
        ('<a:r><a:rPr><a:latin typeface="Symbol"/></a:rPr><a:t> m</a:t></a:r>', "4 μ5", IN_PART),
        ('<a:r><a:rPr><a:sym typeface="Wingdings"/></a:rPr><a:t>ü</a:t></a:r>', "4✓5", IN_PART),
        ('<a:r><a:rPr><a:sym typeface="Webdings"/></a:rPr><a:t>ü</a:t></a:r>', "4 5", IN_PART),
        ('<a:r><a:rPr><a:sym typeface="Wingdings"/></a:rPr><a:t> or </a:t></a:r>', "4 or 5", WHOLE),
        ('<a:r><a:rPr><a:sym typeface="Wingdings"/></a:rPr><a:t>\uf0e0 nära </a:t></a:r>', "4→ nära 5", IN_PART),
        ('<a:r><a:rPr><a:latin typeface="X" charset="2"/></a:rPr><a:t> m</a:t></a:r>', "4 m5", IN_PART),
        ('<a:r><a:rPr cap="all"/><a:t> mW</a:t></a:r>', "4 mW5", IN_PART),
        ('<a:fld id="{0}" type="slidenum"><a:t>000</a:t></a:fld>', "4 5", IN_PART),
        ('<a:fld id="{0}" type="other"><a:t>000</a:t></a:fld>', "40005", IN_PART),
    ],
)
def test_a_paragraph_of_a_slide_that_shows_more_is_marked(inner: str, text: str, level: int) -> None:
    assert on_slide(inner) == [(f"It is {text} in all.", level)]


LIST_STYLE = f'<a:lstStyle {_NAMES}><a:lvl1pPr><a:defRPr strike="sngStrike"/></a:lvl1pPr></a:lstStyle>'
GONE = "The fee is 50 euros."


@pytest.mark.parametrize("place", ["text", "layout", "master", "all of the master", "all"])
def test_text_that_a_style_behind_it_strikes_out_is_left_out(place: str) -> None:
    show = pptx.Presentation()
    layout = show.slide_layouts[1]
    body = show.slides.add_slide(layout).placeholders[1]
    body.text_frame.text = GONE
    master = layout.slide_master
    if place.startswith("all"):
        root, name = (show.part._element, "defaultTextStyle") if place == "all" else (master.element, "bodyStyle")
        root.find(f".//{{*}}{name}/{{*}}lvl1pPr/{{*}}defRPr").set("strike", "sngStrike")
    else:
        shape = {"text": body, "layout": layout.placeholders[1], "master": master.placeholders[1]}[place]
        for old in shape.element.findall(".//{*}lstStyle"):
            old.getparent().remove(old)
        shape.element.txBody.insert(1, parse_xml(LIST_STYLE))
    buffer = io.BytesIO()
    show.save(buffer)
    assert GONE not in slides.extract(buffer.getvalue()).text
    run = body.text_frame.paragraphs[0].runs[0]._r.get_or_add_rPr()
    run.set("strike", "noStrike")
    buffer = io.BytesIO()
    show.save(buffer)
    assert GONE in slides.extract(buffer.getvalue()).text


def test_a_theme_with_a_symbol_font_leaves_all_in_doubt() -> None:
    show = pptx.Presentation()
    show.slides.add_slide(show.slide_layouts[6]).shapes.add_textbox(*[Inches(1)] * 4).text_frame.text = GONE
    master = show.slide_masters[0].part
    theme = next(each.target_part for each in master.rels.values() if each.reltype.endswith("/theme"))
    theme._blob = theme.blob.replace(b'<a:latin typeface="Calibri"', b'<a:latin typeface="Symbol"')
    buffer = io.BytesIO()
    show.save(buffer)
    assert [block.level for block in slides.extract(buffer.getvalue()).blocks] == [IN_PART]


def test_a_cell_of_a_slide_that_a_merge_covers_is_not_read() -> None:
    show = pptx.Presentation()
    table = show.slides.add_slide(show.slide_layouts[6]).shapes.add_table(2, 2, *[Inches(1)] * 4).table
    table.cell(0, 0).text = "Fee"
    table.cell(0, 0).merge(table.cell(0, 1))
    table.cell(0, 1).text = "50 euros"
    buffer = io.BytesIO()
    show.save(buffer)
    assert slides.extract(buffer.getvalue()).text == "Fee"


# OpenDocument

STRIKE = '<style:text-properties style:text-line-through-style="solid"/>'
SYMBOL = '<style:text-properties style:font-name="Symbol"/>'
CAPITALS = '<style:text-properties fo:text-transform="uppercase"/>'
RAISE = '<style:text-properties style:text-position="super 58%"/>'
AUTOMATIC = (
    f'<style:style style:name="P" style:family="paragraph">{STRIKE}</style:style>'
    f'<style:style style:name="C" style:family="table-cell">{STRIKE}</style:style>'
    '<style:style style:name="A" style:family="text" style:parent-style-name="Old"/>'
    '<style:style style:name="Z" style:family="text"/>'
    f'<style:style style:name="Mu" style:family="text">{SYMBOL}</style:style>'
    f'<style:style style:name="Mus" style:family="paragraph">{SYMBOL}</style:style>'
    f'<style:style style:name="Face" style:family="text">{SYMBOL.replace("Symbol", "F1")}</style:style>'
    f'<style:style style:name="Coded" style:family="text">{SYMBOL.replace("Symbol", "F2")}</style:style>'
    f'<style:style style:name="Letters" style:family="text">{SYMBOL.replace("Symbol", "Symbola")}</style:style>'
    f'<style:style style:name="Caps" style:family="text">{CAPITALS}</style:style>'
    f'<style:style style:name="Frame" style:family="graphic">{STRIKE}</style:style>'
    '<style:style style:name="Thousands" style:family="table-cell" style:data-style-name="N1"/>'
)
FACES_AND_FORMATS = (
    '<style:font-face style:name="F1" svg:font-family="\'Wingdings\'"/>'
    '<style:font-face style:name="F2" svg:font-family="Other" style:font-charset="x-symbol"/>'
    '<number:number-style style:name="N1"><number:number number:display-factor="1000"/></number:number-style>'
)
NAMED = (
    f'<style:style style:name="Old" style:family="text">{STRIKE}</style:style>'
    f'<style:style style:name="Up" style:family="text">{RAISE}</style:style>'
    f'<style:style style:name="Shift" style:family="text">{RAISE.replace("super", "-4%")}</style:style>'
    f'<style:style style:name="Z" style:family="text">{STRIKE}</style:style>'
)


def opened(kind: str, body: str) -> Extracted:
    full = {"office": "office", "text": "text", "style": "style", "table": "table", "draw": "drawing"}
    full |= {"fo": "xsl-fo-compatible", "svg": "svg-compatible", "number": "datastyle"}
    names = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"' for name, long in full.items())
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(
            "content.xml",
            f"<office:document-content {names}><office:automatic-styles>"
            f"{FACES_AND_FORMATS}{AUTOMATIC}</office:automatic-styles>"
            f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>",
        )
        archive.writestr("styles.xml", f"<office:document-styles {names}>{NAMED}</office:document-styles>")
    return opendocument.extract(buffer.getvalue())


def in_sheet(cells: str) -> Extracted:
    return opened("spreadsheet", f"<table:table><table:table-row>{cells}</table:table-row></table:table>")


def span(style: str, text: str) -> str:
    return f'<text:span text:style-name="{style}">{text}</text:span>'


@pytest.mark.parametrize(
    ("inner", "text", "level"),
    [
        ("<draw:frame><draw:object/></draw:frame>", "4 5", IN_PART),
        ("<draw:a><draw:frame><draw:image/></draw:frame></draw:a>", "4 5", IN_PART),
        ("<text:placeholder>0</text:placeholder>", "4 5", IN_PART),
        ("<office:annotation><text:p>0</text:p></office:annotation>", "45", WHOLE),
        (span("Old", "0"), "4 5", IN_PART),
        (span("A", "0"), "4 5", IN_PART),
        (span("Z", "0"), "405", WHOLE),  # its own style, not that of the same name for headers and footers
        (span("Up", "6"), "4 [6]5", IN_PART),
        (span("Shift", "6"), "465", WHOLE),
        (span("Mu", " m"), "4 μ5", IN_PART),
        (span("Face", " ü"), "4 ✓5", IN_PART),
        (span("Letters", " m"), "4 m5", WHOLE),
        (span("Coded", " m"), "4 m5", IN_PART),
        (span("Caps", " mW"), "4 mW5", IN_PART),
        (span("Caps", "0"), "405", WHOLE),
        ("<text:page-number>0</text:page-number>", "4 5", IN_PART),
        ("<text:character-count>0</text:character-count>", "4 5", IN_PART),
        ("<text:date>0</text:date>", "4 5", IN_PART),
        ('<text:date text:fixed="true">0</text:date>', "405", WHOLE),
        ("<text:variable-get>0</text:variable-get>", "405", IN_PART),
        ('<text:variable-set text:display="none">0</text:variable-set>', "45", WHOLE),
        ("<text:sequence>0</text:sequence>", "405", IN_PART),
    ],
)
def test_a_paragraph_of_opendocument_that_shows_more_is_marked(inner: str, text: str, level: int) -> None:
    found = opened("text", f"<text:p>It is 4{inner}5 in all.</text:p>")
    assert (found.text, [block.level for block in found.blocks]) == (f"It is {text} in all.", [level])


def test_a_user_field_has_the_value_that_is_declared() -> None:
    declared = '<text:user-field-decl text:name="fee" office:value-type="string" office:string-value="900"/>'
    field = '<text:user-field-get text:name="fee">400</text:user-field-get>'
    found = opened("text", f"{declared}<text:p>The fee is {field} euros.</text:p>")
    assert (found.text, found.blocks[0].level) == ("The fee is 900 euros.", IN_PART)


@pytest.mark.parametrize(
    ("marked", "stored", "how", "level"),
    [
        ("Fees", "Fees", "text", WHOLE),
        ("Fees", "Dues", "text", IN_PART),
        ("Fees", "Fees", "page", IN_PART),
        ("Fees<text:sequence>1</text:sequence>", "Fees1", "text", IN_PART),
    ],
)
def test_a_reference_that_repeats_what_it_refers_to_is_certain(marked: str, stored: str, how: str, level: int) -> None:
    reference = f'<text:bookmark-ref text:ref-name="x" text:reference-format="{how}">{stored}</text:bookmark-ref>'
    mark = f'<text:bookmark-start text:name="x"/>{marked}<text:bookmark-end text:name="x"/>'
    found = opened("text", f"<text:p>See {reference}.</text:p><text:h>1 {mark} of all</text:h>")
    assert (found.text.split("\n\n")[0], found.blocks[0].level) == (f"See {stored}.", level)


def test_what_surrounds_a_paragraph_styles_it() -> None:
    mus = '<text:p text:style-name="Mus">m</text:p>'
    frame = '<draw:frame draw:style-name="Frame"><draw:text-box><text:p>Gone.</text:p></draw:text-box></draw:frame>'
    found = opened("text", f"{mus}<text:p>{frame}</text:p><text:p>Here.</text:p>")
    assert found.text.split("\n\n") == ["μ", "Here."]


def test_of_a_spreadsheet_only_its_tables_are_read() -> None:
    former = "<table:tracked-changes><table:previous><text:p>The fee is 500.</text:p></table:previous>"
    help_text = "<table:content-validations><table:help-message><text:p>Type 500.</text:p></table:help-message>"
    row = "<table:table-row><table:table-cell><text:p>The fee is 900.</text:p></table:table-cell></table:table-row>"
    others = f"{former}</table:tracked-changes>{help_text}</table:content-validations>"
    assert opened("spreadsheet", f"{others}<table:table>{row}</table:table>").text == "The fee is 900."


@pytest.mark.parametrize(
    ("value", "stored", "text"),
    [
        ('office:value="900"', "50", "900"),
        ('office:value="900"', "9.00", "900"),
        ('office:value="900"', "free", "900"),
        ('office:value="-5"', "5", "-5"),
        ('office:value="-5.5"', "(5,50 €)", "(5,50 €)"),
        ('office:value="0.056"', "5.6%", "5.6%"),
        ('office:value="1234567.891"', "1.234.567,89 €", "1.234.567,89 €"),
        ('office:value="1500" table:style-name="Thousands"', "2 thousand", "2 thousand"),
        ('office:value="1500"', "2 thousand", "1500"),
        ('office:value="0"', "-", "-"),
        ('office:value="301234"', "(030) 1234", "(030) 1234"),
        ('office:value="٣x"', "3", "٣x"),
        ('office:string-value="It is closed."', "It is open.", "It is closed."),
        ('office:string-value="It is open."', "It  is open.", "It is open."),
        ('office:date-value="2026-03-02"', "2 March 26", "2 March 26"),
        ('office:date-value="2026-03-02T15:30:00"', "02.03.2026 03:30 PM", "02.03.2026 03:30 PM"),
        ('office:date-value="2026-03-02"', "3 March 2026", "2026-03-02"),
        ('office:time-value="PT15H30M00S"', "3:30 PM", "3:30 PM"),
        ('office:time-value="PT15H30M00S"', "4:30 PM", "15:30:00"),
        ('office:boolean-value="true"', "WAHR", "WAHR"),
    ],
)
def test_a_cell_shows_its_value_where_the_stored_text_is_another(value: str, stored: str, text: str) -> None:
    cell = f"<table:table-cell {value}><text:p>{stored}</text:p></table:table-cell>"
    found = in_sheet(cell)
    agrees = text.split() == stored.split()
    assert (found.text, found.blocks[-1].level) == (text, WHOLE if agrees else IN_PART)


def test_numbers_in_attributes_are_plain_figures() -> None:
    cell = '<table:table-cell table:number-columns-spanned="²"><text:p>Here.</text:p></table:table-cell>'
    assert in_sheet(cell).text == "Here."
    assert opened("text", '<text:h text:outline-level="²">Here.</text:h>').blocks[0].level == 1


def test_what_opendocument_shows_and_is_not_read_is_listed() -> None:
    inner = "<draw:frame><draw:object/></draw:frame><text:placeholder>0</text:placeholder>"
    assert opened("text", f"<text:p>{inner}</text:p>").unread == ("1 embedded object", "1 placeholder")


def test_a_paragraph_that_is_struck_out_is_left_out() -> None:
    assert opened("text", '<text:p text:style-name="P">Gone.</text:p><text:p>Here.</text:p>').text == "Here."


@pytest.mark.parametrize(
    "around", ["<text:p>{}</text:p>", "<text:list><text:list-item><text:p>{}</text:p></text:list-item></text:list>"]
)
def test_texts_of_shapes_are_paragraphs_of_their_own(around: str) -> None:
    shape = "<draw:custom-shape><text:p>20</text:p></draw:custom-shape>"
    assert opened("text", around.format(f"The bill is {shape}15 euros.")).text.split("\n\n") == [
        "The bill is 15 euros.",
        "20",
    ]


def test_cells_hold_neither_comments_nor_shapes_nor_struck_text() -> None:
    comment = "<office:annotation><text:p>was 30</text:p></office:annotation>"
    shape = "<draw:custom-shape><text:p>{}</text:p></draw:custom-shape>"
    cells = [f"{comment}<text:p>40</text:p>", f"<text:p>1</text:p>{shape.format('500')}", "<text:p>7</text:p>"]
    styled = ["", "", ' table:style-name="C"']
    row = "".join(f"<table:table-cell{own}>{cell}</table:table-cell>" for own, cell in zip(styled, cells, strict=True))
    column = (
        '<table:table-column table:number-columns-repeated="3"/><table:table-column table:default-cell-style-name="C"/>'
    )
    rows = f"{column}<table:table-row>{row}<table:table-cell><text:p>8</text:p></table:table-cell></table:table-row>"
    found = opened(
        "spreadsheet", f"<table:table>{rows}<table:shapes>{shape.format('In euros.')}</table:shapes></table:table>"
    )
    assert found.text.split("\n\n") == ["40 | 1", "500", "In euros."]
    assert found.unread == ("1 comment",)
