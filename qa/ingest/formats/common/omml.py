"""Formulas of Word and PowerPoint (OMML) to one line of plain text: a/b, x^2, √(x + 1)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from qa.ingest.decoding import clean

__all__ = ["MATH", "Formula", "linear"]

MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_DEPTH = 60
_STRUCK = ("strikeH", "strikeV", "strikeBLTR", "strikeTLBR")
_PLAIN = frozenset("oMath oMathPara e num den sub sup deg fName lim box".split())  # read as what is in them


@dataclass(slots=True)
class Formula:
    """A formula on one line. whole: whether that is all that the page shows of it, in a form that says the same."""

    text: str = ""
    whole: bool = True


def linear(node: Any, look: Callable[[Any], tuple[bool, bool]]) -> Formula:
    """The formula of an `m:oMath` or `m:oMathPara` element. look: whether a run (`m:r`) is hidden, and struck out."""
    formula = Formula()
    text = _Reading(look, formula).text(node, 0)
    formula.text = " ".join(clean(text).split())
    return formula


@dataclass(frozen=True, slots=True)
class _Reading:
    look: Callable[[Any], tuple[bool, bool]]
    formula: Formula

    def text(self, node: Any, depth: int) -> str:
        """An element and what is in it."""
        name = _name(node)
        if not len(node):
            return ""
        if depth > _DEPTH:
            return self.left_out()
        if name == "r":
            return self.run(node)
        if name == "phant" and not _is_on(node, "phantPr/show", default=True):
            return " "
        if name == "borderBox" and any(_is_on(node, f"borderBoxPr/{strike}") for strike in _STRUCK):
            return self.left_out()
        if name not in _PLAIN and (name not in _SURE or _property(node, "fPr/type", "") == "noBar"):
            self.formula.whole = False
        return self.parts(node, name, depth)

    def parts(self, node: Any, name: str, depth: int) -> str:
        """What is in an element, in the form of that kind of element."""
        parts: dict[str, list[str]] = {}
        whole, after_run = "", True
        for child in _children(node):
            text, is_run = self.text(child, depth + 1), _name(child) == "r"
            parts.setdefault(_name(child), []).append(text)
            if text:
                runs = is_run and after_run  # digits of one number may stand in several
                whole += f" {text}" if not runs and _touch(whole, text, after_run) else text
                after_run = is_run
        form = _FORMS.get(name)
        return form(parts, node) if form else whole

    def run(self, node: Any) -> str:
        """The characters of a run."""
        hidden, struck = self.look(node)
        if struck and not hidden:
            return self.left_out()
        text = ""
        for child in () if hidden else node:
            name = _name(child)
            if name == "t":
                text += child.text or ""
            elif name == "br":
                text += " "
            elif name and not name.endswith("Pr"):
                text += self.left_out()
        return text

    def left_out(self) -> str:
        """Note that something which is shown is left out; the gap in its place."""
        self.formula.whole = False
        return " "


def _name(node: Any) -> str:
    return str(node.tag.rpartition("}")[2]) if isinstance(node.tag, str) else ""


def _children(node: Any) -> Iterator[Any]:
    """The elements in an element, without properties and deletions; what is inserted as if it had been there before."""
    stack = list(reversed(node))
    while stack:
        child = stack.pop()
        name = _name(child)
        if name in ("ins", "moveTo"):
            stack.extend(reversed(child))
        elif name and name not in ("del", "moveFrom") and not name.endswith("Pr"):
            yield child


def _touch(before: str, after: str, after_run: bool) -> bool:
    """Whether two parts would run together: `3` and `1/2`, `x^2` and `y`, but not `2` and `x^2`."""
    first = after[0]
    return before[-1:].isalnum() and (first.isdigit() or first == "√" or (first.isalnum() and not after_run))


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


def _is_on(node: Any, path: str, default: bool = False) -> bool:
    found = node.find("/".join(f"{MATH}{step}" for step in path.split("/")))
    return default if found is None else found.get(f"{MATH}val", "on") in ("1", "on", "true")


def _fraction(parts: dict[str, list[str]], _: Any) -> str:
    return f"{_group(_part(parts, 'num'))}/{_group(_part(parts, 'den'))}"


def _scripts(parts: dict[str, list[str]], node: Any) -> str:
    low, high = _part(parts, "sub"), _part(parts, "sup")
    base = _part(parts, "e")
    base = base if all(child.tag in _BASE for child in node.iterfind(f"{MATH}e/*")) else _group(base)
    return base + (f"_{_group(low)}" if low else "") + (f"^{_group(high)}" if high else "")


def _root(parts: dict[str, list[str]], node: Any) -> str:
    degree = "" if _is_on(node, "radPr/degHide") else _part(parts, "deg")
    return f"{degree}√{_group(_part(parts, 'e'))}"


def _brackets(parts: dict[str, list[str]], node: Any) -> str:
    begin, end = _property(node, "dPr/begChr", "("), _property(node, "dPr/endChr", ")")
    return f"{begin}{_property(node, 'dPr/sepChr', '|').join(parts.get('e', []))}{end}"


def _sum(parts: dict[str, list[str]], node: Any) -> str:
    low = "" if _is_on(node, "naryPr/subHide") else _part(parts, "sub")
    high = "" if _is_on(node, "naryPr/supHide") else _part(parts, "sup")
    sign = _property(node, "naryPr/chr", "∫")
    return sign + (f"_{_group(low)}" if low else "") + (f"^{_group(high)}" if high else "") + f" {_part(parts, 'e')}"


def _function(parts: dict[str, list[str]], _: Any) -> str:
    return f"{_part(parts, 'fName')} {_part(parts, 'e')}"


def _limit(parts: dict[str, list[str]], _: Any) -> str:
    return f"{_part(parts, 'e')}_{_group(_part(parts, 'lim'))}"


def _matrix(parts: dict[str, list[str]], _: Any) -> str:
    return "; ".join(parts.get("mr", parts.get("e", [])))


_BASE = frozenset(f"{MATH}{name}" for name in ("r", "d", "ctrlPr"))  # what needs no brackets below a power
_SURE = frozenset(("f", "sSup", "sSub", "sSubSup", "rad", "d", "nary", "func", "limLow"))
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
