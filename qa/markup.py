"""The text of a document without its markup: what people see of it on a rendered page."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import takewhile

from qa.records import Span

__all__ = ["is_plain", "plain", "sets_apart"]

# Markup that always separates words: cell bars, line ends, block tags, and entities, which stand for white space.
_PARTING = re.compile(
    r"[\n|]|&(?:#\w{1,8}|\w{1,32});"
    r"|</?(?:br|hr|p|div|li|ul|ol|t[drh]|table|tbody|thead|h[1-6]|summary|details|d[tdl]|su[pb])\b",
    re.I,
)
# Markup within a word or a line: emphasis, brackets and targets of links, comments, tags of plain formatting.
_FLOW = r"""
      [*_`\\\[]
    | \](?:\((?:[^()<>\n]|\([^()<>\n]*\))*\)|\[[^\[\]\n]*\])?
    | <!--(?!-?>)(?:(?!--).)*-->
    | </?(?:a|abbr|b|cite|code|dfn|em|font|i|ins|kbd|mark|samp|small|span|strong|tt|u|var)
      (?:\s+(?:href|id|name|rel|target|title)="[^"<>]*")*\s*>
"""
_FLOWING = re.compile(f"(?:{_FLOW})*", re.VERBOSE | re.DOTALL | re.IGNORECASE)
# The same, white space, entities, marks of lists and quotations, struck text: markup that shows nothing of its own.
_EMPTY = re.compile(
    rf"(?:{_FLOW}|\s|&\#?\w+;|<br\s*/?>|[>+\#-]|~~(?:(?!~~)[^<>{{}}&\n])*~~)*", re.VERBOSE | re.DOTALL | re.IGNORECASE
)
_BRACKET = re.compile(r"\]")
_BEFORE = re.compile(r"[\s(\[{“‘«„]")
_AFTER = re.compile(r"[.,;:!?…)\]}\"'”’»*_`]*(?:\s|\Z)")


def plain(text: str, start: int, end: int, markup: Sequence[Span]) -> str:
    """The words of `text[start:end]` as the rendered document shows them.

    markup: sorted, disjoint spans that are not shown. Each becomes a space, unless it is known to leave the characters
    on either side adjacent: `5<img>12` is not 512.
    """
    parts, at = [], start
    for number in range(max(0, bisect_right(markup, start, key=lambda span: span.start) - 1), len(markup)):
        span = markup[number]
        if span.start >= end:
            break
        if span.end > at:
            parts.append(text[at : max(at, span.start)])
            parts.append(" " if _separates(text, span) else "")
            at = min(span.end, end)
    return "".join([*parts, text[at:end]])


def is_plain(text: str, start: int, end: int, markup: Sequence[Span]) -> bool:
    """Whether `plain` gives all that a page shows of `text[start:end]`: its markup has no picture, note, template or
    unknown tag.
    """
    first = max(0, bisect_right(markup, start, key=lambda span: span.start) - 1)
    inside = takewhile(lambda span: span.start < end, (markup[number] for number in range(first, len(markup))))
    return all(
        _EMPTY.fullmatch(text, max(span.start, start), min(span.end, end)) and not _ends_picture(text, span)
        for span in inside
        if span.end > start
    )


def _separates(text: str, span: Span) -> bool:
    """Whether a span of markup separates the words on either side."""
    if _FLOWING.fullmatch(text, span.start, span.end) and not _ends_picture(text, span):
        return False
    return sets_apart(text, span.start, span.end) or bool(_PARTING.search(text[span.start : span.end]))


def sets_apart(text: str, start: int, end: int) -> bool:
    """Whether a space belongs in place of `text[start:end]`: not next to white space, just inside a bracket, or before
    closing punctuation.
    """
    return start > 0 and not (_BEFORE.match(text, start - 1) or _AFTER.match(text, end))


def _ends_picture(text: str, span: Span) -> bool:
    """Whether a bracket in the span may close the alternative text of a picture rather than the text of a link."""
    for bracket in _BRACKET.finditer(text, span.start, span.end):
        opening = text.rfind("[", max(0, bracket.start() - 2_000), bracket.start())
        if opening < 0 or text[opening - 1 : opening] in ("!", "\\") or "]" in text[opening : bracket.start()]:
            return True
    return False
