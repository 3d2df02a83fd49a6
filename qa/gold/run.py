"""Run a gold set: retrieve in batches, answer concurrently, return results in the order of the cases."""

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
from qa.answer.events import Asked, Done, Event, Retrieved
from qa.answer.statements import readable
from qa.errors import (
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
from qa.gold.files.cases import Case
from qa.gold.results import RECORDED, Claimed, Mode, Observation, Result, Run
from qa.gold.verdict.score import UNKNOWN, Indexed, Prices, score
from qa.gold.workers import Workers
from qa.llm.recorded import Player
from qa.quotes.anchors import Place
from qa.records import Sentence
from qa.retrieve.retriever import check_question

if TYPE_CHECKING:
    from qa.answer.prompt import Prompt

__all__ = ["BATCH", "Options", "Progress", "mode_of", "run"]

BATCH = 64
"""Number of questions embedded at once."""
DIGITS = 6  # decimals in saved runs
HOPELESS = (KeyRefusedError, NoSuchModelError, LocalModelError)  # every other question would fail too
DOWN = (EndpointError, DeadlineError, RateLimitedError)
SETTINGS = (
    *("k", "threshold", "uncertain", "floor", "strict", "prompt_tokens", "prompt_passages"),
    *("second_opinion", "final_silence"),
)
IN_A_ROW = 5  # consecutive endpoint failures after which the run gives up

Progress = Callable[[int, int], None]
"""Called with the number of answered questions and the total."""


@dataclass(frozen=True, slots=True)
class Options:
    """Options of a run.

    repeat: runs per question, at least 1; only for live models, since other answers never change. jobs: concurrent
    requests, at least 1. changed_since: an earlier run whose results are reused where the inputs of the
    answer are unchanged; ignored with repeat, because a saved run has one answer per case. prices: see `Prices`.
    """

    repeat: int = 1
    jobs: int = 4
    changed_since: Run | None = None
    prices: Prices = UNKNOWN


def mode_of(assistant: Assistant) -> Mode:
    """The mode of a run with this assistant: quotes, replay or live."""
    if assistant.chat is None:
        return "quotes"
    return "replay" if isinstance(assistant.chat, Player) else "live"


def run(
    cases: Sequence[Case], assistant: Assistant, options: Options | None = None, progress: Progress | None = None
) -> tuple[Run, int]:
    """Run all cases; return the run and the number of results reused from the earlier run.

    The assistant's chat decides the mode (see `mode_of`); a `Recorder` counts as live. A question that cannot be
    answered gives a result with an error. Errors that affect all questions are raised: SettingError (of a template),
    ModelError, IndexUnusableError. A replayed run contains no times and is reproducible.
    """
    asking = _Asking(assistant, options or Options())
    with Workers(asking.options.jobs) as workers:
        asked = asking.ask(cases, workers, progress)
    return asking.run(cases, asked), sum(one.saved for one in asked)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A case and its observations, possibly still pending. saved: reused from the earlier run."""

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
        self.assistant.retriever.require_vectors("measured")
        self.templates = self.assistant.template = _Templates(assistant.template)
        self.indexed = Indexed(self.assistant.retriever)
        self.earlier = (
            {one.id: one for one in options.changed_since.results} if options.changed_since and self.repeat == 1 else {}
        )
        self.patience = _Patience()

    @property
    def settings(self) -> dict[str, float | int | bool | str]:
        """The assistant's settings that can change an answer."""
        opinions = {"opinions": RECORDED} if self.mode == "replay" and self.assistant.judge else {}
        return {name: getattr(self.assistant, name) for name in SETTINGS} | opinions

    def ask(self, cases: Sequence[Case], workers: Workers, progress: Progress | None) -> list[_Asked]:
        """Answer all cases."""
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
        found = self.assistant.retriever.retrieve_many([case.question for case in good], self.assistant.depth)
        share = (time.perf_counter() - started) * 1000 / max(len(good), 1)
        retrieved = {
            case.id: Retrieved(tuple(hits), evidence, share) for case, (hits, evidence) in zip(good, found, strict=True)
        }
        for case in cases:
            if case.id in retrieved:
                yield self._case(case, retrieved[case.id], workers)
            else:
                yield _Asked(case, (_known(Observation(error=refused[case.id])),) * self.repeat)

    def _case(self, case: Case, retrieved: Retrieved, workers: Workers) -> _Asked:
        attempt = _Attempt(self.assistant, case.question, retrieved)
        fingerprint = self.fingerprint(case.question, retrieved, attempt.prompt)
        earlier = self.earlier.get(case.id)
        if earlier and earlier.fingerprint == fingerprint and not earlier.observed.error:
            quotes = tuple(self.indexed.show(q.n, q.place, q.text) for q in earlier.observed.quotes)
            return _Asked(case, (_known(replace(earlier.observed, quotes=quotes)),), fingerprint, saved=True)
        if self.mode != "live":
            return _Asked(case, (_known(self.observe(attempt)),), fingerprint)  # there is nothing to wait for
        job = partial(self.ask_anew, case.question, retrieved)
        return _Asked(case, tuple(workers.submit(job) for _ in range(self.repeat)), fingerprint)

    def ask_anew(self, question: str, retrieved: Retrieved) -> Observation:
        """`observe` in a worker; time spent waiting for a worker does not count."""
        return self.observe(_Attempt(self.assistant, question, retrieved))

    def fingerprint(self, question: str, retrieved: Retrieved, prompt: "Prompt | None") -> str:
        """SHA-256 of all inputs of an answer, without asking the model."""
        hits, evidence = retrieved.hits, retrieved.evidence
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
            "judge": self.assistant.judge.name if self.assistant.judge else "",
            "around": list(readable(self.assistant.retriever, prompt)) if prompt else [],
        }
        return hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()

    def observe(self, attempt: "_Attempt") -> Observation:
        """Ask the question once and record what happened."""
        if self.patience.lost and attempt.prompt:
            return Observation(error=self.patience.lost)
        try:
            done = attempt.finish()
        except (SettingError, IndexUnusableError):
            raise
        except QaError as error:
            self.patience.failed(error)
            return Observation(error=str(error))
        if attempt.prompt:
            self.patience.answered()
        return self._observation(done, attempt.prompt)

    def _observation(self, done: Done, prompt: "Prompt | None") -> Observation:
        answer = done.answer
        return Observation(
            status=answer.status,
            reason=answer.reason,
            mode=answer.mode,
            model=answer.model,
            statements=answer.statements,
            rejected=answer.rejected,
            quotes=tuple(self.indexed.show(q.n, Place(q.doc_id, q.start, q.end), q.text) for q in answer.quotes),
            hits=tuple(Place(h.passage.doc_id, h.passage.start, h.passage.end) for h in answer.hits),
            context=tuple(_place(sentence) for sentence in prompt.sentences.values()) if prompt else (),
            claims=tuple(Claimed(c.text, tuple(_place(s) for s in c.sentences)) for c in done.claims),
            answerability=round(answer.answerability, DIGITS),
            prompt_sha256=answer.prompt_sha256,
            usage=dict(answer.usage) if prompt else {},
            timings_ms={} if self.mode == "replay" else {k: round(ms, 1) for k, ms in answer.timings_ms.items()},
        )

    def run(self, cases: Sequence[Case], asked: Iterable[_Asked]) -> Run:
        """Score the observations and add the configuration of the run."""
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


