"""A CommonMark parser that says where in the file its inline marks are.

markdown-it gives line numbers for blocks and nothing for what is inside a line. Its rules are wrapped here: a block
rule's state knows where each line's content begins, and an inline rule's state knows which characters it consumed.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

from markdown_it import MarkdownIt, rules_inline
from markdown_it.common.utils import mdTrim
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.admon import admon_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

from qa.ingest.formats.markdown.containers import add_containers

__all__ = ["Place", "parse"]

BlockRule = Callable[[StateBlock, int, int, bool], bool]
InlineRule = Callable[[StateInline, bool], bool]
Range = tuple[int, int]

_BRACKETS = 5_000  # of a paragraph; the time that links take grows with the square, so one with more has no marks
_NESTING = 100  # deeper blocks are read as text
_NOTE = re.compile(r"\[\^([^\]\s]{1,100})\]")
_ATTRIBUTE = r"(?:[#.][\w:-]+|[\w-]+=(?:\"[^\"\n]*\"|[^\s{}\"]+))"
_ICON = re.compile(r"(?<![\w:]):[a-z][a-z0-9_+-]+:(?![\w:])")
# What static site generators take out of a page: Liquid tags, Hugo's shortcodes, attributes of kramdown and Pandoc.
_TEMPLATE = re.compile(
    r"\{%(?:(?!%\}).){0,400}%\}|\{\{[<%](?:(?!\}\}).){0,400}\}\}"
    rf"|\{{:?\s*{_ATTRIBUTE}(?:\s+{_ATTRIBUTE}){{0,20}}\s*\}}",
    re.DOTALL,
)
_ADMONITION = re.compile(r"(?:!!!|\?\?\?\+?)[ \t]+[\w-]")
_TAG = re.compile(r"\{%[^\n]{0,400}?%\}|\{\{[^{}\n]{0,400}\}\}")
_IN_TAG = re.compile(r"[ \t\\()<>\[\]]")
_SAID = re.compile(r"(?<![=\w:])\"([^\"/=]+)\"")


def parse(source: str) -> list[Token]:
    """The tokens of a text without carriage returns, inline ones with `children` and a `Place` in `meta["place"]`,
    footnotes with `meta["used"]`.

    Template tags are taken for words, so that a link may lead to one; the characters of the tokens differ there.
    """
    env: dict[str, Any] = {"notes": set()}
    tokens = _parser().parse(_TAG.sub(lambda tag: _IN_TAG.sub("·", tag[0]), source), env)
    for token in tokens:
        if token.type == "inline":
            at = token.meta.get("place") or Place(token.content, ())
            env["marks"] = []
            token.children = []
            if token.content.count("[") <= _BRACKETS:
                _parser().inline.parse(token.content, _parser(), env, token.children)
            token.meta["place"] = Place(at.content, at.pieces, (*at.marks, *at.ranges(env["marks"])))
    for token in tokens:
        if token.type == "footnote_reference_open":
            token.meta["used"] = token.meta["label"] in env["notes"]
    return tokens


class Place:
    """Where the content of an inline token is in the source.

    pieces: (offset in the content, offset in the source), sorted; from one to the next both run alike.
    marks: ranges of the source that are not shown.
    """

    def __init__(self, content: str, pieces: Sequence[Range], marks: Sequence[Range] = ()) -> None:
        self.content = content
        self.pieces = tuple(pieces)
        self.marks = tuple(marks)

    def source(self, offset: int) -> int:
        """The offset in the source of a character of the content."""
        content, source = self.pieces[bisect_right(self.pieces, (offset, 1 << 62)) - 1]
        return source + offset - content

    def within(self, start: int, end: int) -> Range:
        """The range of the source for a range of the content that is not white."""
        inner = self.content[start:end]
        start += len(inner) - len(inner.lstrip())
        return self.source(start), self.source(start + len(inner.strip()) - 1) + 1

    def ranges(self, found: Iterable[Range]) -> Iterator[Range]:
        """Ranges of the content as ranges of the source."""
        if self.pieces:
            yield from ((self.source(start), self.source(end - 1) + 1) for start, end in found if start < end)

    @property
    def span(self) -> Range | None:
        """From the first to the last character, without white space; None if there is nothing else."""
        return self.within(0, len(self.content)) if self.content.strip() and self.pieces else None


@cache
def _parser() -> MarkdownIt:
    md = MarkdownIt("commonmark", {"maxNesting": _NESTING, "inline_definitions": True}).enable(
        ["table", "strikethrough"]
    )
    md.use(deflist_plugin).use(footnote_plugin, inline=False, move_to_end=False).use(admon_plugin)
    md.disable(["inline", "text_join"])  # `parse` goes through the inline tokens itself
    add_containers(md)
    for rule in list(md.block.ruler.__rules__):
        md.block.ruler.at(rule.name, _located(rule.name, rule.fn), {"alt": rule.alt})
    for name, marks in _MARKS.items():
        md.inline.ruler.at(name, _recorded(getattr(rules_inline, "backtick" if name == "backticks" else name), marks))
    md.inline.ruler.at("image", _image)
    md.inline.ruler.at("footnote_ref", _note)
    md.inline.ruler.at("emphasis", _placed(rules_inline.emphasis.tokenize))
    md.inline.ruler.at("strikethrough", _placed(rules_inline.strikethrough.tokenize))
    md.inline.ruler.at("html_inline", _placed(rules_inline.html_inline))
    md.inline.ruler.before("escape", "template", _template)
    md.inline.ruler2.before("fragments_join", "marks", _collect)
    return md


# -- blocks: where the lines of an inline token begin --


def _located(name: str, rule: BlockRule) -> BlockRule:
    """The rule, which also notes the places of the inline tokens that it makes."""

    def wrapped(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        known = len(state.tokens)
        if name == "admonition" and not _ADMONITION.match(state.src, state.bMarks[start] + state.tShift[start]):
            return False
        if not rule(state, start, end, silent):
            return False
        if not silent:
            new = [token for token in state.tokens[known:] if "placed" not in token.meta]
            for token in new:
                token.meta["placed"] = True
                if token.map and token.type in ("fence", "code_block", "html_block"):
                    starts = [state.bMarks[line] for line in range(*token.map)]
                    token.meta["starts"] = [starts[0] + state.tShift[token.map[0]], *starts[1:]]
            if name == "table":
                _locate_cells(state, [token for token in new if token.type == "inline"])
            else:
                for token in new:
                    if token.type == "inline":
                        token.meta["place"] = _place(state, token, 1 if name == "heading" else 0)
        return True

    return wrapped


def _place(state: StateBlock, token: Token, skip: int) -> Place:
    """Where the lines of a token's content are. skip: characters at the head of the line that are never content."""
    pieces: list[Range] = []
    marks: list[Range] = []
    at, line = 0, (token.map or [0])[0]
    while not mdTrim(state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]) and line < state.lineMax:
        line += 1  # lines of white space that Markdown does not see as blank are trimmed off the content
    for content in token.content.split("\n"):
        inner = content.lstrip(" \t")
        first = state.bMarks[line] + state.tShift[line]
        found = first if at else state.src.find(inner, first + skip, state.eMarks[line])
        if found < 0 or not state.src.startswith(inner, found):
            return Place(token.content, ())
        pieces.append((at + len(content) - len(inner), found))
        if at and (line_start := state.src.rfind("\n", 0, found) + 1) < found:
            marks += [(line_start + m.start(), line_start + m.end()) for m in _dark(state.src[line_start:found])]
        at += len(content) + 1
        line += 1
    return Place(token.content, pieces, marks)


