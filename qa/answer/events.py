"""What `Assistant.stream` yields.

`Retrieved` first, `Done` last; `Asked`, `Stated` and `Restarted` in between, as often as need be.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qa.records import Answer, Evidence, Hit, Quote, Sentence, Statement

if TYPE_CHECKING:
    from qa.answer.prompt import Prompt

__all__ = ["Asked", "Claimed", "Done", "Event", "Restarted", "Retrieved", "Stated"]


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What was found for the question. milliseconds: how long it took."""

    hits: tuple[Hit, ...]
    evidence: Evidence
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Asked:
    """The prompt that goes to the model when the iteration goes on; nothing has been sent yet.

    A second one follows when the first did not fit into the model's context.
    """

    prompt: "Prompt"


@dataclass(frozen=True, slots=True)
class Stated:
    """A statement of the answer, complete and checked, and those of its quotes that are new.

    Unsupported statements come only after a supported one: without any they are not part of the answer.
    """

    statement: Statement
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Restarted:
    """The reply broke off or its prompt was too long. The model is asked again; every `Stated` so far is void."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A statement as the model made it, before any check, and the sentences that it pointed at."""

    text: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """The whole answer, always the last event. claims: all that the model stated, none where it was not asked."""

    answer: Answer
    claims: tuple[Claimed, ...] = ()


Event = Retrieved | Asked | Stated | Restarted | Done
