"""The original sentence-transformers model on the CPU: to export, to compare with, and for what cannot be exported."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa.embed.models import DEFAULT_MODEL, model_folder, weights_of
from qa.embed.originals import LOCAL, SAFE, check_weights, original
from qa.embed.protocol import Kind, Progress, unit
from qa.embed.recommended import prefixes
from qa.errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

__all__ = ["TorchEncoder", "load_torch"]

BATCH = 8  # the fastest on two cores (measured)


class TorchEncoder:
    """The original sentence-transformers model."""

    def __init__(self, name: str, weights: str, model: Any, precision: str) -> None:
        self.name, self.weights, self.precision = name, weights, precision
        self.model = model
        self.dim = int(model.get_embedding_dimension())
        self.backend = "torch"

    def encode(self, texts: Sequence[str], kind: Kind = "document", progress: Progress | None = None) -> "Vectors":
        """See `Encoder.encode`. In bfloat16, the cosine with float32 vectors is at least 0.9999 (measured)."""
        import numpy as np
        import torch

        encode = self.model.encode_query if kind == "query" else self.model.encode_document
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        out = np.empty((len(texts), self.dim), dtype=np.float32)
        step = BATCH * 8
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.precision == "bfloat16"):
            for at in range(0, len(order), step):
                rows = order[at : at + step]
                vectors = encode(
                    [texts[i] for i in rows], batch_size=BATCH, show_progress_bar=False, convert_to_tensor=True
                )
                out[rows] = unit(vectors.float().cpu().numpy())
                if progress:
                    progress(at + len(rows))
        return out


def load_torch(name: str = DEFAULT_MODEL, precision: str = "auto", weights: str = "") -> TorchEncoder:
    """Load the original model.

    weights: the hash that it must have, empty for any. Raises ModelError if it is not on this machine or cannot be
    loaded, OtherWeightsError if it has another hash.
    """
    what, folder = f"embedder {name!r}", model_folder(name)
    with original(what, folder) as copy:
        found = weights_of(name, copy.sha256)
        check_weights(what, found, weights)
        try:
            model = _load(copy.folder)
        except Exception as error:  # a broken model folder can make the library raise anything
            reason = str(error).replace(str(copy.folder), str(folder))
            raise ModelError(f"{what} in {folder} cannot be loaded: {type(error).__name__}: {reason}") from None
    if given := prefixes(name):
        model.prompts = {**model.prompts, **given}
    return TorchEncoder(name, found, model, precision)


def _load(folder: Path) -> Any:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(folder), device="cpu", model_kwargs={**SAFE, "dtype": "float32"}, **LOCAL)
