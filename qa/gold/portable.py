"""Recorded answers for prompts that have changed: a change of retrieval, prompt or gate is measured without a model.

A recording says where each sentence stands that it points at. In another prompt the same sentence has another id, or
it is not there: then retrieval has lost it, and what it proved is proven by nothing. A recorded second opinion says
which statement it is about, where its quotes stand, and which text they have: it counts wherever all are the same.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from functools import cached_property
from typing import Any

from qa.answer.parse import parse
from qa.errors import ChatError
from qa.gate.judge import Opinion, read_opinions
from qa.llm.asked import PortableAnswer, PortableOpinions
from qa.llm.protocol import ChatReply, ChatRequest, Delta, ToJudge
from qa.llm.recorded import Player, Store

__all__ = ["PortablePlayer"]


class PortablePlayer(Player):
    """A player that gives what was recorded to a prompt that never was: statements, and opinions about them. ported:
    how often it did.
    """

    def __init__(self, model: str, store: Store, hide: Callable[[str], str] = str) -> None:
        super().__init__(model, store, hide)
        self.ported = 0

    @cached_property
    def _portable(self) -> tuple[PortableAnswer | PortableOpinions, ...]:
        return tuple(self._store.portable(self.model))

    @cached_property
    def _answers(self) -> Mapping[str, PortableAnswer]:
        return {one.question: one for one in self._portable if isinstance(one, PortableAnswer)}

    @cached_property
    def _opinions(self) -> Mapping[ToJudge, tuple[str, Opinion | None]]:
        """Each statement that was judged, with the exchange and what was said; None where that cannot be read."""
        return {
            statement: (one.key, opinion)
            for one in self._portable
            if isinstance(one, PortableOpinions) and one.reply
            for statement, opinion in zip(one.judged, read_opinions(one.reply.text, len(one.judged)), strict=True)
        }

    def _missed(self, request: ChatRequest, asked: Mapping[str, Any]) -> Iterator[Delta | ChatReply]:
        reply = self._ported_opinions(request) if request.judged else self._ported_answer(request)
        if reply is None:
            yield from super()._missed(request, asked)
            return
        self.ported += 1
        yield Delta(reply.text)
        yield reply

    def _ported_answer(self, request: ChatRequest) -> ChatReply | None:
        found = self._answers.get(request.question) if request.places else None
        if found is None or found.reply is None:
            return None
        self._used.add(found.key)
        return replace(found.reply, text=_renamed(found.reply, found.places, request.places), mode="schema")

    def _ported_opinions(self, request: ChatRequest) -> ChatReply | None:
        """The opinions about these statements; None unless all of them are recorded."""
        if not self._opinions.keys() >= set(request.judged):
            return None
        found = [self._opinions[statement] for statement in request.judged]
        self._used.update(key for key, _ in found)
        given = [{"n": n, **asdict(opinion)} for n, (_, opinion) in enumerate(found, 1) if opinion]
        return ChatReply(json.dumps({"opinions": given}, ensure_ascii=False), self.model, "schema")


def _renamed(reply: ChatReply, before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """The statements of a reply with the ids of another prompt, as JSON; without those that point at nothing in it.

    A reply that cannot be read stays as it is.
    """
    try:
        claims = parse(reply.text, list(before), cut=reply.finish == "length").statements
    except ChatError:
        return reply.text
    names = {place: name for name, place in now.items()}
    statements = []
    for claim in claims:
        ids = [names[before[name]] for name in claim.ids if before[name] in names]
        if ids or not claim.ids:
            statements.append({"evidence": ids, "text": claim.text})
    return json.dumps({"statements": statements}, ensure_ascii=False)
