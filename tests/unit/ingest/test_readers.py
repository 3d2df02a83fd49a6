"""Each format's text and fields, and the reason for each file that cannot be read."""

import hashlib
import io
import sys
import zipfile
from pathlib import Path

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from qa.errors import SettingError, SourceError
from qa.ingest import readers
from qa.ingest.formats.word import reader as word
from qa.ingest.metadata import load_sidecar, unmatched
from qa.ingest.readers import read
from qa.ingest.scan import Skip
from qa.ingest.suffixes import SUFFIXES
from qa.records import Block, Document

ROOT = Path(__file__).resolve().parents[3]


def text_of(name: str, content: str | bytes) -> str:
    return read(name, content.encode() if isinstance(content, str) else content).text


def title_of(name: str, content: str | bytes) -> str:
    return read(name, content.encode() if isinstance(content, str) else content).title


def html(body: str, head: str = "") -> Document:
    return read("page.html", f"<!doctype html><html><head>{head}</head><body>{body}</body></html>".encode())


def pdf(*pages: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, **options)
    for page in pages:
        for number, line in enumerate(page.splitlines()):
            canvas.drawString(72, 720 - 14 * number, line)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def packed(document: "docx.document.Document") -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


# Text and Markdown


def test_a_text_file_is_its_characters_and_its_bytes_hash() -> None:
    data = "First line.\r\nSecond – line.\r\n".encode()
    document = read("sub/a.TXT", data)
    assert document == Document(
        id="sub/a.TXT",
        text="First line.\r\nSecond – line.\r\n",
        sha256=hashlib.sha256(data).hexdigest(),
        title="First line.",
        blocks=(Block("paragraph", 0, 27),),
    )


def test_the_sample_articles_are_titled_by_their_first_sentence_not_by_the_dateline() -> None:
    titles = [read(p.name, p.read_bytes()).title for p in sorted((ROOT / "seeds").glob("*.txt"))]
    assert titles == [
        "As President Donald Trump hardens his position toward Moscow and seeks new ways…",
        "President Joe Biden is signaling a new openness to allowing Ukraine to fire…",
    ]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("\n\n  A   title \t here\nmore", "A title here"),
        ("Advertisement\n---\n***\nThe real one\n", "The real one"),
        ("(CNN) – The minister left.", "The minister left."),
        ("x" * 81, "x" * 79 + "…"),
        ("word " * 16 + "word", "word " * 15 + "word…"),
        ("a" * 80, "a" * 80),
        ("— ***", "name.txt"),
    ],
)
def test_the_title_of_a_text_is_its_first_line_of_words_cut_at_a_word(text: str, title: str) -> None:
    assert title_of("folder/name.txt", text) == title


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Intro.\n\n# The *big* `title` #\n", "The big title"),
        ("Intro.\n\n### [Linked](http://x) title", "Linked title"),
        ("A title\n=======\n\nText", "A title"),
        ("```\n# a comment\n```\n# Real\n", "Real"),
        ("#hashtag\ntext", "#hashtag"),
        ("Just text.\n\nMore.", "Just text."),
    ],
)
def test_the_title_of_markdown_is_its_first_heading(text: str, title: str) -> None:
    assert title_of("a.md", text) == title
    assert read("a.md", text.encode()).text == text


def test_a_hostile_heading_is_cut_before_it_is_cleaned() -> None:
    assert title_of("a.md", "# x" + " " * 100_000 + "y") == "x"
    assert title_of("a.md", "# " + "[" * 100_000).startswith("[[[")
    assert title_of("a.md", "# #" + " #" * 50_000) != ""


def test_front_matter_becomes_metadata_in_one_vocabulary_and_fields_to_search() -> None:
    front = (
        "---\r\ntitle: 'On: time'\r\ndate: 2024-09-13\r\nsite: A Paper\r\nauthors: [Ann Lee, {name: Bo}]\r\n"
        "source: https://a.b/c\r\nversion: 1.10\r\ndraft: no\r\ntags: [x, y]\r\nempty:\r\nnested: {a: b}\r\n---\r\n"
    )
    document = read("a.md", (front + "Text.").encode())
    assert document.title == "On: time"
    assert document.metadata == {
        **{"published": "2024-09-13", "publisher": "A Paper", "author": "Ann Lee, Bo", "url": "https://a.b/c"},
        **{"version": "1.10", "draft": "no", "tags": "x, y"},
    }
    assert document.text == front + "Text."
    fields = [document.text[b.start : b.end] for b in document.blocks if b.kind == "field"]
    assert fields == [line for line in front.splitlines()[1:-1] if not line.startswith(("title:", "draft:"))]
    assert [document.text[b.start : b.end] for b in document.blocks if b.kind == "heading"] == ["title: 'On: time'"]
    assert document.skipped == ()


