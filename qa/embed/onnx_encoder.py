"""An exported model, run by ONNX Runtime. Imports neither torch nor sentence-transformers."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa.embed.protocol import Kind, Progress, unit
from qa.errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

__all__ = ["OnnxEncoder", "silent_onnxruntime"]

BATCH = 4  # the fastest on two cores (measured)


class OnnxEncoder:
    """A model exported to ONNX, run in float32. Safe to share between threads."""

    backend = "onnx"

    def __init__(self, name: str, weights: str, folder: Path, meta: dict[str, Any], precision: str = "float32") -> None:
        self.name, self.weights, self.precision = name, weights, precision
        self.dim = int(meta["dim"])
        self._folder, self._meta = folder, meta
        self._session: Any = None
        self._tokenizer: Any = None

    def _open(self) -> None:
        from tokenizers import Tokenizer

        onnxruntime = silent_onnxruntime()

        try:
            tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
            tokenizer.enable_truncation(self._meta["max_tokens"])
            tokenizer.enable_padding(pad_id=self._meta["pad_id"], pad_token=self._meta["pad_token"])
            options = onnxruntime.SessionOptions()
            options.log_severity_level = 3
            session = onnxruntime.InferenceSession(
                str(self._folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime and tokenizers have no common base class
            raise ModelError(
                f"the exported model in {self._folder} cannot be loaded ({error}); delete that folder and try again"
            ) from None
        self._tokenizer, self._session = tokenizer, session

    def encode(self, texts: Sequence[str], kind: Kind = "document", progress: Progress | None = None) -> "Vectors":
        """See `Encoder.encode`. Texts are sorted by length, so that a batch needs little padding."""
        import numpy as np

        if self._session is None:
            self._open()
        prefix = self._meta["prefix"][kind]
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        out = np.empty((len(texts), self.dim), dtype=np.float32)
        for at in range(0, len(order), BATCH):
            rows = order[at : at + BATCH]
            tokens = self._tokenizer.encode_batch([prefix + texts[i] for i in rows])
            fields = {
                "input_ids": [t.ids for t in tokens],
                "attention_mask": [t.attention_mask for t in tokens],
                "token_type_ids": [t.type_ids for t in tokens],
            }
            feed = {name: np.array(fields[name], dtype=np.int64) for name in self._meta["inputs"]}
            out[rows] = unit(self._session.run(None, feed)[0])
            if progress:
                progress(at + len(rows))
        return out


def silent_onnxruntime() -> Any:
    """Import ONNX Runtime with its telemetry off.

    Its newer wheels for Linux and macOS report to Microsoft and keep a device id in the user's cache unless one of
    these variables (the name changed between versions) is set before the library is loaded.
    """
    for name in ("ORT_DISABLE_TELEMETRY", "ORT_TELEMETRY_DISABLED"):
        os.environ[name] = "1"
    import onnxruntime

    onnxruntime.disable_telemetry_events()  # for Windows, and in case the library was already loaded
    return onnxruntime
