"""An entailment model as a judge: it reads the quotes with their context, and says whether they entail the statement.

It runs on this machine and costs no request. Like a language model, it must pass the exam before its opinion counts.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from qa.embed.cross_encoder import EntailmentModel
from qa.gate.judge import Item, Opinion, Opinions
from qa.llm.protocol import SharedDeadline

__all__ = ["STATED", "EntailmentJudge", "premise"]

STATED = 0.5
"""Probability of entailment from which a statement counts as stated: more likely than both other classes together."""


class EntailmentJudge:
    """A `Judge` that asks a model for natural language inference, by name. Safe to share between threads."""

    judges_relevance = False

    def __init__(self, name: str, cache: Path | None = None, notify: Callable[[str], None] | None = None) -> None:
        self._model = EntailmentModel(name, cache, notify)

    @property
    def name(self) -> str:
        return self._model.name

    @property
    def weights(self) -> str:
        """SHA-256 (hex) that changes whenever the model does. Raises ModelError if it is not on this machine."""
        return self._model.weights

    def judge(self, items: Sequence[Item], deadline: SharedDeadline | None = None) -> Opinions:
        """See `Judge.judge`. Whether a statement answers its question is nothing such a model can say. Raises
        ModelError.
        """
        likely = self._model.entails([(premise(item), item.statement) for item in items])
        return Opinions(tuple(Opinion(probability >= STATED) for probability in likely))


def premise(item: Item) -> str:
    """All quotes of an item as one text, each after its title and context."""
    parts = [part for quote in item.quotes for part in (quote.title, *quote.context, quote.text) if part.strip()]
    return "\n".join(dict.fromkeys(parts))
