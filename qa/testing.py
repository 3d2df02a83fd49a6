"""For testing apps that embed qa: no model, no network, the same answer every time."""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from qa.retrieve.encoder import Kind, Progress

__all__ = ["HashEncoder"]


class HashEncoder:
    """An `Encoder` without a model: each stem adds ±1 at a place that its hash gives, so texts that share words are near.

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

        from qa.retrieve.lexical import analyze

        out = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in zip(out, texts, strict=True):
            for stem in analyze(text):
                value = int.from_bytes(hashlib.blake2b(stem.encode(), digest_size=8).digest())
                row[value % self.dim] += 1 if value >> 63 else -1
            row /= np.linalg.norm(row) or 1
        if progress:
            progress(len(texts))
        return out
