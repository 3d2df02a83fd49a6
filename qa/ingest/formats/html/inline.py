"""The running text of a block: white space collapsed, quotation marks, superscripts, deletions, formulas."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from qa.ingest.formats.common.concealed import UNSEEN, declarations
from qa.ingest.formats.common.raised import lowered, raised
from qa.ingest.formats.html.forms import is_written, options
from qa.ingest.formats.html.mathml import linear
from qa.ingest.formats.html.tree import Node
from qa.markup import sets_apart

__all__ = ["BLOCKS", "BOLD", "Inline", "is_inline", "line", "struck"]

BLOCKS = frozenset(
    """
    address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure
    footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p pre search section summary table
    tbody td tfoot th thead tr ul optgroup option select
    """.split()
)
BOLD = frozenset(("b", "strong"))
_GONE = dict.fromkeys(map(ord, "\u00ad\u200b\ufeff\u2060"), None)  # soft hyphens, and spaces of no width
_BLANK = re.compile(r"[ \t\n\r\f\v]+")
_GAP = re.compile(r"[ \u00a0]{2,}")
_LINE_END = re.compile(r"[ \u00a0]*\n[ \u00a0]*")
_APART = "\0"  # between words that are not adjacent on the page; no page has this character
_UNMARKED = frozenset(  # elements that show nothing, so that the text on either side is adjacent
    "script style template noscript head title datalist rp noframes noembed annotation annotation-xml".split()
)
_SET_APART = frozenset(("math", "button", "input", "embed", "meter", "progress"))
_BOXES = re.compile(r"block|flex|grid|table|list-item|flow")  # values of `display` that end a line
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2}")  # scripts that set no words apart
_ANCHORS = frozenset(("¶", "#", "§", "🔗", "[edit]", "edit", "↩", "↩︎", "^"))


def struck(node: Node) -> bool:
    """Whether an element holds deleted text."""
    return node.tag in ("del", "s", "strike") or any(
        name.startswith("text-decoration") and "line-through" in words
        for name, words in declarations(node.get("style"))
    )


def is_inline(node: Node) -> bool:
    """Whether the style of an element says that it is part of a line."""
    return any(
        name == "display" and words and re.match(r"(?:-\w+-)?inline", words[0])
        for name, words in declarations(node.get("style"))
    )


@dataclass(slots=True)
class Inline:
    """Collects the text of a block from its inline elements, opened and closed in order.

    links: how many are in it. control: whether the state of a form control is among it. opening: how many characters
    other than white space at its beginning are in bold print. partial: whether something that a page shows is left out.
    """

    parts: list[str] = field(default_factory=list)
    links: int = 0
    control: bool = False
    opening: int = 0
    partial: bool = False
    _plain: bool = False  # whether there were words that are not in bold print
    _inside: Counter[str] = field(default_factory=Counter)
    _visible: Counter[str] = field(default_factory=Counter)
    _open: list[tuple[Node, int]] = field(default_factory=list)
    _quotes: int = 0

    def words(self, text: str) -> None:
        """Running text, in which every stretch of white space counts as one space. No-break spaces stay."""
        text = _BLANK.sub(" ", text.translate(_GONE))
        self.parts.append(text)
        visible = len(text) - text.count(" ") - text.count("\u00a0")
        self._plain = self._plain or (visible > 0 and not self._inside.get("b"))
        self.opening += 0 if self._plain else visible
        if self._inside:
            for mark in self._inside:
                self._visible[mark] += visible

    def share(self, mark: str) -> float:
        """How much of the text so far is in links (a), in bold print (b) or in labels of form controls (label)."""
        visible = sum(len(part) - sum(map(part.count, " \n\u00a0\0")) for part in self.parts)
        return self._visible[mark] / visible if visible else 0.0

    def open(self, node: Node) -> bool:
        """Begin an element; whether its children are to be walked."""
        if node.tag in UNSEEN or struck(node) or _is_anchor(node):
            self.leave_out(node)
            return False
        if _is_set_apart(node):
            self.parts.append(_APART)
        if node.tag == "math":
            self.parts += (linear(node), _APART)
            return False
        if node.tag == "br":
            self.parts.append("\n")
        elif node.tag == "img":
            self.parts.append(_picture(node))
            self.partial = self.partial or self.parts[-1] == _APART
        elif node.tag == "input":
            self._field(node)
        elif node.tag == "select":
            chosen = options(node, chosen=True)
            self.parts.append(f" {', '.join(chosen)} ")
            self.partial = self.partial or not chosen  # a browser shows the first one
            return False
        elif node.tag == "q":
            self.parts.append("‘" if self._quotes % 2 else "“")
            self._quotes += 1
        elif node.tag in ("sup", "sub") or _is_note_mark(node):
            self._open.append((node, len(self.parts)))
        elif mark := _mark(node):
            self._inside[mark] += 1
            self.links += mark == "a"
        return True

    def leave_out(self, node: Node) -> None:
        """Note that an element is left out, and that the words on either side of it do not touch."""
        if node.tag not in _UNMARKED:
            self.parts.append(_APART)
            self.partial = True

    def close(self, node: Node) -> None:
        """End an element."""
        if _is_set_apart(node):
            self.parts.append(_APART)
        if node.tag == "q" and self._quotes:
            self._quotes -= 1
            self.parts.append("’" if self._quotes % 2 else "”")
        elif self._open and self._open[-1][0] is node:
            _, at = self._open.pop()
            mark = self._tidy("".join(self.parts[at:]))
            before = self.tail(at)
            linked = any(child.tag == "a" for child in node.elements) or any(
                above.tag == "a" for above, _ in zip(node.above(), range(2), strict=False)
            )
            written = lowered(before, mark) if node.tag == "sub" else raised(before, mark, linked or node.tag == "a")
            if written.startswith("^") and self.parts[at - 1 : at]:
                self.parts[at - 1] = self.parts[at - 1].rstrip()
            self.parts[at:] = [written]
        elif mark := _mark(node):
            self._inside[mark] -= 1
            if not self._inside[mark]:
                del self._inside[mark]

    def text(self) -> str:
        """Everything so far, and an empty beginning for what follows; paragraphs are set apart by blank lines."""
        text = self._tidy("".join(self.parts))
        self.parts, self._open = [], [(node, 0) for node, _ in self._open]
        self._visible.clear()
        self.links, self.control, self.opening, self.partial, self._plain = 0, False, 0, False, False
        return text

    def _tidy(self, text: str) -> str:
        text = _parted(text) if _APART in text else text
        text = _LINE_END.sub("\n", _GAP.sub(" ", text))
        return text.strip(" \n")

    def tail(self, end: int | None = None) -> str:
        """The last characters, or those before part `end`."""
        end = len(self.parts) if end is None else end
        return "".join(part[-60:] for part in self.parts[max(end - 20, 0) : end]).replace(_APART, "")[-60:]

    def _field(self, node: Node) -> None:
        """The state of a check box, or what is written in a text field."""
        kind = node.get("type").lower()
        if kind in ("checkbox", "radio"):
            self.parts.append("☒ " if "checked" in node.attributes else "☐ ")
            self.control = True
        elif is_written(node):
            before = self.tail().rstrip()
            colon = " " if not before or before[-1] in ":=?\n" else ": "
            self.parts.append(f"{colon}{node.get('value').strip()} ")
            self.control = True
        elif kind != "hidden":  # a button, or an empty field with a hint in it
            self.partial = True


def _parted(text: str) -> str:
    """The text with a space for each `_APART` that needs one."""

    def between(mark: re.Match[str]) -> str:
        wide = _WIDE.fullmatch(text[mark.start() - 1 : mark.start()] + text[mark.end() : mark.end() + 1])
        return " " if sets_apart(text, *mark.span()) and not wide else ""

    return re.sub(f"{_APART}+", between, text)


def _is_set_apart(node: Node) -> bool:
    """Whether an element is separated from the text on either side, by its kind or its style."""
    return node.tag in _SET_APART or any(
        name == "display" and words and _BOXES.match(words[0]) for name, words in declarations(node.get("style"))
    )


def line(node: Node, apart: Callable[[Node], bool] = lambda _: False) -> str:
    """The text of an element on one line, blocks in it as parts of the line.

    apart: which elements in it to leave out, by default none.
    """
    inline = Inline()
    stack: list[tuple[Node | str, bool]] = [(child, False) for child in reversed(node.children)]
    while stack:
        child, closing = stack.pop()
        if isinstance(child, str):
            inline.words(child)
        elif closing:
            inline.close(child)
            inline.parts.append(_after(child, inline))
        elif not apart(child) and inline.open(child):
            if child.tag in BLOCKS:
                inline.parts.append(" ")
            stack.append((child, True))
            stack.extend((grandchild, False) for grandchild in reversed(child.children))
    return " ".join(inline.text().removesuffix(";").split())


def _after(node: Node, inline: Inline) -> str:
    """What sets a block in a line apart from the next: items of a list by semicolons, unless they have punctuation."""
    if node.tag == "li" and inline.tail().rstrip()[-1:] not in tuple(".;,:!?"):
        return "; "
    if node.tag in ("ul", "ol") and inline.parts and inline.parts[-1] == "; ":
        inline.parts.pop()
    return " " if node.tag in BLOCKS else ""


def _mark(node: Node) -> str:
    """What `Inline.share` is counted of in an element."""
    if node.tag in BOLD:
        return "b"
    return node.tag if node.tag == "label" or (node.tag == "a" and node.get("href")) else ""


def _is_note_mark(node: Node) -> bool:
    """A link to a note that the style sheet of a book raises, as `<sup>` does."""
    kinds = (node.get("epub:type"), node.get("role"))
    return node.tag == "a" and bool({"noteref", "doc-noteref"}.intersection(kinds)) and not _raises(node)


def _raises(node: Node) -> bool:
    near = (*node.elements, *(above for above, _ in zip(node.above(), range(2), strict=False)))
    return any(other.tag == "sup" for other in near)


def _is_anchor(node: Node) -> bool:
    """A sign beside a heading that links to it, or back from a note."""
    if "mw-editsection" in node.get("class"):
        return True
    if node.tag != "a" or not 0 < node.size <= 6 or len(node.children) > 3:
        return False
    inner = [node, *node.elements]
    texts = (child for place in inner for child in place.children[:3] if isinstance(child, str))
    return "".join(texts).strip() in _ANCHORS


def _picture(node: Node) -> str:
    """The alternative text of pictures that stand for characters: emoji, formulas, ticks."""
    alt = " ".join(node.get("alt").split())
    kinds = node.get("class").lower()
    if any(word in kinds for word in ("math", "tex", "latex", "emoji", "smiley", "equation")):
        return f"{_APART}{alt}{_APART}" if alt[:1].isalnum() or alt[-1:].isalnum() else alt or _APART
    return alt if 0 < len(alt) <= 3 and not alt.isascii() else _APART
