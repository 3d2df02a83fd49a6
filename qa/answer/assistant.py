"""A question to an answer: evidence, then a model's statements that passed the support check, or quotes only, or
silence.
"""

import time
from collections.abc import AsyncGenerator, Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, aclosing
from copy import copy
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Literal

from qa.answer.conversation import Turn, standing, understand
from qa.answer.events import Asked, Done, Event, Retrieved
from qa.errors import (
    BadReplyError,
    ChatError,
    ContextTooLongError,
    DeadlineError,
    ModelError,
    ReplayMissError,
    SettingError,
)
from qa.records import Answer, Evidence, Quote, Statement
from qa.retrieve.retriever import Retriever
from qa.retrieve.zones import ANSWERED, UNCERTAIN
from qa.trust import packaged_prompt

if TYPE_CHECKING:  # quotes-only answers start without what only a model's answers need
    from qa.answer.prompt import Prompt, Source
    from qa.answer.rewriting import Rewriter
    from qa.answer.statements import Statements
    from qa.gate.judge import Judge
    from qa.llm.protocol import Chat, ChatReply, SharedDeadline

__all__ = ["FLOOR", "PROMPT_PASSAGES", "PROMPT_TOKENS", "THRESHOLD", "Assistant", "SecondOpinion", "last_answer"]

THRESHOLD = ANSWERED  # of answerability: from here on quotes are an answer
FLOOR = 0.02  # below it no model is asked: nothing in the sources comes near
PROMPT_TOKENS = 3000
PROMPT_PASSAGES = 30  # the budget of tokens usually ends a prompt before

GIVEN_UP = "The answer was given up before it was complete."

SecondOpinion = Literal["doubtful", "all", "off"]


