"""For testing apps that embed qa: no model, no network, the same answer every time."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from qa.llm.protocol import ChatReply, ChatRequest, Delta

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from qa.embed.protocol import Kind, Progress

__all__ = ["FakeChat", "HashEncoder"]

FakeReply = str | Mapping[str, object] | ChatReply | Exception
"""What a FakeChat says: a text, an object that becomes JSON, a whole reply, or an exception to raise."""


class FakeChat:
    """A `Chat` without a model: gives its replies in turn, and keeps the requests.

    replies: see FakeReply; a function makes one from the request, and a function alone answers every request. Asking
    more often than there are replies fails the test. piece: characters a streamed piece.
    """

    is_local = True

    def __init__(
        self, *replies: FakeReply | Callable[[ChatRequest], FakeReply], model: str = "fake", piece: int = 7
    ) -> None:
        self.model, self.piece = model, piece
        self.requests: list[ChatRequest] = []
        self._replies = replies

    def stream(self, request: ChatRequest) -> Iterator[Delta | ChatReply]:
        """The next reply, piece by piece."""
        reply = self._next(request)
        for start in range(0, len(reply.text), self.piece):
            yield Delta(reply.text[start : start + self.piece])
        yield reply

    def _next(self, request: ChatRequest) -> ChatReply:
        number = len(self.requests)
        self.requests.append(request)
        always = len(self._replies) == 1 and callable(self._replies[0])
        if number >= len(self._replies) and not always:
            raise AssertionError(f"FakeChat was asked {number + 1} times and has {len(self._replies)} replies")
        said = self._replies[0 if always else number]
        reply = said(request) if callable(said) else said
        if isinstance(reply, Exception):
            raise reply
        if isinstance(reply, ChatReply):
            return reply
        text = reply if isinstance(reply, str) else json.dumps(reply)
        return ChatReply(text, self.model, "text" if request.schema is None else "schema")


class HashEncoder:
    """An `Encoder` without a model: each stem adds ±1 at a place that its hash gives, so texts that share words are
    near.

    dim: length of a vector. weights: a hash of the recipe, so indexes made with it are recognised.
    """

    backend = "hash"
    precision = "float32"

    def __init__(self, dim: int = 256) -> None:
        self.name, self.dim = f"hash-{dim}", dim
        self.weights = hashlib.sha256(f"qa.testing.HashEncoder 1 {dim}".encode()).hexdigest()

    def encode(
        self, texts: Sequence[str], kind: "Kind" = "document", progress: "Progress | None" = None
    ) -> "NDArray[np.float32]":
        """Unit float32 rows, shape (len(texts), dim); a text without words is a zero row."""
        import numpy as np

        from qa.english.words import analyze

        out = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in zip(out, texts, strict=True):
            for stem in analyze(text):
                value = int.from_bytes(hashlib.blake2b(stem.encode(), digest_size=8).digest())
                row[value % self.dim] += 1 if value >> 63 else -1
            row /= np.linalg.norm(row) or 1
        if progress:
            progress(len(texts))
        return out
