"""Texts to batches of tokens of nearly equal length, so that little of a batch is padding."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa.embed.protocol import Part

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float32]

__all__ = ["Batch", "Tokens", "means", "open_tokenizer", "padded"]


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of tokens, padded to the longest. rows: numbers of the texts. fields: the model's inputs by name, each of
    shape (rows, tokens).
    """

    rows: Sequence[int]
    fields: "Mapping[str, Ints]"


def open_tokenizer(path: Path, max_tokens: int) -> Any:
    """The tokenizer saved in a file, which cuts texts at `max_tokens` and does not pad. Raises Exception."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.enable_truncation(max_tokens)
    tokenizer.no_padding()
    return tokenizer


class Tokens:
    """Texts, cut into tokens. prefix: what the model wants before each."""

    def __init__(self, tokenizer: Any, texts: Sequence[str], prefix: str = "") -> None:
        self._encoded = tokenizer.encode_batch([prefix + text for text in texts])
        self._prefix = len(prefix)

    def batches(self, most: int, inputs: Sequence[str], pad_id: int, step: int = 1) -> Iterator[Batch]:
        """All texts, the shortest first.

        most: tokens of a batch, padding included; a longer text is a batch alone. step: the length of a batch is padded
        to a multiple of this.
        """
        lengths = [-(-len(each.ids) // step) * step for each in self._encoded]
        rows: list[int] = []
        for row in sorted(range(len(lengths)), key=lengths.__getitem__):
            if rows and (len(rows) + 1) * lengths[row] > most:
                yield self._batch(rows, inputs, pad_id, lengths[rows[-1]])
                rows = []
            rows.append(row)
        if rows:
            yield self._batch(rows, inputs, pad_id, lengths[rows[-1]])

    def _batch(self, rows: Sequence[int], inputs: Sequence[str], pad_id: int, length: int) -> Batch:
        return Batch(rows, padded([self._encoded[row] for row in rows], inputs, {"input_ids": pad_id}, length))

    def means(self, row: int, vectors: "Floats", parts: Sequence[Part]) -> "list[Floats | None]":
        """Of each part of text `row` the mean of its tokens' vectors; None for a part that was cut off."""
        import numpy as np

        encoded = self._encoded[row]
        places = np.array(encoded.offsets, dtype=np.int64).reshape(-1, 2) - self._prefix
        words = np.array(encoded.special_tokens_mask, dtype=bool) == 0
        seen = int(places[words, 1].max(initial=0)) if encoded.overflowing else None
        return means(places[words], vectors[: len(words)][words], parts, seen)


def padded(
    encoded: Sequence[Any], inputs: Sequence[str], pads: Mapping[str, int], length: int = 0
) -> "Mapping[str, Ints]":
    """The model's inputs for texts cut into tokens, each of shape (rows, tokens of the longest, or `length` if that is
    more). pads: what fills the rest of an input's rows, by default 0.
    """
    import numpy as np

    shape = len(encoded), max(length, *(len(each.ids) for each in encoded))
    fields = {name: np.full(shape, pads.get(name, 0), np.int64) for name in inputs}
    values = {"input_ids": "ids", "attention_mask": "attention_mask", "token_type_ids": "type_ids"}
    for name, field in fields.items():
        for at, each in enumerate(encoded):
            field[at, : len(each.ids)] = getattr(each, values[name])
    return fields


def means(places: "Ints", vectors: "Floats", parts: Sequence[Part], seen: int | None) -> "list[Floats | None]":
    """Of each part the mean of the vectors whose token starts in it; None if there is none, or the part ends behind
    `seen`.

    places: start and end of each token, shape (tokens, 2), rising. parts: disjoint, rising. seen: where the text was
    cut off, None if it was not.
    """
    import numpy as np

    first = np.searchsorted(places[:, 0], [start for start, _ in parts])
    last = np.searchsorted(places[:, 0], [end for _, end in parts])
    return [
        None if low == high or (seen is not None and end > seen) else vectors[low:high].mean(axis=0)
        for low, high, (_, end) in zip(first.tolist(), last.tolist(), parts, strict=True)
    ]
