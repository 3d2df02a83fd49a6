"""Recorded answers for prompts that have changed: a change of retrieval, prompt or gate is measured without a model.

A recording says where each sentence stands that it points at. In another prompt the same sentence has another id, or
it is not there: then retrieval has lost it, and what it proved is proven by nothing.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from qa.answer.parse import parse
from qa.errors import ChatError
from qa.llm.protocol import ChatReply, ChatRequest, Delta
from qa.llm.recorded import Player, Portable, Store

__all__ = ["PortablePlayer"]


class PortablePlayer(Player):
    """A player that gives the recorded statements to a prompt that was never recorded. ported: how often it did."""

    def __init__(self, model: str, store: Store) -> None:
        super().__init__(model, store)
        self.ported = 0

    @cached_property
    def _portable(self) -> Mapping[str, Portable]:
        return self._store.portable(self.model)

    def _missed(self, request: ChatRequest, asked: Mapping[str, Any]) -> Iterator[Delta | ChatReply]:
        found = self._portable.get(request.question) if request.places else None
        if found is None or found.reply is None:
            yield from super()._missed(request, asked)
            return
        self.ported += 1
        self._used.add(found.key)
        text = _renamed(found.reply, found.places, request.places)
        yield Delta(text)
        yield replace(found.reply, text=text, mode="schema")


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
