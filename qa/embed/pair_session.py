"""The ONNX export of a model that reads two texts together, opened."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa.embed.recommended import Role
from qa.embed.runtimes import silent_onnxruntime
from qa.errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

__all__ = ["RECIPE", "PairSession", "exported"]

RECIPE = 1  # raise it to export every model again


def exported(role: Role, weights: str, cache: Path) -> Path:
    """The folder of a model's export."""
    return cache / f"{role}-{RECIPE}-{weights[:16]}"


class PairSession:
    """Tokenizer and network of an export. Raises ModelError for files that cannot be loaded."""

    def __init__(self, folder: Path, meta: dict[str, Any]) -> None:
        from tokenizers import Tokenizer

        onnxruntime = silent_onnxruntime()
        self.meta = meta
        try:
            self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self.tokenizer.enable_truncation(meta["max_tokens"])
            self.tokenizer.no_padding()
            options = onnxruntime.SessionOptions()
            options.log_severity_level = 3
            model = str(folder / "model.onnx")
            self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime and tokenizers have no common base class
            raise ModelError(
                f"the exported model in {folder} cannot be loaded ({error}); delete that folder and try again"
            ) from None

    def outputs(self, encodings: Sequence[Any]) -> "list[Floats]":
        """The network's outputs for a batch, each with a row for each encoding, padded to the longest."""
        import numpy as np

        width = max(len(encoding.ids) for encoding in encodings)
        fields = {"input_ids": ("ids", self.meta["pad_id"]), "attention_mask": ("attention_mask", 0)}
        fields["token_type_ids"] = ("type_ids", self.meta["pad_type_id"])
        feed = {}
        for name in self.meta["inputs"]:
            attribute, pad = fields[name]
            rows = [getattr(encoding, attribute) for encoding in encodings]
            feed[name] = np.array([row + [pad] * (width - len(row)) for row in rows], dtype=np.int64)
        return [np.asarray(output, dtype=np.float32) for output in self._session.run(None, feed)]
