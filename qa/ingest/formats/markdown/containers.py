"""Blocks with other blocks inside that site generators add to Markdown: admonitions, tabs, definitions."""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock

__all__ = ["add_containers"]

_CONTAINER = re.compile(r":{3,}[ \t]*(?:\{?[\w-]+\}?)?")
_TAB = re.compile(r"===[!+]{0,2}[ \t]+\"(?P<title>[^\"\n]+)\"[ \t]*\Z")
_DEFINED = re.compile(r":[ ]{3}(?:<!--(?:(?!-->).){0,400}-->[ \t]*)*(?=\S)")  # remarks on it are not shown
_INDENT = 4


def add_containers(md: MarkdownIt) -> None:
    """Teach a parser `:::note`, `=== "Tab"` and `:   definition`."""
    for name, rule in (("container", _container), ("tab", _tab)):
        md.block.ruler.before("fence", name, rule, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    md.block.ruler.before("fence", "definition", _definition)


def _container(state: StateBlock, line: int, _end: int, silent: bool) -> bool:
    """A line `:::note Title` that opens or closes an admonition; what is between is read as usual."""
    start = state.bMarks[line] + state.tShift[line]
    match = _CONTAINER.match(state.src, start, state.eMarks[line])
    if not match or state.is_code_block(line):
        return False
    if silent:
        return True
    title = state.src[match.end() : state.eMarks[line]].strip(" \t")
    state.line = line + 1
    if match[0].strip(": \t") == title == "":
        state.push("admonition_close", "div", 0)
    if title:
        _title(state, line, title)
    return True


def _title(state: StateBlock, line: int, title: str) -> None:
    for kind, nesting in (("admonition_title_open", 1), ("inline", 0), ("admonition_title_close", -1)):
        token = state.push(kind, "p", nesting)  # type: ignore[arg-type]
        token.map = [line, line + 1]
        token.content = title if kind == "inline" else ""


def _tab(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """A line `=== "Linux"` and what is indented under it: one of several contents that a page shows by turns."""
    match = _TAB.match(state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]])
    if not match or state.is_code_block(line):
        return False
    if silent:
        return True
    _title(state, line, match["title"].strip())
    state.line = _indented(state, line, line + 1, end)
    state.push("admonition_close", "div", 0)
    return True


def _definition(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """`:   What it means`, with no term that Markdown knows over it, and what is indented under it."""
    start = state.bMarks[line] + state.tShift[line]
    match = _DEFINED.match(state.src, start, state.eMarks[line])
    if not match or state.is_code_block(line):
        return False
    if silent:
        return True
    outer = state.bMarks[line], state.tShift[line], state.sCount[line]
    inside = state.sCount[line] + _INDENT
    state.bMarks[line], state.tShift[line], state.sCount[line] = max(match.end() - inside, 0), inside, inside
    state.line = _indented(state, line, line, end, outer[2])
    state.bMarks[line], state.tShift[line], state.sCount[line] = outer
    return True


def _indented(state: StateBlock, line: int, first: int, end: int, count: int | None = None) -> int:
    """Read the lines from `first` that are indented under `line`; the line after them."""
    inside = (state.sCount[line] if count is None else count) + _INDENT
    stop = last = line + 1
    while stop < end and (state.isEmpty(stop) or state.sCount[stop] >= inside):
        stop += 1
        last = last if state.isEmpty(stop - 1) else stop
    outer = state.blkIndent, state.lineMax
    state.blkIndent, state.lineMax = inside, last
    state.md.block.tokenize(state, first, last)
    state.blkIndent, state.lineMax = outer
    return last
