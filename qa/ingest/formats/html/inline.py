"""The running text of a block: white space collapsed, quotation marks, superscripts, deletions, formulas."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from qa.ingest.formats.common.concealed import UNMARKED, UNSEEN, declarations
from qa.ingest.formats.common.joined import APART, parted
from qa.ingest.formats.common.raised import is_doubtful, lowered, raised
from qa.ingest.formats.common.symbols import is_symbolic, signs
from qa.ingest.formats.html.doubtful import changes, changes_letters, font, is_apart, script
from qa.ingest.formats.html.forms import is_written, options
from qa.ingest.formats.html.mathml import linear
from qa.ingest.formats.html.tree import Node, struck

__all__ = ["BLOCKS", "BOLD", "Inline", "is_inline", "line", "piece"]

BLOCKS = frozenset(
    """
    address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure
    footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p pre search section summary table
    tbody td tfoot th thead tr ul optgroup option select
    """.split()
)
BOLD = frozenset(("b", "strong"))
_GONE = dict.fromkeys(map(ord, "\u00ad\u200b\ufeff\u2060"), None)  # soft hyphens, and spaces of no width
_CODES = re.compile(r"[!-\u00ff\uf020-\uf0ff]+")  # what fonts of signs have; other characters are in another font
_BLANK = re.compile(r"[ \t\n\r\f\v]+")
_GAP = re.compile(r"[ \u00a0]{2,}")
_LINE_END = re.compile(r"[ \u00a0]*\n[ \u00a0]*")
_SET_APART = frozenset(("math", "button", "input", "embed"))
_BOXES = re.compile(r"block|flex|grid|table|list-item|flow")  # values of `display` that end a line
_SIGNS = frozenset("math tex latex equation emoji twemoji emojione smiley".split())  # in names of classes
_SLASH = re.compile(r"\s?[/⁄]\s?")
_SCRIPT = re.compile(r"()[ \[^]*(\d+)\]?")
_GOES_ON = re.compile(r"\d|[/⁄]\s?\d")
_ANCHORS = frozenset(("¶", "#", "§", "🔗", "[edit]", "edit", "↩", "↩︎", "^"))


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
    _doubts: set[int] = field(default_factory=set)  # ids of the open elements that make all text in them doubtful
    _fonts: list[tuple[Node, str]] = field(default_factory=list)  # of the open elements that ask for one
    _quotes: int = 0
    _script_end: int = 0  # number of parts up to a superscript or subscript, or up to the slash after it

    def words(self, text: str) -> None:
        """Running text, in which every stretch of white space counts as one space. No-break spaces stay."""
        text = _BLANK.sub(" ", text.translate(_GONE))
        if self._fonts and is_symbolic(self._fonts[-1][1]):
            text = _CODES.sub(lambda codes: signs(codes[0], self._fonts[-1][1]), text)
        if not text:
            return
        inside = bool(self._open) and self._open[-1][1] == len(self.parts)
        if 0 < self._script_end == len(self.parts) and not inside:
            self._after_script(text)
        self.parts.append(text)
        visible = len(text) - text.count(" ") - text.count("\u00a0")
        self._plain = self._plain or (visible > 0 and not self._inside.get("b"))
        self.opening += 0 if self._plain else visible
        if self._inside:
            for mark in self._inside:
                self._visible[mark] += visible

    def _after_script(self, text: str) -> None:
        """Set apart words that touch a superscript or subscript. A number that goes on after one is doubtful."""
        script = self.parts[-1]
        if _SLASH.fullmatch(text):
            self._script_end += 1
        elif _GOES_ON.match(text) or (text[0].isalnum() and script.startswith("[")):
            self.partial = True
        if text[0].isalnum() and not (script.isalnum() and text[0].isalpha()):
            self.parts.append(APART)

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
            self.parts.append(APART)
        if node.tag == "math":
            text, whole = linear(node)
            self.parts += (text, APART)
            self.partial = self.partial or not whole
            return False
        if node.tag == "br":
            self.parts.append("\n")
        elif node.tag == "img":
            sign = _sign(node)
            self.parts.append(sign or APART)
            if not sign or any(map(str.isalnum, sign)):  # words in place of a picture are not what the page shows
                self.parts[-1] = f"{APART}{sign}{APART}"
                self.partial = True
        elif node.tag == "embed":
            self.partial = True
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
        elif self._is_script(node) or _is_note_mark(node):
            self._open.append((node, len(self.parts)))
        elif mark := _mark(node):
            self._inside[mark] += 1
            self.links += mark == "a"
        self._doubt(node)
        return True

    def _is_script(self, node: Node) -> bool:
        """Whether an element is raised or lowered. A style within a superscript only says once more that it is one."""
        return node.tag in ("sup", "sub") or (not self._open and _is_line(node) and bool(script(node)))

    def _doubt(self, node: Node) -> None:
        """Note an element that may show its words otherwise, up to its end, and the box of a choice."""
        within = bool(self._open) and self._open[-1][0] is not node and bool(script(node))
        shown = changes(node) or within if _is_line(node) else changes_letters(node)
        if shown or is_apart(node):
            self.partial = True
            self._doubts.update((id(node),) if node.children else ())
        if node.children and (name := font(node)):
            self._fonts.append((node, name))
        self.choice(node)

    def choice(self, node: Node) -> None:
        """The box before a choice that is not a form control."""
        if "aria-checked" in node.attributes:
            self.parts.append("☒ " if node.get("aria-checked") == "true" else "☐ ")
            self.control = True

    def leave_out(self, node: Node) -> None:
        """Note that an element is left out, and that the words on either side of it do not touch."""
        if node.tag not in UNMARKED:
            self.parts.append(APART)
            self.partial = True

    def close(self, node: Node) -> None:
        """End an element."""
        self._doubts.discard(id(node))
        if self._fonts and self._fonts[-1][0] is node:
            self._fonts.pop()
        if _is_set_apart(node):
            self.parts.append(APART)
        if node.tag == "q" and self._quotes:
            self._quotes -= 1
            self.parts.append("’" if self._quotes % 2 else "”")
        elif self._open and self._open[-1][0] is node:
            _, at = self._open.pop()
            self._script(node, at)
        elif mark := _mark(node):
            self._inside[mark] -= 1
            if not self._inside[mark]:
                del self._inside[mark]

    def _script(self, node: Node, at: int) -> None:
        """Write a superscript or a subscript, whose text is in the parts from `at` on."""
        mark, before, linked = self._tidy("".join(self.parts[at:])), self.tail(at), _is_linked(node)
        if 0 < self._script_end == at and _SLASH.fullmatch(self.parts[at - 1]):  # 1/2 with small figures
            written = mark
            self.parts[at - 2] = _SCRIPT.sub(r"\1 \2", self.parts[at - 2])
        elif script(node) == "sub":
            written = lowered(before, mark)
        else:
            written = raised(before, mark, linked)
            self.partial = self.partial or (not linked and is_doubtful(before, mark))
        if 0 < self._script_end == at and not linked:
            self.partial = self.partial or not _is_clear(self.parts[at - 1], written)
        if written.startswith("^") and self.parts[at - 1 : at]:
            self.parts[at - 1] = self.parts[at - 1].rstrip()
        self.parts[at:] = [written]
        self._script_end = len(self.parts)

    def text(self) -> str:
        """Everything so far, and an empty beginning for what follows; paragraphs are set apart by blank lines."""
        text = self._tidy("".join(self.parts))
        self.parts, self._open = [], [(node, 0) for node, _ in self._open]
        self._visible.clear()
        self.links, self.control, self.opening, self._plain = 0, False, 0, False
        self.partial = bool(self._doubts)
        self._script_end = 0
        return text

    def _tidy(self, text: str) -> str:
        text = parted(text) if APART in text else text
        text = _LINE_END.sub("\n", _GAP.sub(" ", text))
        return text.strip(" \n")

    def tail(self, end: int | None = None) -> str:
        """The last characters, or those before part `end`."""
        end = len(self.parts) if end is None else end
        return "".join(part[-60:] for part in self.parts[max(end - 20, 0) : end]).replace(APART, "")[-60:]

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


def _is_clear(script: str, following: str) -> bool:
    """Whether a superscript or subscript and the one right after it can be read in one way only: SO4^2−, a comma
    between two notes.
    """
    if following.startswith("^"):
        return script.isalnum()
    return script.endswith("]") and not any(map(str.isalnum, following))


def _is_linked(script: Node) -> bool:
    """Whether a superscript is a link, in a link, or has one in it, as note marks do."""
    near = (script, *script.elements, *(above for above, _ in zip(script.above(), range(2), strict=False)))
    return any(node.tag == "a" for node in near)


def _is_set_apart(node: Node) -> bool:
    """Whether an element is separated from the text on either side, by its kind or its style."""
    return node.tag in _SET_APART or any(
        name == "display" and words and _BOXES.match(words[0]) for name, words in declarations(node.get("style"))
    )


def _is_line(node: Node) -> bool:
    return node.tag not in BLOCKS or is_inline(node)


def line(node: Node, apart: Callable[[Node], bool] = lambda _: False) -> str:
    """The text of an element on one line, blocks in it as parts of the line.

    apart: which elements in it to leave out, by default none.
    """
    return piece(node, apart)[0]


def piece(node: Node, apart: Callable[[Node], bool] = lambda _: False) -> tuple[str, bool]:
    """The `line` of an element, and whether something that a page shows is left out of it."""
    if struck(node):
        return "", True
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
    partial = inline.partial
    return " ".join(inline.text().removesuffix(";").split()), partial


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
    return any(script(other) == "sup" for other in near)


def _is_anchor(node: Node) -> bool:
    """A sign beside a heading that links to it, or back from a note."""
    if "mw-editsection" in node.get("class"):
        return True
    if node.tag != "a" or not 0 < node.size <= 6 or len(node.children) > 3:
        return False
    inner = [node, *node.elements]
    texts = (child for place in inner for child in place.children[:3] if isinstance(child, str))
    return "".join(texts).strip() in _ANCHORS


def _sign(picture: Node) -> str:
    """The alternative text of a picture that stands for characters: emoji, formulas, ticks; else empty."""
    alt = " ".join(picture.get("alt").split())
    kinds = re.split(r"[\s_-]+", picture.get("class").lower())
    return alt if not _SIGNS.isdisjoint(kinds) or (len(alt) <= 3 and not alt.isascii()) else ""