@pytest.mark.parametrize(
    ("written", "published"),
    [
        ("2024-09-13", "2024-09-13"),
        ("20240913", "2024-09-13"),
        ("2024-09-13 10:30:00+02:00", "2024-09-13T10:30:00+02:00"),
        ("2024-09-13T10:30:00Z", "2024-09-13T10:30:00+00:00"),
        ("13 September 2024", "13 September 2024"),
        ("2024-13-45", "2024-13-45"),
        ("2024", "2024"),
    ],
)
def test_dates_become_iso_text_and_are_never_guessed(written: str, published: str) -> None:
    assert read("a.md", f"---\ndate: {written}\n---\nText.".encode()).metadata == {"published": published}


def test_a_source_that_is_no_address_stays_what_it_is() -> None:
    assert read("a.md", b"---\nsource: Reuters\n---\nText.").metadata == {"source": "Reuters"}
    assert read("a.md", b"---\nurl: http://x\nsource: http://y\n---\nText.").metadata == {"url": "http://x"}


@pytest.mark.parametrize(
    "text",
    [
        "---\ntitle: [broken\n---\nText.",
        "---\nJust words between rules.\n---\nText.",
        "---\ntitle: no end\n\nText.",
        "---\n- a\n- list\n---\nText.",
        "\n---\ntitle: not at the start\n---\nText.",
        "---\n" + "[" * 5000 + "\n---\nText.",
    ],
)
def test_what_is_not_front_matter_is_ordinary_text(text: str) -> None:
    document = read("a.md", text.encode())
    assert (document.text, document.metadata) == (text, {})
    assert document.skipped == ()


def test_yaml_tags_build_no_objects() -> None:
    front = "---\na: !!python/object/apply:os.getcwd []\nb: !!int x\n---\n"
    assert read("a.md", (front + "Text.").encode()).metadata == {"b": "x"}


def test_yaml_that_would_explode_costs_nothing() -> None:
    bomb = (
        "---\na: &a [x, x]\n" + "".join(f"b{n}: &b{n} [*a, *a]\n" for n in range(50)) + "c: &c {name: *c}\n---\nText."
    )
    assert len(str(read("a.md", bomb.encode()).metadata)) < 1000


@pytest.mark.parametrize("content", [b"", b" \n\t\r\n", b"\xef\xbb\xbf", b"---\ntitle: Only\n---\n \n"])
def test_a_file_without_words_says_so(content: bytes) -> None:
    with pytest.raises(SourceError, match="no text in it"):
        read("a.md", content)


def test_an_unknown_suffix_is_refused() -> None:
    with pytest.raises(SourceError, match=r"cannot read \.xyz files; qa index --help lists the formats"):
        read("a.xyz", b"text")


# HTML


def test_html_becomes_paragraphs_lines_and_rows() -> None:
    document = html(
        "<h1>Head\nline</h1><p>One <b>bold</b>ly\n  said.</p><p>Two<br>lines<br><br>three</p>"
        "<ul><li>first<li>second</ul><table><tr><th>A<th>B<tr><td>1<td>2</table>"
        "<pre>x = 1\n  y</pre><div>a<div>b</div>c</div>&eacute;&#8212;&amp;&nbsp;end"
    )
    assert document.text == (
        "Head line\n\nOne boldly said.\n\nTwo\nlines\n\nthree\n\nfirst\nsecond\n\nA | B\n1 | 2\n\n"
        "x = 1\n  y\n\na\n\nb\n\nc\n\né—&\u00a0end"
    )


def test_what_nobody_sees_on_a_page_is_not_text() -> None:
    hidden = (
        "<script>let x</script><style>p{}</style><template>T</template><noscript>N</noscript>"
        '<div hidden>H</div><p style="color:red; DISPLAY : none">D</p><p aria-hidden="true">A</p><!-- C -->'
        "<button>Share</button>"
    )
    assert html(f"<p>Seen</p>{hidden}<p>too</p>").text == "Seen\n\ntoo"


