"""The ONNX export of a model that reads two texts together, opened."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa.embed.recommended import Role
from qa.embed.runtimes import loading, onnx_session
from qa.embed.tokens import open_tokenizer, padded

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

__all__ = ["RECIPE", "PairSession", "exported"]

RECIPE = 2  # raise it to export every model again


def exported(role: Role, weights: str, cache: Path) -> Path:
    """The folder of a model's export."""
    return cache / f"{role}-{RECIPE}-{weights[:16]}"


class PairSession:
    """Tokenizer and network of an export. Raises ModelError for files that cannot be loaded."""

    def __init__(self, folder: Path, meta: dict[str, Any]) -> None:
        self.meta = meta
        with loading(folder):
            self.tokenizer = open_tokenizer(folder / "tokenizer.json", meta["max_tokens"])
            self._session = onnx_session(folder / "model.onnx")

    def outputs(self, encodings: Sequence[Any]) -> "list[Floats]":
        """The network's outputs for a batch, each with a row for each encoding, padded to the longest."""
        import numpy as np

        pads = {"input_ids": self.meta["pad_id"], "token_type_ids": self.meta["pad_type_id"]}
        feed = padded(encodings, self.meta["inputs"], pads)
        return [np.asarray(output, dtype=np.float32) for output in self._session.run(None, dict(feed))]
