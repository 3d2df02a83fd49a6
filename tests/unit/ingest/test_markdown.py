"""Markdown: blocks, and which characters a rendered page shows."""

import html
import re
import sys

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from qa.ingest.formats.markdown.reader import extract
from qa.ingest.metadata import Extracted
from qa.markup import plain

ATOMS = (
    *(
        "word",
        "Two words",
        "a",
        " ",
        "  ",
        "\n",
        "\n\n",
        "*",
        "**",
        "_",
        "`",
        "``",
        "~~",
        "[",
        "]",
        "(",
        ")",
        "\\",
        "<",
    ),
    *("# ", "## ", "- ", "> ", "+ ", "    ", "\t", "|", "\\|", "\n|---|\n", "\n===\n", "\n---\n", "```", "\n```\n"),
    *("[x](y)", "[x](<y z> 'title')", "![alt *em*](z)", "[r]: /url\n", "[r]", "<b>", "</b>", "<!-- c -->"),
    *("<http://a.b>", "**bold**", "*it*", "~~gone~~", "| a | b |\n|---|---|\n| c | d |\n", "\u00a0", "é", "語", "\f"),
    *("\r\n", "\\*", "&nbsp;", "&amp;"),
)
EMPTY_ROW = re.compile(r"^[\s>+-]*\|\s*\|", re.MULTILINE)
MARKDOWN = st.lists(st.sampled_from(ATOMS), max_size=30).map("".join)


def shown(extracted: Extracted) -> str:
    text, markup = extracted.text, extracted.markup
    return "\n".join(plain(text, block.start, block.end, markup) for block in extracted.blocks)


def rendered(text: str) -> str:
    """What markdown-it shows, without what is struck out."""
    page = MarkdownIt("commonmark", {"maxNesting": 100}).enable(["table", "strikethrough"]).render(text)
    struck = 1
    while struck:
        page, struck = re.subn(r"<s>(?:(?!</?s>).)*</s>", "", page, flags=re.DOTALL)
    page = re.sub(r'<img src="[^"]*" alt="([^"]*)"[^>]*>', r"\1", page)
    return re.sub(r"<!--.*?-->|</?[a-z][^<>]*>", "", page, flags=re.DOTALL)


def words(text: str) -> str:
    return re.sub(r"\s+", "", html.unescape(html.unescape(text)))


@settings(max_examples=400, deadline=None)
@given(MARKDOWN)
def test_the_plain_text_is_what_a_rendered_page_shows(text: str) -> None:
    assume(not EMPTY_ROW.search(text))  # pages drop the words behind its empty cells; they stay, so that none are lost
    assert words(shown(extract(text.encode()))) == words(rendered(text))


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("1&nbsp;1/2", "1 1/2"),
        ("5**&emsp;**12", "5** **12"),
        ("5{% else %}12", "5 12"),
        ("5<img src=x>12", "5 12"),
        ("5<span class=x>1", "5 1"),
        ("5<span style='display:block'>1", "5 1"),
        ("no<button>table", "no table"),
        ("![a](b)table", "a table"),
        ("![a [b](c)](d)table", "a b table"),
        ("[![a](b)](c)table", "a table"),
        ("5<!-->&nbsp;<!-- -->12", "5 12"),
        ("1~~0~~0", "1 0"),
        ("10<sup>6</sup>", "10 6"),
        ("5[^1]12\n\n[^1]: x", "5 12"),
        ("5[^1].\n\n[^1]: x", "5."),
        ("({% x %}5)", "(5)"),
        ("**5**0", "50"),
        ("[ship](x 'y')s", "ships"),
        ("[ship](http://x?a=1&b;c)s", "ships"),
        ("[ship][1]s\n\n[1]: x", "ships"),
        ("5<!-- x -->0", "50"),
        ('<a href="x">5</a>0', "50"),
        ("<B>5</B>0", "50"),
        ("5\\.5", "5.5"),
        ("5`0`", "50"),
    ],
)
def test_marks_part_words_unless_a_line_runs_through_them(source: str, shown: str) -> None:
    extracted = extract(source.encode())
    assert plain(extracted.text, 0, len(extracted.text), extracted.markup).split("\n")[0].strip() == shown


def test_twice_as_many_quotations_take_twice_the_work() -> None:
    def calls(size: int) -> int:
        """Calls of functions that reading takes: a measure that no other program disturbs."""
        source = ("> He said so.\n\nThis is not so.\n\n" * size).encode()
        count = 0

        def called(*_: object) -> None:
            nonlocal count
            count += 1

        before = sys.getprofile()
        sys.setprofile(called)
        try:
            extract(source)
        finally:
            sys.setprofile(before)
        return count

    assert calls(1_600) < 2.5 * calls(800)
