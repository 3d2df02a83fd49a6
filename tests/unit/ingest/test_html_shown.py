"""What a browser shows of a page, and in which column."""

import pytest

from qa.ingest.formats import mail
from qa.ingest.formats.html import reader as html

SECRET = "The zebra fee is 900 euros."


def cells(markup: str) -> list[tuple[str, list[str]]]:
    """Each filled cell of the data rows, with its column headers."""
    extracted = html.extract(markup.encode())
    text = extracted.text
    return [
        (text[cell.start : cell.end], [text[span.start : span.end] for span in heads])
        for block in extracted.blocks
        for cell, heads in zip(block.cells, block.columns, strict=False)
        if cell.end > cell.start
    ]


@pytest.mark.parametrize(
    "how", ["hidden", "style='display:none'", "popover", "style='x:(;);display : NONE !important'"]
)
def test_a_cell_that_is_not_shown_takes_no_column(how: str) -> None:
    head = "<tr><th>Low</th><th>High</th></tr>"
    assert cells(f"<table>{head}<tr><td {how}>id7</td><td>1 euro</td><td>2 euros</td></tr></table>") == [
        ("1 euro", ["Low"]),
        ("2 euros", ["High"]),
    ]
    assert cells(f"<table>{head.replace('<th', f'<th {how}>No</th><th', 1)}<tr><td>1 euro<td>2 euros</table>") == [
        ("1 euro", ["Low"]),
        ("2 euros", ["High"]),
    ]


@pytest.mark.parametrize("how", ["aria-hidden=true", "style='visibility:hidden'"])
def test_a_cell_that_is_only_invisible_keeps_its_column(how: str) -> None:
    head = "<tr><th>Item</th><th>Low</th><th>High</th></tr>"
    assert cells(f"<table>{head}<tr><td>A<td {how}>9 euros<td>2 euros</table>") == [
        ("A", ["Item"]),
        ("2 euros", ["High"]),
    ]


def test_a_cell_reaches_no_further_down_than_its_group_of_rows() -> None:
    row = "<tr><td>1 euro<td>2 euros"
    assert cells(f"<table><thead><tr><th rowspan=5>Low<th>High</thead><tbody>{row}</table>") == [
        ("1 euro", ["Low"]),
        ("2 euros", ["High"]),
    ]
    north = "<tbody><tr><td rowspan=9>North<td>5<td>6"
    table = f"<table><tr><th>Place<th>Low<th>High{north}<tbody>{row.replace('td', 'td>South<td', 1)}"
    assert cells(f"{table}</table>")[-3:] == [("South", ["Place"]), ("1 euro", ["Low"]), ("2 euros", ["High"])]
    loose = f"<table><tr><th>Low<th rowspan=3>High<tbody>{row}</tbody></table>"
    assert cells(loose) == [("1 euro", ["Low"]), ("2 euros", ["High"])]


def test_a_hidden_row_does_not_count_for_cells_that_reach_down() -> None:
    table = "<table><tr><th>Item<th>Low<tr><td rowspan=2>A<td>1<tr hidden><td>7<tr><td>2<tr><td>B<td>3</table>"
    assert cells(table) == [("A", ["Item"]), ("1", ["Low"]), ("2", ["Low"]), ("B", ["Item"]), ("3", ["Low"])]


@pytest.mark.parametrize(
    "markup",
    [
        "<h2>Fees</h2><p style='display:none'>SECRET</p>",
        "<p>Text.</p><div class='more content body' hidden>SECRET</div>",
        "<p>Text.</p><section role=region style='display:none'>SECRET</section>",
        "<p>Text.</p><div role=tabpanel hidden>SECRET</div>",
        "<table><tr><th>A<th>B<tr class=content hidden><td>SECRET<td>2<tr><td>1<td>2</table>",
        "<dl><dt>Fees</dt><dd>none</dd><dd hidden>SECRET</dd></dl>",
        "<dl><dt>Fees</dt><dd>none</dd><div hidden><dt>Other</dt><dd>SECRET</dd></div></dl>",
        "<p>Sum <math><mi hidden>SECRET</mi><mi>x</mi></math></p>",
        "<p>Sum <math><mtext>x <span hidden>SECRET</span></mtext></math></p>",
        "<table><tr><th>A<th>B<tr><td><span hidden><img alt='SECRET'></span><td>2</table>",
        "<table><tr><th>A<th>B<tr><td style='visibility:hidden'><img alt='SECRET'><td>2</table>",
        "<p>Text.</p><div hidden/>SECRET</div><p>End.</p>",
        "<p>Text.</p><p style='display:none'/>SECRET</p><p>End.</p>",
        "<p>Text.</p><div style='visibility:hidden'>SECRET</div>",
        "<p>Text.</p><div style='visibility:hidden'><p aria-hidden=true style='visibility:visible'>SECRET</p></div>",
        "<form><label for=a>Fee</label><select id=a><option>1</option><option hidden>SECRET</option></select></form>",
        "<ul><li>One</li><li hidden>SECRET</li></ul>",
        "<p>Text.</p><svg><text>SECRET</text><foreignObject style='display:none'><p>SECRET</p></foreignObject></svg>",
        "<p>Text.</p><svg hidden><foreignObject>SECRET</foreignObject></svg>",
        "<h1 hidden>SECRET</h1><p>Text.</p>",
    ],
)
def test_hidden_text_is_not_read_wherever_it_stands(markup: str) -> None:
    extracted = html.extract(markup.replace("SECRET", SECRET).encode())
    assert "zebra" not in f"{extracted.text} {extracted.found}"


