"""Presentation MathML to one line of plain text: a/b, x^2, √(x + 1)."""

import re

from qa.ingest.formats.common.concealed import UNSEEN
from qa.ingest.formats.html.tree import Node, struck

__all__ = ["linear"]

_LEAVES = frozenset(("mi", "mn", "mo", "mtext", "ms"))
_SKIPPED = UNSEEN | {"mphantom", "mspace", "maligngroup", "malignmark"}
_UNMARKED = frozenset(("annotation", "annotation-xml"))  # left out, and nothing that the page shows
_WHOLE = frozenset(  # elements of which one line says everything, apart from attributes that change what they mean
    "math mrow mstyle semantics mi mn mo mtext mfrac msup msub msubsup msqrt mfenced".split()
)
_ROWS = frozenset(("math", "mrow", "mstyle", "msqrt"))
_CHANGING = ("linethickness", "style")  # attributes that change what an element says
_SPACES = ("lspace", "rspace")  # attributes that draw one sign over another if they are negative
_NEGATIVE = re.compile("-|negative", re.IGNORECASE)
_SPACED = frozenset("= ≠ < > ≤ ≥ ≈ ≡ ∼ ≪ ≫ + − ± ∓ × ÷ ∈ ∉ ⊂ ⊆ ∪ ∩ → ⇒ ⇔ ↦ ∧ ∨ ∝ :=".split())
_INVISIBLE = dict.fromkeys(map(ord, "\u2061\u2062\u2063\u2064\u00ad\u200b"), None)
_NUMBER = re.compile(r"\d[\d.,]*")
_FORM_END = re.compile(r"[\^_/√](?:[\w.,]*|\([^()]*\))$")  # a power, an index, the lower part of a fraction, a root
_FRACTION = re.compile(r"(?:[\w.,]+|\([^()]*\))/")
_WORD_START, _WORD_END = re.compile(r"[^\W\d_]{2}"), re.compile(r"[^\W\d_]{2}$")
_DEPTH = 60
_CUT = "\0"  # for what is nested too deep; no page has this character


def linear(node: Node) -> tuple[str, bool]:
    """The formula of a `<math>` element, and whether it says all that a page shows.

    The `alttext` stands in for a formula without presentation markup.
    """
    text = _text(node, 0)
    if plain := " ".join(text.replace(_CUT, " ").split()):
        return plain, _CUT not in text and all(_is_whole(inner) for inner in node.walk() if inner is not node)
    return " ".join(node.get("alttext").split()), False


def _is_whole(node: Node) -> bool:
    if node.tag in _UNMARKED:
        return True
    changed = any(name in node.attributes for name in _CHANGING)
    return node.tag in _WHOLE and not changed and not any(_NEGATIVE.search(node.get(name)) for name in _SPACES)


def _text(node: Node, depth: int, first: bool = True) -> str:
    if node.tag in _SKIPPED or struck(node) or "strike" in node.get("notation"):
        return "" if node.tag in _UNMARKED else " "
    if depth > _DEPTH:
        return _CUT
    if node.tag in _LEAVES or not node.elements:
        return _leaf(node, first, depth)
    parts = node.elements
    texts = [_text(part, depth + 1, number == 0) for number, part in enumerate(parts)]
    if node.tag == "semantics":
        return next(filter(str.strip, texts), "")
    if node.tag == "mtable" or (node.tag == "mfrac" and node.get("linethickness").strip()[:1] == "0"):
        return "; ".join(text.strip() for text in texts if text.strip())
    if node.tag == "mtr":
        return ", ".join(text.strip() for text in texts if text.strip())
    if node.tag in _FORMS:
        return _FORMS[node.tag](texts, node)
    return _joined(texts, [part.tag == "mn" and node.tag in _ROWS for part in parts])


