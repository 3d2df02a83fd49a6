"""Gold cases: questions whose right answer is known, and the loader of the YAML files that hold them.

The format is described in docs/gold-format.md. Nothing here needs a model or an index.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path, PurePosixPath
from typing import Literal, TypeVar, get_args

from qa.errors import GoldError
from qa.files import MEDIUM, read_named
from qa.gold.files.matchers import TIME_LIMIT, Date, Matcher, Number, Regex, Words
from qa.gold.files.nodes import Node, compose
from qa.records import Span

__all__ = [
    "MAX_PROBLEMS",
    "Case",
    "Expect",
    "GoldQuote",
    "Severity",
    "disagreements",
    "load",
    "locate",
    "matches",
    "parse",
    "read",
]

MAX_PROBLEMS = 20
"""A file's first problems that a GoldError lists; the rest is counted."""

Expect = Literal["answer", "abstain"]
Severity = Literal["normal", "critical"]


@dataclass(frozen=True, slots=True)
class GoldQuote:
    """Words of a source that prove the answer.

    source: the document's id. text: its exact words. before, after: the words that stand directly around it, needed
    only where the quote occurs more than once. part: quotes of one part are interchangeable, one of them is enough;
    None is a part of its own. line: where the quote begins in the gold file.
    """

    source: str
    text: str
    before: str = ""
    after: str = ""
    part: str | None = None
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Case:
    """A question and what is expected of its answer.

    fact: the group of cases that ask for the same fact and must agree; the id if the file names none. all, any, none:
    what the answer's text must say, must say one of, must not say. file, line: where the case begins.
    """

    id: str
    fact: str
    question: str
    expect: Expect
    all: tuple[Matcher, ...] = ()
    any: tuple[Matcher, ...] = ()
    none: tuple[Matcher, ...] = ()
    quotes: tuple[GoldQuote, ...] = ()
    tags: tuple[str, ...] = ()
    severity: Severity = "normal"
    note: str = ""
    file: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)

    @property
    def parts(self) -> tuple[tuple[GoldQuote, ...], ...]:
        """The quotes by part, in order of first appearance: from each part one is needed."""
        parts: dict[object, list[GoldQuote]] = {}
        for number, quote in enumerate(self.quotes):
            parts.setdefault(quote.part or number, []).append(quote)
        return tuple(tuple(part) for part in parts.values())


def locate(quote: GoldQuote, text: str) -> Span | Literal["absent", "ambiguous"]:
    """Where the quote stands in a document's text.

    Character for character, except that white space equals any white space. `before` and `after` stand directly around
    it; the span is the quote's alone. Nothing is guessed: another word, case or quotation mark is absent, and two
    places, even overlapping ones, are ambiguous.
    """
    before, after = (_spaced(part) for part in (quote.before, quote.after))
    pattern = re.compile(
        (rf"{before}\s*" if before else "") + f"({_spaced(quote.text)})" + (rf"\s*{after}" if after else "")
    )
    found = pattern.search(text)
    if found is None:
        return "absent"
    if pattern.search(text, found.start() + 1):
        return "ambiguous"
    return Span(*found.span(1))


def _spaced(words: str) -> str:
    return r"\s+".join(map(re.escape, words.split()))


def matches(answer_text: str, case: Case) -> list[str]:
    """What is wrong with the text of an answer; empty if nothing is.

    answer_text: the statements without their [1] markers, which would be read as numbers; empty if `qa` abstained.
    Raises GoldError with the case's file and line for a regular expression that takes too long, if it decides.
    """
    if case.expect == "abstain":
        return ["an answer, but the sources do not say"] if answer_text.strip() else []
    if not answer_text.strip():
        return ["no answer"]
    slow: list[Matcher] = []

    def found(matcher: Matcher) -> bool | None:
        try:
            return matcher.found_in(answer_text)
        except TimeoutError:
            slow.append(matcher)
            return None

    problems = [f"{matcher} is missing" for matcher in case.all if found(matcher) is False]
    problems += [f"{matcher} must not be there" for matcher in case.none if found(matcher)]
    late = len(slow)
    if case.any and any(found(matcher) for matcher in case.any):
        del slow[late:]
    elif case.any:
        problems.append(f"none of these: {'; '.join(map(str, case.any))}")
    if slow:
        raise GoldError(f"{case.file}:{case.line}: {slow[0]} took longer than {TIME_LIMIT} s, or too much memory")
    return problems


