"""The answers that the page shows again: kept in memory while the server runs, the oldest ones dropped."""

import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from qa.answer.conversation import TURNS, Turn
from qa.records import Answer

__all__ = ["VISITOR", "Answers", "Kept", "is_visitor", "new_visitor"]

VISITOR = "qa_visit"  # the cookie that tells browsers apart; it proves nothing
SHOWN = 30  # questions of the history


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer under an id that nobody can guess.

    notice: what its reader should know besides, or empty. earlier: the turns of the conversation before it.
    """

    id: str
    visitor: str
    where: tuple[str, ...]
    answer: Answer
    notice: str = ""
    earlier: tuple[Turn, ...] = ()

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The last turns of the conversation, with this one."""
        return (*self.earlier, Turn.of(self.answer))[-TURNS:]


class Answers:
    """At most `most` of them. Safe to share between threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._lock = threading.Lock()

    def add(
        self, visitor: str, where: Sequence[str], answer: Answer, notice: str = "", earlier: Sequence[Turn] = ()
    ) -> Kept:
        """Keep an answer for a visitor."""
        kept = Kept(secrets.token_urlsafe(12), visitor, tuple(where), answer, notice, tuple(earlier))
        with self._lock:
            self._kept[kept.id] = kept
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return kept

    def get(self, id_: str) -> Kept | None:
        """The answer, None if it was never there or has been dropped."""
        return self._kept.get(id_)

    def of(self, visitor: str) -> list[Kept]:
        """What a visitor asked, the newest first."""
        with self._lock:
            own = [kept for kept in self._kept.values() if kept.visitor == visitor]
        return own[: -SHOWN - 1 : -1]

    def forget(self, visitor: str) -> None:
        """Drop what a visitor asked."""
        with self._lock:
            for id_ in [kept.id for kept in self._kept.values() if kept.visitor == visitor]:
                del self._kept[id_]


def new_visitor() -> str:
    """A name for a browser that has none yet."""
    return secrets.token_urlsafe(16)


def is_visitor(name: str) -> bool:
    """Whether this looks like a name that `new_visitor` made."""
    return re.fullmatch(r"[A-Za-z0-9_-]{22}", name) is not None
