"""Load an encoder: ONNX Runtime for queries and small updates, the fastest runtime of this machine for large builds.

The first use of a model exports it to ONNX (see `export.py`). From then on neither torch nor sentence-transformers is
imported for a query, and a start takes 0.35 s instead of 5.5 s. Nothing is looked up on a model hub.
"""

from collections.abc import Callable
from pathlib import Path

from qa.embed import export, fastest
from qa.embed.exported import ExportedEncoder
from qa.embed.models import (
    DEFAULT_MODEL,
    OtherWeightsError,
    cache_folder,
    embedder_weights,
    model_folder,
    read_json,
    weights_sha256,
)
from qa.embed.originals import check_weights
from qa.embed.protocol import Encoder, Kind, Progress
from qa.embed.torch_encoder import TorchEncoder, load_torch

__all__ = [
    "DEFAULT_MODEL",
    "Encoder",
    "ExportedEncoder",
    "Kind",
    "OtherWeightsError",
    "Progress",
    "TorchEncoder",
    "cache_folder",
    "embedder_weights",
    "load",
    "load_fastest",
    "load_torch",
    "model_folder",
    "read_json",
    "weights_sha256",
]

Notify = Callable[[str], None]


def load(
    name: str = DEFAULT_MODEL,
    precision: str = "auto",
    cache: Path | None = None,
    notify: Notify | None = None,
    wanted: str = "",
) -> Encoder:
    """The encoder of a model that starts fastest: its ONNX export, made now if there is none, or the original if the
    export failed or gives other vectors.

    cache: folder for exports, by default `cache_folder()`. notify: called with a message before slow work starts.
    wanted: the hash that the weights must have, empty for any. Raises ModelError if the model is not on this machine or
    cannot be loaded, and OtherWeightsError, before anything is loaded, if the weights have another hash.
    """
    folder = model_folder(name)
    cache = cache or cache_folder()
    weights = embedder_weights(name, folder, cache)
    check_weights(f"embedder {name!r}", weights, wanted)
    target = cache / f"onnx-{export.RECIPE}-{weights[:16]}"
    meta = read_json(target / "meta.json")
    if meta is None:
        if notify:
            notify(f"Preparing the embedding model {name} (once, about 20 seconds)")
        meta = export.export(load_torch(name, weights=weights), target)
    if meta.get("problem"):
        original = load_torch(name, precision, weights)
        original.backend = f"torch ({meta['problem']})"
        return original
    return ExportedEncoder(name, weights, target, meta, precision)


def load_fastest(
    name: str = DEFAULT_MODEL,
    precision: str = "auto",
    cache: Path | None = None,
    notify: Notify | None = None,
    wanted: str = "",
) -> Encoder:
    """The encoder of a model that encodes many texts fastest on this machine, found by a test of some seconds whose
    result is remembered in the cache. Arguments and errors as for `load`.
    """
    ready = load(name, precision, cache, notify, wanted)
    if not isinstance(ready, ExportedEncoder):
        return ready
    return fastest.choose(ready, lambda: load_torch(name, weights=ready.weights).model, cache or cache_folder(), notify)
