"""Markdown: the text is the decoded file, blocks point into it, marks that a rendered page does not show are listed."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from markdown_it.token import Token

from qa.ingest.decoding import decode
from qa.ingest.formats.markdown import rawhtml
from qa.ingest.formats.markdown.concealed import darkened, hidden
from qa.ingest.formats.markdown.cover import cover
from qa.ingest.formats.markdown.marks import Place, parse
from qa.ingest.formats.markdown.quoted import doubtful, marked
from qa.ingest.lines import line_feeds
from qa.ingest.metadata import Extracted, front_matter
from qa.ingest.outline import Outline, merged, questions
from qa.ingest.speakers import recurring
from qa.records import Block, BlockKind, Span

__all__ = ["extract"]

Range = tuple[int, int]

_BOLD_LEVEL = 8  # of a paragraph that is bold from end to end: below all headings
_TITLE_LEVEL = 9  # of the title of an admonition
_HEADING_CHARS = 120
_KEY = re.compile(r"[A-Za-z_][\w.-]*[ \t]*:")
_TECHNICAL = frozenset(  # keys of front matter that steer a site generator and say nothing about the document
    """
    alias aliases cascade collection comments cspell draft excerpt_separator has_children hide layout markup
    menu nav_exclude nav_order permalink redirect_from redirect_to redirects render_with_liquid search_exclude
    sidebar sidebar_label sidebar_position sitemap slug template toc weight
    """.split()
)
_LABELLED = re.compile(r"[^\s:][^:\n]{0,60}:\s+\S")
_SPOKEN = re.compile(r"(?P<name>[^\W\d_][^:\n]{0,40}):\s+\S")
_ALERT = re.compile(r"\[!\w+\][+-]?")
_ASKED = re.compile(r"(?:Q\d*|Question(?: \d+)?)[.:]\s")
_ANSWERED = re.compile(r"[?？؟]\s+\S")
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)  # an address that is not in this collection
_LETTER = re.compile(r"[^\W\d_]")


def extract(data: bytes) -> Extracted:
    """Text, front matter, blocks and markup of a file. Raises SourceError."""
    text = decode(data)
    found, front = front_matter(text)
    returns = [match.start() - count for count, match in enumerate(re.finditer(r"\r(?=\n)", text))]
    source = line_feeds(text).replace("\r\n", "\n")
    walker = _Walker(source, front - text.count("\r\n", 0, front))
    walker.walk()
    blocks = darkened(source, walker.outline.blocks, merged(walker.marks), walker.hidden)
    blocks, markup = cover(source, blocks, merged([*walker.marks, *walker.hidden]))
    blocks = questions(source, marked(source, blocks, markup, walker.doubtful), markup)

    placed = tuple(_moved(block, returns) for block in blocks) if returns else tuple(blocks)
    return Extracted(text, found, front=front, blocks=placed, markup=tuple(_span(span, returns) for span in markup))


def _span(span: Span, returns: Sequence[int]) -> Span:
    """The same characters in the file, whose line ends may be two characters; returns: where one was left out."""
    start = span.start + bisect_right(returns, span.start)
    return Span(start, span.end + bisect_right(returns, span.end - 1) if span.end > span.start else start)


def _moved(block: Block, returns: Sequence[int]) -> Block:
    whole = _span(Span(block.start, block.end), returns)
    return replace(
        block,
        start=whole.start,
        end=whole.end,
        labels=tuple(_span(span, returns) for span in block.labels),
        cells=tuple(_span(span, returns) for span in block.cells),
        columns=tuple(tuple(_span(span, returns) for span in column) for column in block.columns),
    )


@dataclass
class _List:
    """An open list. item: the number of the first block of its item, None before there is one."""

    parent: int | None
    contents: bool
    item: int | None = None


class _Walker:
    """Goes through the tokens of a file and collects its blocks and marks."""

    def __init__(self, source: str, front: int) -> None:
        self.source, self.front = source, front
        self.outline = Outline()
        self.marks: list[Range] = []
        self.lists: list[_List] = []
        self.led = False  # whether the last block ends in a colon
        self.header: int | None = None
        self.term: Span | None = None
        self.row: list[Place] = []
        self.named: list[tuple[int, str, Span]] = []  # block, label and where the label is
        self.head = False

    def walk(self) -> None:
        self._front_matter()
        body = self.source[self.front :]
        self.lines = [self.front, *(self.front + match.end() for match in re.finditer("\n", body)), len(self.source)]
        tokens = parse(body)
        self.hidden = hidden(self.source, tokens, self.front, self.lines)
        self.doubtful = list(doubtful(tokens, self.lines))
        for number, token in enumerate(tokens):
            handle = getattr(self, f"_{token.type}", None)
            if token.type == "inline":
                self._inline(token, tokens[number - 1].type, tokens[number - 1])
            elif token.type in ("bullet_list_open", "ordered_list_open"):
                self._open_list(tokens, number)
            elif handle:
                handle(token)
        self._speak()

    # -- lists --

    def _open_list(self, tokens: Sequence[Token], number: int) -> None:
        outer = self.lists[-1].item if self.lists else None
        lead = len(self.outline.blocks) - 1 if self.led else outer
        self.lists.append(_List(lead, _is_contents(tokens, number)))

    def _list_item_open(self, _token: Token) -> None:
        self.lists[-1].item = None

    def _bullet_list_close(self, _token: Token) -> None:
        self.lists.pop()

    _ordered_list_close = _bullet_list_close

    # -- text --

    def _inline(self, token: Token, around: str, opened: Token) -> None:
        place: Place = token.meta["place"]
        self.marks += [(self.front + start, self.front + end) for start, end in place.marks]
        if around in ("th_open", "td_open"):
            self.row.append(place)
            return
        if not place.span:
            return
        start, end = (self.front + offset for offset in place.span)
        shown = _shown(token)
        if around == "heading_open" and not shown.strip():
            self.outline.close(int(opened.tag[1]))
            self._add("furniture", start, end, "")
        elif around == "heading_open":
            self._add("heading", start, end, shown, level=int(opened.tag[1]))
        elif around == "dt_open":
            self.term = Span(start, end)
        elif around == "admonition_title_open":
            self._add("heading", start, end, shown, level=_TITLE_LEVEL)
        else:
            self._paragraph(token, place, start, end, shown)

    def _paragraph(self, token: Token, place: Place, start: int, end: int, shown: str) -> None:
        if alert := _ALERT.match(self.source, start, end):
            self.marks.append(alert.span())
        if not shown.strip():
            self._add("furniture", start, end, "")
        elif self.term:
            self._meaning(start, end, shown)
        elif self.lists:
            self._item(token, start, end, shown)
        elif _is_bold(token) and len(shown) <= _HEADING_CHARS and not shown.rstrip().endswith((".", ":", ",", ";")):
            self._add("heading", start, end, shown, level=_BOLD_LEVEL)
        elif _ASKED.match(shown) and "\n" not in token.content and not _ANSWERED.search(shown):
            self._add("question", start, end, shown, level=_BOLD_LEVEL)
        elif _is_picture(token):
            self._add("caption", start, end, shown)
        elif (target := _link_alone(token)) and target.startswith("#"):
            self._add("contents", start, end, shown)
        else:
            self._lines(token, place, start, end, shown)
            self._name(token, place, shown)

    def _meaning(self, start: int, end: int, shown: str) -> None:
        """The first definition of a term is one block with it, the others name it."""
        if self.term:
            defined = bool(self.outline.blocks) and self.outline.blocks[-1].end > self.term.start
            self._add("field", start if defined else self.term.start, end, shown, labels=(self.term,))

    def _item(self, token: Token, start: int, end: int, shown: str) -> None:
        now = self.lists[-1]
        if now.item is None:
            kind: BlockKind = "contents" if now.contents else "item"
            now.item = self._add(kind, start, end, shown, now.parent, level=len(self.lists))
        else:
            self._add("paragraph", start, end, shown, now.item)

    def _lines(self, token: Token, place: Place, start: int, end: int, shown: str) -> None:
        """A paragraph, or its lines if each of them is a label with its value."""
        lines = shown.split("\n")
        if (
            len(lines) < 2
            or _ASKED.match(shown)
            or not all(map(_LABELLED.match, lines))
            or len(lines) != token.content.count("\n") + 1
        ):
            self._add("paragraph", start, end, shown)
            return
        for line in re.finditer(r"[^\n]+", token.content):
            low, high = place.within(*line.span())
            self._add("field", self.front + low, self.front + high, "")

    def _name(self, token: Token, place: Place, shown: str) -> None:
        """Keep in mind a bold label that opens a paragraph: it may turn out to be a speaker."""
        match = _SPOKEN.match(shown)
        opening = next((child.type for child in token.children or () if child.content or child.type != "text"), "")
        at = token.content.find(match["name"]) if match and opening == "strong_open" else -1
        if match and at >= 0 and self.outline.blocks[-1].kind == "paragraph":
            low, high = place.within(at, at + len(match["name"]))
            self.named.append((len(self.outline.blocks) - 1, match["name"], Span(self.front + low, self.front + high)))

    def _speak(self) -> None:
        """Paragraphs with the names of people who speak in turn are their turns."""
        names = recurring([(name, True) for _, name, _ in self.named])
        for number, name, span in self.named:
            if name in names:
                block = self.outline.blocks[number]
                self.outline.blocks[number] = replace(block, kind="turn", labels=(span,))

    def _dl_close(self, _token: Token) -> None:
        self.term = None

    def _admonition_close(self, _token: Token) -> None:
        self.outline.close(_TITLE_LEVEL)

    # -- code, tables, HTML --

    def _fence(self, token: Token) -> None:
        lines = [(start, end) for start, end in self._line_spans(token) if self.source[start:end].strip()]
        if not lines:
            return
        if token.type == "fence":
            self.marks.append(lines[0])
            closing = self.source[slice(*lines[-1])].strip()
            if len(lines) > 1 and closing.startswith(token.markup) and not closing.strip(token.markup[0]):
                self.marks.append(lines[-1])
        text = self.source[lines[0][0] : lines[-1][1]]
        start, end = lines[0][0] + len(text) - len(text.lstrip()), lines[0][0] + len(text.rstrip())
        parent = self.lists[-1].item if self.lists else None
        lead = len(self.outline.blocks) - 1 if self.led else parent
        self._add("code" if token.content.strip() else "furniture", start, end, "", lead)

    _code_block = _fence

    def _line_spans(self, token: Token) -> list[Range]:
        """The lines of code or HTML without what belongs to the quotes and items around it, which is marked."""
        first = (token.map or [0])[0]
        starts = [self.front + offset for offset in token.meta["starts"]]
        self.marks += [(self.lines[first + number], start) for number, start in enumerate(starts) if number]
        return [(start, self.lines[first + number + 1]) for number, start in enumerate(starts)]

    def _html_block(self, token: Token) -> None:
        lines = self._line_spans(token)
        start, end = lines[0][0], lines[-1][1]
        self.header = None
        found, marks = rawhtml.pieces(self.source, start, end)
        self.marks += marks
        for piece in found:
            if piece.kind == "close":
                self.outline.close(rawhtml.SUMMARY_LEVEL)
            elif piece.kind in ("row", "header"):
                self._cells(piece.kind == "header", [Span(*cell) for cell in piece.cells])
            elif piece.kind != "heading":
                self._add(piece.kind, piece.start, piece.end, self.source[piece.start : piece.end])
            else:
                self._add("heading", piece.start, piece.end, "", level=piece.level)

    def _tr_close(self, _token: Token) -> None:
        cells = [place.span for place in self.row]
        first = next((span for span in cells if span), None)
        if first:
            at = self.front + first[0]
            spans = []
            for span in cells:
                spans.append(Span(self.front + span[0], self.front + span[1]) if span else Span(at, at))
                at = spans[-1].end
            self._cells(self.head, spans)
        self.row = []

    def _thead_open(self, _token: Token) -> None:
        self.header = None
        self.head = True

    def _thead_close(self, _token: Token) -> None:
        self.head = False

    def _table_close(self, _token: Token) -> None:
        self.header = None

    def _cells(self, head: bool, cells: Sequence[Span]) -> None:
        filled = [cell for cell in cells if cell.end > cell.start]
        start, end = filled[0].start, filled[-1].end
        self.marks += [(left.end, right.start) for left, right in pairwise(filled)]
        if head:
            self.header = self._add("header", start, end, "", cells=cells)
            return
        heads = self.outline.blocks[self.header].cells if self.header is not None else ()
        columns = [(heads[n],) if n < len(heads) and heads[n].end > heads[n].start else () for n in range(len(cells))]
        label = [cell for cell in cells[:1] if _LETTER.search(self.source, cell.start, cell.end)]
        labels = label if len(cells) > 1 else ()
        self._add("row", start, end, "", self.header, cells=cells, labels=labels, columns=columns if heads else ())

    def _add(self, kind: BlockKind, start: int, end: int, shown: str, parent: int | None = None, **more: Any) -> int:
        self.led = shown.rstrip().endswith((":", "："))
        return self.outline.add(kind, start, end, parent, **more)

    def _front_matter(self) -> None:
        """One field for each key that stands at the margin, with the lines under it; the title names the document."""
        at, title = None, None
        for line in re.finditer(r"[^\n]*\n?", self.source[: self.front]):
            closed = line[0].rstrip() in ("---", "...") or _KEY.match(line[0])
            if at is not None and closed:
                end = len(self.source[: line.start()].rstrip())
                key = _KEY.match(self.source, at, end)
                is_title = (
                    title is None and key is not None and key[0].rstrip(" \t:").lower() == "title" and key.end() < end
                )
                kind: BlockKind = "heading" if is_title else "furniture" if key and _is_technical(key[0]) else "field"
                number = self._add(kind, at, end, "")
                if is_title and key:
                    self.marks.append(key.span())
                    title = number
                at = None
            if _KEY.match(line[0]):
                at = line.start()
        if title is not None:
            self._set_title(title)

    def _set_title(self, number: int) -> None:
        """Everything else stands under the title, the fields before it by their number only."""
        self.outline.root = number
        blocks = self.outline.blocks
        blocks[number + 1 :] = [replace(block, parent=number) for block in blocks[number + 1 :]]


def _is_technical(key: str) -> bool:
    return key.rstrip(" \t:").lower().replace("-", "_") in _TECHNICAL


def _shown(token: Token) -> str:
    """The words of an inline token as a reader sees them, line ends kept; nothing that is struck out."""
    parts, struck = [], 0
    for child in token.children or ():
        struck += {"s_open": 1, "s_close": -1}.get(child.type, 0)
        if child.type in ("softbreak", "hardbreak"):
            parts.append("\n")
        elif child.type != "html_inline" and not struck:
            parts.append(child.content)
    return "".join(parts)


def _is_bold(token: Token) -> bool:
    """Whether a paragraph is one line of bold words and nothing else."""
    children = [child for child in token.children or () if child.type != "text" or child.content.strip()]
    types = [child.type for child in children]
    whole = types[:1] == ["strong_open"] and types[-1:] == ["strong_close"] and types.count("strong_open") == 1
    return whole and "softbreak" not in types and "hardbreak" not in types


def _is_picture(token: Token) -> bool:
    types = {child.type for child in token.children or () if child.type != "text" or child.content.strip()}
    return types <= {"image", "softbreak", "link_open", "link_close"} and "image" in types


def _is_contents(tokens: Sequence[Token], number: int) -> bool:
    """Whether all items of a list are nothing but a link to a place in this document or to a page beside it."""
    level, links = tokens[number].level, 0
    for at in range(number + 1, len(tokens)):  # a slice would copy all the rest for each list
        token = tokens[at]
        if token.level == level:
            break
        if token.type in ("fence", "code_block", "html_block"):
            return False
        if token.type == "inline":
            target = _link_alone(token)
            if not target or _ELSEWHERE.match(target):
                return False
            links += 1
    return links > 1


def _link_alone(token: Token) -> str:
    """Where a link leads that is all that a paragraph or an item shows; empty if there is more or none."""
    children = [child for child in token.children or () if child.type != "text" or child.content.strip()]
    if not children or children[-1].type != "link_close" or _count(children, "link_open") != 1:
        return ""
    return str(children[0].attrs.get("href", "")) if children[0].type == "link_open" else ""


def _count(tokens: Sequence[Token], kind: str) -> int:
    return sum(token.type == kind for token in tokens)
