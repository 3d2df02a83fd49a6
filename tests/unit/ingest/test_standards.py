"""What the standards of formats say: where a line ends, what XML means, and nothing that is not in the file."""

import io
import zipfile

import pytest

from qa.errors import SourceError
from qa.ingest import pipeline
from qa.ingest.formats import delimited, epub, json_records, mail
from qa.ingest.formats.restructured import reader as restructured

SEPARATORS = "\u2028\u0085\u000b"


@pytest.mark.parametrize("separator", SEPARATORS)
def test_only_ends_of_lines_end_a_record(separator: str) -> None:
    lines = f'{{"a": "one{separator}two", "b": "x"}}\n{{"a": "three", "b": "y"}}\n'
    found = json_records.extract(lines.encode())
    assert "three" in found.text
    assert found.unread == ()
    table = f'Name,Fee\n"A" {separator}x,1\nB"x,2\n'
    assert len(delimited.extract(table.encode()).blocks) == 3


def test_a_value_whose_name_comes_again_is_listed() -> None:
    found = json_records.extract(b'{"fee": 1, "fee": 2, "name": "x"}')
    assert found.unread == ("1 value of a repeated name",)
    assert "fee: 2" in found.text


def test_a_line_of_a_letter_may_hold_other_separators() -> None:
    letter = "Subject: a\nContent-Type: text/plain; charset=utf-8; format=flowed\n\nOne \u2028> two \nthree.\n"
    assert "> two three." in mail.extract(letter.encode()).text


@pytest.mark.parametrize("first", ["From: a", "Date: a"])
def test_a_letter_may_hold_a_thousand_older_ones(first: str) -> None:
    older = f"{first}\nTo: b\nSubject: c\n\nIt is so.\n\n"
    found = mail.extract(f"Subject: a\n\nIt is new.\n\n{older * 1_000}".encode())
    assert [block.level for block in found.blocks if block.kind == "paragraph"] == [0, *[1] * 1_000]


def test_the_day_of_reading_is_no_text() -> None:
    found = restructured.extract(b"Today is |d| here.\n\n.. |d| date:: %Y\n\n.. DATE::\n\nEnd.\n")
    assert found.text == "Today is |d| here.\n\nEnd."


def book(chapter: str, before: str = "") -> list[tuple[str, int]]:
    """The paragraphs of a book of one chapter, with their levels."""
    container = '<container><rootfiles><rootfile full-path="a.opf"/></rootfiles></container>'
    package = (
        '<package><manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="a"/></spine></package>'
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("META-INF/container.xml", container)
        archive.writestr("a.opf", package)
        archive.writestr("a.xhtml", f"{before}<body><p>Start.</p>{chapter}</body></html>")
    found = epub.extract(buffer.getvalue())
    return [(found.text[block.start : block.end], block.level) for block in found.blocks][1:]


@pytest.mark.parametrize(
    ("chapter", "paragraphs"),
    [
        ("<p><![CDATA[The fee is < 9 & more.]]></p>", [("The fee is < 9 & more.", 0)]),
        ('<div hidden=""/><p>Seen.</p>', [("Seen.", 0)]),
        ('<p>It is <b><span hidden="" title=">"/>not</b> so.</p>', [("It is not so.", 0)]),
        ("<p>It is <script/>not<title/> so.</p>", [("It is not so.", 0)]),
        ("<h:p>It is <h:b>so</h:b>.</h:p><h:del><p>It is not.</p></h:del><p>End.</p>", [("It is so.", 0), ("End.", 0)]),
        ("<h:blockquote><p>It is so.</p></h:blockquote>", [("It is so.", 1)]),
        ("<b><p>It is so.</p></b><p>End.</p>", [("It is so.", 0), ("End.", 0)]),
        ("<p>It is <noembed xmlns='urn:a'>not</noembed> so.</p>", [("It is not so.", 0)]),
        ("<p>It is&nbsp;5 &le; 6.</p>", [("It is\u00a05 ≤ 6.", 0)]),
        ("<p>It is &unknown; so.</p>", [("It is so.", 1)]),
        ("<p>It is <noscript>not</noscript> so.</p>", [("It is so.", 1)]),
        ("<p>It is<!--&lt;--> <?x &lt;?>so.</p>", [("It is so.", 0)]),
        ("<p>Not well-formed. <![CDATA[no end</p>", [("Not well-formed.", 1)]),
        ("<p>Not well-formed.<br></p><p>Next.</p>", [("Not well-formed.", 1), ("Next.", 1)]),
    ],
)
def test_chapters_of_a_book_are_xml(chapter: str, paragraphs: list[tuple[str, int]]) -> None:
    html = '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" "xhtml11.dtd"><html xmlns="{0}" xmlns:h="{0}">'
    assert book(chapter, html.format("http://www.w3.org/1999/xhtml")) == paragraphs


def test_entities_that_a_chapter_declares_are_missing_in_it() -> None:
    own = '<!DOCTYPE html [<!ENTITY n "not"><!ENTITY nbsp "not">]><html>'
    assert book("<p>It is &n; so.</p><p>It is &nbsp; so.</p>", own) == [("It is so.", 1), ("It is so.", 1)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.md", "- " * 30_000 + "a"),
        ("a.md", "a:\n- b\n\n" * 10_000),
        ("a.eml", "Content-Type: message/delivery-status\n\n" + "".join(f"X-{n}: a\n" for n in range(9_000))),
    ],
)  # fmt: skip
def test_long_texts_are_read_in_linear_time(name: str, text: str) -> None:
    assert pipeline.prepare(name, text.encode()).document.text


def test_more_places_than_docutils_can_find_are_refused() -> None:
    with pytest.raises(SourceError, match="6,000 link targets"):
        restructured.extract(b".. _a:\n\n" * 6_000)


@pytest.mark.parametrize(
    ("source", "text", "whole"),
    [
        ("The dose is |pic| five grams a day.", "The dose is five grams a day.", False),
        ("| The dose is |pic| five grams.", "The dose is five grams.", False),
        (".. [1] The dose is |pic| five grams.", "[1] The dose is five grams.", False),
        (".. table:: The dose is |pic| five.\n\n   = =\n   1 2\n   = =", "The dose is five.", False),
        ("The fee is :del:`40` 30 euros.", "The fee is 30 euros.", False),
        ("The fee is 4\\ :del:`0`\\ 5 euros.", "The fee is 4 5 euros.", False),
        ("The fee is 4\\ :strike:`0`\\ 5 euros.", "The fee is 4 5 euros.", False),
        ("The sum is 5\\ :sub:`2`\\ 3.", "The sum is 5_2 3.", True),
        ("The sum is 10\\ :sup:`2`\\ 5.", "The sum is 10^2 5.", True),
        ("It is H\\ :sub:`2`\\ O.", "It is H2O.", True),
    ],
)
def test_a_line_of_restructured_text_without_a_part_is_not_confirmed(source: str, text: str, whole: bool) -> None:
    definitions = ".. |pic| image:: a.png\n   :alt: not\n\n.. role:: strike\n\n"
    extracted = restructured.extract(f"{definitions}{source}\n".encode())
    first = extracted.blocks[0]
    assert extracted.text[first.start : first.end] == text
    assert first.level == (0 if whole else 1)
