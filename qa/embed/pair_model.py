"""A model that reads two texts together, exported to ONNX and run by ONNX Runtime. Imports no torch."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa.embed.models import cache_folder, model_folder, read_json, weights_sha256
from qa.embed.pair_session import PairSession, exported
from qa.embed.recommended import Role
from qa.errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

__all__ = ["PairModel"]

BATCH = 8

Notify = Callable[[str], None]


class PairModel:
    """A cross-encoder, question-answering or entailment model by name. Safe to share between threads.

    Nothing is opened before it is used. The first use of a model exports it, which imports torch and takes a while.
    notify: called with a message before that. cache: folder for exports, by default `cache_folder()`.
    """

    def __init__(self, role: Role, name: str, cache: Path | None = None, notify: Notify | None = None) -> None:
        self.role, self.name = role, name
        self._cache, self._notify = cache, notify
        self._lock = threading.Lock()
        self._opened: PairSession | None = None

    @property
    def weights(self) -> str:
        """SHA-256 (hex) that changes whenever the model does. Raises ModelError if it is not on this machine."""
        return weights_sha256(model_folder(self.name, self.role), self._cache or cache_folder())

    @property
    def meta(self) -> dict[str, Any]:
        """What the export recorded. Raises ModelError as `run` does."""
        return self._open().meta

    def run(self, pairs: Sequence[tuple[str, str]]) -> list[tuple[Any, tuple["Floats", ...]]]:
        """For each pair, its tokens and the model's outputs, each of shape (labels,) or (tokens,).

        What does not fit into the model is cut from the longer text. Raises ModelError if the model is not on this
        machine, cannot be exported, or cannot be loaded.
        """
        opened = self._open()
        encodings = opened.tokenizer.encode_batch(list(pairs))
        order = sorted(range(len(encodings)), key=lambda i: len(encodings[i].ids))
        results: list[Any] = [None] * len(encodings)
        for at in range(0, len(order), BATCH):
            rows = order[at : at + BATCH]
            outputs = opened.outputs([encodings[i] for i in rows])
            for place, i in enumerate(rows):
                width = len(encodings[i].ids)
                results[i] = encodings[i], tuple(self._own(output[place], width) for output in outputs)
        return results

    def _own(self, output: "Floats", width: int) -> "Floats":
        """Without the padding, where the output has a value for each token."""
        return output[:width] if self.role == "reader" else output

    def _open(self) -> "PairSession":
        with self._lock:
            if self._opened is None:
                self._opened = self._load()
            return self._opened

    def _load(self) -> "PairSession":
        cache = self._cache or cache_folder()
        folder = model_folder(self.name, self.role)
        weights = weights_sha256(folder, cache)
        target = exported(self.role, weights, cache)
        meta = read_json(target / "meta.json")
        if meta is None:
            from qa.embed.pair_export import export

            if self._notify:
                self._notify(f"Preparing the {self.role} {self.name} (once, about a minute)")
            meta = export(self.role, self.name, folder, weights, target)
        if problem := meta.get("problem"):
            raise ModelError(f"{self.role} {self.name!r} cannot be used: {problem}; name another one (qa models list)")
        return PairSession(target, meta)