def test_html_metadata_comes_from_the_head() -> None:
    document = html(
        "<h1>Headline</h1><p>Text.</p>",
        "<title>Headline | A Paper</title><meta property='og:title' content='The &amp; headline'>"
        "<meta property='article:published_time' content='2024-09-13T10:00:00Z'><meta name='author' content='Ann Lee'>"
        "<meta property='og:site_name' content='A Paper'><link rel='canonical' href='https://a.b/c'>",
    )
    assert document.title == "The & headline"
    assert document.metadata == {
        "published": "2024-09-13T10:00:00+00:00",
        "author": "Ann Lee",
        "publisher": "A Paper",
        "url": "https://a.b/c",
    }


def test_html_metadata_falls_back_to_linked_data_title_and_heading() -> None:
    data = (
        '{"@graph": [{"@type": "WebSite"}, {"@type": "NewsArticle", "datePublished": "2024-09-13", '
        '"author": [{"name": "Ann"}, {"name": "Bo"}], "publisher": {"name": "A Paper"}}]}'
    )
    document = html("<p>Text.</p>", f"<title> The\ntitle </title><script type='application/ld+json'>{data}</script>")
    assert document.title == "The title"
    assert document.metadata == {"published": "2024-09-13", "author": "Ann, Bo", "publisher": "A Paper"}
    assert html("<p>Text.</p><h1>The <i>heading</i></h1>").title == "The heading"
    assert html("<p>Text.</p>", "<script type='application/ld+json'>{broken</script>").title == "Text."
    assert html("<p>Text.</p>", "<meta property='article:author' content='https://a.b/ann'>").metadata == {}


def test_the_encoding_that_a_page_declares_is_used() -> None:
    page = "<meta charset=windows-1251><p>мир</p>".encode("cp1251")
    assert text_of("a.htm", page) == "мир"
    page = '<?xml version="1.0" encoding="koi8-r"?><p>мир</p>'.encode("koi8-r")
    assert text_of("a.html", page) == "мир"
    page = '<meta http-equiv="Content-Type" content="text/html; charset=Shift_JIS"><p>日本</p>'.encode("cp932")
    assert text_of("a.html", page) == "日本"


@pytest.mark.parametrize(
    "body",
    [
        "<p>Text<b>",
        "</div></p>Text",
        "<p<p>Text",
        "Text<",
        "<![CDATA[x]]>Text",
        "<nav>Text",
        "<a href='x>Text</a>'>Text",
        "Text&#xD800;",
    ],
)
def test_malformed_html_still_gives_its_text(body: str) -> None:
    assert "Text" in text_of("a.html", body)


def test_html_nested_ten_thousand_deep_is_read() -> None:
    assert text_of("a.html", "<div>" * 10_000 + "Text" + "</div>" * 10_000) == "Text"
    assert text_of("a.html", "<b><i>" * 10_000 + "Text") == "Text"


# PDF


def test_pdf_pages_start_where_they_say() -> None:
    document = read("a.pdf", pdf("First page.\nSecond line.", "", "Third page."))
    assert document.text == "First page. Second line.\n\nThird page."
    assert document.pages == (0, 26, 26)
    assert document.unread == ("page 2: no text (a scanned image?)",)
    assert document.title == "First page. Second line."


def test_pdf_fields_are_title_and_author_and_never_the_date_of_creation() -> None:
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    canvas.setTitle("A study")
    canvas.setAuthor("Ann Lee")
    canvas.drawString(72, 720, "Text.")
    canvas.save()
    document = read("a.pdf", buffer.getvalue())
    assert (document.title, document.metadata) == ("A study", {"author": "Ann Lee"})


@pytest.mark.parametrize("title", ["untitled", "Microsoft Word - draft3.doc", "report_final.docx"])
def test_a_file_name_in_the_title_field_is_no_title(title: str) -> None:
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    canvas.setTitle(title)
    canvas.drawString(72, 720, "Real words.")
    canvas.save()
    assert read("a.pdf", buffer.getvalue()).title == "Real words."


