"""Refuse a model whose folder could run Python code or keeps its weights pickled: a model is data.

sentence-transformers before 6.0 imported any class named in `modules.json` of a local folder; later versions refuse
unless told to trust it, but the folder itself can tell them to, and they import and call any activation function of
PyTorch's package by name. So only modules and activations that are known are let through, and nothing else that looks
like the name of something to import.
"""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from qa.errors import ModelError

__all__ = ["check", "check_settings", "is_settings"]

MOST_BYTES = 20_000_000  # of a settings file; the largest, those of tokenizers, have one or two million
MODULES = re.compile(
    r"sentence_transformers\.(?:\w+\.)*"
    r"(?:Transformer|Pooling|Normalize|Dense|LayerNorm|Dropout|StaticEmbedding|WeightedLayerPooling|LogitScore|Router|Asym)"
)
ACTIVATION = re.compile(r"torch\.nn\.modules\.(?:activation|linear)\.[A-Z]\w*")
IMPORTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")  # looks like it
CODE = ("auto_map", "auto_mapping", "trust_remote_code", "code_revision")  # classes to import, or leave to do so
NO_IMPORTS = re.compile(r".*(?:_file|_path|filename)|id2label|added_tokens_decoder")  # keys over names of other kinds


def check(what: str, folder: Path) -> None:
    """Raise ModelError if a model folder has only pickled weights, or names code that is not known to be harmless.

    what: the model in messages, as in `embedder 'all-MiniLM-L6-v2'`.
    """
    if linked := next((path for path in folder.rglob("*") if path.is_symlink() and path.is_dir()), None):
        raise ModelError(f"{what}: {linked} is a link to a folder, whose files would not be checked; copy them there")
    if not any(folder.rglob("*.safetensors")):
        raise ModelError(f"{what}: {folder} has no .safetensors weights; pickled weights are never loaded")
    check_settings(what, folder)


def is_settings(path: Path) -> bool:
    """Whether a file of a model is one that could name code."""
    name = path.name
    if name == "data_config.json":  # a list of training data, which nothing loads
        return False
    return name.endswith(".json") and ("config" in name or name.endswith("modules.json"))


def check_settings(what: str, folder: Path) -> None:
    """The part of `check` that needs no weights, for a model that is still being fetched."""
    for path in sorted(p for p in folder.rglob("*.json") if is_settings(p)):
        if foreign := next(_foreign(path.name, _read(what, path)), None):
            raise ModelError(
                f"{what}: {path} names code of its own ({foreign}), which qa never runs; use a model without any"
            )


def _read(what: str, path: Path) -> Any:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ModelError(f"{what}: {path} is too large for a settings file")
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        raise ModelError(f"{what}: {path} is not valid JSON; fetch the model again") from None


def _foreign(file: str, value: Any) -> Iterator[str]:
    """What in a settings file names something to import that is not known."""
    if file == "modules.json":
        modules = value if isinstance(value, list) else [value]
        yield from _unknown(m.get("type") if isinstance(m, dict) else m for m in modules)
    stack = [("", value)]
    while stack:
        key, item = stack.pop()
        if (
            isinstance(item, str)
            and IMPORTED.fullmatch(item)
            and not (ACTIVATION.fullmatch(item) or MODULES.fullmatch(item))
        ):
            yield item[:100]
        if key.endswith("attn_implementation") and isinstance(item, str) and "/" in item:  # a kernel of the hub
            yield item[:100]
        if isinstance(item, dict):
            yield from (name for name in CODE if item.get(name))
            types = item.get("types") if file in ("router_config.json", "config.json") else None
            yield from _unknown(types.values() if isinstance(types, dict) else ())
            stack += ((str(name), each) for name, each in item.items() if not NO_IMPORTS.fullmatch(str(name)))
        elif isinstance(item, list):
            stack += ((key, each) for each in item)


def _unknown(names: Iterable[Any]) -> Iterator[str]:
    yield from (str(name)[:100] for name in names if not isinstance(name, str) or not MODULES.fullmatch(name))
