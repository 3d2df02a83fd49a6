"""Export a model that reads two texts together to ONNX once, and compare the export with the original."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.embed.exporting import keep, write_onnx
from qa.embed.originals import LOCAL, SAFE, check_weights, original
from qa.embed.pair_session import PairSession
from qa.embed.recommended import Role

__all__ = ["MOST_DIFFERENCE", "PROBES", "export"]

MOST_DIFFERENCE = 1e-3
"""Of any output, relative to the largest; rounding makes about 1e-6."""
LONGEST = 512  # tokens; a longer text costs more than it gains
PROBES = (
    ("Which aircraft carries the missile?", "The F-16 can carry up to two of the missiles."),
    ("a", "b"),
    ("Wie groß ist der Turm?", "Größe, façade, naïve, Ωμέγα, 東京の天気は晴れです, 🙂 €1,250.50 — 3.5%"),
    ("What does it cost?", "one two three four five six seven eight nine ten " * 80),
    ("Who? " * 60, "On Monday, the envoy said the focus was on defensive systems.\n\tNothing  else."),
)


@dataclass(frozen=True, slots=True)
class _Original:
    """A loaded model. forward: its inputs, by name and in this order, to a tuple of outputs. reference: the outputs for
    one pair, as the model's own library computes them. labels: names of its classes.
    """

    module: Any
    tokenizer: Any
    inputs: tuple[str, ...]
    max_tokens: int
    forward: Callable[[dict[str, Any]], tuple[Any, ...]]
    reference: Callable[[tuple[str, str]], tuple[Any, ...]]
    labels: tuple[str, ...]


def export(role: Role, name: str, folder: Path, weights: str, target: Path) -> dict[str, Any]:
    """Write `model.onnx`, `tokenizer.json` and `meta.json` under target, as `keep` does; return the metadata.

    weights: the hash that the model must have. Raises ModelError if the model is refused, OtherWeightsError if it has
    another hash.
    """
    what = f"{role} {name!r}"
    with original(what, folder) as copy:
        check_weights(what, copy.sha256, weights)

        def make(partial: Path) -> tuple[dict[str, Any], str | None]:
            loaded = _cross_encoder(copy.folder) if role == "reranker" else _of_transformers(role, copy.folder)
            meta = _export(loaded, partial)
            return meta, _difference(loaded, partial, meta)

        return keep(target, make)


def _cross_encoder(folder: Path) -> _Original:
    import torch
    from sentence_transformers import CrossEncoder

    options = {**SAFE, "dtype": "float32"}
    model = CrossEncoder(str(folder), device="cpu", model_kwargs=options, **LOCAL).eval()
    if model.num_labels != 1:
        raise ValueError(f"it gives {model.num_labels} scores for a pair, and a reranker gives one")
    model.max_seq_length = min(int(model.max_seq_length or LONGEST), LONGEST)
    identity = torch.nn.Identity()
    return _Original(
        module=model,
        tokenizer=model.tokenizer,
        inputs=tuple(name for name in _INPUTS if name in model.preprocess([("a", "b")])),
        max_tokens=model.max_seq_length,
        forward=lambda features: (model(features)["scores"],),
        reference=lambda pair: (model.predict([pair], activation_fn=identity, show_progress_bar=False),),
        labels=(),
    )


_INPUTS = ("input_ids", "attention_mask", "token_type_ids")


def _of_transformers(role: Role, folder: Path) -> _Original:
    import torch
    from transformers import AutoModelForQuestionAnswering, AutoModelForSequenceClassification, AutoTokenizer

    auto: Any = AutoModelForQuestionAnswering if role == "reader" else AutoModelForSequenceClassification
    model = auto.from_pretrained(str(folder), dtype=torch.float32, **SAFE, **LOCAL).eval()
    tokenizer: Any = AutoTokenizer.from_pretrained(str(folder), **LOCAL)
    names = ("start_logits", "end_logits") if role == "reader" else ("logits",)
    positions = getattr(model.config, "max_position_embeddings", None) or LONGEST
    longest = min(int(tokenizer.model_max_length), positions - 2, LONGEST)  # RoBERTa counts positions from two

    def forward(features: dict[str, Any]) -> tuple[Any, ...]:
        found = model(**features)
        return tuple(getattr(found, name) for name in names)

    def reference(pair: tuple[str, str]) -> tuple[Any, ...]:
        features = tokenizer(*pair, truncation=True, max_length=longest, return_tensors="pt")
        with torch.no_grad():
            return tuple(output.numpy() for output in forward({name: features[name] for name in inputs}))

    inputs = tuple(name for name in _INPUTS if name in tokenizer("a", "b"))
    labels = model.config.id2label if role == "entailment" else {}
    return _Original(model, tokenizer, inputs, longest, forward, reference, tuple(labels[i] for i in sorted(labels)))


def _export(original: _Original, folder: Path) -> dict[str, Any]:
    example = original.tokenizer(["an example", "a"], ["of two rows", "second"], padding=True, return_tensors="pt")
    write_onnx(folder, original.module, original.forward, example, original.inputs)
    fast = original.tokenizer
    fast.backend_tokenizer.save(str(folder / "tokenizer.json"))
    return {
        "inputs": list(original.inputs),
        "max_tokens": original.max_tokens,
        "pad_id": int(fast.pad_token_id or 0),
        "pad_type_id": int(getattr(fast, "pad_token_type_id", 0) or 0),
        "labels": list(original.labels),
    }


def _difference(original: _Original, folder: Path, meta: dict[str, Any]) -> str | None:
    """How the export differs from the original on PROBES; None if it does not."""
    import numpy as np

    opened = PairSession(folder, meta)
    for pair in PROBES:
        made = opened.outputs(opened.tokenizer.encode_batch([pair]))
        for ours, theirs in zip(made, original.reference(pair), strict=True):
            theirs = np.asarray(theirs, dtype=np.float32)
            if ours.size != theirs.size:
                return f"its ONNX export cuts texts in another way ({ours.size} tokens for {theirs.size})"
            off = float(np.abs(ours.ravel() - theirs.ravel()).max())
            if not off <= MOST_DIFFERENCE * max(1.0, float(np.abs(theirs).max())):
                return f"its ONNX export differs from the original by {off:.5f}"
    return None
