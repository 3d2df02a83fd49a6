"""The local index against a slow twin that scores every row, sorts them all, and counts lines by character."""

import random
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import qa
from qa.errors import WhereError
from qa.index import candidates, documents, store, tables
from qa.index.local import LocalIndex
from qa.index.protocol import Candidates, PassageRows, SentenceRows
from qa.index.store import Generation
from qa.index.where import parse
from qa.records import Sentence
from qa.retrieve import evidence, rank
from qa.testing import HashEncoder

SEEDS = Path(__file__).parents[3] / "seeds"
WORDS = [a + b for a in ("bo", "ka", "ri", "mu", "te", "lon") for b in ("ma", "ta", "nor", "pi", "lek", "dus", "gra")]
FILTERS = [(), ("publisher=p3",), ("published>=2024-06", "path=d1/*"), ("publisher!=P1",), ("published>2030",)]


def sentence(rng):
    return " ".join(rng.choices(WORDS, k=rng.randint(4, 14))).capitalize() + "."


def generate(seeds):
    """Some three thousand sentences, more than are ranked whole; a third of the documents has each kind of line end."""
    rng = random.Random(3)
    for n in range(60):
        paragraphs = ["\n".join(sentence(rng) for _ in range(rng.randint(1, 9))) for _ in range(rng.randint(2, 18))]
        text = f"---\npublisher: P{n % 5}\npublished: 2024-{n % 12 + 1:02}-01\n---\n" + "\n\n".join(paragraphs)
        path = seeds / f"d{n % 4}" / f"{n:03}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.replace("\n", ("\n", "\r\n", "\r")[n % 3]).encode())
    return seeds


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    folder = tmp_path_factory.mktemp("generated")
    qa.Retriever.build(generate(folder / "seeds"), folder / "index", encoder=HashEncoder()).close()
    return folder / "index"


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample")
    qa.Retriever.build(SEEDS, folder / "index", encoder=HashEncoder()).close()
    return folder / "index"


@pytest.fixture
def opened(generated):
    index = LocalIndex.open(generated)
    yield index
    index.close()


class Row(NamedTuple):
    """A passage or sentence. number: within its document; first, last: of a passage's sentences."""

    doc: int
    number: int
    start: int
    end: int
    first: int
    last: int
    dense: float
    lexical: float
    block: int = 0
    kind: int = 0
    section: int = 0


@dataclass(frozen=True)
class Twin:
    """Every row of a generation, scored for one question, and the rules of `candidates.py` applied to each."""

    passages: list[Row]
    sentences: list[Row]

    @classmethod
    def score(cls, generation, question, vector, documents):
        """documents: positions of those to search."""
        rows = {}
        for name in ("passages", "sentences"):
            vectors = getattr(generation, f"{name[:-1]}_vectors")
            dense = (vectors.rows(np.arange(vectors.size)) @ vector).tolist()
            lexical = getattr(generation, f"{name[:-1]}_terms").scores(question).tolist()
            rows[name], seen = [], {}
            for (doc, start, end, *rest), d, x in zip(generation.table(name).tolist(), dense, lexical, strict=True):
                number = seen[doc] = seen.get(doc, -1) + 1
                first, last = rest if name == "passages" else (number, number)
                structure = () if name == "passages" else rest[1:]
                if doc in documents:
                    rows[name].append(Row(doc, number, start, end, first, last, d, x, *structure))
        return cls(rows["passages"], rows["sentences"])

    def searches(self):
        """All rows of each search, best first."""
        for rows in (self.passages, self.sentences):
            yield sorted(rows, key=lambda row: -row.dense)
            yield sorted((row for row in rows if row.lexical > 0), key=lambda row: -row.lexical)

    def size(self):
        """How many rows to take: from 20 on, the first number at which no two rows tie for the last place."""
        column = ("dense", "lexical") * 2
        return next(
            k
            for k in range(20, 10**6)
            if all(
                len(rows) <= k or getattr(rows[k - 1], name) - getattr(rows[k], name) > 1e-6
                for rows, name in zip(self.searches(), column, strict=True)
            )
        )

    def candidates(self, k):
        """Rows to rank when the index is too large to be ranked whole."""
        best = [rows[:k] for rows in self.searches()]
        passages = [row for row in self.passages if near(row, best[0] + best[1], 1)]
        sentences = [
            row
            for row in self.sentences
            if near(row, best[2] + best[3], 2)
            or any(row.doc == p.doc and p.first <= row.number <= p.last for p in passages)
        ]
        return Twin(passages, sentences)


def near(row, others, reach):
    return any(row.doc == other.doc and abs(row.number - other.number) <= reach for other in others)


def ask(folder, question, filters, k=None):
    """The open index, the candidates that it gives, and the twin's. k: None for the first without ties."""
    generation, conditions = Generation.open(folder), parse(filters)
    vector = HashEncoder().encode([question], "query")[0]
    documents = {
        n
        for n, info in enumerate(generation.documents)
        if all(c.accepts(info.id if c.key == "path" else info.metadata.get(c.key)) for c in conditions)
    }
    twin = Twin.score(generation, question, vector, documents)
    k = k or twin.size()
    whole = generation.counts["sentences"] <= candidates.SMALL
    index = LocalIndex.open(folder)
    return index, index.candidates(question, vector, k, conditions), twin if whole else twin.candidates(k)


def check(found, expected):
    """Whether columns hold these rows: places and BM25 exactly, cosines up to the rounding of float32."""
    for name in ("doc", "number", "start", "end"):
        assert getattr(found, name).tolist() == [getattr(row, name) for row in expected], name
    assert found.lexical.tolist() == [row.lexical for row in expected]
    np.testing.assert_allclose(found.dense, [row.dense for row in expected], atol=1e-6)


