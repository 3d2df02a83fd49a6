"""Elements of formatting that strike out, hide or style what they are around, nested as in browsers.

libxml2 ends `<s>` before a paragraph, browsers begin it again in each one until `</s>`. So it is not told of them, but
of empty elements in place of their tags.
"""

import re

__all__ = ["MARK", "marked", "unmarked"]

MARK = "qa-formatting"
"""Attribute of the element in place of a tag: the name of that, after a slash in place of an end tag."""

_NAMES = "a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u"
_TAG = re.compile(
    rf"""<(/?)({_NAMES})(?=[\s/>])((?:=\s*+"[^"]*"|=\s*+'[^']*'|[^>])*+)>"""  # as in `tree`
    rf"""|<[a-z/][^\s/>]*((?:=\s*+"[^"]*"|=\s*+'[^']*'|[^>])*+)>?""",
    re.IGNORECASE,
)
_CHANGING = re.compile("style|hidden|popover", re.IGNORECASE)
_WRITTEN = re.compile(rf"<span {MARK}=(/?\w+)(.*?) ></span>", re.DOTALL)


def marked(markup: str) -> str:
    """The markup with marks in place of the tags of such elements; beside end tags that may be those of others."""
    markup = re.sub(MARK, " ", markup, flags=re.IGNORECASE)
    names: set[str] = set()

    def mark(tag: re.Match[str]) -> str:
        slash, name, attributes = tag[1], (tag[2] or "").lower(), tag[3] or ""
        if slash and name in names:
            return f"{tag[0]}<span {MARK}=/{name} ></span>"
        if slash or not (name in ("s", "strike") or _CHANGING.search(attributes)):
            return tag[0]
        names.add(name)
        return f"<span {MARK}={name}{attributes.rstrip('/')} ></span>"

    return _TAG.sub(mark, markup)


def unmarked(text: str) -> str:
    """What is not markup where it stands, as in a title, without marks."""
    return _WRITTEN.sub(_tag, text) if MARK in text else text


def _tag(mark: re.Match[str]) -> str:
    return "" if mark[1].startswith("/") else f"<{mark[1]}{mark[2]}>"