class _Attempt:
    """An answer, paused before the model is asked. prompt: None if the model is not asked."""

    def __init__(self, assistant: Assistant, question: str, retrieved: Retrieved) -> None:
        self._events = assistant.stream_from(question, retrieved)
        self.prompt: Prompt | None = None
        self._done: Done | None = None
        while self.prompt is None and self._done is None:
            self._take(next(self._events))

    def finish(self) -> Done:
        """Ask the model, if needed, and read its whole reply."""
        for event in self._events:
            self._take(event)
        assert self._done is not None
        return self._done

    def _take(self, event: Event) -> None:
        if isinstance(event, Asked):
            self.prompt = event.prompt
        elif isinstance(event, Done):
            self._done = event


class _Patience:
    """Decides when to stop asking. lost: the reason, once it has."""

    def __init__(self) -> None:
        self.lost = ""
        self._failed = 0
        self._lock = threading.Lock()

    def failed(self, error: QaError) -> None:
        with self._lock:
            self._failed = self._failed + 1 if isinstance(error, DOWN) else 0
            if isinstance(error, HOPELESS):
                self.lost = f"not asked, because another question failed: {error}"
            elif self._failed >= IN_A_ROW:
                self.lost = f"not asked, because {IN_A_ROW} questions in a row failed, most recently: {error}"

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
        """SHA-256 of the templates used, sorted by name."""
        return {name: hashlib.sha256(text.encode()).hexdigest() for name, text in sorted(self._texts.items())}


def _refused(case: Case) -> str:
    """Why the question is invalid; empty if it is valid."""
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
