"""Only what can state something is quoted; headings, questions and table headers help to find it."""

from pathlib import Path

import numpy as np
import pytest

import qa
from qa.answer.prompt import Source
from qa.english.words import analyze, identifiers
from qa.index.structure import KINDS
from qa.records import QUOTABLE
from qa.retrieve import answerability, rank
from qa.retrieve.expected import Expected, expect, spans
from qa.testing import HashEncoder

FAQ = """# Help

## How do I get a new card?

Bring your passport to the desk.

## Can I renew loans by telephone?

Yes, until six.

## Contents of the library

Maps and novels.
"""
CODES = """# Faults

- **E-4011**: The flame went out. Open the gas tap.
- **E-4013**: The water is low. Refill it.
- **E-4113**: The pump is blocked. Turn the shaft.
"""
CONTRACT = """Terms

2.1 Invoices are due soon.

2.2 Late sums bear interest.

2.3 Disputed sums wait.
"""
FARES = """# Fares in euros

| Zone | Single | Month |
|---|---|---|
| Harbour | 3.10 | 66 |
| Airport | 5.80 | 121 |
"""


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> qa.Retriever:
    folder: Path = tmp_path_factory.mktemp("structure")
    (folder / "seeds").mkdir()
    for name, text in {"faq": FAQ, "codes": CODES, "contract": CONTRACT, "fares": FARES}.items():
        (folder / "seeds" / f"{name}.md").write_text(text)
    return qa.Retriever.build(folder / "seeds", folder / "index", encoder=HashEncoder())


@pytest.mark.parametrize(
    "question",
    [
        "How do I get a new card?",
        "Can I renew loans by telephone?",
        "Zone",
        "Faults",
        "Contents of the library",
        "Help",
    ],
)
def test_no_heading_question_or_header_is_quoted(retriever: qa.Retriever, question: str) -> None:
    quotes = retriever.evidence(question).quotes
    assert quotes
    for quote in quotes:
        blocks = retriever.document(quote.doc_id).blocks
        assert all(b.kind in QUOTABLE for b in blocks if b.start < quote.end and quote.start < b.end)


@pytest.mark.parametrize(
    ("question", "first", "around"),
    [
        ("How do I get a new card?", "Bring your passport to the desk.", "## How do I get a new card?"),
        ("Can I renew loans by telephone?", "Yes, until six.", "## Can I renew loans by telephone?"),
        ("What does E-4013 mean?", "**E-4013**: The water is low. Refill it.", "# Faults"),
        ("What should I do about E-4113?", "**E-4113**: The pump is blocked. Turn the shaft.", "# Faults"),
        ("What does clause 2.2 say?", "2.2 Late sums bear interest.", None),
    ],
)
def test_the_answer_comes_first_with_what_stands_around_it(
    retriever: qa.Retriever, question: str, first: str, around: str | None
) -> None:
    quote = retriever.evidence(question).quotes[0]
    assert quote.text == first
    assert around is None or around in [piece.text for piece in quote.context]


def test_each_row_of_a_table_is_a_quote_of_its_own_under_its_header(retriever: qa.Retriever) -> None:
    quote = retriever.evidence("How much is a month for the Harbour zone?").quotes[0]
    assert "66" in quote.text
    assert "121" not in quote.text
    assert "Month" in next(piece.text for piece in quote.context if piece.kind == "header")


def test_sources_of_a_prompt_have_the_context_of_each_sentence(retriever: qa.Retriever) -> None:
    assistant = qa.Assistant(retriever)
    source: Source = assistant._source("faq.md", 0, 3)
    assert [s.number for s, _ in source.sentences] == [0, 1, 2, 3]
    assert [len(pieces) for pieces in source.context] == [len(retriever.context(s)) for s, _ in source.sentences]
    assert source.context[2][-1].text == "## How do I get a new card?"


def rows(kinds: list[str], scores: list[float], sections: list[int]) -> rank.SentenceRows:
    """One sentence a block."""
    n = np.arange(len(kinds))
    places = n * 10, n * 10 + 9, n, np.array(sections), np.array([KINDS.index(kind) for kind in kinds])
    found = np.array(scores), np.zeros(len(kinds))
    return rank.SentenceRows(np.zeros(len(kinds), int), n, *found, *places, ["text"] * len(kinds), [""] * len(kinds))