class Assistant:
    """Answers questions from what a retriever finds. Safe to share between threads if its chat is.

    chat: None answers with quotes only. threshold: of answerability in [0, 1], below which quotes are no answer.
    uncertain: below it nothing comes near; between the two the sources may not say. floor: below it the chat is not
    even asked. k: passages in an answer's `hits`. strict: only supported statements are shown, the others go to
    `rejected` instead of being marked. prompt_tokens, prompt_passages: most tokens and most passages of retrieved text
    in a prompt. template: gives the text of a prompt template by its file name.

    judge: gives a second opinion; one that has passed the exam of `qa.gate.exam`. second_opinion: about the statements
    that code cannot confirm (doubtful), about all, or off. final_silence: whether the chat has passed the exam's
    questions, so that it is final when it finds no answer; else quotes are shown where the estimate is high. rewrites:
    whether the chat may rewrite follow-up questions; the rewrites of weak models do more harm than good.
    """

    def __init__(
        self,
        retriever: Retriever,
        chat: "Chat | None" = None,
        *,
        threshold: float = THRESHOLD,
        uncertain: float = UNCERTAIN,
        floor: float = FLOOR,
        k: int = 5,
        strict: bool = False,
        prompt_tokens: int = PROMPT_TOKENS,
        prompt_passages: int = PROMPT_PASSAGES,
        template: Callable[[str], str] = packaged_prompt,
        judge: "Judge | None" = None,
        second_opinion: SecondOpinion = "doubtful",
        final_silence: bool = False,
        rewrites: bool = False,
    ) -> None:
        self.retriever, self.chat = retriever, chat
        self.threshold, self.uncertain, self.floor = threshold, uncertain, floor
        self.k, self.strict = k, strict
        self.prompt_tokens, self.prompt_passages, self.template = prompt_tokens, prompt_passages, template
        self.judge = None if second_opinion == "off" else judge
        self.second_opinion, self.final_silence, self.rewrites = second_opinion, final_silence, rewrites
        self._deadline: SharedDeadline | None = None  # see ended_by

    def ask(self, question: str, where: Sequence[str] = (), history: Sequence[Turn] = ()) -> Answer:
        """The answer, or an abstention with the nearest passages. Raises as `stream` does."""
        return last_answer(self.stream(question, where, history))

    def stream(
        self, question: str, where: Sequence[str] = (), history: Sequence[Turn] = ()
    ) -> Generator[Event, None, None]:
        """Answer step by step; the last event is `Done`. Closing the iterator gives the model's request up.

        history: the turns of the conversation so far, the latest last; they are not kept, and no answer is taken from
        them. Raises what `Retriever.search` raises, and ChatError: a failure is never an abstention.
        """
        pinned = self.snapshot()
        if self.chat is not None and pinned._deadline is None:
            pinned._deadline = _new_deadline()
        started = time.perf_counter()
        history = standing(pinned.retriever, history, where)
        rewriter = pinned._rewriter(question, history)
        found = understand(pinned.retriever, question, history, self.depth, where, self.threshold, rewriter)
        resolved = found.resolved if found.resolved != question else ""
        retrieved = Retrieved(found.hits, found.evidence, _milliseconds(started), resolved, found.earlier)
        events = pinned.stream_from(question, retrieved)
        with _closed_at_the_end(events):
            for event in events:
                yield _with_usage(event, rewriter.usage) if rewriter and isinstance(event, Done) else event

    def _rewriter(self, question: str, history: Sequence[Turn]) -> "Rewriter | None":
        if self.chat is None or not self.rewrites or not history:
            return None
        from qa.answer.rewriting import Rewriter

        return Rewriter(self.chat, self.template, question, history, self._deadline)

    @property
    def depth(self) -> int:
        """How many passages are retrieved: `k`, or those for a prompt."""
        return max(self.k, self.prompt_passages) if self.chat else self.k

    async def aask(self, question: str, where: Sequence[str] = (), history: Sequence[Turn] = ()) -> Answer:
        """`ask` for asyncio. Cancelling it gives the model's request up."""
        async with aclosing(self.astream(question, where, history)) as events:
            async for event in events:
                if isinstance(event, Done):
                    return event.answer
        raise ValueError("the events ended without an answer")

    async def astream(
        self, question: str, where: Sequence[str] = (), history: Sequence[Turn] = ()
    ) -> AsyncGenerator[Event, None]:
        """`stream` for asyncio; every step is done in a thread of its own. Cancelling the task, or closing the
        iterator (`contextlib.aclosing`), gives the model's request up.
        """
        from qa.answer.threaded import threaded

        deadline = _new_deadline()
        events = self.ended_by(deadline).stream(question, where, history)
        async with aclosing(threaded(events, deadline.cancel)) as stepped:
            async for event in stepped:
                yield event

    def ended_by(self, deadline: "SharedDeadline") -> "Assistant":
        """The same for one question, whose requests to the model all end when `deadline.cancel` is called."""
        asked = copy(self)
        asked._deadline = deadline
        return asked

    def snapshot(self) -> "Assistant":
        """The same on today's generation of the index: somebody may call `refresh` while the model writes."""
        pinned = copy(self)
        pinned.retriever = self.retriever.snapshot()
        return pinned

    def stream_from(self, question: str, retrieved: Retrieved) -> Iterator[Event]:
        """`stream`, from what was retrieved before, of the retriever's generation."""
        yield retrieved
        started = time.perf_counter()
        nothing = self._nothing(question, retrieved)
        if nothing.index.get("unfinished"):  # words alone neither prove an answer nor that there is none
            done = Done(replace(nothing, reason="uncertain", closest=retrieved.evidence.quotes))
        elif self.chat is None:
            done = Done(self._quotes_or_silence(nothing, retrieved.evidence))
        elif not self._asks(retrieved):
            done = Done(replace(nothing, mode="llm", closest=retrieved.evidence.quotes))
        else:
            done = yield from self._ask_chat(self.chat, nothing, retrieved)
        spent = _milliseconds(started)
        asked = spent if done.answer.prompt_sha256 else 0.0
        total = spent + retrieved.milliseconds
        timings = {"open": 0.0, "retrieve": retrieved.milliseconds, "llm": asked, "total": total}
        yield replace(done, answer=replace(done.answer, timings_ms=timings))

    def _asks(self, retrieved: Retrieved) -> bool:
        """Whether the model is asked about this."""
        return bool(retrieved.hits) and retrieved.evidence.answerability >= self.floor

    def _nothing(self, question: str, retrieved: Retrieved) -> Answer:
        """An abstention, from which every other answer is made."""
        unfinished = self.retriever.unfinished
        about = {"generation": self.retriever.generation, "model": self.retriever.model}
        return Answer(
            question=question,
            status="abstained",
            reason="not_in_sources",
            mode="quotes",
            statements=(),
            rejected=(),
            quotes=(),
            hits=retrieved.hits[: self.k],
            answerability=retrieved.evidence.answerability,
            model=None,
            prompt_sha256=None,
            index=about | ({"unfinished": unfinished} if unfinished else {}),
            usage={"prompt_tokens": 0, "completion_tokens": 0},
            timings_ms={},
            unread=self.retriever.unread,
            resolved=retrieved.resolved,
        )

    def _quotes_or_silence(self, nothing: Answer, evidence: Evidence) -> Answer:
        """Quotes when the estimate is high enough, of those parts of the question for which it is."""
        if not evidence.quotes or evidence.answerability < self.threshold:
            near = evidence.quotes and evidence.answerability >= self.uncertain
            reason = "uncertain" if near and nothing.reason == "not_in_sources" else nothing.reason
            return replace(nothing, reason=reason, closest=evidence.quotes)
        missing = [part for part in evidence.parts if part.answerability < self.threshold]
        left_out = {n for part in missing for n in part.quotes} - {
            n for part in evidence.parts if part not in missing for n in part.quotes
        }
        quotes = _numbered(quote for quote in evidence.quotes if quote.n not in left_out)
        return replace(
            nothing,
            status="answered",
            reason=None,
            mode="quotes",
            statements=tuple(Statement(quote.text, (quote.n,)) for quote in quotes),
            quotes=quotes,
            closest=_numbered(quote for quote in evidence.quotes if quote.n in left_out),
            missing=tuple(part.text for part in missing),
        )

    def _ask_chat(self, chat: "Chat", nothing: Answer, retrieved: Retrieved) -> Generator[Event, None, Done]:
        """The model's answer; one more try with half of the prompt when it did not fit into the model's context."""
        from qa.answer.prompt import build_prompt

        groups = self._groups(retrieved)
        deadline = self._deadline or _new_deadline()
        prompt = build_prompt(nothing.resolved, groups, self.template, self.prompt_tokens)
        try:
            return (yield from self._read_reply(chat, prompt, deadline, nothing, retrieved.evidence))
        except ContextTooLongError:
            smaller = build_prompt(nothing.resolved, groups, self.template, prompt.tokens // 2)
            if len(smaller.sentences) == len(prompt.sentences):  # there is nothing to leave out
                raise
        return (yield from self._read_reply(chat, smaller, deadline, nothing, retrieved.evidence))

    def _read_reply(
        self, chat: "Chat", prompt: "Prompt", deadline: "SharedDeadline", nothing: Answer, evidence: Evidence
    ) -> Generator[Event, None, Done]:
        from qa.answer.statements import ReplyReader, Statements
        from qa.llm.protocol import Delta, hider

        yield Asked(prompt)
        options = {
            "strict": self.strict,
            "is_judged": self.judge is not None,
            "judges_relevance": self.judge is not None and self.judge.judges_relevance,
            "is_likely": evidence.answerability >= self.threshold,
        }
        new = partial(Statements, self.retriever, prompt, nothing.resolved, **options)
        reader = ReplyReader(new, prompt, hider(chat))
        reply: ChatReply | None = None
        items = chat.stream(replace(prompt.request, deadline=deadline))
        try:
            with _closed_at_the_end(items):
                for item in items:
                    if deadline.cancelled:
                        raise DeadlineError(GIVEN_UP)
                    if isinstance(item, Delta):
                        yield from reader.feed(item)
                    else:
                        reply = item
        except ContextTooLongError:
            yield from reader.void()
            raise
        if reply is None:
            raise BadReplyError(f"{chat.model} ended without a reply. Ask again, or use another model.")
        claims = yield from reader.finish(reply)
        judged, notice = yield from self._second_opinion(reader.statements, deadline)
        usage = {name: int(reply.usage.get(name, 0) + judged.get(name, 0)) for name in nothing.usage}
        asked = replace(nothing, mode="llm", model=reply.model, prompt_sha256=prompt.sha256, usage=usage)
        return Done(self._concluded(asked, reader.statements, evidence), claims, notice)

    def _second_opinion(
        self, made: "Statements", deadline: "SharedDeadline"
    ) -> Generator[Event, None, tuple[Mapping[str, int], str]]:
        """Ask the judge; its tokens, and why opinions are missing. A judge that fails fails no answer."""
        every = self.second_opinion == "all"
        items = made.doubtful(every) if self.judge else ()
        usage: Mapping[str, int] = {}
        notice = ""
        missing = len(items)
        if self.judge and items:
            try:
                found = self.judge.judge(items, deadline)
            except ReplayMissError:  # this was not measured; it is no failure of the judge
                raise
            except (ChatError, ModelError, SettingError) as error:
                notice = f"no second opinion: {error}"
            else:
                usage = found.usage
                missing = found.opinions.count(None)
                notice = f"no second opinion on {missing} of {len(items)} statements" if missing else ""
                yield from made.apply(found.opinions, every)
        made.close(any_opinion=not items or missing < len(items))
        return usage, notice

    def _concluded(self, asked: Answer, made: "Statements", evidence: Evidence) -> Answer:
        """The answer that the model's statements make, or quotes or silence when they make none."""
        if made.stands:
            statements, rejected = tuple(made.kept), tuple(made.rejected)
            return replace(
                asked, status="answered", reason=None, statements=statements, rejected=rejected, quotes=made.quotes
            )
        rejected = tuple(replace(statement, quotes=()) for statement in (*made.kept, *made.rejected))
        if not rejected and self.final_silence:
            return replace(asked, closest=evidence.quotes)
        if rejected:
            asked = replace(asked, rejected=rejected, reason="uncertain" if made.is_uncertain else "unsupported")
        return self._quotes_or_silence(asked, evidence)

    def _groups(self, retrieved: Retrieved) -> "list[Source]":
        """What goes into the prompt, best first: each quote with its neighbours, those of earlier turns after those of
        this one, then the passages by rank.
        """
        groups = []
        for quote in (*retrieved.evidence.quotes, *retrieved.earlier):
            inside = self.retriever.sentences_in(quote.doc_id, quote.start, quote.end)
            if inside:  # else the stored place of an earlier quote is none of this document
                groups.append(self._source(quote.doc_id, inside[0] - 1, inside[-1] + 1))
        passages = (hit.passage for hit in retrieved.hits[: self.prompt_passages])
        return groups + [self._source(p.doc_id, p.first_sentence, p.last_sentence) for p in passages]

    def _source(self, doc_id: str, first: int, last: int) -> "Source":
        from qa.answer.prompt import Source

        info = self.retriever.info(doc_id)
        sentences = self.retriever.sentences(doc_id, first, last)
        texts = tuple((sentence, self.retriever.text(sentence)) for sentence in sentences)
        return Source(doc_id, info.title, info.metadata, texts, tuple(map(self.retriever.context, sentences)))


def last_answer(events: Iterable[Event]) -> Answer:
    """The answer that a stream of events ends with."""
    for event in events:
        if isinstance(event, Done):
            return event.answer
    raise ValueError("the events ended without an answer")


def _numbered(quotes: Iterable[Quote]) -> tuple[Quote, ...]:
    """The quotes, numbered from 1."""
    return tuple(replace(quote, n=n) for n, quote in enumerate(quotes, 1))


def _with_usage(done: Done, usage: Mapping[str, int]) -> Done:
    """The tokens of another request added to those of an answer."""
    total = {name: int(count + usage.get(name, 0)) for name, count in done.answer.usage.items()}
    return replace(done, answer=replace(done.answer, usage=total))


def _new_deadline() -> "SharedDeadline":
    from qa.llm.deadline import SharedDeadline

    return SharedDeadline()


def _milliseconds(since: float) -> float:
    return (time.perf_counter() - since) * 1000


def _closed_at_the_end(items: Iterator[object]) -> ExitStack:
    """Closes an iterator that can be closed, so that a request that nobody reads on is given up at once."""
    stack = ExitStack()
    if hasattr(items, "close"):
        stack.callback(items.close)
    return stack
