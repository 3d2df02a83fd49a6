"""What Word shows of a document beyond its text: initials, ends of paragraphs, data, fields, headers, spaces."""

import pytest

from qa.ingest.formats.word import reader as word
from tests.support.wordfile import word_file

WHOLE, IN_PART = 0, 1  # levels of blocks
HIDDEN, DELETED = "<w:rPr><w:vanish/></w:rPr>", '<w:rPr><w:del w:id="1"/></w:rPr>'
INITIAL, FRAME = '<w:framePr w:dropCap="drop" w:lines="3"/>', '<w:framePr w:w="900"/>'
HIDING = '<w:style w:type="paragraph" w:styleId="H"><w:rPr><w:vanish/></w:rPr></w:style>'
SHOWN = '<w:vanish w:val="0"/>'
TABLE = "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Cell</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
BOX = (
    "<w:r><w:pict><v:shape><v:textbox><w:txbxContent><w:p><w:r><w:t>Box.</w:t></w:r></w:p></w:txbxContent>"
    "</v:textbox></v:shape></w:pict></w:r>"
)


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(text: str, properties: str = "", more: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{run(text, SHOWN)}{more}</w:p>"


def read(body: str, **parts: str) -> list[tuple[str, int]]:
    found = word.extract(word_file(body, **parts))
    return [(found.text[block.start : block.end], block.level) for block in found.blocks]


@pytest.mark.parametrize(
    ("properties", "first", "second", "shown"),
    [
        (INITIAL, "A", "symptomatic patients leave.", [("Asymptomatic patients leave.", WHOLE)]),
        (INITIAL, "A", " patient leaves.", [("A patient leaves.", WHOLE)]),
        (FRAME, "A", "symptomatic patients leave.", [("A", WHOLE), ("symptomatic patients leave.", IN_PART)]),
        (HIDDEN, "It is un", "lawful.", [("It is unlawful.", IN_PART)]),
        (HIDDEN, "It is", " lawful.", [("It is lawful.", IN_PART)]),
        ("<w:rPr><w:specVanish/></w:rPr>", "It is un", "lawful.", [("It is unlawful.", IN_PART)]),
        ('<w:pStyle w:val="H"/>', "It is un", "lawful.", [("It is unlawful.", IN_PART)]),
        (HIDDEN, "", "It is lawful.", [("It is lawful.", WHOLE)]),
        (DELETED, "It is", " lawful.", [("It is lawful.", WHOLE)]),
        ('<w:outlineLvl w:val="1"/>' + HIDDEN, "Fees", " None.", [("Fees", 2), ("None.", IN_PART)]),
        ('<w:outlineLvl w:val="1"/>' + HIDDEN, "Un", "lawful.", [("Unlawful.", IN_PART)]),
    ],
)
def test_a_paragraph_goes_on_in_one_without_an_end(
    properties: str, first: str, second: str, shown: list[tuple[str, int]]
) -> None:
    body = paragraph(first, properties) + paragraph(second)
    assert read(body, styles=HIDING) == shown
    assert read(paragraph("Before.") + TABLE + body, styles=HIDING)[-len(shown) :] == shown


@pytest.mark.parametrize(
    ("after", "shown"),
    [
        ("<w:sectPr/>", ["One"]),
        (TABLE + paragraph("Two"), ["One", "Cell", "Two"]),
        (paragraph("Two", more=BOX), ["OneTwo", "Box."]),
    ],
)
def test_nothing_is_lost_or_moved_after_an_end_that_is_not_there(after: str, shown: list[str]) -> None:
    assert [text for text, _ in read(paragraph("One", DELETED) + after)] == shown


def test_paragraphs_of_a_note_are_joined_as_well() -> None:
    body = paragraph("Text.", more='<w:r><w:footnoteReference w:id="2"/></w:r>')
    note = f'<w:footnote w:id="2">{paragraph("It is un", HIDDEN)}{paragraph("lawful.")}</w:footnote>'
    assert ("[1] It is unlawful.", IN_PART) in read(body, footnotes=note)


def control(kind: str, content: str, path: str = "/f:form/f:rent", names: str = "xmlns:f='urn:form'") -> str:
    binding = f'<w:dataBinding w:prefixMappings="{names}" w:xpath="{path}" w:storeItemID="{{1}}"/>'
    return f"<w:sdt><w:sdtPr>{binding}{kind}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"


DATE, CHOICE = "<w:date/>", '<w:comboBox><w:listItem w:displayText="nine" w:value="900"/></w:comboBox>'


@pytest.mark.parametrize(
    ("bound", "data", "shown"),
    [
        (control("<w:text/>", run("500")), "900", ("It is 900 euros.", IN_PART)),
        (control("<w:text/>", run("5") + run("00")), "500", ("It is 500 euros.", WHOLE)),
        (control(CHOICE, run("nine")), "900", ("It is nine euros.", WHOLE)),
        (control(CHOICE, run("five")), "900", ("It is nine euros.", IN_PART)),
        (control(DATE, run("3 May 2011")), "2011-05-03T00:00:00", ("It is 3 May 2011 euros.", IN_PART)),
        (control(DATE, run("3 May 2011")), "2015-05-03T00:00:00", ("It is euros.", IN_PART)),
        (control("<w:text/>", run("500"), "/f:form/f:fee"), "900", ("It is 500 euros.", IN_PART)),
        (control("<w:text/>", run("500"), "//*"), "900", ("It is 500 euros.", IN_PART)),
        (control("<w:text/>", run("500"), names=""), "900", ("It is 500 euros.", IN_PART)),
    ],
)
def test_a_bound_control_shows_its_data(bound: str, data: str, shown: tuple[str, int]) -> None:
    body = f"<w:p>{run('It is ')}{bound}{run(' euros.')}</w:p>"
    assert read(body, customXml1=f'<f:form xmlns:f="urn:form"><f:rent>{data}</f:rent></f:form>') == [shown]


def test_a_bound_paragraph_and_a_bound_header_show_their_data() -> None:
    bound = control("<w:text/>", paragraph("The rent is 500."))
    data = '<f:form xmlns:f="urn:form"><f:rent>The rent is 900.</f:rent></f:form>'
    assert read(bound, customXml1=data) == [("The rent is 900.", IN_PART)]
    section = '<w:sectPr><w:headerReference r:id="header1"/></w:sectPr>'
    assert ("The rent is 900.", IN_PART) in read(paragraph("Text.") + section, header1=bound, customXml1=data)


def field(code: str, result: str, properties: str = "") -> str:
    begin, middle, end = (
        f'<w:r><w:fldChar w:fldCharType="{kind}" {properties}/></w:r>' for kind in ("begin", "separate", "end")
    )
    return f"{begin}<w:r><w:instrText>{code}</w:instrText></w:r>{middle}{run(result)}{end}"


@pytest.mark.parametrize(
    ("inner", "shown"),
    [
        (field("PAGE", "5"), ("It is now.", IN_PART)),
        (field(' DATE \\@ "d"', "5"), ("It is now.", IN_PART)),
        (f'<w:fldSimple w:instr="TIME">{run("5")}</w:fldSimple>', ("It is now.", IN_PART)),
        (field("DOCPROPERTY fee", "5"), ("It is 5 now.", IN_PART)),
        (f'<w:fldSimple w:instr="DOCPROPERTY fee">{run("5")}</w:fldSimple>', ("It is 5 now.", IN_PART)),
        (field("REF fee", "5"), ("It is 5 now.", WHOLE)),
        (field("REF fee", "5", 'w:dirty="true"'), ("It is 5 now.", IN_PART)),
        (field("PAGEREF fee", "5"), ("It is 5 now.", WHOLE)),
        (f'<w:fldSimple w:instr="SEQ Table">{run("5")}</w:fldSimple>', ("It is 5 now.", WHOLE)),
    ],
)
def test_a_field_shows_what_is_stored_or_is_marked(inner: str, shown: tuple[str, int]) -> None:
    assert read(f"<w:p>{run('It is ')}{inner}{run(' now.')}</w:p>") == [shown]


@pytest.mark.parametrize(
    ("first", "second", "settings", "shown"),
    [
        ("", "", "", {"Always."}),
        ("<w:titlePg/>", "", "", {"Always.", "First."}),
        ('<w:titlePg w:val="0"/>', "", "", {"Always."}),
        ("", "<w:titlePg/>", "", {"Always.", "First."}),
        ("", "", "<w:evenAndOddHeaders/>", {"Always.", "Even."}),
    ],
)
def test_headers_that_are_switched_off_are_not_read(first: str, second: str, settings: str, shown: set[str]) -> None:
    kinds = enumerate(("default", "first", "even"), 1)
    headers = "".join(f'<w:headerReference w:type="{kind}" r:id="header{number}"/>' for number, kind in kinds)
    body = f"<w:p><w:pPr><w:sectPr>{headers}{first}</w:sectPr></w:pPr></w:p><w:sectPr>{second}</w:sectPr>"
    texts = {f"header{number}": paragraph(text) for number, text in enumerate(("Always.", "First.", "Even."), 1)}
    assert {text for text, _ in read(body, settings=settings, **texts)} == shown


@pytest.mark.parametrize(
    ("first", "shown"),
    [
        ("<w:t>kept in </w:t>", ("kept insecure places", IN_PART)),
        ('<w:t xml:space="preserve">kept in </w:t>', ("kept in secure places", WHOLE)),
        ("<w:t>kept</w:t>", ("keptsecure places", WHOLE)),
    ],
)
def test_white_space_that_is_not_preserved_is_not_shown(first: str, shown: tuple[str, int]) -> None:
    assert read(f"<w:p><w:r>{first}<w:t>secure places</w:t></w:r></w:p>") == [shown]
    kept = f'<w:p xml:space="preserve"><w:r>{first}<w:t>secure places</w:t></w:r></w:p>'
    assert read(kept)[0][1] == WHOLE


@pytest.mark.parametrize("name", ["caps", "smallCaps"])
def test_small_letters_that_are_shown_as_capitals_are_marked(name: str) -> None:
    style = f'<w:style w:type="paragraph" w:styleId="C"><w:rPr><w:{name}/></w:rPr></w:style>'
    styled = '<w:pStyle w:val="C"/>'
    assert read(paragraph("It needs ", more=run("5 mW", f"<w:{name}/>"))) == [("It needs 5 mW", IN_PART)]
    assert read(paragraph("It needs ", more=run("5 MW", f"<w:{name}/>"))) == [("It needs 5 MW", WHOLE)]
    assert read(paragraph("It needs 5 mW", styled), styles=style) == [("It needs 5 mW", IN_PART)]
    assert (
        read(paragraph("It needs 5 mW", styled), styles=style.replace("/></w:rPr>", ' w:val="0"/></w:rPr>'))[0][1] == 0
    )


def test_deleted_cells_are_left_out() -> None:
    cells = [
        f"<w:tc><w:tcPr>{mark}</w:tcPr>{paragraph(text)}</w:tc>"
        for text, mark in (("Bob Ray", ""), ("former", '<w:cellDel w:id="1"/>'), ("chief", ""))
    ]
    assert "former" not in str(read(f"<w:tbl><w:tr>{''.join(cells)}</w:tr></w:tbl>"))


FONT, THEMED = '<w:rFonts w:ascii="Symbol"/>', '<w:rFonts w:asciiTheme="minorHAnsi" w:ascii="Arial"/>'
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
THEME = f'<a:minorFont xmlns:a="{DRAWING}"><a:latin typeface="{{}}"/></a:minorFont>'
STYLE = '<w:style w:type="paragraph" w:styleId="S"><w:rPr>{}</w:rPr></w:style>'


@pytest.mark.parametrize(
    ("parts", "shown"),
    [
        ({"styles": STYLE.format(FONT)}, ("\u03bc", IN_PART)),
        (
            {"styles": f"<w:docDefaults><w:rPrDefault><w:rPr>{FONT}</w:rPr></w:rPrDefault></w:docDefaults>"},
            ("\u03bc", 1),
        ),
        ({"styles": STYLE.format(THEMED), "theme": THEME.format("Symbol")}, ("\u03bc", IN_PART)),
        ({"styles": STYLE.format(THEMED), "theme": THEME.format("Calibri")}, ("m", WHOLE)),
        ({"styles": STYLE.format('<w:rFonts w:ascii="Signs"/>')}, ("m", WHOLE)),
        (
            {
                "styles": STYLE.format('<w:rFonts w:ascii="Signs"/>'),
                "fontTable": '<w:font w:name="Signs"><w:charset w:val="02"/></w:font>',
            },
            ("m", IN_PART),
        ),
    ],
)
def test_letters_of_a_symbol_font_are_no_letters(parts: dict[str, str], shown: tuple[str, int]) -> None:
    assert read(f'<w:p><w:pPr><w:pStyle w:val="S"/></w:pPr>{run("m")}</w:p>', **parts) == [shown]
