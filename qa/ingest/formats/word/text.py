"""The text of one Word paragraph: what its reader sees, without deletions, hidden text and field codes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from qa.ingest.decoding import clean
from qa.ingest.formats.common.concealed import is_hidden_element, is_hidden_shape
from qa.ingest.formats.common.joined import APART, joined
from qa.ingest.formats.common.omml import MATH, linear
from qa.ingest.formats.common.symbols import symbol
from qa.ingest.formats.word import fields
from qa.ingest.formats.word.line import Line
from qa.ingest.formats.word.styles import WORD, Styles, alignment, attribute, is_on, is_set

__all__ = ["Notes", "Runs"]

_DROPPED = frozenset(("del", "moveFrom", "pPr", "rPr", "sdtPr", "sdtEndPr"))
_SILENT = frozenset(  # parts of a run that show nothing
    """
    rPr rubyPr delText instrText delInstrText lastRenderedPageBreak commentReference annotationRef footnoteRef
    endnoteRef separator continuationSeparator
    """.split()
)
_CHARACTERS = {"tab": "\t", "ptab": "\t", "cr": "\n", "noBreakHyphen": "\u2011", "softHyphen": ""}
_CODE = re.compile("[0-9A-Fa-f]{1,5}")
_PRIVATE = re.compile("[\uf020-\uf0ff]")
_GONE = dict.fromkeys(map(ord, "\u00ad\u200b\ufeff\u2060"), None)
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_FIELDS = 50  # one inside the other
_DRAWN = re.compile(
    r"(?:description automatically generated|^(?:picture|image|grafik|bild|image|figure)\s*\d*$)", re.IGNORECASE
)


@dataclass(slots=True, frozen=True)
class _Look:
    """How a run is printed. align: raised (super), lowered (sub) or neither; capitals: all letters as capitals."""

    hidden: bool
    struck: bool
    align: str
    bold: bool
    capitals: bool


@dataclass(slots=True)
class _Field:
    """A field that has begun. code: what it computes; shown: whether its result has begun; stale: whether
    Word computes it anew when it opens the file.
    """

    code: str = ""
    shown: bool = False
    stale: bool = False


@dataclass(slots=True)
class Notes:
    """Footnotes and endnotes in the order of their first mark. numbers: by kind and id."""

    numbers: dict[tuple[str, str], str] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    def mark(self, kind: str, number: str) -> str:
        """The mark of a note: `1`, and `e1` for endnotes in a document that has footnotes."""
        key = (kind, number)
        if key not in self.numbers:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            prefix = "e" if kind == "endnote" and self._counts.get("footnote") else ""
            self.numbers[key] = f"{prefix}{self._counts[kind]}"
        return self.numbers[key]


class Runs:
    """Reads paragraphs in order; fields may go on over several. running: in a header or footer, where page numbers are
    left out.
    """

    def __init__(self, styles: Styles, notes: Notes, running: bool = False) -> None:
        self._styles, self._notes, self._running = styles, notes, running
        self._fields: list[_Field] = []
        self._surplus = 0  # open fields deeper than any author nests them
        self._parts: list[tuple[str, str, bool]] = []  # text, its position as in `joined`, bold
        self._line = Line()
        self._style = self._table = ""  # of the paragraph, and of the table that it is in
        self._plain_looks: dict[tuple[str, str], _Look] = {}  # of runs without properties, by these

    def line(self, paragraph: Any) -> Line:
        """Read one paragraph."""
        self._parts, self._line = [], Line()
        properties = paragraph.find(f"{WORD}pPr")
        self._style = self._styles.of(properties)
        self._table = self._styles.of_table(next(paragraph.iterancestors(f"{WORD}tbl"), None))
        stack: list[Any] = [paragraph]
        while stack:
            node = stack.pop()
            if isinstance(node.tag, str):
                stack.extend(reversed(self._children(node)))
        self._finish()
        self._end(properties)
        return self._line

    def lines(self, container: Any) -> Iterator[Line]:
        """Read the paragraphs of a note, a header or a footer; those that are shown as one are one line."""
        opened = Line()
        for paragraph in container.iter(f"{WORD}p"):
            line = opened.followed_by(self.line(paragraph))
            if not line.end:
                yield line
            opened = line if line.end else Line()
        yield opened

    def _children(self, node: Any) -> list[Any]:
        """What to read next of an element, which may have been read itself."""
        name = node.tag.removeprefix(WORD)
        if name == "r":
            self._run(node)
        elif node.tag in (f"{MATH}oMath", f"{MATH}oMathPara"):
            self._formula(node)
        elif name == "fldSimple":
            return self._simple_field(node)
        elif self._is_unread(node, name):
            self._leave_out()
        elif name == "dir":
            self._line.partial = self._line.partial or _turns(node)
            return list(node)
        elif name not in _DROPPED:
            return list(node)
        return []

    def _is_unread(self, node: Any, name: str) -> bool:
        """Whether Word shows something in the place of an element that is not read: a placeholder, turned text."""
        if name == "sdt":
            return node.find(f"{WORD}sdtPr/{WORD}showingPlcHdr") is not None
        return name == "subDoc" or (name == "bdo" and attribute(node, "val") == "rtl")

    def _leave_out(self) -> None:
        """Note that something which is shown is left out, and that the words on either side of it do not touch."""
        self._parts.append((APART, "", False))
        self._line.partial = True

    def _formula(self, node: Any) -> None:
        def look(run: Any) -> tuple[bool, bool]:
            found = self._look(run.find(f"{WORD}rPr"))
            return found.hidden, found.struck

        formula = linear(node, look)
        self._parts.append((f"{APART}{formula.text}{APART}", "", False))
        self._line.partial = self._line.partial or not formula.whole

    def _run(self, run: Any) -> None:
        properties = run.find(f"{WORD}rPr")
        look = self._look(properties)
        stack = list(reversed(run))
        while stack:
            node = stack.pop()
            name = node.tag.removeprefix(WORD) if isinstance(node.tag, str) else "rPr"
            if name == "fldChar":
                self._field(node, look.hidden)
            elif name == "instrText" and self._fields and not self._fields[-1].shown:
                self._fields[-1].code += (node.text or "")[:200]
            elif name in ("drawing", "pict", "object"):
                self._drawing(node)
            elif name in ("r", "ruby", "rubyBase"):
                stack.extend(reversed(node))
            elif look.hidden or name in _SILENT or not self._is_shown():
                continue
            elif look.struck:
                self._leave_out()
            elif text := self._text(node, name, properties):
                self._line.partial = self._line.partial or (look.capitals and text != text.upper())
                self._parts.append((text, look.align, look.bold))

    def _look(self, properties: Any) -> _Look:
        if properties is None:
            styles = self._style, self._table
            if styles not in self._plain_looks:
                self._plain_looks[styles] = self._computed_look(None)
            return self._plain_looks[styles]
        return self._computed_look(properties)

    def _computed_look(self, properties: Any) -> _Look:
        said = {node.tag for node in properties} if properties is not None else ()
        style = attribute(properties.find(f"{WORD}rStyle"), "val") if f"{WORD}rStyle" in said else ""
        align = alignment(properties)

        def flag(name: str) -> bool:
            own = is_on(properties, name) if f"{WORD}{name}" in said else None
            return self._styles.is_on(name, style, self._style, self._table) if own is None else own

        return _Look(
            flag("vanish"),
            flag("strike") or flag("dstrike"),
            self._styles.aligned(style) if align is None else align,
            flag("b"),
            flag("caps") or flag("smallCaps"),
        )

    def _text(self, node: Any, name: str, properties: Any) -> str:
        if name == "t":
            return self._plain(self._kept(node), properties)
        if name in _CHARACTERS:
            return _CHARACTERS[name]
        if name == "br":
            return "\n" if attribute(node, "type") in ("", "textWrapping") else " "
        if name == "sym":
            code = attribute(node, "char")
            return self._symbol(int(code, 16), attribute(node, "font")) if _CODE.fullmatch(code) else ""
        if name in ("footnoteReference", "endnoteReference"):
            mark = self._notes.mark(name.removesuffix("Reference"), attribute(node, "id"))
            self._parts.append((f"[{mark}]", "note", False))
        else:
            self._leave_out()
        return ""

    def _kept(self, node: Any) -> str:
        """The text of a `w:t`. Word drops white space at its edges unless it is to be preserved; others may not."""
        text: str = node.text or ""
        bare = text.strip(" \t\r\n")
        if bare == text or next(filter(None, (n.get(_SPACE) for n in (node, *node.iterancestors()))), "") == "preserve":
            return text
        self._line.partial = True
        return bare

    def _plain(self, text: str, properties: Any) -> str:
        text = clean(text).translate(_GONE).replace("\n", " ")
        style = attribute(properties.find(f"{WORD}rStyle"), "val") if properties is not None else ""
        named = self._styles.font(properties, style, self._style, self._table)
        if self._styles.is_symbolic(
            named
        ):  # what a program makes of letters in such a font differs, so they are not certain
            self._line.partial = self._line.partial or not text.isspace()
            return re.sub(r"\S", lambda match: self._symbol(ord(match[0]), named), text)
        return _PRIVATE.sub(lambda match: self._symbol(ord(match[0]), named), text)

    def _symbol(self, code: int, named: str) -> str:
        """What a code of a font shows. A code that is not known, or that of another font, is not certain."""
        found = symbol(code, named)
        unknown = bool(named) and not self._styles.is_symbolic(named) and bool(_PRIVATE.match(chr(code)))
        self._line.partial = self._line.partial or not found or unknown
        return f"{APART}{found}{APART}" if unknown or not found else found

    def _field(self, node: Any, hidden: bool) -> None:
        kind = attribute(node, "fldCharType")
        if kind == "begin" and len(self._fields) >= _FIELDS:
            self._surplus += 1
        elif kind == "end" and self._surplus:
            self._surplus -= 1
        elif kind == "begin":
            self._fields.append(_Field(stale=bool(is_set(node, "dirty"))))
            if self._is_shown(but_last=True) and (state := _form_state(node)):
                self._parts.append((state, "", False))
        elif kind == "separate" and self._fields:
            self._fields[-1].shown = True
        elif kind == "end" and self._fields:
            ended = self._fields.pop()
            if not hidden and self._is_shown():
                self._judge(ended)

    def _simple_field(self, node: Any) -> list[Any]:
        """Judge a field that is one element; what to read of it."""
        code, runs = attribute(node, "instr"), node.find(f".//{WORD}r") is not None
        self._judge(_Field(code, runs, is_set(node, "dirty")))
        return [] if self._is_left_out(code) else list(node)

    def _judge(self, ended: _Field) -> None:
        """Mark the line if a field shows something else than its result, or may do so, or something without one."""
        if self._is_page_number(ended.code):
            return
        if fields.is_computed(ended.code) or not (ended.shown or fields.is_silent(ended.code)):
            self._leave_out()
        elif ended.shown and (ended.stale or not fields.is_stored(ended.code)):
            self._line.partial = True

    def _is_shown(self, but_last: bool = False) -> bool:
        within = self._fields[:-1] if but_last else self._fields
        return all(found.shown and not self._is_left_out(found.code) for found in within)

    def _is_left_out(self, code: str) -> bool:
        return fields.is_computed(code) or self._is_page_number(code)

    def _is_page_number(self, code: str) -> bool:
        return self._running and fields.is_page_number(code)

    def _drawing(self, node: Any) -> None:
        """Text boxes, which are read after the paragraph, and what a picture shows."""
        stack, seen = [node], False
        while stack:
            inner = stack.pop()
            if not isinstance(inner.tag, str):
                continue
            if inner.tag == f"{WORD}txbxContent":
                self._line.boxes.append(inner)
                continue
            if _is_hidden(inner):
                continue
            if inner is not node and not seen:
                seen = True
                self._leave_out()
            if inner.tag.endswith("}docPr") and (described := inner.get("descr") or ""):
                described = " ".join(clean(described).split())
                if (
                    len(described.split()) > 2
                    and not _DRAWN.search(described)
                    and not re.search(r"\.\w{3,4}$", described)
                ):
                    self._line.picture = self._line.picture or described
            stack.extend(reversed(inner))

    def _finish(self) -> None:
        line = self._line
        text, sure = joined((text, align) for text, align, _ in self._parts)
        line.partial = line.partial or not sure
        printed = [
            (size, bold) for part, _, bold in self._parts if (size := len("".join(part.replace(APART, "").split())))
        ]
        line.bold = bool(printed) and all(bold for _, bold in printed)
        line.bold_start = sum(size for size, _ in takewhile(lambda piece: piece[1], printed))
        line.text = re.sub(r"[ \u00a0]*\n[ \u00a0]*", "\n", re.sub(r"[ \u00a0]{2,}", " ", text)).strip()
        line.lead, line.gap = (" " if edge.isspace() else "" for edge in (text[:1], text[-1:]))
        line.contents = any(fields.is_contents(found.code) for found in self._fields)

    def _end(self, properties: Any) -> None:
        """Note whether the next paragraph goes on in this one, and whether this one stands beside the text."""
        mark = properties.find(f"{WORD}rPr") if properties is not None else None
        frame, line = self._styles.frame(properties), self._line
        line.framed = frame is not None
        if attribute(frame, "dropCap") in ("drop", "margin"):
            line.end, line.framed = "initial", False
        elif mark is not None and any(mark.find(f"{WORD}{name}") is not None for name in ("del", "moveFrom")):
            line.end = "deleted"
        elif self._look(mark).hidden or is_on(mark, "specVanish"):  # other programs may show an end here
            line.end, line.partial = "hidden", line.partial or bool(line.text)


def _turns(node: Any) -> bool:
    """Whether a `w:dir` turns text around, `12 34` to 34 12, that is not marked as right-to-left itself."""
    runs = node.iter(f"{WORD}r") if attribute(node, "val") == "rtl" else ()
    return any(not is_on(run.find(f"{WORD}rPr"), "rtl") for run in runs)


def _is_hidden(shape: Any) -> bool:
    """Whether a drawing is hidden, in the way of today's Word or of an older one."""
    own = (child for child in shape if str(child.tag).endswith(("}docPr", "}cNvPr")))
    return any(map(is_hidden_shape, own)) or is_hidden_element("", {"style": shape.get("style") or ""})


def _form_state(node: Any) -> str:
    """What a form field of old Word holds that has no result: a check box, a choice."""
    box = node.find(f"{WORD}ffData/{WORD}checkBox")
    if box is not None:
        state = is_on(box, "checked")
        state = is_on(box, "default") if state is None else state
        return "☒ " if state else "☐ "
    choice = node.find(f"{WORD}ffData/{WORD}ddList")
    if choice is None:
        return ""
    entries = [attribute(entry, "val") for entry in choice.findall(f"{WORD}listEntry")]
    index = attribute(choice.find(f"{WORD}result"), "val") or attribute(choice.find(f"{WORD}default"), "val") or "0"
    return entries[int(index)] if index.isdigit() and int(index) < len(entries) else ""
