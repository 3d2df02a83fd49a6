"""Asks every case of a gold set: retrieval in batches, answers side by side, results in the order of the cases."""

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, as_completed
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING

from qa.answer.assistant import Assistant
from qa.answer.parse import parse
from qa.errors import (
    ChatError,
    DeadlineError,
    EndpointError,
    IndexUnusableError,
    KeyRefusedError,
    LocalModelError,
    NoSuchModelError,
    QaError,
    QuestionError,
    RateLimitedError,
    SettingError,
)
from qa.gold.cases import Case
from qa.gold.results import Claimed, Mode, Observation, Result, Run
from qa.gold.score import UNKNOWN, Indexed, Prices, score
from qa.gold.workers import Workers
from qa.llm.recorded import Player
from qa.quotes.anchors import Place
from qa.records import Answer, Evidence, Hit, Sentence
from qa.retrieve.retriever import check_question

if TYPE_CHECKING:
    from qa.answer.prompt import Prompt
    from qa.llm.chat import ChatReply

__all__ = ["BATCH", "Options", "Progress", "mode_of", "run"]

BATCH = 64
"""Questions whose vectors are made at once."""
AROUND = 3  # sentences on either side of what was retrieved: the prompt takes one, the support check reads two more
DIGITS = 6  # of what is saved
HOPELESS = (KeyRefusedError, NoSuchModelError, LocalModelError)  # no other question would fare better
DOWN = (EndpointError, DeadlineError, RateLimitedError)
IN_A_ROW = 5  # questions that the endpoint failed to answer; the others are not tried

Progress = Callable[[int, int], None]
"""Called with how many questions are answered, and of how many."""
Found = tuple[list[Hit], Evidence]


@dataclass(frozen=True, slots=True)
class Options:
    """How to run.

    repeat: how often a live model is asked each question, at least 1; a recorded one and quotes never change. jobs:
    requests at the same time, at least 1. changed_since: an earlier run, whose cases are not asked again where nothing
    that the answer is made of has changed; with repeat all are asked, for a saved run keeps one answer a case. prices:
    see `Prices`.
    """

    repeat: int = 1
    jobs: int = 4
    changed_since: Run | None = None
    prices: Prices = UNKNOWN


def mode_of(assistant: Assistant) -> Mode:
    """Who answers: nobody, a recording or a model."""
    if assistant.chat is None:
        return "quotes"
    return "replay" if isinstance(assistant.chat, Player) else "live"


