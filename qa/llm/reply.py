"""A model's reply as it grows out of the events of the wire, without the key, should an endpoint send it back."""

from typing import TYPE_CHECKING

from qa.errors import BadReplyError, ContentRefusedError
from qa.llm import failures
from qa.llm.failures import Endpoint
from qa.llm.redact import Stream, redactor
from qa.llm.thoughts import is_only_thought

if TYPE_CHECKING:
    from qa.llm.wire import Event

__all__ = ["GrowingReply"]

MAX_CHARS = 200_000  # of one answer; an answer to a question takes a few thousand
MAX_FINISH_CHARS = 100


class GrowingReply:
    """One reply. usage: as the endpoint counts. wrote: anything but white space, or a refusal."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._texts: list[str] = []
        self._refusals: list[str] = []
        self._stream = Stream(redactor(endpoint.key))
        self._chars = 0
        self._model = self._finish = ""
        self.usage: dict[str, int] = {}
        self.wrote = False

    @property
    def text(self) -> str:
        return "".join(self._texts)

    @property
    def model(self) -> str:
        """As the endpoint names it, else as it was asked for."""
        return redactor(self._endpoint.key).hide(self._model) or self._endpoint.model

    @property
    def finish(self) -> str:
        """Why it ended, empty while it has not."""
        return self._finish

    @property
    def used_up(self) -> bool:
        """Whether its tokens were over before the answer began."""
        return self.finish == "length" and not any(self._refusals) and is_only_thought(self.text)

    def take(self, event: "Event") -> str:
        """Take a piece; gives the text to pass on, which lags behind by what may be the beginning of the key."""
        self._chars += len(event.text) + len(event.refusal)
        if self._chars > MAX_CHARS:
            raise BadReplyError(
                f"{self._endpoint.model} at {self._endpoint.host} wrote more than {MAX_CHARS:,} characters for one "
                "answer; the rest was not read. Try another model."
            )
        self.wrote = self.wrote or bool(event.text.strip() or event.refusal)
        self._refusals.append(event.refusal)
        self.usage.update(event.usage)
        self._model = event.model or self._model
        if event.finish:  # cut after the key is hidden, so that no part of it is left
            self._finish = redactor(self._endpoint.key).hide(event.finish)[:MAX_FINISH_CHARS]
        return self._pass_on(self._stream.feed(event.text))

    def rest(self) -> str:
        """At the end: what was held back and is not the key."""
        return self._pass_on(self._stream.rest())

    def check(self) -> None:
        """Raise ContentRefusedError or BadReplyError if the whole reply is no answer."""
        who = f"{self._endpoint.model} at {self._endpoint.host}"
        refusal = failures.clean("".join(self._refusals), self._endpoint.key)
        if refusal:
            raise ContentRefusedError(f'{who} declined to answer: "{refusal}"')
        if self.finish == "content_filter":
            raise ContentRefusedError(
                f"A content filter stopped the answer of {who}. What came before it is not shown."
            )
        if not self.wrote:
            raise BadReplyError(f"{who} sent an empty answer. Ask again, or use another model.")

    def _pass_on(self, text: str) -> str:
        self._texts.append(text)
        return text