def load(*paths: Path) -> tuple[Case, ...]:
    """The cases of gold files, in order. Raises GoldError with a line `FILE:LINE: problem` for each problem."""
    problems: list[str] = []
    cases: list[Case] = []
    for path in paths:
        try:
            cases += parse(read_named(path, MEDIUM).decode("utf-8-sig"), str(path))
        except OSError as error:
            problems.append(f"{path}: cannot be read: {error.strerror}")
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            problems.append(f"{path}:{line}: not UTF-8; save the file as UTF-8")
        except GoldError as error:
            problems += error.problems
    problems += [f"{case.file}:{line}: {text}" for case, line, text in disagreements(cases)] if len(paths) > 1 else []
    if problems:
        raise GoldError(*problems)
    return tuple(cases)


def parse(text: str, file: str = "<text>") -> tuple[Case, ...]:
    """The cases of one gold file's text. Raises GoldError with a line `FILE:LINE: problem` for each problem."""
    return read(compose(text, file), file)


def read(root: Node | None, file: str) -> tuple[Case, ...]:
    """The cases of a composed gold file, as `parse`."""
    reader = _Reader(file)
    cases: list[Case] = []
    if root is None or (root.kind == "list" and not root.items):
        reader.report(1, "no cases; a gold file is a list of cases that begin with `- id:`")
    else:
        cases = [case for node in reader.items(root, "a gold file") if (case := reader.case(node))]
    for _, line, problem in disagreements(cases):
        reader.report(line, problem)
    if reader.problems:
        raise GoldError(*reader.messages())
    return tuple(cases)


def disagreements(cases: Sequence[Case]) -> list[tuple[Case, int, str]]:
    """Ids that occur twice and facts that are expected to be both answered and not: the case, its line, the problem."""
    ids: dict[str, Case] = {}
    facts: dict[str, Case] = {}
    problems = []
    for case in cases:
        first = ids.setdefault(case.id, case)
        if first is not case:
            problems.append((case, case.line, f"duplicate id {case.id!r}, first used at {first.file}:{first.line}"))
        twin = facts.setdefault(case.fact, case)
        if twin.expect != case.expect:
            where = f"{twin.id!r} at {twin.file}:{twin.line}"
            problems.append(
                (case, case.line, f"fact {case.fact!r} expects {case.expect}, but {twin.expect} in {where}")
            )
    return problems


_CASE_KEYS = (
    "id", "fact", "question", "expect", "severity", "tags", "all", "any", "none", "quotes", "note",
)  # fmt: skip
_QUOTE_KEYS = ("source", "text", "before", "after", "part")
_NOT_GOLD_YET = "; the cases of a review file become gold with: qa gold accept"
_MATCHER_KEYS = {"words": (), "regex": (), "number": ("tolerance", "unit"), "date": ()}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_T = TypeVar("_T")


