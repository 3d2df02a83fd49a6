"""Load an encoder: ONNX Runtime for queries and small updates, sentence-transformers for large builds.

The first use of a model exports it to ONNX (see `export.py`). From then on neither torch nor sentence-transformers is
imported, and a start takes 0.35 s instead of 5.5 s. Nothing is looked up on a model hub.
"""

from collections.abc import Callable
from pathlib import Path

from qa.embed import export
from qa.embed.models import DEFAULT_MODEL, cache_folder, embedder_weights, model_folder, read_json, weights_sha256
from qa.embed.onnx_encoder import OnnxEncoder
from qa.embed.protocol import Encoder, Kind, Progress
from qa.embed.torch_encoder import TorchEncoder, load_torch

__all__ = [
    "DEFAULT_MODEL",
    "Encoder",
    "Kind",
    "OnnxEncoder",
    "Progress",
    "TorchEncoder",
    "cache_folder",
    "embedder_weights",
    "load",
    "load_torch",
    "model_folder",
    "read_json",
    "weights_sha256",
]


def load(
    name: str = DEFAULT_MODEL,
    precision: str = "float32",
    cache: Path | None = None,
    notify: Callable[[str], None] | None = None,
) -> Encoder:
    """The fast encoder of a model: its ONNX export, made now if there is none, or the original if the export failed or
    gives other vectors.

    cache: folder for exports, by default `cache_folder()`. notify: called with a message before slow work starts.
    Raises ModelError if the model is not on this machine or cannot be loaded.
    """
    folder = model_folder(name)
    cache = cache or cache_folder()
    weights = embedder_weights(name, folder, cache)
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
