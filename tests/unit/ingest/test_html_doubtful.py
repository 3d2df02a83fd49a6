"""Styles, roles and classes that change what a page shows of a text, or whose statement it is."""

import pytest

from qa.ingest.formats.html import reader as html

WHOLE, IN_PART = 0, 1  # levels of blocks


def blocks(body: str) -> list[tuple[str, str, int]]:
    found = html.extract(f"<h1>Title</h1>{body}<p>It ends.</p>".encode())
    return [(found.text[block.start : block.end], block.kind, block.level) for block in found.blocks][1:]


def first(body: str) -> tuple[str, int]:
    text, _, level = blocks(body)[0]
    return text, level


@pytest.mark.parametrize(
    ("line", "text", "level"),
    [
        ("10<span style='vertical-align: super'>6</span> m", "10^6 m", WHOLE),
        ("CO<span style='vertical-align:sub'>2</span> is", "CO2 is", WHOLE),
        ("It<a href='#n'><span style='vertical-align:super'>1</span></a> is", "It [1] is", WHOLE),
        ("10<span role=superscript>6</span> m", "10^6 m", WHOLE),
        ("$5<span style='vertical-align:super'>99</span>", "$5^99", IN_PART),
        ("10<span style='vertical-align:super;vertical-align:baseline'>6</span> m", "10^6 m", IN_PART),
        ("10<span style='vertical-align:4px'>6</span> m", "10^6 m", IN_PART),
        ("5<span style='vertical-align:-.2em'>6</span> m", "5_6 m", IN_PART),
        ("10<span style='position:relative;top:-4.5pt;mso-text-raise:4.5pt'>6</span> m", "10^6 m", IN_PART),
        ("5<span style='position:relative;top:3pt'>6</span> m", "5_6 m", IN_PART),
        ("10<sup><span style='vertical-align:super'>6</span></sup> m", "10^6 m", IN_PART),
        ("10<span style='position:relative;top:0;vertical-align:baseline'>6</span> m", "106 m", WHOLE),
    ],
)
def test_a_style_raises_and_lowers_as_elements_do(line: str, text: str, level: int) -> None:
    assert first(f"<p>It is {line}.</p>") == (f"It is {text}.", level)


@pytest.mark.parametrize(
    ("style", "level"),
    [
        ("text-transform: uppercase", IN_PART),
        ("font-variant: small-caps", IN_PART),
        ("font: small-caps 12px/1 serif", IN_PART),
        ("font-size: 0.0px", IN_PART),
        ("text-transform:none; font-variant:normal; font-variant-caps:normal; font-size:0.9em", WHOLE),
    ],
)
@pytest.mark.parametrize("around", ["<p {}>{}</p>", "<p><b {}>{}</b></p>", "<div {}><p>{}</p></div>"])
def test_capitals_by_style_are_not_confirmed(around: str, style: str, level: int) -> None:
    assert first(around.format(f"style='{style}'", "It is 5 mW.")) == ("It is 5 mW.", level)


@pytest.mark.parametrize(
    ("style", "level"),
    [
        ("position:absolute; left:4px", IN_PART),
        ("float: right", IN_PART),
        ("transform: scaleX(-1)", IN_PART),
        ("some-property-to-come: 3", IN_PART),
        ("opacity: 0", IN_PART),
        ("color:#000; background:transparent; font-family:Arial; white-space:pre-wrap; text-decoration:none", WHOLE),
        ("mso-spacerun:yes; mso-ansi-language:EN-US; float:none; -webkit-text-stroke-width:0px; orphans:2", WHOLE),
    ],
)
def test_a_line_with_a_style_that_is_not_known_to_be_plain_is_not_confirmed(style: str, level: int) -> None:
    assert first(f"<p>It is <span style='{style}'>5</span> m.</p>") == ("It is 5 m.", level)
    assert first(f"<p>It is <span style='{style}'></span>5 m.</p>") == ("It is 5 m.", WHOLE)


@pytest.mark.parametrize(
    "attribute",
    [
        *("role=blockquote", "role=listitem", "role='none cell'", "role=option", "role=doc-pullquote"),
        *("epub:type=epigraph", "class=MsoQuote", "class='a MsoIntenseQuote'", "class=pull-quote"),
    ],
)
@pytest.mark.parametrize(
    "around", ["<div {}>{}</div>", "<div {}><p>{}</p></div>", "<section {}><div>{}</div></section>"]
)
def test_quotations_and_items_by_role_or_class_are_not_confirmed(attribute: str, around: str) -> None:
    assert blocks(around.format(attribute, "It is so.")) == [
        ("It is so.", "paragraph", IN_PART),
        ("It ends.", "paragraph", WHOLE),
    ]


def test_an_element_of_a_line_that_holds_blocks_is_doubtful_up_to_its_end() -> None:
    inner = "<div>It is so.</div><div>It is 5.</div>"
    levels = [level for _, _, level in blocks(f"<span role=blockquote>{inner}</span><div>It is new.</div>")]
    assert levels == [IN_PART, IN_PART, WHOLE, WHOLE]


@pytest.mark.parametrize("role", ["main", "article", "region", "note", "document", "tabpanel", "unheard-of"])
def test_other_roles_leave_a_paragraph_as_it_is(role: str) -> None:
    assert first(f"<div role={role}><p>It is so.</p></div>") == ("It is so.", WHOLE)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<div role=radio aria-checked=true><span>It is so.</span></div>", "☒ It is so."),
        ("<p><span role=checkbox aria-checked=false></span>It is so.</p>", "☐ It is so."),
        ("<div><div role=switch aria-checked=false></div><div>It is so.</div></div>", "☐"),
    ],
)
def test_a_choice_by_role_has_its_box(markup: str, text: str) -> None:
    assert blocks(markup)[0][:2] == (text, "field")


def test_a_deletion_by_role_is_left_out() -> None:
    assert first("<p>It is <span role=deletion>not</span> so.</p>") == ("It is so.", IN_PART)
    assert first("<div role=deletion><p>It is so.</p></div>") == ("It ends.", WHOLE)


@pytest.mark.parametrize(
    ("line", "text", "level"),
    [
        ("<font face=Symbol>m</font>g", "μg", IN_PART),
        ("<span style='font-family:Symbol;mso-char-type:symbol'>m</span>g", "μg", IN_PART),
        ("<span style='color:red; font:12.0pt \"Symbol\", serif'>m</span>g", "μg", IN_PART),
        ("<font face=Symbol>m<span style='font:7.0pt \"Times New Roman\"'>g</span></font>", "μg", IN_PART),
        ("<font face=Webdings>m</font>g", "g", IN_PART),
        ("<font face=Symbol>≤ m</font>g", "≤ μg", IN_PART),
        ("<font face='Arial, Symbol'>m</font>g", "mg", WHOLE),
        ("<font face=Symbola>m</font>g", "mg", WHOLE),
        ("<font face='Symbols Nerd Font'>m</font>g", "mg", WHOLE),
        ("<font face=SymbolMT>m</font>g", "μg", IN_PART),
        ("<span style='font-family:\"Segoe UI Symbol\",Symbol;mso-ascii-font-family:Symbol'>m</span>g", "mg", WHOLE),
    ],
)
def test_letters_in_a_font_of_signs_are_those_signs(line: str, text: str, level: int) -> None:
    assert first(f"<p>It is 5 {line}.</p>") == (f"It is 5 {text}.", level)


def test_a_paragraph_in_a_font_of_signs_is_not_confirmed() -> None:
    assert first("<p style='font-family: Symbol'>It is so.</p>")[1] == IN_PART
