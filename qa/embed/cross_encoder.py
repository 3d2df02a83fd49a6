"""Readers of two texts, by the name of a model: a question with passages, a question with answers, text with claims."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from qa.embed.pair_model import PairModel
from qa.errors import ModelError
from qa.records import Span

__all__ = ["CrossEncoder", "EntailmentModel", "SpanReader"]

MOST_TOKENS = 30  # of an answer; longer ones are read from their sentence

Notify = Callable[[str], None]


class CrossEncoder:
    """How well texts answer a question, by any sentence-transformers cross-encoder with one score."""

    def __init__(self, name: str, cache: Path | None = None, notify: Notify | None = None) -> None:
        self.name = name
        self._model = PairModel("reranker", name, cache, notify)

    def rerank(self, question: str, texts: Sequence[str]) -> list[float]:
        """A score in [0, 1] for each text, the sigmoid of the model's own. Raises ModelError."""
        found = self._model.run([(question, text) for text in texts])
        return [_sigmoid(float(outputs[0].ravel()[0])) for _, outputs in found]


class SpanReader:
    """Which words of texts answer a question, by any Hugging Face question-answering model."""

    def __init__(self, name: str, cache: Path | None = None, notify: Notify | None = None) -> None:
        self.name = name
        self._model = PairModel("reader", name, cache, notify)

    def read(self, question: str, texts: Sequence[str]) -> list[tuple[Span, float]]:
        """The best span of each text, in its characters, and a score in [0, 1]: how much more likely the model finds it
        than "no answer". An empty span at 0 where there is nothing to read. Raises ModelError.
        """
        found = self._model.run([(question, text) for text in texts])
        return [_best_span(tokens, *outputs) for tokens, outputs in found]


def _best_span(tokens: Any, start: Any, end: Any) -> tuple[Span, float]:
    """The span of the second text with the highest sum of both logits, against that of the first token, which stands
    for "no answer" (as in SQuAD 2.0).
    """
    import numpy as np

    inside = [
        i
        for i, (part, (a, b)) in enumerate(zip(tokens.sequence_ids, tokens.offsets, strict=True))
        if part == 1 and b > a
    ]
    if not inside:
        return Span(0, 0), 0.0
    places = np.array(inside)
    sums = start[places][:, None] + end[places][None, :]
    width = places[None, :] - places[:, None]
    sums = np.where((width >= 0) & (width < MOST_TOKENS), sums, -np.inf)
    first, last = divmod(int(sums.argmax()), len(inside))
    span = Span(tokens.offsets[inside[first]][0], tokens.offsets[inside[last]][1])
    return span, _sigmoid(float(sums[first, last] - start[0] - end[0]))


class EntailmentModel:
    """Whether a text entails a claim, by any Hugging Face model for natural language inference."""

    def __init__(self, name: str, cache: Path | None = None, notify: Notify | None = None) -> None:
        self.name = name
        self._model = PairModel("entailment", name, cache, notify)

    @property
    def weights(self) -> str:
        """SHA-256 (hex) that changes whenever the model does. Raises ModelError if it is not on this machine."""
        return self._model.weights

    def entails(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """For each text and claim, the probability that the text entails the claim. Raises ModelError."""
        label = self._label()
        return [_softmax(outputs[0], label) for _, outputs in self._model.run(pairs)]

    def _label(self) -> int:
        labels = [str(name).lower() for name in self._model.meta["labels"]]
        named = [n for n, name in enumerate(labels) if name.startswith("entail")]
        if len(named) != 1:
            raise ModelError(
                f"entailment {self.name!r} has the labels {', '.join(labels) or 'none'}, of which none is entailment; "
                "name a model for natural language inference (qa models list)"
            )
        return named[0]


def _sigmoid(value: float) -> float:
    import math

    return 1 / (1 + math.exp(-value)) if value >= 0 else math.exp(value) / (1 + math.exp(value))


def _softmax(logits: Any, label: int) -> float:
    import numpy as np

    powers = np.exp(logits - logits.max())
    return float(powers[label] / powers.sum())