@pytest.mark.parametrize(
    "markup",
    [
        "<button>Fees</button><div hidden>SECRET</div>",
        "<h3><button aria-expanded=false>Fees</button></h3><div hidden>SECRET</div>",
        "<dl><dt><button>Fees</button></dt><dd hidden>SECRET</dd></dl>",
        "<a role=tab aria-controls=x>Fees</a><p>Text.</p><div id=x hidden>SECRET</div>",
        "<div role=tab id=y>Fees</div><p>Text.</p><div aria-labelledby=y style='display:none'>SECRET</div>",
        "<details><summary>Fees</summary>SECRET</details>",
    ],
)
def test_what_people_can_open_is_read(markup: str) -> None:
    assert "zebra" in html.extract(markup.replace("SECRET", SECRET).encode()).text


@pytest.mark.parametrize(
    "markup",
    [
        "<table><div>SECRET</div><tr><th>A<th>B<tr><td>1<td>2</table>",
        "<table>SECRET<tr><th>A<th>B<tr><td>1<td>2</table>",
        "<table><tr>SECRET<th>A<th>B</tr><tr><td>1<td>2</table>",
        "<table><tr><th>A<th>B</tr><form>SECRET<tr><td>1<td>2</tr></form></table>",
        "<div><table hidden><tr><td>a<td>b</tr><p>SECRET</p></table></div>",
        "<div style='visibility:hidden'>No.<p style='visibility:visible'>SECRET</p></div>",
        "<svg><p>SECRET</p></svg>",
        "<svg><g><foreignObject><div>SECRET</div></foreignObject></g></svg>",
        "<p style='display:none!x'>SECRET</p>",
        "<p style='display:none foo'>SECRET</p>",
        "<p style='color:{;display:none}'>SECRET</p>",
        "<p style='x:(;display:none);'>SECRET</p>",
    ],
)
def test_text_that_a_browser_shows_is_read(markup: str) -> None:
    extracted = html.extract(f"<p>Text.</p>{markup.replace('SECRET', SECRET)}<p>End.</p>".encode())
    assert SECRET in extracted.text