def run(
    cases: Sequence[Case], assistant: Assistant, options: Options | None = None, progress: Progress | None = None
) -> tuple[Run, int]:
    """The results of all cases, and how many of them were taken over from the earlier run.

    The assistant's chat decides the mode, see `mode_of`; a `Recorder` is live. A question that cannot be answered is a
    result with an error in it. What would hit all of them is raised: SettingError (of a template), ModelError,
    IndexUnusableError. A replayed run has no times in it and comes out the same every time.
    """
    asking = _Asking(assistant, options or Options())
    with Workers(asking.options.jobs) as workers:
        asked = asking.ask(cases, workers, progress)
    return asking.run(cases, asked), sum(one.saved for one in asked)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A case with its observations, which may be under way. saved: taken over from the earlier run."""

    case: Case
    observations: tuple[Future[Observation], ...]
    fingerprint: str = ""
    saved: bool = False


class _Asking:
    """One run: an assistant that stays on one generation of the index and one version of the templates."""

    def __init__(self, assistant: Assistant, options: Options) -> None:
        self.version, self.options, self.mode = version("quoteqa"), options, mode_of(assistant)
        self.repeat = options.repeat if self.mode == "live" else 1
        self.model: str | None = getattr(assistant.chat, "model", None)
        self.assistant = assistant.snapshot()
        self.templates = self.assistant.template = _Templates(assistant.template)
        self.indexed = Indexed(self.assistant.retriever)
        self.earlier = (
            {one.id: one for one in options.changed_since.results} if options.changed_since and self.repeat == 1 else {}
        )
        self.patience = _Patience()

    @property
    def settings(self) -> dict[str, float | int | bool]:
        """Of the assistant, what can change an answer."""
        names = ("k", "threshold", "floor", "strict", "prompt_tokens")
        return {name: getattr(self.assistant, name) for name in names}

    def ask(self, cases: Sequence[Case], workers: Workers, progress: Progress | None) -> list[_Asked]:
        """All cases, answered."""
        asked: list[_Asked] = []
        total = len(cases) * self.repeat

        def futures() -> list[Future[Observation]]:
            return [future for one in asked for future in one.observations]

        for start in range(0, len(cases), BATCH):
            asked += self._batch(cases[start : start + BATCH], workers)
            if progress:
                progress(sum(future.done() for future in futures()), total)
        pending = [future for future in futures() if not future.done()]
        for done, future in enumerate(as_completed(pending), total - len(pending) + 1):
            future.result()
            if progress:
                progress(done, total)
        return asked

    def _batch(self, cases: Sequence[Case], workers: Workers) -> Iterator[_Asked]:
        refused = {case.id: _refused(case) for case in cases}
        good = [case for case in cases if not refused[case.id]]
        started = time.perf_counter()
        retrieved = self.assistant.retriever.ask_many([case.question for case in good], self.assistant.k)
        share = (time.perf_counter() - started) * 1000 / max(len(good), 1)
        found = dict(zip((case.id for case in good), retrieved, strict=True))
        for case in cases:
            if case.id in found:
                yield self._case(case, found[case.id], share, workers)
            else:
                yield _Asked(case, (_known(Observation(error=refused[case.id])),) * self.repeat)

    def _case(self, case: Case, found: Found, retrieve_ms: float, workers: Workers) -> _Asked:
        prompt = self.assistant.prompt(case.question, *found) if self.assistant.asks(*found) else None
        fingerprint = self.fingerprint(case.question, found, prompt)
        earlier = self.earlier.get(case.id)
        if earlier and earlier.fingerprint == fingerprint and not earlier.observed.error:
            quotes = tuple(self.indexed.show(q.n, q.place, q.text) for q in earlier.observed.quotes)
            return _Asked(case, (_known(replace(earlier.observed, quotes=quotes)),), fingerprint, saved=True)
        job = partial(self.observe, case.question, found, prompt, retrieve_ms)
        if self.mode != "live":
            return _Asked(case, (_known(job()),), fingerprint)  # there is nothing to wait for
        return _Asked(case, tuple(workers.submit(job) for _ in range(self.repeat)), fingerprint)

    def fingerprint(self, question: str, found: Found, prompt: "Prompt | None") -> str:
        """SHA-256 of all that an answer is made of; the model is not asked."""
        hits, evidence = found
        made_of = {
            "version": self.version,
            "mode": self.mode,
            "model": self.model,
            "settings": self.settings,
            "question": question,
            "hits": [[hit.passage.doc_id, hit.passage.start, hit.passage.end, hit.text] for hit in hits],
            "quotes": [[quote.doc_id, quote.start, quote.end, quote.text] for quote in evidence.quotes],
            "answerability": round(evidence.answerability, DIGITS),
            "prompt": prompt.sha256 if prompt else None,
            "around": list(self._around(hits, evidence)) if prompt else [],
        }
        return hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()

    def _around(self, hits: Sequence[Hit], evidence: Evidence) -> Iterator[str]:
        """What the support check may read: it looks at the neighbours of the sentences in the prompt."""
        retriever = self.assistant.retriever
        passages = [(hit.passage.doc_id, hit.passage.first_sentence, hit.passage.last_sentence) for hit in hits]
        for quote in evidence.quotes:
            inside = retriever.sentences_in(quote.doc_id, quote.start, quote.end)
            passages.append((quote.doc_id, inside[0], inside[-1]))
        for doc_id, first, last in passages:
            sentences = retriever.sentences(doc_id, first - AROUND, last + AROUND)
            yield self.indexed.texts[doc_id][sentences[0].start : sentences[-1].end]

    def observe(self, question: str, found: Found, prompt: "Prompt | None", retrieve_ms: float) -> Observation:
        """Ask, and say what came of it."""
        if self.patience.lost and prompt:
            return Observation(error=self.patience.lost)
        trace = _Trace()
        try:
            answer = self.assistant.answer(question, *found, on_reply=trace.take, prompt=prompt)
        except (SettingError, IndexUnusableError):
            raise
        except QaError as error:
            self.patience.failed(error)
            return Observation(error=str(error))
        if trace.asked:
            self.patience.answered()
        return self._observation(answer, trace, retrieve_ms)

    def _observation(self, answer: Answer, trace: "_Trace", retrieve_ms: float) -> Observation:
        spent = {**answer.timings_ms, "retrieve": retrieve_ms, "total": answer.timings_ms["total"] + retrieve_ms}
        return Observation(
            status=answer.status,
            reason=answer.reason,
            mode=answer.mode,
            model=answer.model,
            statements=answer.statements,
            rejected=answer.rejected,
            quotes=tuple(self.indexed.show(q.n, Place(q.doc_id, q.start, q.end), q.text) for q in answer.quotes),
            hits=tuple(Place(h.passage.doc_id, h.passage.start, h.passage.end) for h in answer.hits),
            context=trace.context,
            claims=trace.claims,
            answerability=round(answer.answerability, DIGITS),
            prompt_sha256=answer.prompt_sha256,
            usage=dict(answer.usage) if trace.asked else {},
            timings_ms={} if self.mode == "replay" else {name: round(ms, 1) for name, ms in spent.items()},
        )

    def run(self, cases: Sequence[Case], asked: Iterable[_Asked]) -> Run:
        """The observations, scored, and what they were made with."""
        retriever = self.assistant.retriever
        return Run(
            version=self.version,
            mode=self.mode,
            model=self.model,
            settings=self.settings,
            index={"model": retriever.model, "fingerprint": retriever.generation.rpartition("-")[2]},
            documents={info.id: info.sha256 for info in retriever.documents},
            templates=self.templates.hashes,
            gold_files=tuple(dict.fromkeys(case.file for case in cases)),
            results=tuple(self._result(one) for one in asked),
        )

    def _result(self, asked: _Asked) -> Result:
        observations = [future.result() for future in asked.observations]
        k, prices = self.assistant.k, self.options.prices
        return score(asked.case, observations, self.indexed, k, prices=prices, fingerprint=asked.fingerprint)


class _Trace:
    """What a model was asked and what it wrote, for one question."""

    asked = False
    context: tuple[Place, ...] = ()
    claims: tuple[Claimed, ...] = ()

    def take(self, prompt: "Prompt", reply: "ChatReply") -> None:
        """See `OnReply`."""
        self.asked = True
        self.context = tuple(_place(sentence) for sentence in prompt.sentences.values())
        try:
            parsed = parse(reply.text, tuple(prompt.sentences), cut=reply.finish == "length")
        except ChatError:
            return
        self.claims = tuple(
            Claimed(claim.text, tuple(_place(prompt.sentences[name]) for name in claim.ids))
            for claim in parsed.statements
        )


class _Patience:
    """Knows when there is no use in asking on. lost: why, once it is so."""

    def __init__(self) -> None:
        self.lost = ""
        self._failed = 0
        self._lock = threading.Lock()

    def failed(self, error: QaError) -> None:
        with self._lock:
            self._failed = self._failed + 1 if isinstance(error, DOWN) else 0
            if isinstance(error, HOPELESS):
                self.lost = f"not asked, for another question failed so: {error}"
            elif self._failed >= IN_A_ROW:
                self.lost = f"not asked, for {IN_A_ROW} questions in a row failed, the last one so: {error}"

    def answered(self) -> None:
        with self._lock:
            self._failed = 0


class _Templates:
    """Prompt templates, each read once."""

    def __init__(self, read: Callable[[str], str]) -> None:
        self._read = read
        self._texts: dict[str, str] = {}

    def __call__(self, name: str) -> str:
        if name not in self._texts:
            self._texts[name] = self._read(name)
        return self._texts[name]

    @property
    def hashes(self) -> Mapping[str, str]:
        """SHA-256 of those that were used, sorted by name."""
        return {name: hashlib.sha256(text.encode()).hexdigest() for name, text in sorted(self._texts.items())}


def _refused(case: Case) -> str:
    """Why the question cannot be asked, empty if it can."""
    try:
        check_question(case.question)
    except QuestionError as error:
        return f"{case.file}:{case.line}: {error}"
    return ""


def _place(sentence: Sentence) -> Place:
    return Place(sentence.doc_id, sentence.start, sentence.end)


def _known(observation: Observation) -> Future[Observation]:
    future: Future[Observation] = Future()
    future.set_result(observation)
    return future
