"""HTML cut into tags and texts as browsers cut it, in time that is linear in the text.

`html.parser` needs hours for some pages of a megabyte. What is not closed ends the page here, as it does in a browser.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Literal

__all__ = ["Token", "text_of", "tokens"]

TAG = re.compile(
    r"<(/?)([a-zA-Z][^\s/>]*+)"
    r"(?:[\s/]++|=?[^\s/>=]++(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>\"'][^\s>]*+|(?=>)))?+)*+>"
)
WORDS = re.compile(r"(?:[^<]|<(?![a-zA-Z/!?]))++")
OPEN_TAG = re.compile(r"</?[a-zA-Z]")
COMMENT_END = re.compile(r"--!?>")
RAW = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in ("script", "style", "title", "textarea")}
RAW |= {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in ("xmp", "iframe", "noembed", "noframes")}
LONG_NUMBER = re.compile(r"&#(?:x[0-9a-f]{7,}|[0-9]{8,});?", re.IGNORECASE)  # of no character


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a page. written: as it stands there. name: of a tag, in lower case. raw: the text of an element that
    holds no tags, such as a script; other: comments, declarations, and what is not closed.
    """

    kind: Literal["text", "raw", "start", "end", "other"]
    written: str
    name: str = ""


def tokens(text: str) -> Iterator[Token]:
    """The pieces of a page, which together are its text."""
    at = 0
    while at < len(text):
        if words := WORDS.match(text, at):
            end = words.end()
            yield Token("text", words[0])
        elif found := TAG.match(text, at):
            end, name = found.end(), found[2].lower()
            yield Token("end" if found[1] else "start", found[0], name)
            if name in RAW and not found[1]:
                close = RAW[name].search(text, end)
                stop = close.start() if close else len(text)
                yield Token("raw", text[end:stop], name)
                end = stop
        else:
            end = _end_of_other(text, at)
            yield Token("other", text[at:end])
        at = end


def _end_of_other(text: str, at: int) -> int:
    """Where a comment or declaration ends; at the end of the text if it is not closed, and so does an open tag."""
    if text.startswith(("<!-->", "<!--->"), at):
        return text.index(">", at) + 1
    if text.startswith("<!--", at):
        found = COMMENT_END.search(text, at + 4)
        return found.end() if found else len(text)
    end = -1 if OPEN_TAG.match(text, at) else text.find(">", at)
    return len(text) if end < 0 else end + 1


def text_of(written: str) -> str:
    """The characters that a text stands for."""
    return unescape(LONG_NUMBER.sub("\ufffd", written))
