"""Whole sentences packed into passages. Offsets are carried, never searched for."""

from collections.abc import Sequence

from qa.records import Passage, Sentence

__all__ = ["VERSION", "pack"]

VERSION = 1  # raised whenever the same sentences may give other passages


def pack(doc_id: str, text: str, sentences: Sequence[Sentence], limit: int = 800) -> list[Passage]:
    """Passages of consecutive whole sentences, each at most `limit` characters from its first sentence's start
    to its last one's end; a sentence longer than `limit` is a passage alone.
    """
    groups: list[tuple[Sentence, Sentence]] = []
    for sentence in sentences:
        if groups and sentence.end - groups[-1][0].start <= limit:
            groups[-1] = (groups[-1][0], sentence)
        else:
            groups.append((sentence, sentence))
    return [
        Passage(f"{doc_id}:{first.start}-{last.end}", doc_id, first.start, last.end, first.number, last.number)
        for first, last in groups
    ]
