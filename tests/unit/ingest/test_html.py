"""Pages to blocks: golden listings, hostile markup, and the details that change what a text says."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.errors import SourceError
from qa.ingest.blocks import context, problems
from qa.ingest.formats.html import reader as html
from tests.support.blocks import listing

DATA = Path(__file__).resolve().parents[2] / "data" / "formats" / "html"
FILES = sorted(DATA.glob("*.html"))
MANY = 100_000  # a second where the work grows with the length, minutes where it grows with its square


def blocks_of(body: str) -> list[tuple[str, str]]:
    extracted = html.extract(f"<!doctype html><html><head><meta charset=utf-8></head><body>{body}".encode())
    assert list(problems(extracted.text, extracted.blocks)) == []
    return [(block.kind, extracted.text[block.start : block.end]) for block in extracted.blocks]


def text_of(body: str) -> str:
    return "\n".join(text for _, text in blocks_of(body))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_blocks_of_a_page_are_those_of_its_listing(path: Path) -> None:
    extracted = html.extract(path.read_bytes())
    assert listing(extracted) == path.with_suffix(".blocks").read_text(encoding="utf-8")
    assert list(problems(extracted.text, extracted.blocks)) == []


@given(st.sampled_from(FILES), st.data())
@settings(max_examples=200, deadline=None)
def test_every_mutation_of_a_page_has_sound_blocks(path: Path, data: st.DataObject) -> None:
    page = path.read_bytes()
    start, end = sorted((data.draw(st.integers(0, len(page))), data.draw(st.integers(0, len(page)))))
    middle = data.draw(
        st.sampled_from([b"", b"<", b"</td>", b"<table>", b"\x00", b"\xff", b"<dl><dt>", page[start:end]])
    )
    try:
        extracted = html.extract(page[:start] + middle + page[end:])
    except SourceError:
        return
    assert list(problems(extracted.text, extracted.blocks)) == []


@given(
    st.lists(
        st.sampled_from(
            (
                "<p",
                "<div>",
                "</div>",
                "<table>",
                "<tr>",
                "<td rowspan=0 colspan=9>",
                "<th>",
                "<ul>",
                "<li>",
                "<ol start=-1>",
                "<dl>",
                "<dt>",
                "<dd>",
                "a?",
                " b:",
                "<b>",
                "</b>",
                "<sup>1</sup>",
                "<q>",
                "</q>",
                "<h2>",
                "</h2>",
                "<details>",
                "<summary>",
                "<nav>",
                "<br>",
                "<pre>",
                "<select>",
                "<option>",
                "<input value=x>",
                "<div hidden>",
                "<caption>",
                "<button>",
                "</table>",
                "</li>",
                "&#8203;",
                "\u00a0",
                "<math><mfrac>",
                "<footer>",
                "<label>",
            )
        ),
        max_size=40,
    )
)
@settings(max_examples=300, deadline=None)
def test_any_nesting_of_elements_has_sound_blocks(parts: list[str]) -> None:
    assert all(text for _, text in blocks_of("".join(parts)))  # which looks for problems, too


@pytest.mark.parametrize(
    "markup",
    [
        "Text" + "<p" * MANY,
        "Text" + "<!--" * MANY,
        "Text" + "<?" * MANY,
        "Text" + "<![CDATA[" * MANY,
        "<div>" * MANY + "Text",
        "<b>" * MANY + "</p>" * MANY + "Text",
        "<div>" * MANY + "Text" + "</b>" * MANY,
        "<table><tr><td>" * MANY + "Text",
        "<ul><li>" * MANY + "Text",
        "<div>" * 1000 + "<p>Text</b>" * MANY,
        "<p " + " ".join(f"a{n}=1" for n in range(MANY)) + ">Text",
        "<table><tr>" + "<td colspan=1000 rowspan=65000>Text" * 2000 + "<tr><td>x" * 2000,
        "<p>Text" + "<sup>1</sup>" * MANY,
        "<ol>" + "<li>Text" * MANY,
        "<math>" + "<mo>+</mo>" * MANY + "</math>Text",
        "<math>" + "<mo>&#x2063;</mo>" * MANY + "</math>Text",
        "<math>" + "<mfrac><mn>1</mn><mn>2</mn></mfrac>" * MANY + "</math>Text",
        "<div class=cookie>" * 1_000 + "<i></i>" * MANY + "Text",
        "<p>Text<a href=x>" + "<span>" * MANY,
        "<dl>" + "<dt>a<dd>Text" * MANY,
    ],
    ids=lambda markup: markup[:24],
)  # fmt: skip
def test_hostile_markup_is_read_in_linear_time(markup: str) -> None:
    assert "Text" in html.extract(markup.encode()).text


def test_entities_declared_in_a_page_are_not_resolved() -> None:
    page = '<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/hostname"><!ENTITY y "&#97;">]><p>Text &x; &y;</p>'
    assert "Text &x; &y;" in text_of(page)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("40<sup>1</sup> euros", "40 [1] euros"),
        ("40<sup><a href='#n'>[1]</a></sup>", "40 [1]"),
        ("10<sup>6</sup> m<sup>2</sup>", "10^6 m^2"),
        ("10<sup>−3</sup>", "10^−3"),
        ("5 N/mm <sup>2</sup>", "5 N/mm^2"),
        ("the 2<sup>nd</sup> day", "the 2nd day"),
        ("Foo<sup>TM</sup>", "FooTM"),
        ("claim<sup>a,b</sup>", "claim [a,b]"),
        ("price<sup>*</sup>", "price [*]"),
        ("E = mc<sup>2</sup>", "E = mc^2"),
        ("2<sup>10</sup>", "2^10"),
        ("H<sub>2</sub>O, x<sub>ij</sub>, 101<sub>2</sub>", "H2O, xij, 101_2"),
        ("it is <del>not</del><s>never</s><strike>no</strike> <ins>now</ins> open", "it is now open"),
        ("<span style='text-decoration: line-through'>old</span> new", "new"),
        ("<q>a <q>b</q></q>", "“a ‘b’”"),
        ("&ge; 5, 1&frac12;, a &ne; b, &plusmn;2", "≥ 5, 1½, a ≠ b, ±2"),
        ("<math><mi>x</mi><mo>≤</mo><msqrt><mn>2</mn></msqrt></math>", "x ≤ √2"),
        ("in&shy;sur&shy;ance and long<wbr>word", "insurance and longword"),
        ("smile <img class=emoji alt='🙂'> <img src=x alt='photo of us'>", "smile 🙂"),
    ],
)
def test_marks_keep_their_meaning(markup: str, text: str) -> None:
    assert text_of(f"<p>{markup}</p>") == text


def test_a_page_that_is_all_navigation_is_read_as_its_own_text() -> None:
    assert blocks_of("<nav><p>Open on Mondays.</p></nav>") == [("paragraph", "Open on Mondays.")]


def test_navigation_is_furniture_and_its_text_stays() -> None:
    found = blocks_of("<nav><a href=/>Home</a></nav><p>Open on Mondays.</p>")
    assert found == [("furniture", "Home"), ("paragraph", "Open on Mondays.")]


def test_text_for_nobody_is_left_out_and_panels_are_read() -> None:
    hidden = '<div class=modal hidden>Sign up</div><span style="display:none">x</span><p aria-hidden=true>y</p>'
    assert text_of(f"<p>Seen</p>{hidden}") == "Seen"
    assert text_of('<h3><button>More</button></h3><div style="display:none"><p>Read.</p></div>') == "More\nRead."


def test_a_heading_in_a_repeated_item_does_not_reach_beyond_it() -> None:
    item = "<div class=item><h3>Which {0}?</h3><p>This {0}.</p></div>"
    extracted = html.extract(f"<h1>Top</h1>{item.format('a')}{item.format('b')}<p>After.</p>".encode())
    assert [block.parent for block in extracted.blocks] == [None, 0, 1, 0, 3, 0]
    assert [block.kind for block in extracted.blocks] == [
        "heading",
        "question",
        "paragraph",
        "question",
        "paragraph",
        "paragraph",
    ]


def test_a_row_knows_its_headers_and_labels_through_merged_cells() -> None:
    extracted = html.extract((DATA / "tariff.html").read_bytes())
    text, blocks = extracted.text, extracted.blocks
    row = next(n for n, block in enumerate(blocks) if text[block.start : block.end].startswith("17 | 26"))
    columns = [[text[span.start : span.end] for span in column] for column in blocks[row].columns]
    assert columns == [["Pontoon", "Low season"], ["Pontoon", "High season"], ["Buoy"]]
    around = [(kind, text[span.start : span.end]) for kind, span in context(blocks, row)]
    assert ("row_label", "any length") in around
    assert ("header", "Motor boats") in around
    assert ("lead_in", "Fees in euros a night") in around


def test_text_for_search_engines_is_not_read() -> None:
    data = (
        '{"@type": "FAQPage", "mainEntity": [{"@type": "Question", "name": "Is it free?", '
        '"acceptedAnswer": {"@type": "Answer", "text": "Only on Mondays."}}]}'
    )
    assert text_of(f"<p>Welcome.</p><script type='application/ld+json'>{data}</script>") == "Welcome."


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("5<img src=x>12", "5 12"),
        ("7<input>9", "7 9"),
        ("7<math><mn>1</mn></math>9", "7 1 9"),
        ("3<object>4</object>6", "3 6"),
        ("3<del>4</del>6", "3 6"),
        ("3<span style='display:block'>6</span>1", "3 6 1"),
        ("1<span style='margin:0;position:relative'>234</span>", "1234"),
        ("5<a href='#x'>§</a>12", "5 12"),
        ("3<span aria-hidden=true>.</span>6", "3 6"),
        ("1<bdo dir=RTL>23</bdo>4", "1 4"),
        ("1<span dir=rtl style='unicode-bidi: isolate-override'>23</span>4", "1 4"),
        ("3<span style='display:none'>.</span>6", "36"),
        ("3<span style='color:red'>6</span>", "36"),
        ("3<b>6</b>", "36"),
        ("3<wbr>6", "36"),
        ("a tick<img src=x>.", "a tick."),
        ("<ruby>漢<rt>kan</rt>字<rt>ji</rt></ruby>", "漢字"),
    ],
)
def test_words_that_do_not_touch_on_the_page_are_parted(body: str, text: str) -> None:
    assert text_of(f"<p>{body}</p>") == text
    assert text_of(f"<h2>{body}</h2>") == text
    assert text_of("<p>no<button>x</button>table</p>") == "no table"


def level_of(body: str) -> int:
    """1 for a paragraph that is never confirmed as a copy."""
    (block,) = html.extract(f"<p>{body} euros.</p>".encode()).blocks
    return block.level


@pytest.mark.parametrize(
    ("formula", "text", "whole"),
    [
        ("<mn>3</mn><mfrac><mn>1</mn><mn>2</mn></mfrac>", "3 1/2", True),
        ("<mi>x</mi><mfrac><mn>1</mn><mn>2</mn></mfrac>", "x 1/2", True),
        ("<mfrac><mn>1</mn><mn>2</mn></mfrac><mn>5</mn>", "1/2 5", True),
        ("<msqrt><mn>3</mn></msqrt><mi>x</mi>", "√3 x", True),
        ("<msup><mn>2</mn><mn>3</mn></msup><mn>4</mn>", "2^3 4", True),
        ("<msup><mrow><mfrac><mn>1</mn><mn>3</mn></mfrac></mrow><mn>2</mn></msup>", "(1/3)^2", True),
        ("<mn>1</mn><mn>2</mn><mo>,</mo><mi>m</mi><msup><mi>c</mi><mn>2</mn></msup>", "12, mc^2", True),
        ("<mn>5</mn><mo>mod</mo><mi>sin</mi><mo>&#x2061;</mo><mi>x</mi>", "5 mod sin x", True),
        ("<mn>1</mn><mo>&#x2063;</mo><mn>2</mn>", "1 2", True),
        ("<semantics><mn>4</mn><annotation>5</annotation></semantics>", "4", True),
        ("<mn>1</mn><mspace width='2em'/><mn>2</mn>", "1 2", False),
        ("<mi>n</mi><mo lspace='0em' rspace='thinmathspace'>=</mo><mn>5</mn>", "n = 5", True),
        ("<mn>1</mn><mo lspace='-1em'>+</mo><mn>2</mn>", "1 + 2", False),
        ("<mn>1</mn><mo rspace='negativethinmathspace'>+</mo><mn>2</mn>", "1 + 2", False),
        ("<mn>1</mn><mphantom><mn>0</mn></mphantom><mn>2</mn>", "1 2", False),
        ("<mn>1</mn><mn style='margin:1em'>2</mn>", "12", False),
        ("<menclose notation='horizontalstrike'><mn>40</mn></menclose><mn>30</mn>", "30", False),
        ("<mtext>4<del>0</del>5</mtext>", "4 5", False),
        ("<mfrac linethickness='0'><mn>5</mn><mn>2</mn></mfrac>", "5; 2", False),
        ("<mmultiscripts><mi>U</mi><mprescripts/><mn>92</mn><mn>238</mn></mmultiscripts>", "U92 238", False),
        ("<mrow>" * 70 + "<mn>4</mn>" + "</mrow>" * 70 + "<mn>5</mn>", "5", False),
    ],
)
def test_a_formula_is_one_line_or_is_known_to_be_incomplete(formula: str, text: str, whole: bool) -> None:
    assert text_of(f"<p>It is <math>{formula}</math> euros.</p>") == f"It is {text} euros."
    assert level_of(f"It is <math>{formula}</math>") == (0 if whole else 1)


@pytest.mark.parametrize(
    ("markup", "text", "sure"),
    [
        ("3<sup>1</sup>/<sub>2</sub>", "3 1/2", False),
        ("3<sup>1</sup>&frasl;<sub>2</sub>", "3 1⁄2", False),
        ("3<sup>1</sup>/2", "3 [1]/2", False),
        ("9<sup>99</sup>", "9^99", False),
        ("12<sup>50</sup>", "12 [50]", False),
        ("10<sup>15</sup>", "10^15", False),
        ("10<sup>2</sup>5", "10^2 5", False),
        ("5 m<sup>2</sup><b>3</b>", "5 m^2 3", False),
        ("2<sup>nd</sup>3", "2nd 3", False),
        ("5<sub>2</sub>3", "5_2 3", False),
        ("10<sup>-</sup><sup>2</sup>", "10 - [2]", False),
        ("2<sup>n</sup>", "2 [n]", False),
        ("x<sub>1</sub><sup>2</sup>", "x1 [2]", False),
        ("SO<sub>4</sub><sup>2−</sup>", "SO4^2−", True),
        ("it<sup><a href='#n'>[1]</a></sup><sup><a href='#o'>[2]</a></sup>", "it [1] [2]", True),
        ("it<sup><a href='#n'>1</a></sup><sup><a href='#o'>2</a></sup>", "it [1] [2]", True),
        ("it<sup>1</sup><sup>2</sup>", "it [1] [2]", False),
        ("it<sup>[1]</sup><sup>,</sup><sup><a href='#o'>[2]</a></sup>", "it [1] , [2]", True),
        ("40<sup>[1]</sup>", "40 [1]", True),
        ("10<sup>6</sup>", "10^6", True),
        ("3 × 10<sup>15</sup>", "3 × 10^15", True),
        ("5 m<sup>2</sup>/s, H<sub>2</sub>O", "5 m^2/s, H2O", True),
        ("40<sup><a href='#n'>1</a></sup>", "40 [1]", True),
    ],
)
def test_figures_beside_a_superscript_make_no_other_number(markup: str, text: str, sure: bool) -> None:
    assert text_of(f"<p>It is {markup} euros.</p>") == f"It is {text} euros."
    assert level_of(f"It is {markup}") == (0 if sure else 1)


@pytest.mark.parametrize("tag", ["sup", "sub", "a class=footnote-ref"])
@pytest.mark.parametrize("inside", ["", "1", "/", "/ <p>2</p>", "<p>/</p>"])
def test_a_script_may_be_broken_by_a_block(tag: str, inside: str) -> None:
    name = tag.split()[0]
    extracted = html.extract(f"<p>It costs 3<{tag}><table></table>{inside}</{name}>/<sub>5</sub> euros.</p>".encode())
    assert list(problems(extracted.text, extracted.blocks)) == []
    assert extracted.text.startswith("It costs 3\n")
    assert "euros." in extracted.text


@pytest.mark.parametrize(
    ("picture", "text", "whole"),
    [
        ("<img class=text-icon alt=not>", "It is in", False),
        ("<img class='context vertex' alt=not>", "It is in", False),
        ("<img class=emoji alt=not>", "It is not in", False),
        ("<img class=mwe-math-image alt='x + 1'>", "It is x + 1 in", False),
        ("<img alt=не>", "It is не in", False),
        ("<img class=emoji alt='🙂'>", "It is 🙂 in", True),
        ("<embed src=x>", "It is in", False),
        ("<progress value=5>not</progress>", "It is in", False),
        ("<meter>not</meter>", "It is in", False),
    ],
)
def test_no_words_in_place_of_a_picture_are_confirmed(picture: str, text: str, whole: bool) -> None:
    assert text_of(f"<p>It is {picture} in euros.</p>") == f"{text} euros."
    assert level_of(f"It is {picture} in") == (0 if whole else 1)


@pytest.mark.parametrize("around", ["<p>{}</p>", "<a href=x>{}</a>", "<ul><li>{}</ul>", "<figure>{}</figure>", "{}"])
def test_words_in_place_of_a_picture_that_stands_alone_are_not_confirmed(around: str) -> None:
    picture = "<img src=x alt='The fee is 10 euros.'>"
    blocks = html.extract(f"<p>Text.</p>{around.format(picture)}<p>End.</p>".encode()).blocks
    assert [block.level for block in blocks if block.kind == "caption"] == [1]


@pytest.mark.parametrize(
    "markup",
    [
        "<table><caption {}>{}</caption><tr><th>A<th>B<tr><td>x<td>y</table>",
        "<table><tr><th>A<th>B<tr><td>x<td {}>{}</table>",
        "<table><tr><th>A<th>B<tr {}><td>x<td>{}</table>",
        "<table><tr><th>A<th>B<tbody {}><tr><td>x<td>{}</table>",
        "<dl><dt>Fee<dd {}>{}</dl>",
        "<p><span class=label>Fee</span> <span class=value {}>{}</span></p>",
    ],
)
def test_struck_cells_values_and_captions_are_left_out(markup: str) -> None:
    words = "The fee is 10 euros."
    assert words in text_of(markup.format("", words))
    assert words not in text_of(markup.format("style='text-decoration:line-through'", words))


def test_a_word_in_a_line_that_names_a_panel_is_known_to_be_missing() -> None:
    page = "<p>It is <b aria-expanded=true aria-controls=x>not</b> open.</p><p>Text.</p><div id=x>More about it.</div>"
    assert html.extract(page.encode()).blocks[0].level == 1


def test_the_caption_of_a_table_with_a_picture_is_not_confirmed() -> None:
    page = "<table><caption>Open <img src=x alt=never> now.</caption><tr><th>A<th>B<tr><td>1<td>2</table>"
    assert html.extract(page.encode()).blocks[0].level == 1


@pytest.mark.parametrize("inner", ["<del>0</del>", "<sup>0</sup>", "<img src=x>", "<span aria-hidden=true>0</span>"])
def test_preformatted_sentences_without_a_part_are_not_confirmed(inner: str) -> None:
    page = f"<pre>The fee for all members is 4{inner}5 euros.\nThe fee for all guests is forty euros.</pre>"
    extracted = html.extract(page.encode())
    assert "45" not in extracted.text
    assert [(block.kind, block.level) for block in extracted.blocks] == [("paragraph", 1)]


@pytest.mark.parametrize(
    "markup",
    [
        "<div class=gdpr-article><h2>Article 5</h2><p>{0}</p></div>",
        "<section class=informed-consent><p>{0} <a href=/more>More</a></p></section>",
        "<article class='recipe cookies'><h2>Cookies</h2><p>{0}</p><button>Print</button></article>",
        "<div class=gdpr><h2><button aria-controls=a>Article 5</button></h2><p>{0}</p></div>",
        "<div id=cookies><table><tr><td>A<td>B<tr><td>1<td>{0}</table><button>Sort</button></div>",
        "<footer><p>{0} The cookie shop closes at six.</p></footer>",
    ],
)
def test_content_is_not_taken_for_a_cookie_banner(markup: str) -> None:
    found = {text: kind for kind, text in blocks_of(markup.format("Bake for twelve minutes."))}
    assert [kind for text, kind in found.items() if "Bake" in text] in (["paragraph"], ["row"])


@pytest.mark.parametrize(
    "control", ["<button>OK</button>", "<a href=#>OK</a>", "<a class='btn-ok' href=/ok>OK</a>", "<input type=submit>"]
)
def test_a_box_that_asks_for_consent_is_furniture(control: str) -> None:
    box = f"<div id=cookie-bar><h3>Privacy</h3><p>We count visits.</p>{control}</div>"
    assert [kind for kind, text in blocks_of(f"{box}<p>Text.</p>") if "visits" in text] == ["furniture"]


def test_only_a_line_with_a_sign_or_a_year_is_a_copyright_line() -> None:
    lines = (
        "© Ferry Line",
        "Copyright (c) Ferry Line",
        "Copyright 2026 Ferry Line",
        "Copyright expires after 70 years.",
    )
    kinds = [kind for kind, _ in blocks_of("".join(f"<p>{line}</p>" for line in lines))]
    assert kinds == ["furniture", "furniture", "furniture", "paragraph"]
