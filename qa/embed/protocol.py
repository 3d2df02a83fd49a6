"""What the rest of qa needs of an embedding model."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

__all__ = ["Encoder", "Kind", "Part", "PartEncoder", "Progress", "unit"]

Kind = Literal["query", "document"]
Progress = Callable[[int], None]
Part = tuple[int, int]  # characters [start, end) of a text


class Encoder(Protocol):
    """Turns texts into unit vectors.

    name: as the user wrote it. weights: SHA-256 (hex) that changes whenever the model does. dim: length of a vector.
    backend: `onnx`, `torch (reason)`, or a name of the implementation's own. precision: see `BuildSettings`.
    """

    name: str
    weights: str
    dim: int
    backend: str
    precision: str

    def encode(self, texts: Sequence[str], kind: Kind = "document", progress: Progress | None = None) -> "Vectors":
        """Unit float32 rows, shape (len(texts), dim), in the order of texts.

        progress: called with the number of texts encoded so far.
        """
        ...


@runtime_checkable
class PartEncoder(Protocol):
    """An encoder that gets the vectors of a text's parts out of the text's own pass through the model."""

    @property
    def pools(self) -> bool:
        """Whether this model's vectors are means over its tokens; else `encode_parts` must not be called."""

    def encode_parts(
        self, texts: Sequence[str], parts: Sequence[Sequence[Part]], progress: Progress | None = None
    ) -> "tuple[Vectors, list[list[Vectors | None]]]":
        """The vectors of the documents `texts`, as `Encoder.encode` gives them, and a unit vector of each part of each.

        parts: for each text, disjoint parts in order. A part's vector is the mean of what the model makes of its tokens
        within the text; None for a part that the model did not see to its end, because the text is too long.
        """


def unit(vectors: Any) -> "Vectors":
    """Scale rows to length 1; a zero row stays zero."""
    import numpy as np

    vectors = np.asarray(vectors, dtype=np.float32)
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Vectors = vectors / np.where(length == 0, 1, length)
    return scaled
