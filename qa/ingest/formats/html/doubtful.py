"""Elements that, by their style, role or class, show their words in another way or do not state them."""

import re

from qa.ingest.formats.common.concealed import declarations
from qa.ingest.formats.common.symbols import is_symbolic
from qa.ingest.formats.html.tree import Node

__all__ = ["changes", "changes_letters", "font", "is_apart", "is_quotation", "script"]

_SCRIPTS = {
    **dict.fromkeys(("super", "text-top", "superscript"), "sup"),
    **dict.fromkeys(("sub", "text-bottom", "subscript"), "sub"),
}
_RAISING = frozenset(("vertical-align", "mso-text-raise", "bottom"))  # by a positive length
_OFFSETS = _RAISING | {"top", "left", "right"}
_LENGTH = re.compile(r"[-+]?\.?\d")
_ZERO = re.compile(r"[-+]?[0.]+(?:[a-z]+|%)?")
_DEFAULT = re.compile(r"normal|none|initial|inherit|unset|revert|baseline|auto|static|relative|visible|ltr")
_PLAIN = re.compile(  # properties that leave the letters of a line as they are, where they are
    r"""--.* | mso-(?!text-raise|hide|char-type|text-animation).*
      | (?:-(?:webkit|moz|ms|o)-)?(?:
            (?:background|border|outline|margin|padding|page-break|break|box|word|caret|tab|transition|layout-grid)(?:-.*)?
          | (?:min-|max-)?(?:width|height|inline-size|block-size) | .*color | line-(?:height|break) | letter-spacing
          | font | font-(?:family|size|size-adjust|style|weight|stretch|kerning|smoothing|optical-sizing|synthesis)
          | font-variant-(?:ligatures|numeric|east-asian)
          | text-(?:align|autospace|decoration|emphasis|indent|justify|rendering|shadow|size-adjust|underline)(?:-.*)?
          | text-(?:wrap|stroke-width) | punctuation-wrap | white-space(?:-.*)? | overflow-wrap | hyphens
          | orphans | widows | cursor | clear | quotes | display | user-select | tap-highlight-color | unicode-bidi
        )""",
    re.VERBOSE,
)
_FAMILY = re.compile(
    r"""(?:^|[;\s])font(?:-family\s*:|\s*:[^;,"']*\d[^\s;,"']*\s)\s*["']?\s*([^"';,]+)""", re.IGNORECASE
)
_LETTERS = re.compile(r"text-transform|font-feature-settings|font-variant(?!-(?:ligatures|numeric|east-asian)).*")
_ROLES = frozenset(  # of WAI-ARIA and EPUB: quotations, remarks, items, cells, choices, and what stands for a picture
    """
    blockquote epigraph pullquote qna comment suggestion mark listitem treeitem row cell gridcell rowheader columnheader
    radio checkbox switch option menuitemradio menuitemcheckbox textbox searchbox combobox img image code math
    """.split()
)
_QUOTATION = re.compile(r"(?:quot|quotes?|quotations?|BlockText)\Z", re.IGNORECASE)


def script(node: Node) -> str:
    """`sup` or `sub` if the text of an inline element is raised or lowered, by its tag, style or role; else empty."""
    if node.tag in ("sup", "sub"):
        return node.tag
    style = declarations(node.get("style"))
    for name, words in style:
        value = "".join(words)
        if name == "vertical-align" and value in _SCRIPTS:
            return _SCRIPTS[value]
        moves = name in ("vertical-align", "mso-text-raise") or (
            name in ("top", "bottom") and ("position", ("relative",)) in style
        )
        if moves and _LENGTH.match(value) and not _ZERO.fullmatch(value):
            return "sup" if value.startswith("-") != (name in _RAISING) else "sub"
    return _SCRIPTS.get(node.get("role"), "")


def changes(node: Node) -> bool:
    """Whether an inline element may show its words in another way or place than they are written.

    What is known to be plain is listed, as new properties come up. Raised by `super` or `sub` is read, so not doubtful.
    """
    if not node.attributes or not node.size:
        return False
    style = [each for each in declarations(node.get("style")) if not _PLAIN.fullmatch(each[0])]
    scripts = [words for name, words in style if name == "vertical-align"]
    sure = scripts in ([("super",)], [("sub",)])
    return changes_letters(node) or any(
        not _is_default(name, words) and not (sure and name == "vertical-align") for name, words in style
    )


def font(node: Node) -> str:
    """The font that an element asks for first, empty if it asks for none."""
    named = _FAMILY.findall(node.get("style")) or ([node.get("face")] if node.tag == "font" else [""])
    return str(named[-1]).partition(",")[0].strip(" \"'")


def changes_letters(node: Node) -> bool:
    """Whether an element shows all that is in it in capitals, in a font of signs, or in no size."""
    return is_symbolic(font(node)) or any(
        (_LETTERS.fullmatch(name) and not _is_default(name, words))
        or (name == "font" and "small-caps" in words)
        or (name == "font-size" and _ZERO.fullmatch("".join(words)))
        for name, words in declarations(node.get("style"))
    )


def is_apart(node: Node) -> bool:
    """Whether an element by its role quotes, or holds an item, a cell or a choice."""
    roles = f"{node.get('role')} {node.get('epub:type')}".lower().split()
    return not _ROLES.isdisjoint(role.removeprefix("doc-") for role in roles)


def is_quotation(node: Node) -> bool:
    """Whether a block element is a quotation, by its tag or its class."""
    named = node.tag not in ("html", "body") and any(map(_QUOTATION.search, node.get("class").split()))
    return node.tag == "blockquote" or named


def _is_default(name: str, words: tuple[str, ...]) -> bool:
    """Whether a value leaves things as they are."""
    return bool(words) and (
        all(map(_DEFAULT.fullmatch, words)) or (name in _OFFSETS and bool(_ZERO.fullmatch("".join(words))))
    )
