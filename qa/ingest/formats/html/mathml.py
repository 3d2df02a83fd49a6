"""Presentation MathML to one line of plain text: a/b, x^2, √(x + 1)."""

from qa.ingest.formats.html.tree import Node

__all__ = ["linear"]

_SKIPPED = frozenset(("annotation", "annotation-xml", "mphantom", "mspace", "maligngroup", "malignmark"))
_SPACED = frozenset("= ≠ < > ≤ ≥ ≈ ≡ ∼ ≪ ≫ + − ± ∓ × ÷ ∈ ∉ ⊂ ⊆ ∪ ∩ → ⇒ ⇔ ↦ ∧ ∨ ∝ :=".split())
_INVISIBLE = dict.fromkeys(map(ord, "\u2061\u2062\u2063\u2064\u00ad\u200b"), None)
_DEPTH = 60


def linear(node: Node) -> str:
    """The formula of a `<math>` element; its `alttext` if it holds no presentation markup."""
    text = " ".join(_text(node, 0).split())
    return text or " ".join(node.get("alttext").split())


def _text(node: Node, depth: int, first: bool = True) -> str:
    if node.tag in _SKIPPED or depth > _DEPTH:
        return ""
    parts = node.elements
    if node.tag in ("mi", "mn", "mo", "mtext", "ms") or not parts:
        return _leaf(node, first)
    texts = [_text(part, depth + 1, number == 0) for number, part in enumerate(parts)]
    if node.tag == "semantics":
        return next(filter(None, texts), "")
    if node.tag == "mtable":
        return "; ".join(text.strip() for text in texts if text.strip())
    if node.tag == "mtr":
        return ", ".join(text.strip() for text in texts if text.strip())
    if node.tag in _FORMS:
        return _FORMS[node.tag](texts, node)
    return "".join(texts)


def _leaf(node: Node, first: bool) -> str:
    text = node.words().translate(_INVISIBLE)
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
    base = _at(texts, 0)
    if node.tag == "mover" and high in ("¯", "‾", "^", "~", "→", "˙", "ˉ", "_", "\u0302", "\u0304"):
        return f"{base}{high}" if len(high) and high not in ("^", "_") else base
    if high in ("′", "″", "'"):
        return base + high
    return base + (f"_{_group(low)}" if low else "") + (f"^{_group(high)}" if high else "")


def _root(texts: list[str], node: Node) -> str:
    inner = "".join(texts).strip() if node.tag == "msqrt" else _at(texts, 0)
    index = _at(texts, 1) if node.tag == "mroot" else ""
    return f"{index and f'{index}'}√{_group(inner)}"


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
