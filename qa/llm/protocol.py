"""What a language model is to the rest of `qa`: the `Chat` protocol, and the records that go in and come out."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal, Protocol, Self, runtime_checkable

from qa.errors import BadReplyError
from qa.llm.deadline import SharedDeadline
from qa.llm.dialect import Mode

__all__ = [
    "Chat",
    "ChatReply",
    "ChatRequest",
    "Closing",
    "Delta",
    "KnowsKey",
    "Message",
    "SentencePlace",
    "SharedDeadline",
    "ToJudge",
    "complete",
    "encodable",
    "hider",
]


SentencePlace = tuple[str, int, int]
"""Document id, start and end of a sentence, in characters."""

ToJudge = tuple[str, str, tuple[SentencePlace, ...], str]
"""What a second opinion is about: a question, a statement that is to answer it, and the places of its quotes with the
SHA-256 of their text, by `qa.llm.asked.text_hash`."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a prompt."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What to ask.

    schema: the JSON schema of the answer, None for plain text. plain_messages: sent in place of `messages` when the
    endpoint takes no JSON mode at all; none: `messages` are sent all the same. max_tokens: of the answer, at least 1.
    temperature and seed: None leaves them to the chat. sentences: how many sentences of documents the messages hold;
    not sent. deadline: shared with other requests, None for one of its own; not sent. purpose: what the request is for
    where it is not the question itself; not sent. question, places: the question, and where the sentence of each id
    stands, as document, start and end; judged: the statements of a second opinion, in order; not sent, for recordings.
    """

    messages: tuple[Message, ...]
    schema: Mapping[str, Any] | None = None
    plain_messages: tuple[Message, ...] = ()
    max_tokens: int = 1024
    temperature: float | None = None
    seed: int | None = None
    sentences: int = 0
    deadline: SharedDeadline | None = field(default=None, compare=False)
    purpose: Literal["answer", "second opinion", "follow-up"] = field(default="answer", compare=False)
    question: str = field(default="", compare=False)
    places: Mapping[str, SentencePlace] = field(default_factory=dict, compare=False)
    judged: tuple[ToJudge, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of a reply as it streams in.

    attempt: which try it belongs to, from 1. When a connection breaks, the request is sent again, the number grows, and
    all pieces of earlier attempts are void.
    """

    text: str
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class ChatReply:
    """What came back.

    text: as the model wrote it, never empty. model: as the endpoint names it. mode: how the output was constrained.
    finish: "stop", or "length" when max_tokens cut it, or the endpoint's own word. usage: prompt_tokens and
    completion_tokens where the endpoint counts them.
    """

    text: str
    model: str
    mode: Mode = "text"
    finish: str = "stop"
    usage: Mapping[str, int] = field(default_factory=dict)


class Chat(Protocol):
    """A language model."""

    @property
    def model(self) -> str:
        """The model's name."""
        ...

    @property
    def is_local(self) -> bool:
        """Whether it runs in this process, so that no text leaves it."""
        ...

    def stream(self, request: ChatRequest) -> Iterator[Delta | ChatReply]:
        """Answer a request, piece by piece; the last item is the whole reply, never with an empty text.

        Raises ChatError. Closing the iterator gives the request up.
        """
        ...


@runtime_checkable
class KnowsKey(Protocol):
    """A chat with a key that its endpoint may send back."""

    def hide(self, text: str) -> str:
        """The text without the key."""
        ...


def hider(chat: Chat) -> Callable[[str], str]:
    """Takes the key of a chat out of texts; leaves them as they are if it knows none."""
    return chat.hide if isinstance(chat, KnowsKey) else str


def complete(chat: Chat, request: ChatRequest) -> ChatReply:
    """The whole reply of any chat. Raises as `Chat.stream` does."""
    for item in chat.stream(request):
        if isinstance(item, ChatReply):
            return item
    raise BadReplyError(f"{chat.model} ended without a reply. Ask again, or use another model.")


def encodable(text: str) -> str:
    """The text as a file and an endpoint get it: with ? for half characters."""
    return text.encode("utf-8", "replace").decode("utf-8")


class Closing(ABC):
    """Makes a context manager of what has `close`."""

    @abstractmethod
    def close(self) -> None:
        """End what is open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
