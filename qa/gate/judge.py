"""Does a quote mean what a statement says? The `Judge` protocol, and a language model as a judge."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from qa.errors import BadReplyError
from qa.llm.asked import text_hash
from qa.llm.protocol import Chat, ChatRequest, Message, SentencePlace, SharedDeadline, ToJudge, complete, hider
from qa.llm.templates import neutral, render
from qa.llm.thoughts import json_object

__all__ = ["BATCH", "ChatJudge", "Item", "Judge", "JudgedQuote", "Opinion", "Opinions"]

TEMPLATE = "second_opinion.j2"
BATCH = 15  # items a request: the replies of strong models get careless with more
TOKENS_AN_ITEM = 80  # of the reply


@dataclass(frozen=True, slots=True)
class JudgedQuote:
    """A quote with what is needed to understand it. context: headings, header cells, lead-ins, speakers. place: where
    it stands, for recordings.
    """

    text: str
    title: str = ""
    context: tuple[str, ...] = ()
    place: SentencePlace | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A statement to judge, with the question that it is to answer and the quotes that are to prove it."""

    question: str
    statement: str
    quotes: tuple[JudgedQuote, ...]


@dataclass(frozen=True, slots=True)
class Opinion:
    """stated: the quotes say it. answers: it answers the question. not_stated: the words that the quotes do not say."""

    stated: bool
    answers: bool = True
    not_stated: str = ""


@dataclass(frozen=True, slots=True)
class Opinions:
    """One opinion an item, in order, None where the judge gave none that can be used. usage: tokens."""

    opinions: tuple[Opinion | None, ...]
    usage: Mapping[str, int] = field(default_factory=dict)


class Judge(Protocol):
    """Gives opinions about meaning. It never overrules a hard check."""

    @property
    def name(self) -> str:
        """Which model it is, for people."""
        ...

    @property
    def judges_relevance(self) -> bool:
        """Whether its opinions say if a statement answers its question."""
        ...

    def judge(self, items: Sequence[Item], deadline: SharedDeadline | None = None) -> Opinions:
        """An opinion about each item. deadline: shared with other requests. Raises ChatError and
        ModelError.
        """
        ...


class ChatJudge:
    """A language model as a judge: one request for up to `BATCH` statements.

    template: gives the text of a prompt template by its file name.
    """

    judges_relevance = True

    def __init__(self, chat: Chat, template: Callable[[str], str]) -> None:
        self._chat, self._template = chat, template

    @property
    def name(self) -> str:
        return self._chat.model

    def judge(self, items: Sequence[Item], deadline: SharedDeadline | None = None) -> Opinions:
        """See `Judge.judge`. An unreadable reply gives no opinions; it is no error."""
        opinions: list[Opinion | None] = []
        usage: dict[str, int] = {}
        for start in range(0, len(items), BATCH):
            batch = items[start : start + BATCH]
            try:
                reply = complete(self._chat, self.request(batch, deadline))
            except BadReplyError:
                opinions += [None] * len(batch)
                continue
            opinions += read_opinions(reply.text, len(batch), hider(self._chat))
            for name, count in reply.usage.items():
                usage[name] = usage.get(name, 0) + count
        return Opinions(tuple(opinions), usage)

    def request(self, items: Sequence[Item], deadline: SharedDeadline | None = None) -> ChatRequest:
        """What is asked about these items. Raises SettingError for a template that cannot be rendered."""
        variables = {"items": [_variables(n, item) for n, item in enumerate(items, 1)]}
        system, user = render(TEMPLATE, self._template(TEMPLATE), variables)
        return ChatRequest(
            (Message("system", system), Message("user", user)),
            schema=_SCHEMA,
            max_tokens=100 + TOKENS_AN_ITEM * len(items),
            sentences=sum(len(item.quotes) for item in items),
            deadline=deadline,
            purpose="second opinion",
            judged=tuple(map(_to_judge, items)),
        )


def _to_judge(item: Item) -> ToJudge:
    places = tuple(quote.place for quote in item.quotes if quote.place)
    return item.question, item.statement, places, text_hash([quote.text for quote in item.quotes])


def _variables(n: int, item: Item) -> dict[str, Any]:
    quotes = [
        {"title": neutral(q.title), "context": [neutral(piece) for piece in q.context], "text": neutral(q.text)}
        for q in item.quotes
    ]
    return {"n": n, "question": neutral(item.question), "statement": neutral(item.statement), "quotes": quotes}


def read_opinions(text: str, count: int, hide: Callable[[str], str] = str) -> list[Opinion | None]:
    """The opinions in a reply, by their numbers; None for a number that is missing, doubled or has no verdict.

    hide: takes a key out of texts.
    """
    opinions: list[Opinion | None] = [None] * count
    seen: set[int] = set()
    for record in _records(text):
        n, stated, answers = record.get("n"), record.get("stated"), record.get("answers")
        if type(n) is not int or not 1 <= n <= count or type(stated) is not bool:
            continue
        words = record.get("not_stated")
        opinion = Opinion(stated, answers is not False, hide(words.strip()) if isinstance(words, str) else "")
        opinions[n - 1] = None if n in seen else opinion
        seen.add(n)
    return opinions


def _records(text: str) -> list[Mapping[str, Any]]:
    """The list of opinions, wherever in the reply its JSON begins."""
    listed = json_object(text).get("opinions")
    return [record for record in listed if isinstance(record, dict)] if isinstance(listed, list) else []


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


_SCHEMA = _object(
    {
        "opinions": {
            "type": "array",
            "items": _object(
                {
                    "n": {"type": "integer"},
                    "not_stated": {"type": "string"},
                    "stated": {"type": "boolean"},
                    "answers": {"type": "boolean"},
                }
            ),
        }
    }
)
