"""Export a sentence-transformers model to ONNX once, and compare the export with the original."""

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa.embed.exported import ExportedEncoder

if TYPE_CHECKING:
    from qa.embed.torch_encoder import TorchEncoder

__all__ = ["MIN_COSINE", "PROBES", "RECIPE", "export"]

RECIPE = 2  # raise it to export every model again
MIN_COSINE = 0.9999  # below this the original is used instead
PROBES = (
    "a",
    "Which aircraft carries the missile?",
    "On Monday, the envoy said the focus was on defensive systems, but he didn’t rule out providing offensive ones.",
    "Größe, façade, naïve, Ωμέγα, Київ, 東京の天気は晴れです, مرحبا, 🙂",
    "€1,250.50 — 17 officials; 3.5% (2024-09-13) <b>markup</b> https://example.org/a?b=c",
    "one two three four five six seven eight nine ten " * 60,
    "\n\ttabs and\r\nline breaks  and   runs of spaces ",
)


def export(original: "TorchEncoder", target: Path) -> dict[str, Any]:
    """Write `model.onnx`, `tokenizer.json` and `meta.json` under target; return the metadata.

    If the export fails or differs from the original (cosine < MIN_COSINE for any of PROBES), only `meta.json` is
    written. Its `problem` gives the reason, so that the export is not tried again at every start.
    """
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        meta = _export_or_say_why(original, partial)
        (partial / "meta.json").write_text(json.dumps(meta), encoding="utf-8")
    except OSError as error:  # nothing is remembered, so the next start tries again
        shutil.rmtree(partial, ignore_errors=True)
        return {"problem": f"its ONNX export cannot be kept in {target.parent}: {error.strerror}"}
    try:
        partial.rename(target)
    except OSError:  # another process was faster; its export is just as good
        shutil.rmtree(partial, ignore_errors=True)
    return meta


def _export_or_say_why(original: "TorchEncoder", folder: Path) -> dict[str, Any]:
    try:
        meta = _export(original, folder)
        problem = _difference(original, folder, meta)
    except OSError:
        raise
    except Exception as error:  # exporters raise all kinds of errors; the original still works
        problem = f"not exportable: {type(error).__name__}: {(str(error).splitlines() or [''])[0]}"
    if not problem:
        return meta
    for path in folder.iterdir():
        path.unlink()
    return {"problem": problem}


def _export(original: "TorchEncoder", folder: Path) -> dict[str, Any]:
    import logging
    import warnings

    import torch

    model = original.model.eval()
    example = model.preprocess(["an example of two rows", "the second"])
    inputs = [name for name in ("input_ids", "attention_mask", "token_type_ids") if name in example]
    pools = _pools(model)

    class Embed(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *tensors: Any) -> Any:
            found = self.model(dict(zip(inputs, tensors, strict=True)))
            whole = found["sentence_embedding"]
            return (whole, found["token_embeddings"]) if pools else whole

    rows, tokens = torch.export.Dim("rows"), torch.export.Dim("tokens")
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Embed(),
            tuple(example[name] for name in inputs),
            str(folder / "model.onnx"),
            input_names=inputs,
            output_names=["unit_vector", "token_vectors"] if pools else ["unit_vector"],
            dynamic_shapes=(tuple({0: rows, 1: tokens} for _ in inputs),),
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    return _tokenizer(model, folder) | {"inputs": inputs, "dim": original.dim, "pools": pools}


def _pools(model: Any) -> bool:
    """Whether a text's vector is the mean of its tokens' vectors, so that a part's vector may be a mean too."""
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer

    modules = list(model)
    plain = len(modules) in (2, 3) and isinstance(modules[0], Transformer) and isinstance(modules[1], Pooling)
    normal = len(modules) < 3 or isinstance(modules[2], Normalize)
    return plain and normal and modules[1].pooling_mode == "mean"


def _tokenizer(model: Any, folder: Path) -> dict[str, Any]:
    """Save the fast tokenizer; return the settings needed to use it."""
    fast = model.tokenizer
    fast.backend_tokenizer.save(str(folder / "tokenizer.json"))
    prompts, default = model.prompts, model.prompts.get(model.default_prompt_name or "", "")
    document = next((prompts[name] for name in ("document", "passage", "corpus") if prompts.get(name)), default)
    return {
        "max_tokens": int(model.max_seq_length),
        "pad_id": int(fast.pad_token_id),
        "pad_token": str(fast.pad_token),
        "prefix": {"query": prompts.get("query") or default, "document": document},
    }


def _difference(original: "TorchEncoder", folder: Path, meta: dict[str, Any]) -> str | None:
    """How the export differs from the original on PROBES, as queries and as documents; None if it does not."""
    exported = ExportedEncoder(original.name, original.weights, folder, meta)
    for kind in ("query", "document"):
        cosine = (exported.encode(PROBES, kind) * original.encode(PROBES, kind)).sum(axis=1).min()
        if not cosine >= MIN_COSINE:
            return f"its ONNX export differs: cosine {cosine:.5f} < {MIN_COSINE}"
    return None
