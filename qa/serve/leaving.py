"""A chat that can be left: once nobody waits for the answer, the model's request is given up."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack

from qa.errors import DeadlineError
from qa.llm.protocol import Chat, ChatReply, ChatRequest, Delta

__all__ = ["LeavingChat"]


class LeavingChat:
    """Wraps a chat for one question. left: set when nobody waits any more; noticed at the next piece of the reply."""

    def __init__(self, chat: Chat, left: threading.Event) -> None:
        self._chat, self._left = chat, left

    @property
    def model(self) -> str:
        return self._chat.model

    @property
    def is_local(self) -> bool:
        return self._chat.is_local

    def stream(self, request: ChatRequest) -> Iterator[Delta | ChatReply]:
        """As the wrapped chat does. Raises DeadlineError once `left` is set."""
        items = self._chat.stream(request)
        with ExitStack() as stack:
            if hasattr(items, "close"):
                stack.callback(items.close)
            for item in items:
                if self._left.is_set():
                    raise DeadlineError("Nobody waits for this answer any more.")
                yield item
