"""What a file itself marks as not shown: elements of HTML, also within Markdown, and shapes of Office files.

Number formats are in `numberformat`, OpenDocument is in `opendocument_hidden`.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = [
    "GAP",
    "UNMARKED",
    "UNSEEN",
    "declarations",
    "has_no_box",
    "is_hidden_element",
    "is_hidden_shape",
    "is_silent",
    "may_be_shown",
    "visibility",
]

GAP = "qa-gap"
"""Tag of a node in place of an element that takes up space on the page but shows no words."""

UNSEEN = frozenset(
    {
        *("script", "style", "template", "noscript", "head", "title", "iframe", "object", "canvas", "audio", "video"),
        *("datalist", "rp", "rt", "rtc", "svg", "annotation", "annotation-xml", "noframes", "noembed"),
        *("progress", "meter"),
        GAP,
    }
)
"""Elements of HTML whose words are not text of the page."""

UNMARKED = frozenset(
    "script style template noscript head title datalist rp noframes noembed annotation annotation-xml".split()
)
"""Elements that show nothing, so that the text on either side is adjacent."""

_CSS = re.compile(
    r"""/\*.*?(?:\*/|\Z)
      | "(?:\\.|[^"\\\n])*"?
      | '(?:\\.|[^'\\\n])*'?
      | (?:\\?u|\\0{0,4}[57]5\s?)(?:\\?r|\\0{0,4}[57]2\s?)(?:\\?l|\\0{0,4}[46]c\s?)\(\s*(?!["'\s])(?:\\.|[^)\\])*\)?
      | (?P<word>(?:\\[0-9a-f]{1,6}\s?|\\[^\n0-9a-f]|[-\w])+)
      | (?P<mark>[^\s"'])""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:([0-9a-f]{1,6})\s?|(.))", re.IGNORECASE | re.DOTALL)
_BRACKETS = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}
_SKIPPED = ("content-visibility", ("hidden",))


@lru_cache(maxsize=256)
def declarations(style: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The properties in a `style` attribute, with the words of their values, all in lower case.

    Comments and strings are no words, escapes are resolved, and `!important` is left out.
    """
    found = []
    for name, colon, *words in _statements(style):
        if colon == ":":
            found.append((name, tuple(word for word in words if word not in ("!", "important"))))
    return tuple(found)


def _statements(style: str) -> Iterator[list[str]]:
    """The statements between semicolons outside of brackets, as words and marks; at least two."""
    words: list[str] = []
    depth = 0
    for token in _CSS.finditer(style):
        depth = max(depth + _BRACKETS.get(token["mark"], 0), 0)
        if token["mark"] == ";" and not depth:
            yield from (words,) if len(words) > 1 else ()
            words = []
        elif token["word"] or token["mark"]:
            words.append(_ESCAPE.sub(_character, token[0]).lower())
    yield from (words,) if len(words) > 1 else ()


def _character(escape: re.Match[str]) -> str:
    code = int(escape[1], 16) if escape[1] else ord(escape[2])
    return chr(code) if 0 < code < 0x110000 else "\ufffd"


def is_hidden_element(tag: str, attributes: Mapping[str, str]) -> bool:
    """Whether an element of HTML is not shown before somebody clicks, or never.

    A style counts if any of its declarations hides, whichever of them comes last. Values with too many words are
    ignored, as browsers do.
    """
    return has_no_box(tag, attributes) or is_silent(tag, attributes) or visibility(attributes) is False


def has_no_box(tag: str, attributes: Mapping[str, str]) -> bool:
    """Whether a hidden element takes up no space on the page either, so that a cell has no column."""
    return (
        "hidden" in attributes
        or "popover" in attributes
        or (tag == "dialog" and "open" not in attributes)
        or ("display", ("none",)) in declarations(attributes.get("style", ""))
    )


def is_silent(tag: str, attributes: Mapping[str, str]) -> bool:
    """Whether an element takes up space, but its text is not read out, or not shown as it is written.

    The latter is text forced to run from right to left: `12` is shown as 21.
    """
    style = declarations(attributes.get("style", ""))
    return (
        attributes.get("aria-hidden") == "true"
        or _SKIPPED in style
        or (tag == "bdo" and attributes.get("dir", "").strip().lower() == "rtl")
        or any(name == "unicode-bidi" and any(word.endswith("override") for word in words) for name, words in style)
    )


def visibility(attributes: Mapping[str, str]) -> bool | None:
    """Whether a style makes an element and its content visible or invisible; None if it does not say."""
    values = {words for name, words in declarations(attributes.get("style", "")) if name == "visibility"}
    if values & {("hidden",), ("collapse",)}:
        return False
    return True if ("visible",) in values else None


def may_be_shown(tag: str, attributes: Mapping[str, str], foreign: bool = False) -> bool:
    """Whether an element that counts as hidden, or is never shown by its kind, may be shown after all.

    foreign: whether it is an element of MathML or SVG, in which `hidden` hides nothing.
    """
    style = declarations(attributes.get("style", ""))
    displays = {words for name, words in style if name in ("display", "content-visibility", "all")}
    shows = not displays <= {("none",), ("hidden",)}
    if has_no_box(tag, attributes):
        by_style = ("display", ("none",)) in style
        return shows or (not by_style and (foreign or (tag == "dialog" and "open" in attributes)))
    if visibility(attributes) is False:
        return len({words for name, words in style if name in ("visibility", "all")}) > 1
    if _SKIPPED in style:
        return shows
    return tag in UNMARKED and (bool(displays) or any(name.startswith("shadowroot") for name in attributes))


def is_hidden_shape(properties: "_Element | None") -> bool:
    """Whether a shape of an Office file is hidden, by its `cNvPr` or `docPr`."""
    return properties is not None and properties.get("hidden", "0").lower() in ("1", "true", "on")
