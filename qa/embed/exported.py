"""An exported model: tokens in, vectors out, run by whichever runtime is asked for. By ONNX Runtime it imports neither
torch nor sentence-transformers.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa.embed.protocol import Kind, Part, Progress, unit
from qa.embed.runtimes import BUDGET, STEP, Runtime, RuntimeName, loading, open_runtime
from qa.embed.tokens import Batch, Tokens, open_tokenizer
from qa.errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

__all__ = ["ExportedEncoder"]


class ExportedEncoder:
    """A model exported to ONNX. Safe to share between threads.

    backend: the name of the runtime. folder: of the export. meta: the metadata that `export` wrote. original: loads the
    sentence-transformers model, which PyTorch runs.
    """

    def __init__(
        self,
        name: str,
        weights: str,
        folder: Path,
        meta: dict[str, Any],
        precision: str = "float32",
        runtime: RuntimeName = "onnx",
        original: Callable[[], Any] | None = None,
    ) -> None:
        self.name, self.weights, self.precision = name, weights, precision
        self.dim = int(meta["dim"])
        self.backend: str = runtime
        self.folder, self.meta, self._name, self._original = folder, meta, runtime, original
        self._runtime: Runtime | None = None
        self._tokenizer: Any = None

    def run_by(self, runtime: RuntimeName, original: Callable[[], Any]) -> "ExportedEncoder":
        """The same model, run by another runtime."""
        return ExportedEncoder(self.name, self.weights, self.folder, self.meta, self.precision, runtime, original)

    @property
    def pools(self) -> bool:
        """See `PartEncoder.pools`."""
        return bool(self.meta["pools"])

    def _open(self) -> None:
        with loading(self.folder):
            self._tokenizer = open_tokenizer(self.folder / "tokenizer.json", self.meta["max_tokens"])
            original = self._original or _none
            self._runtime = open_runtime(self._name, self.folder, self.meta["inputs"], original)

    def encode(self, texts: Sequence[str], kind: Kind = "document", progress: Progress | None = None) -> "Vectors":
        """See `Encoder.encode`."""
        import numpy as np

        out = np.empty((len(texts), self.dim), dtype=np.float32)
        for batch, _, vectors in self._run(self._tokens(texts, kind), progress):
            out[batch.rows] = unit(vectors)
        return out

    def encode_parts(
        self, texts: Sequence[str], parts: Sequence[Sequence[Part]], progress: Progress | None = None
    ) -> "tuple[Vectors, list[list[Vectors | None]]]":
        """See `PartEncoder.encode_parts`."""
        import numpy as np

        tokens = self._tokens(texts, "document")
        out = np.empty((len(texts), self.dim), dtype=np.float32)
        of_parts: list[list[Vectors | None]] = [[] for _ in texts]
        for batch, inside, vectors in self._run(tokens, progress):
            out[batch.rows] = unit(vectors)
            assert inside is not None
            for row, each in zip(batch.rows, inside, strict=True):
                means = tokens.means(row, each, parts[row])
                of_parts[row] = [None if mean is None else unit(mean[None])[0] for mean in means]
        return out, of_parts

    def _tokens(self, texts: Sequence[str], kind: Kind) -> Tokens:
        if self._runtime is None:
            self._open()
        return Tokens(self._tokenizer, texts, self.meta["prefix"][kind])

    def _run(
        self, tokens: Tokens, progress: Progress | None
    ) -> "Iterator[tuple[Batch, NDArray[np.float32] | None, Vectors]]":
        """Each batch with the vectors of its tokens and of its texts."""
        assert self._runtime
        done = 0
        inputs, pad_id = self.meta["inputs"], self.meta["pad_id"]
        for batch in tokens.batches(BUDGET[self._name], inputs, pad_id, STEP[self._name]):
            yield batch, *self._runtime.run(batch.fields)
            done += len(batch.rows)
            if progress:
                progress(done)


def _none() -> Any:
    raise ModelError("this encoder has no original model to run")
