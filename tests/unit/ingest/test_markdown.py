"""Markdown: blocks, and which characters a rendered page shows."""

import html
import re

from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from qa.ingest.formats.markdown.reader import extract
from qa.ingest.metadata import Extracted
from qa.text import plain

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
    assert words(shown(extract(text.encode()))) == words(rendered(text))
