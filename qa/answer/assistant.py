"""A question to an answer: evidence, then either the quotes themselves or silence."""

import time
from collections.abc import Sequence

from qa.records import Answer, Evidence, Hit, Statement
from qa.retrieve.retriever import Retriever

__all__ = ["THRESHOLD", "Assistant"]

THRESHOLD = 0.5


class Assistant:
    """Answers questions from what a retriever finds. Below `threshold` of answerability it abstains."""

    def __init__(self, retriever: Retriever, *, threshold: float = THRESHOLD, k: int = 5) -> None:
        self.retriever, self.threshold, self.k = retriever, threshold, k

    def ask(self, question: str, where: Sequence[str] = ()) -> Answer:
        """The answer, or an abstention with the nearest passages. Raises what `Retriever.search` raises, never hiding a
        failure.
        """
        started = time.perf_counter()
        hits, evidence = self.retriever.ask(question, self.k, where)
        taken = (time.perf_counter() - started) * 1000
        return self._quotes_only(question, hits, evidence, {"open": 0.0, "retrieve": taken, "llm": 0.0, "total": taken})

    def _quotes_only(self, question: str, hits: list[Hit], evidence: Evidence, timings: dict[str, float]) -> Answer:
        answered = bool(evidence.quotes) and evidence.answerability >= self.threshold
        return Answer(
            question=question,
            status="answered" if answered else "abstained",
            reason=None if answered else "not_in_sources",
            mode="quotes",
            statements=tuple(Statement(q.text, (q.n,)) for q in evidence.quotes) if answered else (),
            rejected=(),
            quotes=evidence.quotes if answered else (),
            hits=tuple(hits),
            answerability=evidence.answerability,
            model=None,
            prompt_sha256=None,
            index={"generation": self.retriever.generation, "model": self.retriever.model},
            usage={"prompt_tokens": 0, "completion_tokens": 0},
            timings_ms=timings,
        )
