"""A question to an answer: evidence, then a model's statements that passed the support check, or quotes only, or
silence.
"""

import time
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from qa.errors import ContextTooLongError
from qa.records import Answer, Evidence, Hit, Statement
from qa.retrieve.retriever import Retriever
from qa.workspace import packaged_prompt

if TYPE_CHECKING:  # quotes-only answers start without what only a model's answers need
    from qa.answer.judge import Judge, OnStatement
    from qa.answer.prompt import Prompt, Source
    from qa.llm.chat import Chat, ChatReply

    OnReply = Callable[[Prompt, ChatReply], None]
    """Called with what was asked and what the model replied, before it is judged; for tracing."""

__all__ = ["FLOOR", "PROMPT_TOKENS", "THRESHOLD", "Assistant"]

THRESHOLD = 0.5  # of answerability: from here on quotes are an answer
FLOOR = 0.1  # below it no model is asked: nothing in the sources comes near
PROMPT_TOKENS = 6000

OnRestart = Callable[[], None]


class Assistant:
    """Answers questions from what a retriever finds. Safe to share between threads if its chat is.

    chat: None answers with quotes only. threshold: of answerability in [0, 1], below which quotes are no answer. floor:
    below it the chat is not even asked. k: passages that are retrieved. strict: unsupported statements go to
    `rejected` instead of being marked. prompt_tokens: most tokens of retrieved text. template: gives the text of a
    prompt template by its file name.
    """

    def __init__(
        self,
        retriever: Retriever,
        chat: "Chat | None" = None,
        *,
        threshold: float = THRESHOLD,
        floor: float = FLOOR,
        k: int = 5,
        strict: bool = False,
        prompt_tokens: int = PROMPT_TOKENS,
        template: Callable[[str], str] = packaged_prompt,
    ) -> None:
        self.retriever, self.chat = retriever, chat
        self.threshold, self.floor, self.k, self.strict = threshold, floor, k, strict
        self.prompt_tokens, self.template = prompt_tokens, template

    def ask(
        self,
        question: str,
        where: Sequence[str] = (),
        on_statement: "OnStatement | None" = None,
        on_restart: OnRestart | None = None,
    ) -> Answer:
        """The answer, or an abstention with the nearest passages.

        on_statement, on_restart: for streaming, see `Stream`.
        Raises what `Retriever.search` raises, and ChatError: a failure is never an abstention.
        """
        pinned = self.snapshot()
        started = time.perf_counter()
        hits, evidence = pinned.retriever.ask(question, self.k, where)
        retrieved = (time.perf_counter() - started) * 1000
        answer = pinned.answer(question, hits, evidence, on_statement, on_restart)
        spent = answer.timings_ms
        return replace(answer, timings_ms={**spent, "retrieve": retrieved, "total": spent["total"] + retrieved})

    def snapshot(self) -> "Assistant":
        """The same on today's generation of the index: somebody may call `refresh` while the model writes."""
        pinned = copy(self)
        pinned.retriever = self.retriever.snapshot()
        return pinned

    def answer(
        self,
        question: str,
        hits: Sequence[Hit],
        evidence: Evidence,
        on_statement: "OnStatement | None" = None,
        on_restart: OnRestart | None = None,
        on_reply: "OnReply | None" = None,
        prompt: "Prompt | None" = None,
    ) -> Answer:
        """`ask`, from what was retrieved before, of the retriever's generation.

        on_reply: see `OnReply`. prompt: what `prompt` gave for it, if it was built before.
        """
        started = time.perf_counter()
        nothing = self._answer(question, hits, evidence)
        if self.chat is None:
            answer = self._quotes_or_silence(nothing, evidence)
        elif not self.asks(hits, evidence):
            answer = replace(nothing, mode="llm")
        else:
            prompt = prompt or self.prompt(question, hits, evidence)
            answer = self._ask_chat(self.chat, prompt, nothing, evidence, on_statement, on_restart, on_reply)
        total = (time.perf_counter() - started) * 1000
        asked = total if answer.prompt_sha256 else 0.0
        return replace(answer, timings_ms={"open": 0.0, "retrieve": 0.0, "llm": asked, "total": total})

    def asks(self, hits: Sequence[Hit], evidence: Evidence) -> bool:
        """Whether the model is asked about this."""
        return self.chat is not None and bool(hits) and evidence.answerability >= self.floor

    def prompt(self, question: str, hits: Sequence[Hit], evidence: Evidence) -> "Prompt":
        """What the model is asked. Raises SettingError for a template that cannot be rendered."""
        from qa.answer import prompt as prompts

        return prompts.build(question, self._groups(hits, evidence), self.template, self.prompt_tokens)

    def _answer(self, question: str, hits: Sequence[Hit], evidence: Evidence) -> Answer:
        """The answer of somebody who found nothing."""
        return Answer(
            question=question,
            status="abstained",
            reason="not_in_sources",
            mode="quotes",
            statements=(),
            rejected=(),
            quotes=(),
            hits=tuple(hits),
            answerability=evidence.answerability,
            model=None,
            prompt_sha256=None,
            index={"generation": self.retriever.generation, "model": self.retriever.model},
            usage={"prompt_tokens": 0, "completion_tokens": 0},
            timings_ms={},
        )

    def _quotes_or_silence(self, nothing: Answer, evidence: Evidence) -> Answer:
        """Quotes when the estimate is high enough."""
        if not evidence.quotes or evidence.answerability < self.threshold:
            return nothing
        statements = tuple(Statement(quote.text, (quote.n,)) for quote in evidence.quotes)
        return replace(
            nothing, status="answered", reason=None, mode="quotes", statements=statements, quotes=evidence.quotes
        )

    def _ask_chat(
        self,
        chat: "Chat",
        prompt: "Prompt",
        nothing: Answer,
        evidence: Evidence,
        on_statement: "OnStatement | None",
        on_restart: OnRestart | None,
        on_reply: "OnReply | None",
    ) -> Answer:
        from qa.answer.judge import Judge, Stream
        from qa.llm.chat import one_deadline

        def complete(prompt: "Prompt") -> "tuple[Prompt, ChatReply, Judge]":
            judge = partial(Judge, self.retriever, prompt, nothing.question, self.strict)
            stream = Stream(judge, tuple(prompt.sentences), on_statement, on_restart)
            try:
                reply = chat.complete(prompt.request, stream.take if on_statement else None)
            except ContextTooLongError:
                stream.void()
                raise
            if on_reply:
                on_reply(prompt, reply)
            return prompt, reply, stream.finish(reply)

        with one_deadline():
            try:
                prompt, reply, judge = complete(prompt)
            except ContextTooLongError:
                smaller = self._halved(prompt, nothing, evidence)
                if smaller is None:
                    raise
                prompt, reply, judge = complete(smaller)
        usage = {name: int(reply.usage.get(name, 0)) for name in ("prompt_tokens", "completion_tokens")}
        asked = replace(nothing, mode="llm", model=reply.model, prompt_sha256=prompt.sha256, usage=usage)
        if judge.supported:
            statements, rejected = tuple(judge.kept), tuple(judge.rejected)
            return replace(
                asked, status="answered", reason=None, statements=statements, rejected=rejected, quotes=judge.quotes
            )
        rejected = tuple(replace(statement, quotes=()) for statement in (*judge.kept, *judge.rejected))
        asked = replace(asked, rejected=rejected, reason="unsupported" if rejected else "not_in_sources")
        return self._quotes_or_silence(asked, evidence)

    def _halved(self, prompt: "Prompt", nothing: Answer, evidence: Evidence) -> "Prompt | None":
        """Half of a prompt that did not fit into the model's context; None if there is nothing to leave out."""
        from qa.answer import prompt as prompts

        groups = self._groups(nothing.hits, evidence)
        smaller = prompts.build(nothing.question, groups, self.template, prompt.tokens // 2)
        return smaller if len(smaller.sentences) < len(prompt.sentences) else None

    def _groups(self, hits: Sequence[Hit], evidence: Evidence) -> "list[Source]":
        """What goes into the prompt, best first: each quote with its neighbours, then the passages by rank."""
        groups = []
        for quote in evidence.quotes:
            inside = self.retriever.sentences_in(quote.doc_id, quote.start, quote.end)
            groups.append(self._source(quote.doc_id, inside[0] - 1, inside[-1] + 1))
        passages = (hit.passage for hit in hits)
        return groups + [self._source(p.doc_id, p.first_sentence, p.last_sentence) for p in passages]

    def _source(self, doc_id: str, first: int, last: int) -> "Source":
        from qa.answer.prompt import Source

        info = self.retriever.info(doc_id)
        sentences = self.retriever.sentences(doc_id, first, last)
        return Source(doc_id, info.title, info.metadata, tuple((s, self.retriever.text(s)) for s in sentences))
