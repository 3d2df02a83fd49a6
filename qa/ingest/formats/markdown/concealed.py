"""What HTML within Markdown hides or strikes out: also paragraphs, lists and code between the tags."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import unescape

from markdown_it.token import Token

from qa.ingest.formats.common.concealed import UNSEEN, declarations, has_no_box, is_silent, visibility
from qa.ingest.formats.markdown.marks import Place
from qa.ingest.formats.markdown.rawhtml import BLOCKS, TAG
from qa.ingest.outline import merged
from qa.markup import plain
from qa.records import Block, Span

__all__ = ["VOID", "attributes", "darkened", "hidden", "is_taken_out"]

Range = tuple[int, int]

_TAKEN_OUT = UNSEEN - {"rp", "rt", "rtc"} | {"select", "del", "s", "strike"}
_NOWHERE = {("none",), ("hidden",), ("collapse",)}
VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_REMARK = re.compile("<[!?]|\ue000")  # no element; nor may a page forge numbers
_PIECE = re.compile(  # a number, or a tag, which ends with the page at the latest
    r"""\ue000(?P<number>\d+)\ue001
      | <(?P<close>/?)(?P<name>[a-z][^\s/>]*)
        (?P<rest>(?:=\s*"[^"]*(?:"|\Z)|=\s*'[^']*(?:'|\Z)|[^>])*+)(?:>|\Z)""",
    re.VERBOSE | re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r"""([^\s=/>"'][^\s=/>]*)(?:\s*=\s*(?:"([^"]*)"?|'([^']*)'?|([^\s>"']*)))?""")


def hidden(source: str, tokens: Sequence[Token], front: int, lines: Sequence[int]) -> list[Range]:
    """The ranges of the source that define links, and whose words stand in elements that are not shown, or struck out.

    front: where the text of the tokens begins; lines: where its lines do. The page that the tokens make is read with a
    number in the place of each stretch of words.
    """
    links = [(lines[token.map[0]], lines[token.map[1]]) for token in tokens if token.type == "definition" and token.map]
    if not any(token.type == "html_block" or _tags(token) for token in tokens):
        return links
    places: list[Range] = []
    page: list[str] = []
    for token in tokens:
        for piece in _pieces(source, token, front, lines):
            if isinstance(piece, str):
                page.append(_REMARK.sub("", piece))
            else:
                page.append(f"\ue000{len(places)}\ue001")
                places.append(piece)
    shown = _Page().numbers("".join(page))
    return [*links, *(place for number, place in enumerate(places) if number not in shown)]


def _tags(token: Token) -> list[Token]:
    return [child for child in token.children or () if child.type == "html_inline" and "at" in child.meta]


def _pieces(source: str, token: Token, front: int, lines: Sequence[int]) -> Iterator[str | Range]:
    """A token as HTML; ranges of the source are words."""
    if token.type == "inline":
        place: Place = token.meta["place"]
        at = 0
        for tag in _tags(token):
            start, end = tag.meta["at"]
            yield from _moved(place.ranges([(at, start)]), front)
            yield _tag(tag.content)
            at = end
        yield from _moved(place.ranges([(at, len(place.content))]), front)
    elif token.type == "html_block":
        yield from _raw(source, token, front, lines)
    elif token.type in ("fence", "code_block") and token.map:
        yield from ("<pre>", (lines[token.map[0]], lines[token.map[1]]), "</pre>")
    elif token.tag and not token.hidden:
        yield f"</{token.tag}>" if token.nesting < 0 else f"<{token.tag}>"


def _moved(ranges: Iterator[Range], by: int) -> Iterator[Range]:
    yield from ((start + by, end + by) for start, end in ranges)


def _raw(source: str, token: Token, front: int, lines: Sequence[int]) -> Iterator[str | Range]:
    """A block of HTML without the marks of the quotes and items that it stands in."""
    first = (token.map or [0])[0]
    spans = [(start + front, lines[first + number + 1]) for number, start in enumerate(token.meta["starts"])]
    text = "".join(source[start:end] for start, end in spans)
    place = Place(text, list(_offsets(spans)))
    at = 0
    for tag in [*TAG.finditer(text), None]:
        end = tag.start() if tag else len(text)
        yield from place.ranges([(at, end)])
        yield text[at:end]
        if tag:
            yield _tag(tag[0])
            at = tag.end()


def _tag(text: str) -> str:
    """A tag; nothing for comments and scripts, which hold no words."""
    return "" if re.match("<[!?]|<(?:script|style)\\b", text, re.IGNORECASE) else text


def _offsets(spans: Sequence[Range]) -> Iterator[Range]:
    at = 0
    for start, end in spans:
        yield at, start
        at += end - start


@dataclass(slots=True)
class _Page:
    """The elements that are open at a place of a page, and whether they hide what is in them."""

    open: list[tuple[str, bool]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    hiding: int = 0

    def numbers(self, page: str) -> set[int]:
        """The numbers that a page shows."""
        shown: set[int] = set()
        for piece in _PIECE.finditer(page):
            name = (piece["name"] or "").lower()
            if not name:
                shown.update(() if self.hiding else (int(piece["number"]),))
            elif piece["close"]:
                self.end(name)
            else:
                self.start(name, piece["rest"])
        return shown

    def start(self, name: str, rest: str) -> None:
        if name in BLOCKS:
            self.end("p")
        if name not in VOID:
            hides = is_taken_out(name, attributes(rest))
            self.open.append((name, hides))
            self.counts[name] += 1
            self.hiding += hides

    def end(self, name: str) -> None:
        """End the last element of this name and those in it; nothing where there is none."""
        while self.counts[name]:
            last, hid = self.open.pop()
            self.counts[last] -= 1
            self.hiding -= hid
            if last == name:
                break


def is_taken_out(name: str, attributes: Mapping[str, str]) -> bool:
    """Whether an element strikes out its words, or surely hides them: no other part of its style may show them."""
    style = declarations(attributes.get("style", ""))
    values = {key: {words for other, words in style if other == key} - _NOWHERE for key in ("display", "visibility")}
    return (
        any(key.startswith("text-decoration") and "line-through" in words for key, words in style)
        or name in _TAKEN_OUT
        or is_silent(name, attributes)
        or (has_no_box(name, attributes) and not values["display"])
        or (visibility(attributes) is False and not values["visibility"])
    )


def attributes(rest: str) -> dict[str, str]:
    """The attributes in a tag, from what follows its name."""
    found: dict[str, str] = {}
    for name, *values in _ATTRIBUTE.findall(rest):
        found.setdefault(name.lower(), unescape("".join(values)))
    return found


def darkened(source: str, blocks: Sequence[Block], markup: Sequence[Span], dark: Sequence[Range]) -> list[Block]:
    """The blocks, those that only hold hidden words as furniture: nothing stands under them, and they are no context.

    markup: what else is not shown.
    """
    if not dark:
        return list(blocks)
    everything = merged([*((span.start, span.end) for span in markup), *dark])

    def shows(span: Span | Block) -> bool:
        return bool(plain(source, span.start, span.end, everything).strip())

    result: list[Block] = []
    for block in blocks:
        parent = block.parent
        if parent is not None and result[parent].kind == "furniture":
            parent = result[parent].parent
        gone = not shows(block) and bool(plain(source, block.start, block.end, markup).strip())
        columns = tuple(tuple(filter(shows, column)) for column in block.columns)
        labels = tuple(filter(shows, block.labels))
        plainer = replace(block, parent=parent, labels=labels, columns=columns)
        result.append(replace(plainer, kind="furniture", level=0, cells=(), columns=()) if gone else plainer)
    return result
