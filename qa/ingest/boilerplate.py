"""Spans of a text that are not the article. The text is never edited; spans are skipped."""

import re

from qa.records import Span

__all__ = ["VERSION", "find"]

VERSION = 1  # raised whenever the same text may give other spans

_TAIL = re.compile(r"source link|leave a reply|please enter your comment!|please enter your name here", re.I)
_DATELINE = re.compile(r"\s*(CNN\s*\n\s*—|\(CNN\) [–—])")


def find(text: str) -> tuple[Span, ...]:
    """Sorted, disjoint spans of boilerplate at the head and the tail of `text`."""
    spans = []
    if match := _DATELINE.match(text):
        spans.append(Span(*match.span(1)))
    end = len(text)
    for line in reversed(text.splitlines(keepends=True)):
        start = end - len(line)
        if line.strip() and not _TAIL.fullmatch(line.strip()):
            break
        if line.strip():
            spans.append(Span(start, start + len(line.rstrip())))
        end = start
    return tuple(sorted(spans))
