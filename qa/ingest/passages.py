"""Whole sentences packed into passages. Offsets are carried, never searched for."""

from collections.abc import Iterator, Sequence

from qa.records import Passage, Sentence

__all__ = ["VERSION", "pack"]

VERSION = 1  # raised whenever the same sentences may give other passages


def pack(doc_id: str, text: str, sentences: Sequence[Sentence], limit: int = 800) -> list[Passage]:
    """Passages of consecutive whole sentences, as many as fit into `limit` characters, in order; each sentence in one.

    A passage's length runs from its first sentence's start to its last one's end. Two sentences with skipped text
    between them share none, so that no passage holds skipped text. A sentence over `limit` is a passage alone.
    """
    if limit < 1:
        raise ValueError(f"a passage needs a limit of at least 1 character, got {limit}")
    return [
        Passage(f"{doc_id}:{first.start}-{last.end}", doc_id, first.start, last.end, first.number, last.number)
        for first, last in _runs(text, sentences, limit)
    ]


def _runs(text: str, sentences: Sequence[Sentence], limit: int) -> Iterator[tuple[Sentence, Sentence]]:
    """The first and last sentence of each passage."""
    if not sentences:
        return
    first = last = sentences[0]
    for sentence in sentences[1:]:
        skipped = text[last.end : sentence.start].strip()
        if skipped or sentence.end - first.start > limit:
            yield first, last
            first = sentence
        last = sentence
    yield first, last