def test_a_scanned_pdf_names_the_way_out() -> None:
    with pytest.raises(SourceError, match="no text in it; run OCR first"):
        read("a.pdf", pdf("", ""))


def test_an_encrypted_pdf_is_read_only_with_an_empty_password() -> None:
    locked = pdf("Text.", encrypt=StandardEncryption("secret", ownerPassword="owner"))
    with pytest.raises(SourceError, match="encrypted"):
        read("a.pdf", locked)
    assert text_of("a.pdf", pdf("Text.", encrypt=StandardEncryption("", ownerPassword="owner"))).strip() == "Text."


@pytest.mark.parametrize("data", [b"%PDF-1.7\n", b"not a pdf", pdf("Text.")[:300], b"%PDF-1.4" + bytes(500)])
def test_a_broken_pdf_is_a_reason_and_nothing_is_printed(
    data: bytes, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(SourceError, match=r"^broken PDF: it cannot be opened$"):
        read("a.pdf", data)
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []


# Word


def test_word_text_keeps_paragraphs_and_tables_in_order() -> None:
    document = docx.Document()
    document.add_heading("The heading", 1)
    document.add_paragraph("One ").add_run("bold").bold = True
    table = document.add_table(2, 2)
    for cell, words in zip((c for row in table.rows for c in row.cells), ["a", "b", "c", "d\ne"], strict=True):
        cell.text = words
    document.add_paragraph("Last\ttab\nbreak")
    document.core_properties.title = "The title"
    document.core_properties.author = "Ann Lee"
    result = read("a.docx", packed(document))
    assert result.text == "The heading\n\nOne bold\n\na | b\nc | d e\n\nLast\ttab\nbreak"
    assert (result.title, result.metadata) == ("The title", {"author": "Ann Lee"})


def test_insertions_links_and_controls_are_text_and_deletions_are_not() -> None:
    from docx.oxml import parse_xml

    document = docx.Document()
    names = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    run = "<w:r><w:t xml:space='preserve'>{}</w:t></w:r>"
    paragraph = parse_xml(
        f"<w:p {names}>{run.format('Keep ')}<w:ins>{run.format('inserted ')}</w:ins>"
        f"<w:del><w:r><w:delText>deleted</w:delText></w:r></w:del><w:moveFrom>{run.format('moved')}</w:moveFrom>"
        f"<w:hyperlink>{run.format('linked')}</w:hyperlink></w:p>"
    )
    control = parse_xml(f"<w:sdt {names}><w:sdtContent><w:p>{run.format('In a control')}</w:p></w:sdtContent></w:sdt>")
    document.element.body.insert(0, control)
    document.element.body.insert(0, paragraph)
    assert read("a.docx", packed(document)).text == "Keep inserted linked\n\nIn a control"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"not a zip", "broken Word document"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), r"old \.doc"),
        (packed(docx.Document())[:5000], "broken Word document"),
        (packed(docx.Document()), "no text in it"),
    ],
)
def test_a_word_file_that_cannot_be_read_is_a_reason(data: bytes, reason: str) -> None:
    with pytest.raises(SourceError, match=reason):
        read("a.docx", data)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word, "_LIMIT", 1_000_000)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", bytes(2_000_000))
    with pytest.raises(SourceError, match="unpacks to 2,000,000 bytes; the limit is 1,000,000"):
        read("a.docx", buffer.getvalue())


# All formats


@pytest.mark.parametrize(("suffix", "module"), [(".html", "lxml"), (".pdf", "pypdfium2"), (".docx", "docx")])
def test_a_missing_extra_is_named(suffix: str, module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == module]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(SourceError) as error:
        read(f"a{suffix}", b"data")
    command = "pip install 'quoteqa[formats]', or in a clone: pip install '.[formats]'"
    assert str(error.value) == f"reading {suffix} needs the extra formats: {command}"


@settings(max_examples=300, deadline=None)  # a format's library is imported when it is read for the first time
@given(
    st.sampled_from(SUFFIXES),
    st.binary(max_size=300) | st.text(max_size=200).map(lambda t: t.encode("utf-8", "ignore")),
)
def test_any_bytes_give_a_document_or_a_source_error(suffix: str, data: bytes) -> None:
    try:
        document = read(f"a{suffix}", data)
    except SourceError:
        return
    assert document.text.encode().decode() == document.text
    assert document.title.strip() == document.title != ""
    assert "\n" not in document.title
    assert len(document.title) <= 2000
    assert all(0 <= span.start < span.end <= len(document.text) for span in document.skipped)


