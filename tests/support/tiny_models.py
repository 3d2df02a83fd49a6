"""Models of a few kilobytes with random weights, made by transformers: what a hub has, only senseless."""

from pathlib import Path
from typing import Any

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *map(chr, range(33, 127))]
VOCABULARY = [*WORDS, *(f"##{chr(letter)}" for letter in range(97, 123))]
NLI = ("contradiction", "entailment", "neutral")


def make(folder: Path, kind: str, labels: tuple[str, ...] = (), seed: int = 0) -> Path:
    """A BERT of one layer that reads letters. kind: `encoder`, `reader` or `classifier`, which has a score for each of
    labels, or one without any.
    """
    import torch
    import transformers

    torch.manual_seed(seed)
    folder.mkdir(parents=True)
    (folder / "vocab.txt").write_text("\n".join(VOCABULARY), encoding="utf-8")
    transformers.BertTokenizer(str(folder / "vocab.txt"), model_max_length=64).save_pretrained(folder)
    named: dict[str, Any] = {"num_labels": 1}
    if labels:
        named = {"id2label": dict(enumerate(labels)), "label2id": {label: n for n, label in enumerate(labels)}}
    config = transformers.BertConfig(
        vocab_size=len(VOCABULARY),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=64,
        initializer_range=1.0,  # scores that differ
        **(named if kind == "classifier" else {}),
    )
    classes = {
        "encoder": transformers.BertModel,
        "reader": transformers.BertForQuestionAnswering,
        "classifier": transformers.BertForSequenceClassification,
    }
    classes[kind](config).eval().save_pretrained(folder)
    return folder
