"""The original sentence-transformers model on the CPU: to export, to compare with, and for what cannot be exported."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa.embed.models import DEFAULT_MODEL, cache_folder, embedder_weights, model_folder
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


def load_torch(name: str = DEFAULT_MODEL, precision: str = "auto", cache: Path | None = None) -> TorchEncoder:
    """Load the original model. Raises ModelError if it is not on this machine or cannot be loaded."""
    folder = model_folder(name)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        model = SentenceTransformer(
            str(folder),
            device="cpu",
            trust_remote_code=False,
            local_files_only=True,
            model_kwargs={"use_safetensors": True, "dtype": "float32"},
        )
    except Exception as error:  # a broken model folder can make the library raise anything
        raise ModelError(f"embedder {name!r} in {folder} cannot be loaded: {type(error).__name__}: {error}") from None
    if given := prefixes(name):
        model.prompts = {**model.prompts, **given}
    return TorchEncoder(name, embedder_weights(name, folder, cache or cache_folder()), model, precision)
