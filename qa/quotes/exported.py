"""Whether a page has only the markup that `qa serve` writes when it exports an answer.

A browser shows more than the words of a page: styles hide and add text, scripts replace it, pictures hold it. So every
tag, attribute and style must be one that the template of an exported page has, at a place where the template has it.
"""

import base64
import hashlib
import re
from collections.abc import Sequence
from functools import cache
from importlib import resources

from qa.lines import HEADLINES, MISSING, UNDERSTOOD
from qa.quotes.markup import Token, text_of
from qa.text import shortened

__all__ = ["foreign", "foreign_in_text_page", "policy"]

NUMBER = r"-?\d{1,6}"
PAGE = rf'aria-label="Page {NUMBER}"'
ALLOWED = {  # (element around it, element) -> its attributes
    ("", "html"): ' lang="en"',
    ("html", "head"): "",
    ("head", "meta"): ' charset="utf-8"| http-equiv="Content-Security-Policy" content="(?P<policy>[^"]*)"'
    '| name="viewport" content="width=device-width, initial-scale=1"'
    '| name="color-scheme" content="light dark"| name="referrer" content="no-referrer"',
    ("head", "title"): "",
    ("head", "style"): "",
    ("html", "body"): "",
    ("body", "main"): "",
    ("body", "script"): ' type="application/json" id="qa-answer"',
    ("main", "h1"): ' class="question" dir="auto"',
    ("main", "h2"): "",
    ("main", "p"): ' class="(?P<line>understood|hint|headline|notice warn)"(?: dir="auto")?',
    ("main", "ol"): ' class="statements" role="list"',
    ("ol", "li"): ' class="statement (?:supported|unconfirmed|unsupported)"',
    ("li", "p"): ' dir="auto"',
    ("li", "ul"): ' class="problems"',
    ("ul", "li"): "",
    ("p", "strong"): ' class="mark"',
    ("p", "a"): r' class="ref" href="#quote-\d{1,6}"',
    ("p", "span"): ' class="(?:hint|number|title|place|kind)"',
    ("main", "article"): r' class="card" id="quote-\d{1,6}"',
    ("article", "p"): ' class="(?:from|context)"',
    ("article", "blockquote"): ' dir="auto"',
    ("blockquote", "mark"): "",
    ("article", "details"): "",
    ("main", "details"): ' class="made"',
    ("details", "summary"): "",
    ("details", "p"): ' class="hint"',
    ("details", "ul"): "",
    ("p", "code"): "",
    ("li", "code"): "",
    ("details", "figure"): ' class="pdf"',
    ("figure", "div"): f' class="scroll" tabindex="0" role="region" {PAGE}',
    ("div", "svg"): f' viewBox="0 0 {NUMBER} {NUMBER}" role="img" {PAGE}',
    ("svg", "image"): f' href="data:image/png;base64,[A-Za-z0-9+/=]*+" width="{NUMBER}" height="{NUMBER}"/',
    ("svg", "rect"): f' class="place-mark" x="{NUMBER}" y="{NUMBER}" width="{NUMBER}" height="{NUMBER}"/',
}
PATTERNS = {place: re.compile(f"<{place[1]}(?:{attributes})>") for place, attributes in ALLOWED.items()}
EMPTY = ("meta", "image", "rect")
WORDED = frozenset("title style script h1 h2 p li strong a span blockquote mark summary code".split())
UNFINISHED = (  # of `qa.index.unfinished.described`, as a headline
    r"Only words can be searched: the index (?:is still being built|was not finished) \(\d{1,2}% done\)"
    r"(?:; run: qa index)?\."
)
LINES = {  # what stands in the lines that are neither a statement nor a quote
    "understood": f"{re.escape(UNDERSTOOD)}.*",
    "hint": r"Only sources with .*",
    "notice warn": re.escape(MISSING.format("")) + ".*",
    "headline": "|".join([*map(re.escape, HEADLINES), UNFINISHED]),
}
TEXT_TAGS = frozenset(
    "html head meta title body main section article header footer h1 h2 h3 h4 h5 h6 p div br hr pre blockquote ul ol "
    "li dl dt dd table caption thead tbody tfoot tr th td a abbr b bdi bdo cite code em i q small span strong sub sup "
    "u var".split()
)
TEXT_ATTRIBUTES = re.compile(
    r"<\w+(?:\s+(?:(?:lang|id|charset|href|cite|start|colspan|rowspan)\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'>]+)))*\s*/?>"
)
DOCTYPE = re.compile(r"<!doctype html>", re.IGNORECASE)
SHOWN = 80  # characters of what is foreign


def foreign(found: Sequence[Token]) -> str:
    """The first thing in a page that an exported page does not have there, in words for people; empty if there is none.
    Styles of other versions of `qa` are foreign, too.
    """
    page = _Exported()
    problems = (page.problem(token, is_first=n == 0) for n, token in enumerate(found))
    return next(filter(None, problems), "") or page.missing()


class _Exported:
    """A page, read token by token. around: the elements that are open, outermost first."""

    def __init__(self) -> None:
        self._around = [""]
        self._line = ""
        self._seen = dict.fromkeys(("style", "script", "policy"), 0)

    def problem(self, token: Token, is_first: bool) -> str:
        """What is foreign about the next token, if anything."""
        if token.kind == "other":
            return "" if is_first and DOCTYPE.fullmatch(token.written) else _short(token.written)
        if token.kind == "start":
            return self._start(token)
        if token.kind == "end":
            is_open = len(self._around) > 1 and self._around.pop() == token.name
            return "" if is_open else _short(token.written)
        return self._words(token)

    def missing(self) -> str:
        """What is foreign about the page as a whole, at its end."""
        if self._around != [""]:
            return f"an open <{self._around[-1]}> at its end"
        return next((f"not exactly one {name}" for name, times in self._seen.items() if times != 1), "")

    def _start(self, token: Token) -> str:
        pattern = PATTERNS.get((self._around[-1], token.name))
        found = pattern.fullmatch(token.written) if pattern else None
        if found is None:
            return _short(token.written)
        groups = found.groupdict()
        self._line = groups.get("line") or ""
        is_policy = groups.get("policy") is not None
        if is_policy and text_of(groups["policy"]) != policy():
            return _short(token.written)
        name = "policy" if is_policy else token.name
        if name in self._seen:
            self._seen[name] += 1
        if token.name not in EMPTY:
            self._around.append(token.name)
        return ""

    def _words(self, token: Token) -> str:
        if token.name == "style":
            return "" if token.written == _style() else "a style that this version of qa does not write"
        if token.written.strip() and self._around[-1] not in WORDED:
            return _short(token.written)
        is_line = self._line and self._around[-2:] == ["main", "p"]
        line = " ".join(text_of(token.written).split())
        return _short(token.written) if is_line and not re.fullmatch(LINES[self._line], line) else ""


def foreign_in_text_page(found: Sequence[Token]) -> str:
    """The same for a page that holds no answer: what may hide its words, or show others."""
    for token in found:
        if token.kind == "other" and not (DOCTYPE.fullmatch(token.written) or token.written.startswith("<!--")):
            return _short(token.written)
        if token.kind == "start" and not (token.name in TEXT_TAGS and TEXT_ATTRIBUTES.fullmatch(token.written)):
            return _short(token.written)
    return ""


@cache
def _style() -> str:
    return (resources.files("qa.serve") / "static" / "page.css").read_text(encoding="utf-8")


@cache
def policy() -> str:
    """The content security policy of an exported page: nothing but its own style and pictures."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"


def _short(written: str) -> str:
    return shortened(" ".join(written[: 4 * SHOWN].split()), SHOWN)