def _dark(text: str) -> Iterator[re.Match[str]]:
    return re.finditer(r"\S+", text)


def _locate_cells(state: StateBlock, tokens: Sequence[Token]) -> None:
    """The places of a table's cells; `escapedSplit` of markdown-it's table rule, with offsets."""
    rows: dict[int, list[Token]] = {}
    for token in tokens:
        rows.setdefault((token.map or [0])[0], []).append(token)
    for line, cells in rows.items():
        start, end = state.bMarks[line] + state.tShift[line], state.eMarks[line]
        for token, (low, high) in zip(cells, _cells(state.src, start, end), strict=False):
            token.meta["place"] = _cell(state.src, token.content, low, high)


def _cells(source: str, start: int, end: int) -> list[Range]:
    line = source[start:end]
    start, end = start + len(line) - len(line.lstrip()), start + len(line.rstrip())
    edges = [start - 1, *(start + bar.start() for bar in re.finditer(r"(?<!\\)\|", source[start:end])), end]
    cells = [(low + 1, high) for low, high in pairwise(edges)]
    cells = cells[1:] if cells[0][0] == cells[0][1] else cells
    return cells[:-1] if cells and cells[-1][0] == cells[-1][1] else cells


def _cell(source: str, content: str, low: int, high: int) -> Place:
    """The place of one cell, whose escaped bars have lost their backslash in the content."""
    raw = source[low:high]
    low += len(raw) - len(raw.lstrip())
    escapes = [match.start() for match in re.finditer(r"\\\|", source[low:high])]
    pieces = [(0, low), *((at - count, low + at + 1) for count, at in enumerate(escapes))]
    return Place(content, pieces if content else (), [(low + at, low + at + 1) for at in escapes])


