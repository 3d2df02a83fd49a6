"""Export a sentence-transformers model to ONNX once, and compare the export with the original."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa.embed.exported import ExportedEncoder
from qa.embed.exporting import keep, write_onnx

if TYPE_CHECKING:
    from qa.embed.torch_encoder import TorchEncoder

__all__ = ["MIN_COSINE", "PROBES", "RECIPE", "export"]

RECIPE = 3  # raise it to export every model again
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
    """Write `model.onnx`, `tokenizer.json` and `meta.json` under target, as `keep` does; return the metadata.

    An export with a cosine < MIN_COSINE for any of PROBES differs from the original.
    """

    def make(folder: Path) -> tuple[dict[str, Any], str | None]:
        meta = _export(original, folder)
        return meta, _difference(original, folder, meta)

    return keep(target, make)


def _export(original: "TorchEncoder", folder: Path) -> dict[str, Any]:
    model = original.model.eval()
    example = model.preprocess(["an example of two rows", "the second"])
    inputs = [name for name in ("input_ids", "attention_mask", "token_type_ids") if name in example]
    pools = _pools(model)

    def run(features: dict[str, Any]) -> Any:
        found = model(features)
        whole = found["sentence_embedding"]
        return (whole, found["token_embeddings"]) if pools else whole

    outputs = ["unit_vector", "token_vectors"] if pools else ["unit_vector"]
    write_onnx(folder, model, run, example, inputs, outputs)
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