def test_the_first_statements_below_a_good_heading_become_candidates(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = ["heading", "paragraph", "furniture", "paragraph", "paragraph", "heading", "paragraph"]
    none = rank.PassageRows(*[np.zeros(0, int)] * 8)

    def chosen(scores: list[float], sections: list[int], kinds: list[str] = kinds) -> list[int]:
        sentences = rows(kinds, scores, sections)
        return rank.candidates(sentences, rank.passage_scores(none, sentences)).tolist()

    monkeypatch.setattr(rank, "BEST", 1)
    assert chosen([1, 0.1, 0.1, 0.1, 0.1, 0.2, 0.9], [0, 0, 0, 0, 0, 5, 5]) == [6, 1, 3]
    assert chosen([0.1, 0.2, 1, 0.1, 0.1, 0.2, 0.9], [0, 0, 0, 0, 0, 5, 5]) == [6]
    assert chosen([1, 1], [0, 0], ["heading", "contents"]) == []


def test_every_statement_of_the_first_passages_becomes_a_candidate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rank, "BEST", 1)
    sentences = rows(["paragraph"] * 6, [0.5, 0.1, 0.9, 0.2, 0.3, 0.1], [-1] * 6)
    two = np.zeros(2, int)
    passages = rank.PassageRows(
        two, np.arange(2), np.array([0.9, 0.1]), two, np.array([0, 3]), np.array([2, 5]), two, two
    )
    assert set(rank.candidates(sentences, rank.passage_scores(passages, sentences)).tolist()) == set(range(6))
    monkeypatch.setattr(rank, "PASSAGES", 1)
    assert set(rank.candidates(sentences, rank.passage_scores(passages, sentences)).tolist()) == {0, 1, 2}


def test_the_window_of_a_sentence_ends_with_its_section() -> None:
    found = rank.window(rows(["paragraph"] * 4, [4, 2, 8, 6], [0, 0, 1, 1]), np.array([4.0, 2.0, 8.0, 6.0]))
    assert found.tolist() == [3, 3, 7, 7]


def test_context_counts_as_words_of_the_sentence(retriever: qa.Retriever) -> None:
    index = retriever._index
    question = "When does telephone renewal of loans end?"
    vector = retriever.encoder.encode([question], "query")[0]
    candidates = index.candidates(question, vector, 50)
    found = candidates.sentences
    asked = answerability.read_question(question, index.vocabulary)
    row = next(n for n, text in enumerate(found.text) if text == "Yes, until six.")
    with_context = answerability.candidates(
        asked, found, rank.passage_scores(candidates.passages, found), np.array([row]), index.vocabulary
    )[0]
    assert {"telephon", "loan"} <= with_context.context
    assert with_context.own.found == frozenset()
    assert answerability.describe(asked, with_context)["plain"] > 0.5


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("What does E-4013 mean?", ["e-4013"]),
        ("clause 2.2, and 2.2.1.", ["2.2", "2.2.1"]),
        ("QP-117/b and No. 07-1315", ["qp-117/b", "07-1315"]),
        ("well-known twenty-one, a.b and/or 5", []),
        ("on 2026-11-28", ["2026-11-28"]),
        ("-" * 50 + "a-" * 1000, []),
    ],
)
def test_identifiers_are_terms_of_their_own(text: str, found: list[str]) -> None:
    assert identifiers(text) == found
    assert set(found) <= set(analyze(text))


def test_a_part_of_a_document_has_no_words_of_its_own() -> None:
    assert expect("What does clause 2.2 say?").kind == "other"
    assert expect("What did Carver say?") == Expected("said", "Carver")


@pytest.mark.parametrize(
    ("kind", "text", "found"),
    [
        ("number", "Invoice no. 2026-0418 for 12 boats", ["12"]),
        ("date", "Invoice no. 2026-0418 of 7 April 2026", ["7 April 2026"]),
        ("date", "paid on 2026-04-21", ["2026-04-21"]),
        ("number", "10-12 days", ["10", "12"]),
        ("person", "The next meeting is on 9 April.", []),
        ("person", "paid by the municipality", ["by the municipality"]),
        ("person", "paid by the end of May", []),
    ],
)
def test_codes_are_no_numbers_and_months_no_names(kind: str, text: str, found: list[str]) -> None:
    assert [text[s.start : s.end] for s in spans(Expected(kind), text)] == found
