"""What the rest of qa needs of an embedding model."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

__all__ = ["Encoder", "Kind", "Progress", "unit"]

Kind = Literal["query", "document"]
Progress = Callable[[int], None]


class Encoder(Protocol):
    """Turns texts into unit vectors.

    name: as the user wrote it. weights: SHA-256 (hex) that changes whenever the model does. dim: length of a vector.
    backend: `onnx`, `torch (reason)`, or a name of the implementation's own. precision: `float32` or `bfloat16`.
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


def unit(vectors: Any) -> "Vectors":
    """Scale rows to length 1; a zero row stays zero."""
    import numpy as np

    vectors = np.asarray(vectors, dtype=np.float32)
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Vectors = vectors / np.where(length == 0, 1, length)
    return scaled
