"""Vectors of passages and of the sentences in them, from one pass of the model over each passage.

A sentence's vector is the mean of what the model makes of its tokens while it reads the whole passage (Günther et al.
2024 call it late chunking). Encoding each sentence by itself as well costs as much again as the passages
(docs/retrieval.md compares the two). It is still done where one pass cannot give the vector: for models whose vectors
are no means, and for sentences that a passage is too long to show the model.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qa.embed.protocol import Encoder, Part, PartEncoder, Progress

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

__all__ = ["Divided", "encode"]


@dataclass(frozen=True, slots=True)
class Divided:
    """A passage as it is embedded, and its sentences. parts: where each sentence is in the text; alone: the text to
    embed for a sentence that needs a pass of its own.
    """

    text: str
    parts: tuple[Part, ...]
    alone: tuple[str, ...]


def encode(encoder: Encoder, passages: Sequence[Divided], progress: Progress | None = None) -> "list[Vectors]":
    """For each passage its unit vector and then those of its sentences, shape (1 + sentences, dim).

    progress: called with the number of passages encoded so far. Raises as the encoder does.
    """
    import numpy as np

    texts = [passage.text for passage in passages]
    if isinstance(encoder, PartEncoder) and encoder.pools:
        whole, inside = encoder.encode_parts(texts, [passage.parts for passage in passages], progress)
    else:
        whole = encoder.encode(texts, "document", progress)
        inside = [[None] * len(passage.parts) for passage in passages]
    missing = list(_missing(passages, inside))
    if missing:
        made = encoder.encode([passages[n].alone[part] for n, part in missing], "document")
        for (n, part), vector in zip(missing, made, strict=True):
            inside[n][part] = vector
    return [
        np.vstack([top[None], *(v[None] for v in vs if v is not None)]) for top, vs in zip(whole, inside, strict=True)
    ]


def _missing(passages: Sequence[Divided], inside: "Sequence[Sequence[Vectors | None]]") -> Iterator[tuple[int, int]]:
    for n, vectors in enumerate(inside):
        yield from ((n, part) for part, vector in enumerate(vectors) if vector is None)