# -- inline: which characters are marks --


def _recorded(rule: InlineRule, marks: Callable[[StateInline, int], Iterator[Range]]) -> InlineRule:
    """The rule, which also notes which of the characters it consumed are marks."""

    def wrapped(state: StateInline, silent: bool) -> bool:
        start = state.pos
        if not rule(state, silent):
            return False
        if not silent:
            state.env["marks"].extend(marks(state, start))
        return True

    return wrapped


def _escape_marks(state: StateInline, start: int) -> Iterator[Range]:
    token = state.tokens[-1]
    if token.type == "hardbreak" or token.content != token.markup:
        yield start, start + 1


def _code_marks(state: StateInline, start: int) -> Iterator[Range]:
    token = state.tokens[-1] if state.tokens else None
    if token and token.type == "code_inline" and not state.pending:
        yield start, start + len(token.markup)
        yield state.pos - len(token.markup), state.pos


def _link_marks(state: StateInline, start: int) -> Iterator[Range]:
    yield start, start + 1
    yield state.md.helpers.parseLinkLabel(state, start, True), state.pos


def _ends(state: StateInline, start: int) -> Iterator[Range]:
    yield start, start + 1
    yield state.pos - 1, state.pos


def _white_entity(state: StateInline, start: int) -> Iterator[Range]:
    if not state.tokens[-1].content.strip():
        yield start, state.pos


_MARKS = {
    "escape": _escape_marks,
    "backticks": _code_marks,
    "link": _link_marks,
    "autolink": _ends,
    "entity": _white_entity,
}


def _image(state: StateInline, silent: bool) -> bool:
    """An image shows its alternative text, which is parsed by itself, with offsets of its own."""
    start, marks = state.pos, state.env["marks"]
    known = len(marks)
    if not rules_inline.image(state, silent):
        return False
    if not silent:
        label = start + 2
        marks[known:] = [(low + label, high + label) for low, high in marks[known:]]
        marks += [(start, label), (state.md.helpers.parseLinkLabel(state, start + 1, False), state.pos)]
    return True


def _note(state: StateInline, silent: bool) -> bool:
    """The mark of a footnote, if there is such a footnote."""
    found = _NOTE.match(state.src, state.pos, state.posMax)
    if not found or f":{found[1]}" not in state.env.get("footnotes", {}).get("refs", {}):
        return False
    state.env["notes"].add(found[1])
    return _consume(state, found.end(), silent)


def _template(state: StateInline, silent: bool) -> bool:
    """A tag of a template, of which only words in quotes are taken to be shown."""
    pattern = {"{": _TEMPLATE, ":": _ICON}.get(state.src[state.pos])
    found = pattern.match(state.src, state.pos, state.posMax) if pattern else None
    return bool(found) and _consume(state, found.end(), silent)  # type: ignore[union-attr]


def _consume(state: StateInline, end: int, silent: bool) -> bool:
    if not silent:
        at = state.pos
        for said in _SAID.finditer(state.src, state.pos, end) if state.src[at] == "{" else ():
            state.env["marks"].append((at, said.start(1)))
            at = said.end(1)
            state.pending += said[1].replace("·", " ")
        state.env["marks"].append((at, end))
    state.pos = end
    return True


def _placed(rule: InlineRule) -> InlineRule:
    """The rule, whose tokens know where they are: whether they are marks is known when all are read."""

    def wrapped(state: StateInline, silent: bool) -> bool:
        start = state.pos
        if not rule(state, silent):
            return False
        end = state.pos
        for token in reversed(state.tokens):
            if silent or end <= start:
                break
            token.meta["at"] = (end - len(token.content), end)
            end -= len(token.content)
        return True

    return wrapped


def _collect(state: StateInline) -> None:
    """Note the delimiters that became emphasis, the tags, and all that is struck out between tildes."""
    struck: list[int] = []
    for token in state.tokens:
        if "at" not in token.meta or (token.type == "text" and token.content):
            continue
        start, end = token.meta["at"]
        state.env["marks"].append((start, end))
        if token.type == "s_open":
            struck.append(start)
        elif struck and token.type == "s_close":
            state.env["marks"].append((struck.pop(), end))
