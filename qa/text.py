"""Text made safe to show: of documents, every character is seen and none obeyed; of endpoints, no key is in it."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence

from qa.records import Span

__all__ = ["hide", "one_line", "plain", "shortened", "visible"]

# Marks that set words apart: cells' bars, line ends, tags of blocks and of notes, an entity that stands for a space.
_PARTING = re.compile(
    r"[\n|]|\A&|</?(?:br|hr|p|div|li|ul|ol|t[drh]|table|tbody|thead|h[1-6]|summary|details|d[tdl]|su[pb])\b", re.I
)

# Format characters that ordinary text needs: soft hyphen, the joiners of Arabic, Indic scripts and emoji.
ORDINARY_FORMAT = frozenset("\u00ad\u200c\u200d")


KEY_LENGTH = 6  # what is shorter is a placeholder, such as "none", and may be a word of an answer


def hide(text: str, key: str) -> str:
    """The text without the key, should an endpoint send it back."""
    return text.replace(key, "[key]") if len(key) >= KEY_LENGTH else text


def visible(text: str) -> str:
    """The text with every control character, bidirectional override and invisible character made visible.

    Line feeds and tabs stay. C0 controls become their pictures (ESC becomes U+241B), the others `<U+202E>`.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else _picture(c) for c in text.replace("\r\n", "\n"))


def _picture(char: str) -> str:
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if char in ORDINARY_FORMAT or unicodedata.category(char) in ("Zs", "Cn", "Co"):
        return char
    return f"<U+{code:04X}>"


def plain(text: str, start: int, end: int, markup: Sequence[Span]) -> str:
    """The words of `text[start:end]` that readers of the rendered document see.

    markup: sorted, disjoint spans that they do not see; white space where one of them sets words apart.
    """
    parts, at = [], start
    for number in range(max(0, bisect_right(markup, start, key=lambda span: span.start) - 1), len(markup)):
        span = markup[number]
        if span.start >= end:
            break
        if span.end > at:
            parts.append(text[at : max(at, span.start)])
            parts.append(" " if _PARTING.search(text, span.start, span.end) else "")
            at = min(span.end, end)
    return "".join([*parts, text[at:end]])


def one_line(text: str) -> str:
    """`visible`, with every run of white space as one space."""
    return visible(" ".join(text.split()))


def shortened(text: str, limit: int) -> str:
    """`one_line`, its middle left out where it has more than `limit` characters; both ends stay readable."""
    line = one_line(text)
    if len(line) <= limit:
        return line
    head = limit * 2 // 3
    return f"{line[:head].rstrip()} … {line[len(line) - (limit - head - 3) :].lstrip()}"
