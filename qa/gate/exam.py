"""The exam that a model sits before its opinion counts: pairs of quotes and statements, and questions with sentences.

Half of the pairs are right, half wrong, in the ways that language models get wrong; half of the questions have no
answer in their sentences. The items appear nowhere else: no rule was made for them, and no example in a prompt.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from qa.errors import BadReplyError
from qa.gate.judge import BATCH, TEMPLATE, Item, Judge, JudgedQuote
from qa.llm.protocol import Chat, ChatRequest, Message, complete
from qa.llm.templates import neutral, render
from qa.llm.thoughts import json_object

__all__ = [
    "PASS",
    "REQUESTS",
    "ExamPair",
    "ExamQuestion",
    "ExamResult",
    "describe",
    "identity",
    "pairs",
    "questions",
    "sit",
]

PASS = 0.9
"""Balanced accuracy from which an opinion counts."""
QUESTIONS_TEMPLATE = "exam_questions.j2"
QUESTION_BATCH = 5
REQUESTS = 8  # at most
_ID = re.compile(r"s([0-9]{1,4})")


@dataclass(frozen=True, slots=True)
class ExamPair:
    """stated: whether the quotes state the statement; kind: what makes it right or wrong."""

    item: Item
    stated: bool
    kind: str


@dataclass(frozen=True, slots=True)
class ExamQuestion:
    """answers: positions of the sentences of which at least one has to be named; none where they do not answer."""

    question: str
    sentences: tuple[str, ...]
    answers: frozenset[int]


@dataclass(frozen=True, slots=True)
class ExamResult:
    """Balanced accuracy in [0, 1] for the pairs and the questions, None for a part that was not taken.

    A part that was stopped, because PASS was out of reach, has the best that could still have come out. requests: how
    many were sent.
    """

    pairs: float | None = None
    questions: float | None = None
    requests: int = 0

    @property
    def may_judge(self) -> bool:
        """Whether the model's opinions about statements count."""
        return self.pairs is not None and self.pairs >= PASS

    @property
    def may_refuse(self) -> bool:
        """Whether it is final when the model says that the sources do not answer."""
        return self.questions is not None and self.questions >= PASS


@cache
def pairs() -> tuple[ExamPair, ...]:
    """The pairs that ship with qa."""
    return tuple(_pair(record) for record in _records() if "statement" in record)


@cache
def questions() -> tuple[ExamQuestion, ...]:
    """The questions that ship with qa."""
    return tuple(
        ExamQuestion(record["question"], tuple(record["sentences"]), frozenset(record["answers"]))
        for record in _records()
        if "sentences" in record
    )


def identity(template: Callable[[str], str]) -> str:
    """SHA-256 of the exam and of the prompts it is sat with: another one needs another exam."""
    digest = hashlib.sha256(_text().encode())
    for name in (TEMPLATE, QUESTIONS_TEMPLATE):
        digest.update(b"\0" + template(name).encode())
    return digest.hexdigest()


def sit(judge: Judge, chat: Chat | None, template: Callable[[str], str]) -> ExamResult:
    """Put the exam to a judge, and its questions to a chat if it has one. Raises ChatError.

    Each part stops as soon as PASS is out of reach.
    """
    right = _Tally([pair.stated for pair in pairs()])
    requests = 0
    for start in range(0, len(pairs()), BATCH):
        batch = pairs()[start : start + BATCH]
        requests += 1
        for pair, opinion in zip(batch, judge.judge([pair.item for pair in batch]).opinions, strict=True):
            right.count(pair.stated, opinion is not None and opinion.stated == pair.stated)
        if right.best < PASS:
            break
    if chat is None or right.best < PASS:
        return ExamResult(right.best, None, requests)
    found = _Tally([bool(question.answers) for question in questions()])
    for start in range(0, len(questions()), QUESTION_BATCH):
        group = questions()[start : start + QUESTION_BATCH]
        requests += 1
        for question, evidence in zip(group, _ask(chat, template, group), strict=True):
            named = evidence is not None and bool(question.answers & evidence)
            good = named if question.answers else evidence == frozenset()
            found.count(bool(question.answers), good)
        if found.best < PASS:
            break
    return ExamResult(right.best, found.best, requests)


def describe(model: str, result: ExamResult) -> str:
    """What the result means, for people."""
    if not result.may_judge:
        return (
            f"{model} gives no second opinions: it reached at most {result.pairs or 0:.0%} in the exam, "
            f"and {PASS:.0%} is required"
        )
    if result.questions is None:
        return f"{model} gives second opinions: it judged {result.pairs or 0:.0%} correctly"
    silence = "is final" if result.may_refuse else "is weighed against the estimate"
    judged = f"it judged {result.pairs or 0:.0%} correctly"
    return f"{model} gives second opinions: {judged}; its 'the sources do not say' {silence}"


@dataclass(slots=True)
class _Tally:
    """Counts mistakes by class. best: the balanced accuracy if all that is left comes out right."""

    truths: Sequence[bool]
    wrong: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})

    def count(self, truth: bool, right: bool) -> None:
        self.wrong[truth] += not right

    @property
    def best(self) -> float:
        return sum(1 - self.wrong[truth] / self.truths.count(truth) for truth in (True, False)) / 2


def _ask(chat: Chat, template: Callable[[str], str], group: Sequence[ExamQuestion]) -> list[frozenset[int] | None]:
    """The positions of the sentences that the chat names for each question; None where its reply cannot be read."""
    variables = {
        "questions": [
            {
                "n": n,
                "question": neutral(one.question),
                "sentences": [{"id": f"s{k}", "text": neutral(text)} for k, text in enumerate(one.sentences, 1)],
            }
            for n, one in enumerate(group, 1)
        ]
    }
    system, user = render(QUESTIONS_TEMPLATE, template(QUESTIONS_TEMPLATE), variables)
    request = ChatRequest((Message("system", system), Message("user", user)), schema=_SCHEMA, max_tokens=400)
    try:
        text = complete(chat, request).text
    except BadReplyError:
        return [None] * len(group)
    named: list[frozenset[int] | None] = [None] * len(group)
    for n, ids in _evidence(text):
        if 1 <= n <= len(group):
            named[n - 1] = frozenset(int(found[1]) - 1 for found in map(_ID.fullmatch, ids) if found)
    return named


def _evidence(text: str) -> Iterator[tuple[int, list[str]]]:
    try:
        for record in json_object(text)["answers"]:
            if type(record["n"]) is int:
                yield record["n"], [name for name in record["evidence"] if isinstance(name, str)]
    except (KeyError, TypeError):
        return


def _pair(record: Mapping[str, Any]) -> ExamPair:
    quotes = tuple(JudgedQuote(q["text"], q.get("title", ""), tuple(q.get("context", ()))) for q in record["quotes"])
    return ExamPair(Item(record["question"], record["statement"], quotes), record["stated"], record["kind"])


def _records() -> list[dict[str, Any]]:
    return [json.loads(line) for line in _text().splitlines() if line]


@cache
def _text() -> str:
    return files("qa.gate").joinpath("exam.jsonl").read_text(encoding="utf-8")


_SCHEMA = {
    "type": "object",
    "properties": {
        "answers": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"n": {"type": "integer"}, "evidence": {"type": "array", "items": {"type": "string"}}},
                "required": ["n", "evidence"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["answers"],
    "additionalProperties": False,
}
