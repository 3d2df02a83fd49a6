"""What a reranker and a reader change, and what they do not."""

import numpy as np
import pytest
from support.sentences import STORY, Words, rows

import qa
from qa.index.protocol import Candidates
from qa.records import Span
from qa.retrieve import evidence, rank
from qa.retrieve.reranker import Choice, CloseReading
from qa.testing import HashEncoder

QUESTION = "When was the mill at Oxley built?"


class Likes:
    """A reranker that likes one word."""

    def __init__(self, word: str) -> None:
        self.word = word
        self.asked: list[int] = []

    def rerank(self, question: str, texts: list[str]) -> list[float]:
        self.asked.append(len(texts))
        return [0.9 if self.word in text else 0.1 for text in texts]


class Finds:
    """A reader that finds one word."""

    def __init__(self, word: str) -> None:
        self.word = word

    def read(self, question: str, texts: list[str]) -> list[tuple[Span, float]]:
        places = [text.find(self.word) for text in texts]
        return [(Span(at, at + len(self.word)), 0.8) if at >= 0 else (Span(0, 0), 0.0) for at in places]


def select(closely: CloseReading | None) -> evidence.Selection:
    dense = [0.6 if n == 0 else 0.1 for n in range(len(STORY))]
    none = np.zeros(0, dtype=int)
    found = Candidates(rank.PassageRows(*[none] * 8), rows(STORY, dense, gap=9))
    return evidence.select([(QUESTION, found)], Words(STORY), closely=closely)


def quoted(selection: evidence.Selection) -> list[str]:
    text = (" " * 9).join(STORY)
    return [text[pick.start : pick.end] for pick in selection.picks]


def test_without_models_nothing_changes() -> None:
    empty, none = select(CloseReading()), select(None)
    assert (empty.picks, empty.answerability, empty.features) == (none.picks, none.answerability, none.features)
    assert quoted(select(None))[0] == STORY[0]


def test_a_reranker_chooses_the_quotes_and_leaves_the_estimate() -> None:
    chosen = select(CloseReading(Likes("bakery")))
    assert quoted(chosen) == [STORY[4]]
    plain = select(None)
    assert (chosen.answerability, chosen.features) == (plain.answerability, plain.features)


def test_a_reader_chooses_the_quotes_and_the_words_that_answer() -> None:
    (pick,) = select(CloseReading(reader=Finds("bakery"))).picks
    text = (" " * 9).join(STORY)
    assert [text[span.start : span.end] for span in pick.focus] == ["bakery"]


def test_a_reader_that_finds_nothing_leaves_the_focus_to_the_rules() -> None:
    (pick, *_) = select(CloseReading(Likes("Oxley"), Finds("nowhere"))).picks
    assert [(" " * 9).join(STORY)[span.start : span.end] for span in pick.focus] == ["1852"]


def test_with_both_the_score_is_their_mean() -> None:
    both = CloseReading(Likes("fox"), Finds("fox"))
    assert both.choose("?", ["a fox", "a cow"]) == [
        Choice(pytest.approx(0.85), Span(2, 5)),
        Choice(pytest.approx(0.05), Span(0, 0)),
    ]


@pytest.fixture
def index(tmp_path):
    (tmp_path / "seeds").mkdir()
    for n in range(40):
        (tmp_path / "seeds" / f"{n:02}.txt").write_text(f"Note {n}\n\nThe fox number {n} crossed road {n * 7}.\n")
    qa.Retriever.build(tmp_path / "seeds", tmp_path / "index", encoder=HashEncoder()).close()
    return tmp_path / "index"


def test_hits_are_reordered_and_keep_the_scale_of_their_scores(index) -> None:
    with qa.Retriever.open(index, encoder=HashEncoder()) as plain:
        before = plain.search("Where did the fox cross?", k=30)
    last = before[-1]
    likes = Likes(last.text)
    with qa.Retriever.open(index, encoder=HashEncoder(), reranker=likes) as retriever:
        hits = retriever.search("Where did the fox cross?", k=3)
        pinned = retriever.snapshot().search("Where did the fox cross?", k=3)
    assert (hits[0].text, hits[0].score, hits[0].rank) == (last.text, pytest.approx(0.9 * rank.HIGHEST), 1)
    assert [hit.passage for hit in hits[1:]] == [hit.passage for hit in before[:2]]  # equal scores: the order before
    assert [hit.rank for hit in hits] == [1, 2, 3]
    assert pinned == hits
    assert likes.asked == [30, 30]
