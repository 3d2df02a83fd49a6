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


FEE, HOURS = "The fee is 140 euros.", "The hall opens at nine."
PASSAGE = f"\n\n{FEE}\n\n{FEE}\n\n"


def levels(source: str) -> dict[str, set[int | str]]:
    """The level of the blocks with each of the two sentences, or their kind if they are no paragraphs."""
    extracted = extract(source.encode())
    return {
        words: {
            block.level if block.kind == "paragraph" else block.kind
            for block in extracted.blocks
            if words in extracted.text[block.start : block.end]
        }
        for words in (FEE, HOURS)
    }


@pytest.mark.parametrize(
    "passage",
    [
        f"<ul><li>{PASSAGE}</li></ul>",
        f"<table><tr><td>{PASSAGE}</td></tr></table>",
        f"<Quote by='Bob'>{PASSAGE}</Quote>",
        f"<my-quote>{PASSAGE}</my-quote>",
        f"It was so. <s>Begin.{PASSAGE}End.</s>",
        f"It was so. <span style='display:none'>{PASSAGE}</span>",
        f"{{% comment %}}{PASSAGE}{{% endcomment %}}",
        f"{{%- quote author='Bob' -%}}{PASSAGE}{{%- end -%}}",
        f"{{% quote %}}{PASSAGE}{{% /quote %}}",
        f"{{{{< quote >}}}}{PASSAGE}{{{{< /quote >}}}}",
        f"{{{{#if old}}}}{PASSAGE}{{{{/if}}}}",
        f"{{::comment}}{PASSAGE}{{:/comment}}",
        f":::quote\n{PASSAGE}:::",
        f"::: {{.note .quote}}{PASSAGE}:::",
        f"/// quote{PASSAGE}///",
        f"%%{PASSAGE}%%",
        f"{{/*{PASSAGE}*/}}",
        f"{{--Begin.{PASSAGE}End.--}}",
        f'!!! quote "Bob"\n    {FEE}\n\n    {FEE}',
        f"[^1]: {FEE}\n\n    {FEE}",
        f"~It was so. {FEE} It is paid.~",
        f"[It was so. {FEE} It is paid.]{{.old}}",
        f"<div hidden style='display:block'>{PASSAGE}</div>",
        f"<p style='display:none;display:block'>{FEE}</p>",
        f"<Quote>{PASSAGE}<Quote/>{PASSAGE}</Quote>",
        f"%% and %%\n\n%%{PASSAGE}%%",
    ],
)
def test_a_paragraph_in_a_frame_of_unknown_meaning_is_not_confirmed(passage: str) -> None:
    assert levels(f"{HOURS}\n\n{passage}\n\n{HOURS}\n") == {FEE: {1}, HOURS: {0}}


@pytest.mark.parametrize(
    "passage",
    [
        f"<div align='center'>{PASSAGE}</div>",
        f"<details><summary>More</summary>{PASSAGE}</details>",
        f":::note\n{PASSAGE}:::",
        f":::{{tip}}{PASSAGE}:::",
        f'!!! warning "Mind"\n    {FEE}\n\n    {FEE}',
        f"{{% raw %}}{PASSAGE}{{% endraw %}}",
        f"{{% include x %}}{PASSAGE}{{% include x %}}",
        f"Type `{{% if %}}` or `<td>`.{PASSAGE}Type `{{% endif %}}` or `</td>`.",
        f"```\n{{% if x %}}\n%%time\n```{PASSAGE}```\n{{% endif %}}\n%%time\n```",
        f"Run `x` with a <file>.{PASSAGE}The ~/x and ~/y of <file>.",
        f"A note[^1].\n\n[^1]: {FEE}\n\n    {FEE}",
    ],
)
def test_a_paragraph_in_a_plain_frame_stands_as_any_other(passage: str) -> None:
    assert levels(f"{HOURS}\n\n{passage}\n\n{HOURS}\n") == {FEE: {0}, HOURS: {0}}


@pytest.mark.parametrize(
    "passage",
    [
        f"<del>{PASSAGE}</del>",
        f"<s>\n{FEE}\n</s>",
        f"<div style='text-decoration: line-through'>{PASSAGE}</div>",
        f"<p style='text-decoration-line:line-through'>{FEE}</p>",
        f"<del title='a>b'>It was so. {FEE} It is paid.</del>",
        f"[//]: # (Notes to the editors.\n{FEE}\nDo not publish this.)",
        f"> [a]: <b>\n> '{FEE}\n> '",
        f"[x]:\n/url\n'{FEE}'",
    ],
)
def test_what_is_struck_out_or_defines_a_link_is_furniture(passage: str) -> None:
    assert levels(f"{HOURS}\n\n{passage}\n\n{HOURS}\n") == {FEE: {"furniture"}, HOURS: {0}}
