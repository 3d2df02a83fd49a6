"""The walk over a page: elements to blocks."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from qa.ingest.blocks import Builder, qualify
from qa.ingest.formats.common import tables
from qa.ingest.formats.common.concealed import UNSEEN
from qa.ingest.formats.common.phrases import (
    asks,
    is_field,
    is_marked_question,
    leads_in,
    question_end,
    reads_as_heading,
)
from qa.ingest.formats.html.code import is_prose, is_whole, verbatim
from qa.ingest.formats.html.doubtful import changes_letters, is_apart, is_quotation
from qa.ingest.formats.html.forms import Labels, value
from qa.ingest.formats.html.frames import SCOPES, Frame, Item, is_scope
from qa.ingest.formats.html.inline import BLOCKS, Inline, is_inline, line, piece
from qa.ingest.formats.html.lists import is_simple, labelled, links_only, numbers, pairs
from qa.ingest.formats.html.parts import HEADINGS, Panels, chrome, has_caption, is_edge, is_menu, is_question
from qa.ingest.formats.html.tables import is_layout, read, rows
from qa.ingest.formats.html.tree import Node, struck
from qa.records import Span

__all__ = ["Page"]

_HEADING_SIZE = 400  # characters; more is a heading that was never closed
_SECTION = -1  # number of an item that has a heading: what follows stands under that


class Page:
    """Writes the blocks of a page. guessed: numbers of headings that have no heading element."""

    def __init__(self, builder: Builder, nodes: list[Node], panels: Panels, whole: bool = False) -> None:
        """nodes: what is shown. whole: treat everything as the page's own text."""
        self.builder = builder
        self.guessed: set[int] = set()
        self._whole = whole
        self._panels, self._labels = panels, Labels.of(nodes)
        self._inline = Inline()
        self._frames: list[Frame] = []
        self._stack: list[tuple[Node | str | Callable[[], None], bool]] = []
        self._prefixes: dict[int, str] = {}
        self._picture = ""
        self._question: int | None = None  # the block of the question that the text to be written answers
        self._bold: int | None = None  # the last paragraph, if it is short and in bold print

    def run(self, root: Node) -> None:
        """Read everything under a node. A stack, not recursion: pages nest deeper than Python does."""
        self._frames = [Frame(root, "paragraph", None, "", self.builder.depth, len(self.builder.blocks))]
        self._push(root)
        while self._stack:
            node, closing = self._stack.pop()
            if isinstance(node, str):
                self._inline.words(node)
            elif not isinstance(node, Node):
                node()
            elif closing:
                self._close(node)
            else:
                self._open(node)
        self._flush()

    def _push(self, node: Node) -> None:
        self._stack.extend((child, False) for child in reversed(node.children))

    # Elements

    def _open(self, node: Node) -> None:
        if node.tag in UNSEEN or struck(node) or id(node) in self._labels.nodes:
            self._inline.leave_out(node)
            return
        if title := self._panels.titles.get(id(node)):
            self._enter(node)
            self._guess(line(title))
        elif handler := self._handler(node):
            handler(node)
        elif pair := labelled(node):
            self._flush()
            self._pair([pair[0]], [pair[1]])
        elif node.tag in BLOCKS and (node.tag == "blockquote" or not is_inline(node)):
            self._enter(node)
        elif self._inline.open(node):
            self._stack.append((node, True))
            self._push(node)

    def _handler(self, node: Node) -> Callable[[Node], None] | None:
        """The method for elements that are more than a paragraph or a part of one."""
        if node.tag in HEADINGS or node.get("role") == "heading" or node.tag == "summary":
            return self._heading
        if id(node) in self._panels.tabs:
            return self._inline.leave_out
        if id(node) in self._panels.openers or node.tag in ("button", "legend"):
            return self._opener
        return {
            "table": self._table, "dl": self._definitions, "pre": self._code, "ul": self._list, "ol": self._list,
            "li": self._list_item, "img": self._image, "select": self._control, "textarea": self._control,
            "input": self._control, "figcaption": self._caption, "caption": self._caption,
        }.get(node.tag)  # fmt: skip

    def _enter(self, node: Node, walk: bool = True) -> Frame:
        """Open a block element, and walk through it unless its children come in another way."""
        self._flush()
        above = self._frames[-1]
        kind = above.kind if above.kind == "caption" else "paragraph"
        part = above.chrome
        if not self._whole and part in ("", "edge"):
            part = chrome(node) or part
        frame = Frame(node, kind, above.item, part, self.builder.depth, len(self.builder.blocks), above.lists)
        frame.lead = above.lead
        self._frames.append(frame)
        self._inline.choice(node)
        self._stack.append((node, True))
        if walk:
            self._push(node)
        return frame

    def _close(self, node: Node) -> None:
        if node is not self._frames[-1].node:
            self._inline.close(node)
            return
        self._flush()
        frame = self._frames.pop()
        blocks = self.builder.blocks
        if len(blocks) == frame.first:
            return
        if changes_letters(node) or is_apart(node) or is_quotation(node):
            qualify(blocks, frame.first)
        if blocks[-1].kind == "heading":
            self._frames[-1].guessed = self._frames[-1].guessed if frame.guessed is None else frame.guessed
        elif self._panels.is_panel(node) and frame.first and blocks[frame.first - 1].kind == "heading":
            self.builder.leave(max(frame.depth - 1, 0))
        elif is_scope(frame):
            self.builder.leave(frame.depth)
        elif frame.guessed is not None:
            self.builder.leave(frame.guessed)

    def _flush(self) -> None:
        """Write the text since the last block element began or ended."""
        inline, frame = self._inline, self._frames[-1]
        linked, bold, label = inline.share("a"), inline.share("b"), inline.share("label")
        links, control, opening = inline.links, inline.control, inline.opening
        picture, self._picture = self._picture, ""
        partial, first = inline.partial, len(self.builder.blocks)
        text = inline.text()
        if not text:
            if picture and not frame.chrome:
                self.builder.add("caption", picture, self._parent(frame))
                qualify(self.builder.blocks, first)
            return
        for paragraph in re.split(r"\n{2,}", text):
            chrome = frame.chrome == "edge" and is_edge(paragraph, linked)
            menu = frame.item is None and not self._whole and is_menu(paragraph, linked, links)
            if chrome or menu or (label > 0.9 and not control):
                self.builder.add("furniture", paragraph)
            else:
                self._write(self._asked(paragraph, frame, opening), frame, bold, control)
            opening = 0
        if partial:
            qualify(self.builder.blocks, first)

    def _asked(self, text: str, frame: Frame, bold: int) -> str:
        """Write the question that opens a text in bold print, if there is one; what is left of the text."""
        end = 0 if frame.chrome else question_end(text, bold)
        if end and frame.item and frame.item.number is None:
            item = frame.item
            item.parent, item.prefix = self.builder.add("question", item.prefix + text[:end], item.parent), ""
        elif end:
            self._question = self.builder.add("question", text[:end], self._parent(frame))
        return text[end:].strip()

    def _write(self, text: str, frame: Frame, bold: float, control: bool) -> None:
        """A paragraph as the kind of block that its place and its words make it."""
        if frame.chrome in ("furniture", "contents"):
            self.builder.add("contents" if frame.chrome == "contents" else "furniture", text)
        elif frame.item and frame.item.number is None:
            self._write_item(text, frame.item, bold)
        elif frame.kind != "paragraph":
            self.builder.add(frame.kind, text, self._parent(frame))
        elif is_question(text, frame.node, bold) or (bold > 0.99 and not frame.item and reads_as_heading(text)):
            self._guess(text)
        elif "\n" in text and all(map(is_field, text.split("\n"))):
            for part in text.split("\n"):
                self.builder.add("field", part, self._parent(frame))
        else:
            self._bold = len(self.builder.blocks) if bold > 0.99 and len(text) < 120 else None
            labelled = 0 < bold < 1 and "\n" not in text and is_field(text)
            self.builder.add("field" if control or labelled else "paragraph", text, self._parent(frame))

    def _write_item(self, text: str, item: Item, bold: float) -> None:
        if asks(text) and (bold > 0.99 or is_marked_question(text)):
            self._guess(item.prefix + text)
            item.number = _SECTION
        else:
            item.number = self.builder.add("item", item.prefix + text, item.parent, item.level)

    def _parent(self, frame: Frame) -> int | None:
        asked, self._question = self._question, None
        if asked is not None:
            return asked
        return frame.item.number if frame.item and frame.item.number not in (None, _SECTION) else None

    # Headings

    def _heading(self, node: Node) -> None:
        inner = [child.tag for child, _ in zip(node.walk(), range(100), strict=False)][1:]
        if node.size > _HEADING_SIZE or (
            any(tag in ("p", "ul", "ol", "table") for tag in inner) and node.tag != "summary"
        ):
            self._enter(node)
            return
        self._flush()
        text = line(node) or next(
            filter(None, (" ".join(n.get("alt").split()) for n in node.walk() if n.tag == "img")), ""
        )
        named = next((tag for tag in inner if tag in HEADINGS), "") if node.tag == "summary" else node.tag
        if node.tag in HEADINGS or named in HEADINGS:
            self._write_heading(text, int(named[1]))
        elif node.get("role") == "heading":
            self._write_heading(
                text, int(node.get("aria-level") or 2) if node.get("aria-level") in tuple("123456") else 2
            )
        else:
            self._guess(text)

    def _write_heading(self, text: str, level: int) -> None:
        frame = self._frames[-1]
        if not text:
            return
        if frame.chrome in ("furniture", "contents"):
            self.builder.add("contents" if frame.chrome == "contents" else "furniture", text)
            return
        if frame.item:
            text = (frame.item.prefix if frame.item.number is None else "") + text
            frame.item.number = _SECTION
        frame.guessed = None
        self.builder.add("heading", text, level=level)

    def _opener(self, node: Node) -> None:
        """A button that heads a panel; other buttons only do something."""
        if id(node) in self._panels.openers or node.tag == "legend":
            self._flush()
            self._guess(line(node))
        elif asks(text := line(node)):
            self._flush()
            self._guess(text)
        else:
            self._inline.leave_out(node)

    def _guess(self, text: str) -> None:
        """A heading without a heading element: one level under the section, until its container ends."""
        frame = self._frames[-1]
        if not text or frame.chrome in ("furniture", "contents"):
            self._write_heading(text, 0)
            return
        self._end_guess()
        depth, section = self.builder.depth, self.builder.section
        level = self.builder.blocks[section].level if section is not None else 0
        self.guessed.add(len(self.builder.blocks))
        self._write_heading(" ".join(text.split()), level + 1)
        frame.guessed = depth

    def _end_guess(self) -> None:
        """End the section of a guessed heading that stands beside the next one."""
        for frame in reversed(self._frames):
            if frame.guessed is not None:
                self.builder.leave(frame.guessed)
                frame.guessed = None
                return
            if frame.first < len(self.builder.blocks) or frame.node.tag in SCOPES or self._panels.is_panel(frame.node):
                return

    # Lists, tables, code, forms

    def _list(self, node: Node) -> None:
        self._flush()
        lead = self._lead_in()
        frame = self._enter(node)
        frame.lists += 1
        frame.lead = lead
        if node.tag == "ol":
            self._prefixes.update(numbers(node))
        introduced = lead is not None and self.builder.last.endswith(":")
        if not introduced and not frame.chrome and not self._whole and links_only(node):
            frame.chrome = "contents"

    def _lead_in(self) -> int | None:
        """The block that introduces the list that begins here."""
        frame, blocks = self._frames[-1], self.builder.blocks
        outer = self._parent(frame)
        if not blocks or blocks[-1].kind not in ("paragraph", "field", "item"):
            return outer
        text = self.builder.last
        if blocks[-1].kind != "item" and (text.endswith(":") or (len(blocks) > frame.first and leads_in(text))):
            return len(blocks) - 1
        return outer

    def _list_item(self, node: Node) -> None:
        above = self._frames[-1]
        frame = self._enter(node)
        frame.item = Item(self._prefixes.get(id(node), ""), max(above.lists, 1), above.lead)
        frame.lead = None

    def _definitions(self, node: Node) -> None:
        self._enter(node, walk=False)
        self._stack.extend((partial(self._pair, *pair), False) for pair in reversed(list(pairs(node))))

    def _pair(self, terms: list[Node], said: list[Node]) -> None:
        frame = self._frames[-1]
        label = ", ".join(filter(None, map(line, terms)))
        if frame.chrome in ("furniture", "contents") or not label or not said:
            self._stack.extend((child, False) for child in reversed([*terms, *said]))
        elif asks(label) or not all(map(is_simple, said)):
            self._guess(label)
            self._stack.extend((child, False) for child in reversed(said))
        else:
            self._fields(label.rstrip(": "), [text for text in map(line, said) if text])

    def _fields(self, label: str, values: list[str]) -> None:
        """A label with its first value; further values have it as their label."""
        parent = self._parent(self._frames[-1])
        if not values:  # a form to fill in
            self.builder.add("furniture", label)
            return
        first = self.builder.add("field", f"{label}: {values[0]}", parent)
        start = self.builder.blocks[first].start if first is not None else 0
        for text in values[1:]:
            self.builder.add("field", text, parent, labels=(Span(start, start + len(label)),))

    def _table(self, node: Node, parent: int | None = None) -> None:
        lines = rows(node)
        frame = self._frames[-1]
        if frame.chrome in ("furniture", "contents") or is_layout(node, lines):
            self._enter(node)
            return
        self._flush()
        parent = self._table_parent() if parent is None else parent
        for child in node.elements:
            if child.tag == "caption":
                text, partial_caption = piece(child)
                first = len(self.builder.blocks)
                parent = self.builder.add("caption", text, parent) or parent
                if partial_caption:
                    qualify(self.builder.blocks, first)
        written, nested = read(lines)
        placed = tables.write(self.builder, written, parent)
        for number, inner in reversed(nested):
            self._stack.append((partial(self._table, inner, placed[number]), False))

    def _table_parent(self) -> int | None:
        """The paragraph right before a table, if it introduces it."""
        frame, blocks = self._frames[-1], self.builder.blocks
        before = len(blocks) - 1
        if before >= 0 and before == self._bold:  # its title
            section = self.builder.section
            level = blocks[section].level + 1 if section is not None else 1
            blocks[before] = replace(blocks[before], kind="heading", level=level)
            return before
        if before >= 0 and blocks[before].kind == "paragraph" and self.builder.last.endswith(":"):
            return before
        return self._parent(frame)

    def _code(self, node: Node) -> None:
        self._flush()
        text = verbatim(node).expandtabs(4).strip("\n").rstrip()
        frame = self._frames[-1]
        if frame.chrome in ("furniture", "contents"):
            self.builder.add("furniture", text)
        elif is_prose(node, text):
            first = len(self.builder.blocks)
            for paragraph in re.split(r"\n[ \t]*\n", text):
                self.builder.add("paragraph", " ".join(paragraph.split()), self._parent(frame))
            if not is_whole(node):
                qualify(self.builder.blocks, first)
        else:
            self.builder.add("code", text, self._parent(frame))

    def _caption(self, node: Node) -> None:
        self._enter(node).kind = "caption"

    def _image(self, node: Node) -> None:
        alt = " ".join(node.get("alt").split())
        if len(alt.split()) > 2 and not re.search(r"\.\w{3,4}$", alt) and not has_caption(node):
            self._picture = self._picture or alt
        self._inline.open(node)

    def _control(self, node: Node) -> None:
        label = self._labels.texts.get(id(node), "").rstrip(": ")
        if label and value(node):
            self._flush()
            self.builder.add("furniture" if self._frames[-1].chrome else "field", f"{label}: {value(node)}")
        elif node.tag == "textarea":
            self._inline.words(f" {node.words()} ")
        else:
            self._inline.open(node)
