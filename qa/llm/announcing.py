"""A chat that announces where text is sent before sending it."""

import json
from collections.abc import Callable, Iterator

from qa.llm.chat import OpenAIChat
from qa.llm.protocol import Chat, ChatReply, ChatRequest, Delta, SharedDeadline, hider
from qa.text import counted

__all__ = ["AnnouncingChat", "destination"]


class AnnouncingChat:
    """Wraps a chat and announces each request.

    notify: called with a one-line message. show: called with the title and text of everything sent and received;
    None to show nothing.
    """

    def __init__(
        self, chat: Chat, notify: Callable[[str], None], show: Callable[[str, str], None] | None = None
    ) -> None:
        self._chat, self._notify, self._show = chat, notify, show
        self._deadline: SharedDeadline | None = None  # of the last answer, which all of its prompts share

    @property
    def unannounced(self) -> Chat:
        """The wrapped chat."""
        return self._chat

    @property
    def model(self) -> str:
        return self._chat.model

    @property
    def is_local(self) -> bool:
        return self._chat.is_local

    def hide(self, text: str) -> str:
        """The text without the wrapped chat's key."""
        return hider(self._chat)(text)

    def stream(self, request: ChatRequest) -> Iterator[Delta | ChatReply]:
        """Stream the wrapped chat's reply."""
        self._announce(request)
        for item in self._chat.stream(request):
            if not isinstance(item, Delta):
                self._report(request, item)
            yield item

    def _announce(self, request: ChatRequest) -> None:
        if request.purpose != "answer":
            self._announce_other(request)
            return
        is_again = request.deadline is not None and request.deadline is self._deadline
        self._deadline = request.deadline
        again = "the prompt was too long for the model; " if is_again else ""
        if isinstance(self._chat, OpenAIChat):
            sentences = counted(request.sentences, "sentence")
            self._notify(f"{again}sending the question and {sentences} of the sources to {self._chat.host}")
        else:
            self._notify(f"{again}asking {self._chat.model} on this machine; nothing is sent anywhere")
        if self._show:
            self._show_messages(request, plain=False)
            self._show("schema of the answer", json.dumps(request.schema, ensure_ascii=False))

    def _announce_other(self, request: ChatRequest) -> None:
        sentences = counted(request.sentences, "sentence")
        where = self._chat.host if isinstance(self._chat, OpenAIChat) else f"{self._chat.model} on this machine"
        if request.purpose == "follow-up":
            quotes = counted(request.sentences, "quote")
            self._notify(f"asking {where} to rephrase the question; sending the last questions and {quotes}")
        else:
            self._notify(f"asking {where} for a second opinion on the answer and the {sentences} that it quotes")
        if self._show:
            self._show_messages(request, plain=False)

    def _report(self, request: ChatRequest, reply: ChatReply) -> None:
        if reply.finish == "length" and request.purpose == "answer":
            self._notify("the model's answer was cut off; only its complete statements are used")
        if self._show:
            if reply.mode == "text" and request.plain_messages:
                self._notify("the endpoint has no JSON mode; these messages were sent instead")
                self._show_messages(request, plain=True)
            self._show(f"answer of {reply.model}, mode {reply.mode}, end {reply.finish}", reply.text)

    def _show_messages(self, request: ChatRequest, plain: bool) -> None:
        assert self._show
        for message in request.plain_messages if plain else request.messages:
            self._show(f"{message.role} message to {self._chat.model}", message.content)


def destination(chat: Chat, what: str = "the questions and the retrieved text") -> str:
    """A message that says what is sent where, before it is."""
    if isinstance(chat, OpenAIChat):
        return f"asking {chat.model} at {chat.host}; {what} are sent there"
    return f"asking {chat.model} on this machine; nothing is sent anywhere"
