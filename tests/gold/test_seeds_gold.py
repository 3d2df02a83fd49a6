"""Every sample case asked quotes-only against an index of the sample articles; prints what came out, by tag.

See the table without failing anything: pytest tests/gold
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

import qa
from qa.gold.cases import Case, GoldQuote, load, locate, matches

ROOT = Path(__file__).parents[2]
CASES = load(ROOT / "tests/gold/seeds.yaml")
TEXTS = {path.name: path.read_bytes().decode("utf-8") for path in sorted((ROOT / "seeds").glob("*.txt"))}


@dataclass(frozen=True)
class Measured:
    """What came of one case. found: how many of its parts have a gold quote wholly inside the returned quotes."""

    case: Case
    answer: qa.Answer
    problems: tuple[str, ...]
    found: int

    @property
    def right(self) -> bool:
        return not self.problems and (self.case.expect == "abstain" or self.found == len(self.case.parts))


def measure(case: Case, answer: qa.Answer) -> Measured:
    text = " ".join(statement.text for statement in answer.statements)
    found = sum(any(covered(gold, answer.quotes) for gold in part) for part in case.parts)
    return Measured(case, answer, tuple(matches(text, case)), found)


def covered(gold: GoldQuote, quotes: Sequence[qa.Quote]) -> bool:
    """Whether every character of the gold quote, white space aside, stands in one of the quotes."""
    text = TEXTS[gold.source]
    span = locate(gold, text)
    assert isinstance(span, qa.Span)
    inside = {i for quote in quotes if quote.doc_id == gold.source for i in range(quote.start, quote.end)}
    return all(i in inside or text[i].isspace() for i in range(span.start, span.end))


def table(results: Sequence[Measured]) -> str:
    """By tag: the cases, and of the answers, quotes and abstentions that are expected, those that came out right."""
    tags = sorted({tag for result in results for tag in result.case.tags})
    rows = [("tag", "cases", "answered right", "quotes found", "abstained right")]
    rows += [row(tag, [r for r in results if tag in r.case.tags]) for tag in tags]
    rows.append(row("total", results))
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip() for line in rows)


def row(name: str, results: Sequence[Measured]) -> tuple[str, str, str, str, str]:
    answerable = [r for r in results if r.case.expect == "answer"]
    silent = [r for r in results if r.case.expect == "abstain"]
    return (
        name,
        str(len(results)),
        share(sum(not r.problems for r in answerable), len(answerable)),
        share(sum(r.found for r in answerable), sum(len(r.case.parts) for r in answerable)),
        share(sum(not r.problems for r in silent), len(silent)),
    )


def share(part: int, whole: int) -> str:
    return f"{part:3} of {whole:3} {part / whole:5.0%}" if whole else "-"


def described(result: Measured) -> str:
    """One line on a case that did not come out right."""
    case, found = result.case, f"{result.found} of {len(result.case.parts)} quotes"
    what = "; ".join([*result.problems, *([found] if case.parts else [])])
    return f"{case.line:5} {case.id}: {case.question} -> {what} (answerability {result.answer.answerability:.2f})"


@pytest.fixture(scope="session")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Iterator[qa.Retriever]:
    with qa.Retriever.build(ROOT / "seeds", tmp_path_factory.mktemp("gold") / "index") as built:
        yield built


@pytest.fixture(scope="session")
def results(retriever: qa.Retriever) -> list[Measured]:
    assistant = qa.Assistant(retriever)
    return [measure(case, assistant.ask(case.question)) for case in CASES]


def test_every_case_is_measured_and_the_table_printed(
    results: list[Measured], capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = [described(result) for result in results if not result.right]
    with capsys.disabled():
        print("\n\nGold cases over seeds/, quotes only\n" + table(results))
        print(f"\n{len(wrong)} not right (line in seeds.yaml, case):\n" + "\n".join(wrong))
    assert [result.case.id for result in results] == [case.id for case in CASES]
    assert all(result.answer.mode == "quotes" for result in results)


def test_every_returned_quote_is_verbatim(results: list[Measured]) -> None:
    quotes = [quote for result in results for quote in result.answer.quotes]
    assert quotes
    assert [q for q in quotes if not q.text or TEXTS[q.doc_id][q.start : q.end] != q.text] == []


def test_an_abstention_says_nothing_and_an_answer_has_quotes(results: list[Measured]) -> None:
    for result in results:
        answered = result.answer.status == "answered"
        assert bool(result.answer.quotes) is bool(result.answer.statements) is answered, result.case.id


def test_critical_cases_come_out_right(results: list[Measured]) -> None:
    critical = [result for result in results if result.case.severity == "critical"]
    assert len(critical) >= 5
    assert [described(result) for result in critical if not result.right] == []