def test_text_between_cells_leaves_the_columns_as_they_are() -> None:
    table = "<table><tr>Note.<th>Low<th>High</tr><p>More.</p><tr><td>1<td>2</tr></table>"
    assert cells(table) == [("1", ["Low"]), ("2", ["High"])]


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        ("<svg><p>x</p>" * 4_000, 4_000),
        ("<svg>" + "<p>x</p>" * 20_000 + "</svg>", 20_000),
        ("<table>x<tr><td>a</table>" * 10_000, 10_000),
        ("<table><tr><td>a</tr>" + "<p>x</p>" * 20_000 + "</table>", 20_000),
        ("<p hidden/>" * 20_000 + "</p>x", 1),
        ('<p ="' * 20_000 + "x", 0),
    ],
    ids=lambda value: str(value)[:24],
)
def test_a_page_out_of_order_keeps_its_words_in_linear_time(markup: str, shown: int) -> None:
    assert html.extract(markup.encode()).text.split().count("x") == shown


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        ("<s><p>NO</p></s><p>YES</p>", "YES"),
        ("<strike><p>NO</p><p>NO</p></strike><p>YES</p>", "YES"),
        ("<p><s>NO<p>NO</s> YES", "YES"),
        ("<p><s>NO</p><p>NO</p></s><p>YES</p>", "YES"),
        ("<div><p><s>NO</p></div><ul><li>NO</s> YES</ul>", "YES"),
        ("<i hidden><p>NO</p></i><p>YES</p>", "YES"),
        ("<a hidden href=x><table><tr><td>NO</table></a><p>YES</p>", "YES"),
        ("<b style='display:none'><h2>NO</h2><i>NO</b>YES</i>", "YES"),
        ("<s><table><tr><td>NO</s>NO</table></s><p>YES</p>", "YES"),
        ("<table><tr><td><s>NO<td>YES</table>YES", "| YES YES"),
        ("<s><div>NO<p>NO</s>YES</p></div>", "YES"),
        ("<s><p>NO</p><span>NO</span><p><img alt='NO NO NO'></p></s><p>YES</p>", "YES"),
        ("<a style='display:none'>NO<a href=x>YES</a>", "YES"),
        ("<svg><a hidden /></svg><p>YES</p>", "YES"),
        ("<svg><s>NO</svg><p>NO</p></s>YES", "YES"),
        ("<s/>NO</s>YES", "YES"),
        ("<s title='a>b'>NO</s>YES", "YES"),
        ("<s>NO<span qa-formatting=/s ></span>NO</s>YES", "YES"),
        ("<textarea>a <s>b</s></textarea>", "a <s>b</s>"),
        ("<b style='color:red'><p>YES</p></b><p>YES</p>", "YES YES"),
    ],
)
def test_formatting_reaches_as_far_as_in_a_browser(markup: str, shown: str) -> None:
    assert " ".join(html.extract(f"<p>Text.</p>{markup}".encode()).text.split()) == f"Text. {shown}"


@pytest.mark.parametrize(
    "markup", ["<s>" * 20_000, "<s id={}>" * 200, "<p><b style=x>a" * 20_000, "<s><p>a</s>" * 20_000]
)
def test_elements_of_formatting_without_an_end_are_read_in_linear_time(markup: str) -> None:
    assert "Text." in html.extract(f"<p>Text.</p>{markup}".format(*range(200)).encode()).text


@pytest.mark.parametrize(
    ("markup", "sure"),
    [
        ("<span hidden>not</span>", True),
        ("<span hidden style='display:none;color:red'>not</span>", True),
        ("<span hidden style='display:inline'>not</span>", False),
        ("<span popover style='display:inline'>not</span>", False),
        ("<dialog style='display:inline'>not</dialog>", False),
        ("<dialog open popover>not</dialog>", False),
        ("<span style='display:none;display:inline'>not</span>", False),
        ("<span style='display:none;all:revert'>not</span>", False),
        ("<span style='visibility:hidden;visibility:visible'>not</span>", False),
        ("<span style='visibility:hidden'>not</span>", True),
        ("<style style='display:inline'>not</style>", False),
        ("<script type=text/plain style='display:inline'>not</script>", False),
        ("<rp style='display:inline'>not</rp>", False),
        ("<span><template shadowrootmode=open>not</template></span>", False),
        ("<template>not</template>", True),
        ("<noscript>not</noscript>", True),
        ("<math><mi hidden>not</mi></math>", False),
    ],
)
def test_no_page_is_confirmed_that_may_show_what_is_left_out(markup: str, sure: bool) -> None:
    line, block = f"<p>It is {markup} open.</p><p>Text.</p>", f"<div>{markup}</div><p>Text.</p>"
    for page in (line, block):
        extracted = html.extract(page.encode())
        assert "not" not in extracted.text
        assert {found.level for found in extracted.blocks} == ({0} if sure else {1})


@pytest.mark.parametrize(("inner", "level"), [("not", 1), ("<img src=x>", 0)])
def test_a_letter_may_show_what_it_has_for_programs_without_scripts(inner: str, level: int) -> None:
    page = f"<p>It is<noscript>{inner}</noscript> open.</p>"
    letter = f"Subject: Pool\nContent-Type: text/html; charset=utf-8\n\n{page}"
    assert [block.level for block in mail.extract(letter.encode()).blocks if block.kind == "paragraph"] == [level]
    assert html.extract(page.encode()).blocks[0].level == 0


@pytest.mark.parametrize("before", ["<div>" * 1_600, "".join(f"<s id=x{number}>" for number in range(120))])
def test_a_page_that_is_read_without_its_structure_is_not_confirmed(before: str) -> None:
    blocks = html.extract(f"<p>Text.</p>{before}<p><s>It costs 5 euros.</s></p>".encode()).blocks
    assert {block.level for block in blocks} == {1}
