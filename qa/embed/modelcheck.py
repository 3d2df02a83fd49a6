"""Refuse a model that could run Python code, unpickle weights, or load files from outside its folder: a model is data.

sentence-transformers before 6.0 imported any class named in `modules.json` of a local folder; later versions refuse
unless told to trust it, but the folder itself can tell them to, and they import and call any activation function of
PyTorch's package by name. So only modules and activations that are known are let through, and nothing else that looks
like the name of something to import. The settings of a text model name no path and no second model. Settings of
sentence-transformers are passed to the functions that load weights, so only known ones are let through.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from qa.embed.modelfolder import ModelFile, files_of
from qa.errors import ModelError

__all__ = ["check", "check_settings", "is_settings", "kinds"]

MOST_BYTES = 20_000_000  # of a settings file; the largest, those of tokenizers, have one or two million
MODULES = re.compile(
    r"sentence_transformers\.(?:\w+\.)*"
    r"(?:Transformer|Pooling|Normalize|Dense|LayerNorm|Dropout|StaticEmbedding|WeightedLayerPooling|LogitScore|Router|Asym)"
)
ACTIVATION = re.compile(r"torch\.nn\.modules\.(?:activation|linear)\.[A-Z]\w*")
IMPORTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")  # looks like it
CODE = ("auto_map", "auto_mapping", "trust_remote_code", "code_revision")  # classes to import, or leave to do so
NO_IMPORTS = re.compile(r".*(?:_file|_path|filename)|id2label|added_tokens_decoder")  # keys over names of other kinds

SENTENCE = re.compile(r"sentence_[\w-]+_config\.json")  # settings of sentence-transformers' module Transformer
SENTENCE_KEYS = frozenset(
    (
        "max_seq_length",
        "do_lower_case",
        "transformer_task",
        "modality_config",
        "module_output_name",
        "unpad_inputs",
        "query_length",
        "document_length",
        "query_expansion",
    )
)
TASKS = ("feature-extraction", "sequence-classification", "text-generation", "fill-mask")
PATH = re.compile(r"[~.].*|.*[/\\].*", re.DOTALL)  # looks like a path
TEXT = re.compile(  # keys whose values are any text, or are never opened
    r"_?name_or_path|special_tokens_map_file|.*_tokens?|added_tokens_decoder|id2label|label2id|never_split"
    r"|(?:default_)?chat_template|prompts|default_prompt_name|task_specific_params"
)
ELSEWHERE = re.compile(  # keys that name another model, or a model that reads more than text
    r".+name_or_path|.*backbone.*|processor_class|.*(?:processor|extractor)_type|audio_tokenizer.*|quantization_config"
)
SHARD = re.compile(r"[\w.-]+\.safetensors")
WEIGHTED = re.compile(r".*\.(?:Transformer|Dense|LayerNorm|StaticEmbedding|WeightedLayerPooling)")
PICKLED = "pickled weights are never loaded"


def check(what: str, folder: Path) -> None:
    """Raise ModelError if a model has only pickled weights, names code that is not known to be harmless, or names
    files or models outside its folder.

    what: the model in messages, as in `embedder 'all-MiniLM-L6-v2'`.
    """
    files = files_of(what, folder)
    if not any(file.name.endswith(".safetensors") for file in files):
        raise ModelError(f"{what}: {folder} has no .safetensors weights; {PICKLED}")
    _check_settings(files)
    names = {file.name for file in files if file.is_loaded}
    if "adapter_config.json" in {file.name for file in files}:
        raise ModelError(f"{what}: {folder} changes another model (adapter_config.json); save the two as one model")
    for file in files:
        if file.name.endswith(".safetensors.index.json"):
            _check_shards(file, names)
        if PurePosixPath(file.name).name in ("modules.json", "router_config.json"):
            _check_weights(file, folder, names)


def is_settings(path: Path) -> bool:
    """Whether a file of a model is one that could name code."""
    name = path.name
    if name == "data_config.json":  # a list of training data, which nothing loads
        return False
    return name.endswith(".json") and ("config" in name or name.endswith("modules.json"))


def check_settings(what: str, folder: Path) -> None:
    """The part of `check` that needs no weights, for a model that is still being fetched."""
    _check_settings(files_of(what, folder))


def kinds(what: str, folder: Path) -> Iterator[str]:
    """The kinds of model (`model_type`) that the settings name. Raises ModelError."""
    for file in files_of(what, folder):
        if PurePosixPath(file.name).name == "config.json":
            value = _read(file)
            yield str(value.get("model_type", "")) if isinstance(value, dict) else ""


def _check_settings(files: Sequence[ModelFile]) -> None:
    for file in files:
        name = PurePosixPath(file.name).name
        if not is_settings(Path(name)) and name != "special_tokens_map.json":
            continue
        value = _read(file)
        if foreign := next(_foreign(name, value), None):
            raise ModelError(
                f"{file.what}: {file.path} names code of its own ({foreign}), which qa never runs; use another model"
            )
        if file.is_loaded and (key := next(_elsewhere(value), None)):
            raise ModelError(
                f"{file.what}: {file.path} names files or models outside its folder ({key}), which qa never loads; "
                "use a text model that is complete in its folder"
            )
        if SENTENCE.fullmatch(name) and (key := next(_unknown_settings(value), None)):
            raise ModelError(f"{file.what}: {file.path} has a setting that qa does not know ({key}); remove it there")


def _check_shards(file: ModelFile, names: set[str]) -> None:
    """Raise ModelError unless the table of a model in several files names only files next to it."""
    value = _read(file)
    parts = value.get("weight_map") if isinstance(value, dict) else None
    beside = PurePosixPath(file.name).parent
    for part in parts.values() if isinstance(parts, dict) else (None,):
        if not isinstance(part, str) or not SHARD.fullmatch(part) or str(beside / part) not in names:
            raise ModelError(
                f"{file.what}: {file.path} names weights that are not a .safetensors file next to it "
                f"({str(part)[:100]!r}); fetch the model again"
            )


def _check_weights(file: ModelFile, folder: Path, names: set[str]) -> None:
    """Raise ModelError for a module that needs weights of its own but has no .safetensors file."""
    value, beside = _read(file), PurePosixPath(file.name).parent
    types = value.get("types") if isinstance(value, dict) else None
    listed = value if isinstance(value, list) else []
    modules = [(m.get("path", ""), m.get("type")) for m in listed if isinstance(m, dict)]
    modules += types.items() if isinstance(types, dict) else ()
    for path, kind in modules:
        if not isinstance(path, str) or PurePosixPath(path).is_absolute() or ".." in path or "\\" in path:
            raise ModelError(
                f"{file.what}: {file.path} names a module outside of the model's folder; use another model"
            )
        weights = [str(beside / path / name) for name in ("model.safetensors", "model.safetensors.index.json")]
        if WEIGHTED.fullmatch(str(kind)) and not names.intersection(weights):
            raise ModelError(f"{file.what}: {folder / beside / path} has no model.safetensors; {PICKLED}")


def _read(file: ModelFile) -> Any:
    if file.info.st_size > MOST_BYTES:
        raise ModelError(f"{file.what}: {file.path} is too large for a settings file")
    try:
        return json.loads(file.read(MOST_BYTES))
    except (ValueError, RecursionError):
        raise ModelError(f"{file.what}: {file.path} is not valid JSON; fetch the model again") from None


def _elsewhere(value: Any) -> Iterator[str]:
    """The settings that name files or models outside the folder."""
    stack = [("", value)]
    while stack:
        key, item = stack.pop()
        if TEXT.fullmatch(key):
            continue
        if (ELSEWHERE.fullmatch(key) and item) or (isinstance(item, str) and PATH.fullmatch(item)):
            yield (key if isinstance(item, dict | list) else f"{key}: {item}")[:100]
        elif isinstance(item, dict):
            stack += ((str(name), each) for name, each in item.items())
        elif isinstance(item, list):
            stack += ((key, each) for each in item)


def _unknown_settings(value: Any) -> Iterator[str]:
    """The settings of sentence-transformers that are not known to be harmless, without empty ones."""
    if not isinstance(value, dict):
        yield "no settings"
        return
    yield from (str(key)[:100] for key, item in value.items() if item and key not in SENTENCE_KEYS)
    if (task := value.get("transformer_task", TASKS[0])) not in TASKS:
        yield f"transformer_task: {task}"[:100]
    ways = value.get("modality_config") or {}
    for name, way in ways.items() if isinstance(ways, dict) else [("modality_config", None)]:
        if name not in ("text", "message") or not isinstance(way, dict) or way.get("method") != "forward":
            yield f"modality_config: {name}"[:100]


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
