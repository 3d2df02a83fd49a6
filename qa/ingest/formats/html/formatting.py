"""Elements of formatting that strike out, hide or style what they are around, nested as in browsers.

libxml2 ends `<s>` before a paragraph; browsers begin it again in each paragraph until `</s>`. So libxml2 gets empty
elements in place of these tags, and `tree` nests them.
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
    """The markup with a mark in place of each such start tag, and behind each end tag that may end such an element."""
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
    """The text of a title or a script, in which tags are no markup, as it was before `marked`."""
    return _WRITTEN.sub(_tag, text) if MARK in text else text


def _tag(mark: re.Match[str]) -> str:
    return "" if mark[1].startswith("/") else f"<{mark[1]}{mark[2]}>"