def _joined(texts: list[str], numbers: list[bool]) -> str:
    """Parts of a row side by side, set apart where they would read as one number, word or form.

    numbers: which of them are only figures; two of these make one number on the page as well.
    """
    pieces: list[str] = []
    last, after_number = "", False
    for text, number in zip(texts, numbers, strict=True):
        if not (after_number and number) and _touch(last, text):
            pieces.append(" ")
        pieces.append(text)
        last, after_number = text or last, number  # an invisible sign is empty
    return "".join(pieces)


def _touch(left: str, right: str) -> bool:
    if not left[-1:].strip() or not right[:1].strip():
        return False
    if _FORM_END.search(left[-100:]) and (right[0].isalnum() or right[0] in "(√"):
        return True
    if not (left[-1].isalnum() and right[0].isalnum()):
        return False
    return bool(
        (left[-1].isnumeric() and right[0].isnumeric())
        or _FRACTION.match(right[:100])
        or _WORD_END.search(left[-2:])
        or _WORD_START.match(right)
    )


def _leaf(node: Node, first: bool, depth: int) -> str:
    children = (child if isinstance(child, str) else f" {_text(child, depth + 1)} " for child in node.children)
    text = " ".join("".join(children).translate(_INVISIBLE).split())
    if node.tag == "mo":
        if text == "-":
            text = "−"
        if text in _SPACED and not first:
            return f" {text} "
        return text + " " if text in (",", ";") else text
    return f" {text} " if node.tag == "mtext" else text


def _group(text: str) -> str:
    """In brackets, if it is more than one name or number."""
    text = text.strip()
    return text if text.isalnum() or len(text) < 2 or _closed(text) else f"({text})"


def _closed(text: str) -> bool:
    return text.startswith("(") and text.endswith(")") and "(" not in text[1:] and ")" not in text[:-1]


def _at(texts: list[str], number: int) -> str:
    return texts[number].strip() if number < len(texts) else ""


def _fraction(texts: list[str], _: Node) -> str:
    return f"{_group(_at(texts, 0))}/{_group(_at(texts, 1))}"


def _scripts(texts: list[str], node: Node) -> str:
    """Base, index, power; what stands over or under a sign is written as its power or index."""
    low, high = ("", _at(texts, 1)) if node.tag in ("msup", "mover") else (_at(texts, 1), _at(texts, 2))
    base = _base(node, _at(texts, 0))
    if node.tag == "mover" and high in ("¯", "‾", "^", "~", "→", "˙", "ˉ", "_", "\u0302", "\u0304"):
        return f"{base}{high}" if len(high) and high not in ("^", "_") else base
    if high in ("′", "″", "'"):
        return base + high
    return base + (f"_{_group(low)}" if low else "") + (f"^{_group(high)}" if high else "")


def _base(node: Node, text: str) -> str:
    """The base of a power, in brackets if it is a fraction, a root or a power itself."""
    inner = node.elements[0]
    while inner.tag in ("mrow", "mstyle") and len(inner.elements) == 1:
        inner = inner.elements[0]
    return _group(text) if inner.tag in _FORMS and inner.tag != "mfenced" else text


def _root(texts: list[str], node: Node) -> str:
    numbers = [part.tag == "mn" for part in node.elements]
    inner = _joined(texts, numbers).strip() if node.tag == "msqrt" else _at(texts, 0)
    return f"{_at(texts, 1) if node.tag == 'mroot' else ''}√{_group(inner)}"


def _fenced(texts: list[str], node: Node) -> str:
    separator = (node.get("separators") or ",")[:1].strip()
    joined = f"{separator} ".join(text.strip() for text in texts)
    return f"{node.attributes.get('open', '(')}{joined}{node.attributes.get('close', ')')}"


_FORMS = {
    "mfrac": _fraction,
    **dict.fromkeys(("msup", "msub", "msubsup", "mover", "munder", "munderover"), _scripts),
    **dict.fromkeys(("msqrt", "mroot"), _root),
    "mfenced": _fenced,
}