def columns(rows, *names):
    return [np.array([getattr(row, name) for row in rows]) for name in names]


QUESTIONS = [" ".join(random.Random(n).choices(WORDS, k=n % 7 + 1)) for n in range(8)] + ["nothing known here"]


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("filters", FILTERS)
def test_candidates_of_generated_documents_are_those_of_the_twin(generated, monkeypatch, filters, whole):
    monkeypatch.setattr(candidates, "SMALL", 10**9 if whole else 2000)
    for question in QUESTIONS:
        index, found, twin = ask(generated, question, filters)
        check(found.passages, twin.passages)
        check(found.sentences, twin.sentences)
        assert found.passages.first.tolist() == [row.first for row in twin.passages]
        assert found.passages.last.tolist() == [row.last for row in twin.passages]
        ids = [index.documents[doc].id for doc in found.sentences.doc.tolist()]
        spans = zip(found.sentences.start.tolist(), found.sentences.end.tolist(), strict=True)
        assert list(found.sentences.text) == [index.text(i, *span) for i, span in zip(ids, spans, strict=True)]
        index.close()


@pytest.mark.parametrize(
    "question", ["Which aircraft carries the missile?", "What did the envoy say?", "How many officials?", "Ukraine"]
)
def test_hits_and_quotes_of_the_sample_documents_are_those_of_the_twin(sample, question):
    index, found, twin = ask(sample, question, (), k=rank.CANDIDATES)
    check(found.passages, twin.passages)
    check(found.sentences, twin.sentences)
    names = ("doc", "number", "dense", "lexical")
    passages = PassageRows(*columns(twin.passages, *names, "first", "last", "start", "end"))
    texts = [index.text(index.documents[row.doc].id, row.start, row.end) for row in twin.sentences]
    owned = [Sentence(index.documents[row.doc].id, row.number, row.start, row.end, row.block) for row in twin.sentences]
    around = ["\n".join(piece.text for piece in index.context(sentence)) for sentence in owned]
    structure = columns(twin.sentences, *names, "start", "end", "block", "section", "kind")
    sentences = SentenceRows(*structure, texts, around)
    scores = rank.rank_passages(passages, sentences)
    picked = evidence.select([(question, Candidates(passages, sentences))], index.vocabulary)
    with qa.Retriever.open(sample, encoder=HashEncoder()) as retriever:
        hits, quotes = retriever.retrieve(question, k=9)
    best = [twin.passages[i] for i in sorted(range(len(scores)), key=lambda i: (-scores[i], i))[:9]]
    assert [(hit.passage.start, hit.passage.end) for hit in hits] == [(row.start, row.end) for row in best]
    np.testing.assert_allclose([hit.score for hit in hits], sorted(scores, reverse=True)[:9], atol=1e-4)
    assert [(q.start, q.end, q.focus) for q in quotes.quotes] == [(p.start, p.end, p.focus) for p in picked.picks]
    assert quotes.answerability == pytest.approx(picked.answerability, abs=1e-4)
    index.close()


def line_of(text, offset):
    """One more than the number of line ends before the offset; `\\r\\n` is one line end."""
    return 1 + sum(
        char == "\n" or (char == "\r" and text[n + 1 : n + 2] != "\n") for n, char in enumerate(text[:offset])
    )


@given(st.text(st.sampled_from("a\r\n\x0b\u2028"), max_size=12))
def test_line_starts_are_where_the_count_of_line_ends_changes(text):
    starts = [n for n in range(1, len(text) + 1) if line_of(text, n) > line_of(text, n - 1)]
    assert tables.line_starts(text) == [0, *starts]


def test_lines_of_sentences_are_counted_lines_and_read_no_text(opened, monkeypatch):
    expected = {}
    for info in opened.documents[:6]:
        text = opened.document(info.id).text
        expected |= {(info.id, s.start): line_of(text, s.start) for s in opened.sentences(info.id)}

    def fails(*_):
        raise AssertionError("the text was read")

    monkeypatch.setattr(Generation, "text", fails)
    assert {(doc, start): opened.line(doc, start) for doc, start in expected} == expected
    assert len(set(expected.values())) > 20


def test_a_filter_reads_the_values_of_its_own_key_once_and_no_document(opened, monkeypatch):
    read, evaluated = [], []

    class Counting(store.FieldTable):
        def __init__(self, size, keys, reads):
            def noted(start, end):
                data = reads(start, end)
                read.append(data)
                return data

            super().__init__(size, keys, noted)

        def matching(self, conditions):
            evaluated.append(conditions)
            return super().matching(conditions)

    monkeypatch.setattr(store, "FieldTable", Counting)
    monkeypatch.setattr(documents.StoredDocuments, "_decode", lambda *_: pytest.fail("a document was read"))
    vector = HashEncoder().encode(["boma"], "query")[0]
    opened.candidates("boma", vector, 5)
    assert read == []
    filters = [parse(["publisher=P1"]), parse(["publisher=P2"])]
    for question in ("boma", "kata"):
        for conditions in filters:
            opened.candidates(question, vector, 5, conditions)
    assert evaluated == filters
    assert len(read) == 2
    assert not any(b".txt" in data for data in read)
    with pytest.raises(WhereError, match="did you mean 'publisher'"):
        opened.candidates("boma", vector, 5, parse(["publihser=P1"]))


def test_an_unknown_document_is_a_key_error(opened):
    for look_up in (opened.info, opened.document, opened.sentences):
        with pytest.raises(KeyError):
            look_up("nothing.txt")
    with pytest.raises(KeyError):
        opened.line("nothing.txt", 0)
