"""The claim gate: do the quotes of a statement say what it says? Rules in docs/support.md."""

from collections.abc import Sequence
from dataclasses import dataclass

from qa.answer.support import coverage, numbers, operators
from qa.answer.support.alignment import align
from qa.answer.support.reading import Reading, read
from qa.answer.support.tokens import MAX_CHARS

__all__ = ["Finding", "SupportQuote", "check"]


@dataclass(frozen=True, slots=True)
class SupportQuote:
    """A quote; up to two sentences before and after it, and its document's title, to tell who speaks and who `he` is."""

    text: str
    before: str = ""
    after: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """problems: plain sentences; irrelevant: positions of quotes that have nothing in common with the statement."""

    supported: bool
    problems: tuple[str, ...]
    irrelevant: tuple[int, ...]


def check(statement: str, quotes: Sequence[SupportQuote], question: str = "") -> Finding:
    """Whether the quotes, together with the question, cover the statement."""
    said = read(statement)
    there = read(" \n. ".join(quote.text for quote in quotes))
    asked = read(question)
    context = read(" . ".join(f"{q.title} . {q.before} . {q.after}" for q in quotes))
    pair = align(said, there)
    problems = list(numbers.problems(said.numbers, there.numbers, asked.numbers))
    for token in coverage.uncovered(pair, asked, context):
        problems.append(
            f'The quotes do not contain the name "{token.text}".'
            if token.name
            else f'The quotes do not say "{token.text}".'
        )
    problems += operators.polarity(pair)
    problems += operators.modality(pair, asked)
    problems += operators.quantifiers(pair, asked)
    problems += operators.time_order(pair, asked)
    unique = tuple(dict.fromkeys(problems))
    return Finding(not unique, unique, ())