@given(
    st.lists(
        st.sampled_from(
            [
                "<p>",
                "</p>",
                "<b",
                ">",
                "<!--",
                "-->",
                "<td>",
                "<pre>",
                "<br/>",
                "a",
                " ",
                "\n",
                "&#0;",
                "<![",
                "]]>",
                "&",
            ]
        )
    )
)
def test_any_markup_gives_text_or_a_source_error(parts: list[str]) -> None:
    try:
        document = read("a.html", "".join(parts).encode())
    except SourceError:
        return
    assert document.text == document.text.strip()
    assert "\x00" not in document.text


# The sidecar


def sidecar(tmp_path: Path, text: str | bytes) -> dict[str, dict[str, str]]:
    (tmp_path / "metadata.toml").write_bytes(text.encode() if isinstance(text, str) else text)
    return load_sidecar(tmp_path)


def test_the_sidecar_gives_fields_by_document_as_text(tmp_path: Path) -> None:
    assert load_sidecar(tmp_path) == {}
    found = sidecar(
        tmp_path,
        '["a.txt"]\ntitle = "T"\ndate = 2024-09-13\nauthors = ["Ann", "Bo"]\npages = 12\nfinal = true\n'
        '["sub/b c.md"]\npublished = 2024-09-13T10:00:00Z\nurl = ""\n',
    )
    assert found == {
        "a.txt": {"title": "T", "published": "2024-09-13", "author": "Ann, Bo", "pages": "12", "final": "true"},
        "sub/b c.md": {"published": "2024-09-13T10:00:00+00:00", "url": ""},
    }


def test_the_sidecar_wins_over_the_file_and_an_empty_value_removes_the_files_own() -> None:
    data = b"---\ntitle: Wrong\nauthor: Wrong\nurl: http://wrong\n---\nText."
    document = read("a.md", data, {"title": "Right", "author": "Ann", "url": ""})
    assert (document.title, document.metadata) == ("Right", {"author": "Ann"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('["a.txt"]\ntitle = \n', r"metadata\.toml is not valid TOML: .*line 2"),
        ('\n[a.txt]\ntitle = "T"\n', r'metadata\.toml:2: write the name in quotes: \["a\.txt"\]'),
        ('publisher = "P"\n', r"metadata\.toml:1: publisher stands outside of a table"),
        (b'["a.txt"]\ntitle = "\xe9"\n', r"metadata\.toml is not UTF-8 at byte"),
        ('["a.txt"]\n["a.txt"]\n', "not valid TOML"),
        ("a." * 1_000_000 + "a = 1", r"metadata\.toml is not valid TOML: line 1 has a key with more than 32 dots"),
        ("#" * 4_000_001, r"metadata\.toml cannot be read: it is larger than 4,000,000 bytes"),
        ('["a.txt"]\ntitle = ' + "1" * 5000, r"metadata\.toml has a value that is too long"),
        ('["a.txt"]\ntitle = 0x' + "f" * 5000, r"metadata\.toml:1: a\.txt has a number that is too long"),
        ('["a.txt"]\nauthors = [0x' + "f" * 5000 + "]", r"metadata\.toml:1: a\.txt has a number that is too long"),
    ],
    ids=range(10),
)
def test_a_broken_sidecar_is_a_setting_error_with_file_and_line(
    tmp_path: Path, text: str | bytes, message: str
) -> None:
    with pytest.raises(SettingError, match=message):
        sidecar(tmp_path, text)


def test_a_sidecar_that_is_a_folder_is_a_setting_error(tmp_path: Path) -> None:
    (tmp_path / "metadata.toml").mkdir()
    with pytest.raises(SettingError, match="cannot be read"):
        load_sidecar(tmp_path)


def test_tables_for_documents_that_do_not_exist_are_named() -> None:
    assert unmatched({"a.txt": {}, "b.txt": {}}, ["b.txt"]) == [
        Skip("metadata.toml", '["a.txt"] names no document in this folder')
    ]


def test_public_names_are_sorted_and_exist() -> None:
    assert sorted(readers.__all__) == readers.__all__
    assert all(hasattr(readers, name) for name in readers.__all__)
