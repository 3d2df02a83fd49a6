"""Refuse a model whose folder needs Python code of its own or keeps its weights pickled: a model is data.

sentence-transformers before 6.0 imported any class named in `modules.json` of a local folder; later versions refuse
unless told to trust it. This check does not depend on that.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qa.errors import ModelError

__all__ = ["check", "check_settings", "is_settings"]

MOST_BYTES = 20_000_000  # of a settings file; the largest, those of tokenizers, have one or two million
LIBRARY, TORCH = "sentence_transformers.", "torch.nn.modules."
MAPS = ("auto_map", "auto_mapping")  # of transformers and of PEFT: classes to import
ACTIVATIONS = frozenset(("activation_function", "activation_fn"))


def check(what: str, folder: Path) -> None:
    """Raise ModelError if a model folder has only pickled weights, or names code from outside sentence-transformers.

    what: the model in messages, as in `embedder 'all-MiniLM-L6-v2'`.
    """
    if not any(folder.rglob("*.safetensors")):
        raise ModelError(f"{what}: {folder} has no .safetensors weights; pickled weights are never loaded")
    check_settings(what, folder)


def is_settings(path: Path) -> bool:
    """Whether a file of a model is one that could name code."""
    return path.name.endswith(("config.json", "modules.json"))


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
    """The names in a settings file that would import code from outside the library."""
    if file == "modules.json":
        modules = value if isinstance(value, list) else [value]
        yield from _outside(LIBRARY, (m.get("type") if isinstance(m, dict) else m for m in modules))
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            yield from (key for key in MAPS if item.get(key))
            types = item.get("types") if file in ("router_config.json", "config.json") else None
            yield from _outside(LIBRARY, types.values() if isinstance(types, dict) else ())
            named = [item[key] for key in ACTIVATIONS if isinstance(item.get(key), str) and "." in item[key]]
            yield from _outside(TORCH, named)
        stack += item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()


def _outside(home: str, names: Any) -> Iterator[str]:
    for name in names:
        if not isinstance(name, str) or not name.startswith(home):
            yield str(name)[:100]
