"""What `Assistant.stream` yields.

`Retrieved` first, `Done` last; `Asked`, `Stated` and `Restarted` in between, as often as need be. `Judged` follows the
last statement.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qa.records import Answer, Evidence, Hit, Quote, Sentence, Statement

if TYPE_CHECKING:
    from qa.answer.prompt import Prompt

__all__ = ["Asked", "Claimed", "Done", "Event", "Judged", "Restarted", "Retrieved", "Stated"]


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What was found for the question, and how many milliseconds it took.

    hits: best first, those for the prompt included. resolved: how the question was understood in its conversation,
    empty for the question itself. earlier: quotes of earlier turns, for the prompt.
    """

    hits: tuple[Hit, ...]
    evidence: Evidence
    milliseconds: float
    resolved: str = ""
    earlier: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """The prompt that goes to the model when the iteration goes on; nothing has been sent yet.

    A second one follows when the first did not fit into the model's context.
    """

    prompt: "Prompt"


@dataclass(frozen=True, slots=True)
class Stated:
    """A statement of the answer, complete and checked, and those of its quotes that are new.

    Statements that are no answer on their own wait for one that is: without it they are not part of the answer.
    """

    statement: Statement
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Restarted:
    """The reply broke off or its prompt was too long. The model is asked again; every `Stated` so far is void."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A second opinion changed the verdict of a statement that was `unconfirmed`, or of any where all are judged.

    number: of the statement among those stated, from 1. statement: as it is from now on. One that failed a check is
    never judged.
    """

    number: int
    statement: Statement


@dataclass(frozen=True, slots=True)
class Claimed:
    """A statement as the model made it, before any check, and the sentences that it pointed at."""

    text: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """The whole answer, always the last event. claims: all that the model stated, none where it was not asked.

    notice: why the second opinion that was wanted could not be had, for people; else empty.
    """

    answer: Answer
    claims: tuple[Claimed, ...] = ()
    notice: str = ""


Event = Retrieved | Asked | Stated | Judged | Restarted | Done
