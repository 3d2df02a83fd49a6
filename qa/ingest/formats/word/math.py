"""Word's formulas (OMML) to one line of plain text: a/b, x^2, √(x + 1)."""

from collections.abc import Callable
from typing import Any

__all__ = ["MATH", "linear"]

MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_DEPTH = 60


def linear(node: Any) -> str:
    """The formula of an `m:oMath` or `m:oMathPara` element."""
    return " ".join(_text(node, 0).split())


def _text(node: Any, depth: int) -> str:
    if depth > _DEPTH or not isinstance(node.tag, str):
        return ""
    name = node.tag.removeprefix(MATH)
    if name == "t" or node.tag.endswith("}t"):
        return node.text or ""
    if name.endswith("Pr"):
        return ""
    parts: dict[str, list[str]] = {}
    whole = []
    for child in node:
        text = _text(child, depth + 1)
        whole.append(text)
        if isinstance(child.tag, str):
            parts.setdefault(child.tag.removeprefix(MATH), []).append(text)
    form = _FORMS.get(name)
    return form(parts, node) if form else "".join(whole)


def _group(text: str) -> str:
    """In brackets, if it is more than one name or number."""
    text = text.strip()
    return (
        text if text.isalnum() or len(text) < 2 or (text[0] == "(" and text.find(")") == len(text) - 1) else f"({text})"
    )


def _part(parts: dict[str, list[str]], name: str) -> str:
    return parts.get(name, [""])[0]


def _property(node: Any, path: str, default: str) -> str:
    found = node.find("/".join(f"{MATH}{step}" for step in path.split("/")))
    return default if found is None else found.get(f"{MATH}val", default)


def _fraction(parts: dict[str, list[str]], _: Any) -> str:
    return f"{_group(_part(parts, 'num'))}/{_group(_part(parts, 'den'))}"


def _scripts(parts: dict[str, list[str]], _: Any) -> str:
    low, high = _part(parts, "sub"), _part(parts, "sup")
    return _part(parts, "e") + (f"_{_group(low)}" if low else "") + (f"^{_group(high)}" if high else "")


def _root(parts: dict[str, list[str]], _: Any) -> str:
    return f"{_part(parts, 'deg')}√{_group(_part(parts, 'e'))}"


def _brackets(parts: dict[str, list[str]], node: Any) -> str:
    begin, end = _property(node, "dPr/begChr", "("), _property(node, "dPr/endChr", ")")
    return f"{begin}{_property(node, 'dPr/sepChr', '|').join(parts.get('e', []))}{end}"


def _sum(parts: dict[str, list[str]], node: Any) -> str:
    low, high = _part(parts, "sub"), _part(parts, "sup")
    sign = _property(node, "naryPr/chr", "∫")
    return sign + (f"_{_group(low)}" if low else "") + (f"^{_group(high)}" if high else "") + f" {_part(parts, 'e')}"


def _function(parts: dict[str, list[str]], _: Any) -> str:
    return f"{_part(parts, 'fName')} {_part(parts, 'e')}"


def _limit(parts: dict[str, list[str]], _: Any) -> str:
    return f"{_part(parts, 'e')}_{_group(_part(parts, 'lim'))}"


def _matrix(parts: dict[str, list[str]], _: Any) -> str:
    return "; ".join(parts.get("mr", parts.get("e", [])))


_FORMS: dict[str, Callable[[dict[str, list[str]], Any], str]] = {
    "f": _fraction,
    **dict.fromkeys(("sSup", "sSub", "sSubSup", "sPre"), _scripts),
    "rad": _root,
    "d": _brackets,
    "nary": _sum,
    "func": _function,
    **dict.fromkeys(("limLow", "limUpp"), _limit),
    **dict.fromkeys(("m", "eqArr"), _matrix),
    "mr": lambda parts, _: ", ".join(parts.get("e", [])),
}