class _Reader:
    """Turns nodes into records. What cannot be read is reported and left out; `problems` decides at the end."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[tuple[int, str]] = []

    def report(self, line: int, problem: str) -> None:
        self.problems.append((line, problem))

    def messages(self) -> list[str]:
        lines = [f"{self.file}:{line}: {problem}" for line, problem in sorted(self.problems)]
        more = len(lines) - MAX_PROBLEMS
        return [*lines[:MAX_PROBLEMS], *([f"{self.file}: and {more} more problems"] if more > 0 else [])]

    def items(self, node: Node | None, what: str) -> list[Node]:
        if node is None:
            return []
        if node.kind != "list":
            self.report(node.line, f"{what} must be a list, not {_shown(node)}")
            return []
        return node.items

    def text(self, node: Node | None, what: str) -> str:
        if node is None:
            return ""
        if node.kind != "text" or not node.text.strip():
            self.report(node.line, f"{what} must be text, not {_shown(node)}")
            return ""
        return node.text.strip()

    def name(self, node: Node | None, what: str) -> str:
        text = self.text(node, what)
        if node and text and not _NAME.fullmatch(text):
            self.report(node.line, f"{what} {text!r} is not a valid name (use letters, digits, . _ -, at most 100)")
        return text

    def choice(self, node: Node | None, what: str, choices: Sequence[str]) -> str:
        text = self.text(node, what)
        if node and text and text not in choices:
            self.report(node.line, f"{what} must be {' or '.join(choices)}, not {text!r}{_nearest(text, choices)}")
        return text

    def keys(self, node: Node, what: str, allowed: Sequence[str], required: Sequence[str] = ()) -> dict[str, Node]:
        if node.kind != "mapping":
            self.report(node.line, f"{what} must have keys and values, not {_shown(node)}")
            return {}
        values: dict[str, Node] = {}
        for key, value in zip(node.items[::2], node.items[1::2], strict=True):
            if key.text not in allowed:
                hint = _NOT_GOLD_YET if key.text == "review" else _nearest(key.text, allowed)
                self.report(key.line, f"unknown key {_shown(key)} in {what}{hint}")
            elif key.text in values:
                self.report(key.line, f"{what} has {key.text!r} twice")
            if value.kind == "list":
                value.line = key.line  # and not that of its first item
            values.setdefault(key.text, value)
        for key_name in required:
            if key_name not in values:
                self.report(node.line, f"{what} has no {key_name!r}")
        return values

    def case(self, node: Node) -> Case | None:
        before = len(self.problems)
        values = self.keys(node, "a case", _CASE_KEYS, ("id", "question", "expect"))
        expect = self.choice(values.get("expect"), "expect", get_args(Expect))
        severity = self.choice(values.get("severity"), "severity", get_args(Severity)) or "normal"
        case_id = self.name(values.get("id"), "id")
        case = Case(
            id=case_id,
            fact=self.name(values.get("fact"), "fact") or case_id,
            question=self.text(values.get("question"), "question"),
            expect="abstain" if expect == "abstain" else "answer",
            all=self.each(values.get("all"), "all", self.matcher),
            any=self.each(values.get("any"), "any", self.matcher),
            none=self.each(values.get("none"), "none", self.matcher),
            quotes=self.each(values.get("quotes"), "quotes", self.quote),
            tags=self.each(values.get("tags"), "tags", lambda tag: self.name(tag, "a tag")),
            severity="critical" if severity == "critical" else "normal",
            note=self.text(values.get("note"), "note"),
            file=self.file,
            line=node.line,
        )
        self.check_expectation(expect, values, node.line)
        return case if len(self.problems) == before else None

    def check_expectation(self, expect: str, values: dict[str, Node], line: int) -> None:
        if expect == "answer" and not (values.get("quotes") and values["quotes"].items):
            self.report(line, "an answerable case needs at least one gold quote (`quotes:`)")
        if expect == "abstain":
            for key in ("all", "any", "none", "quotes"):
                if key in values:
                    self.report(
                        values[key].line, f"{key!r} in a case that expects to abstain: there is no answer to check"
                    )

    def each(self, node: Node | None, what: str, read: Callable[[Node], _T | None]) -> tuple[_T, ...]:
        items = self.items(node, what)
        if node and node.kind == "list" and not items:
            self.report(node.line, f"{what} is empty; leave it out")
        return tuple(value for item in items if (value := read(item)) is not None)

    def quote(self, node: Node) -> GoldQuote | None:
        values = self.keys(node, "a quote", _QUOTE_KEYS, ("source", "text"))
        source = self.text(values.get("source"), "source")
        if source.startswith("/") or "\\" in source or ".." in PurePosixPath(source).parts:
            self.report(values["source"].line, f"source {source!r} is not a path inside seeds/, with / as separator")
        texts = {key: self.text(values.get(key), key) for key in ("text", "before", "after")}
        return GoldQuote(source, **texts, part=self.name(values.get("part"), "part") or None, line=node.line)

    def matcher(self, node: Node) -> Matcher | None:
        extra = [key for keys in _MATCHER_KEYS.values() for key in keys]
        values = self.keys(node, "a matcher", [*_MATCHER_KEYS, *extra])
        kinds = [key for key in values if key in _MATCHER_KEYS]
        if node.kind == "mapping" and len(kinds) != 1:
            self.report(
                node.line,
                f"a matcher needs exactly one of {', '.join(_MATCHER_KEYS)}; it has {', '.join(kinds) or 'none'}",
            )
        if len(kinds) != 1:
            return None
        kind = kinds[0]
        for key in extra:
            if key in values and key not in _MATCHER_KEYS[kind]:
                self.report(values[key].line, f"{key!r} applies to number matchers, not to {kind}")
        texts = {key: self.text(value, key) for key, value in values.items() if key in (*_MATCHER_KEYS, *extra)}
        try:
            return _matcher(kind, texts) if all(texts.values()) else None
        except ValueError as error:
            self.report(values[kind].line, str(error))
            return None
        except TimeoutError as error:  # no more of this file is read: it could have thousands
            raise GoldError(f"{self.file}:{values[kind].line}: {error}") from None


def _matcher(kind: str, texts: dict[str, str]) -> Matcher:
    if kind == "words":
        return Words(texts["words"])
    if kind == "regex":
        return Regex.parse(texts["regex"])
    if kind == "date":
        return Date.parse(texts["date"])
    return Number.parse(texts["number"], texts.get("tolerance", "0"), texts.get("unit"))


def _nearest(word: str, choices: Sequence[str]) -> str:
    near = get_close_matches(word, choices, n=1, cutoff=0.0)
    return f"; did you mean {near[0]!r}?" if near and word else ""


def _shown(node: Node) -> str:
    if node.kind == "text":
        return repr(node.text[:40]) if node.text.strip() else "nothing"
    return f"a {node.kind}"
