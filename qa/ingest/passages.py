"""Whole sentences packed into passages. Offsets are carried, never searched for."""

from collections.abc import Collection, Iterator, Sequence

from qa.records import Block, Passage, Sentence

__all__ = ["pack", "sections"]


_SECTION_SHARE = 0.5  # of a passage's limit: shorter sections share one with what is before them


def pack(
    doc_id: str, text: str, sentences: Sequence[Sentence], limit: int = 800, starts: Collection[int] = ()
) -> list[Passage]:
    """Passages of consecutive whole sentences, as many as fit into `limit` characters, in order; each sentence in one.

    A passage's length runs from its first sentence's start to its last one's end. Two sentences with skipped text
    between them share none, so that no passage holds skipped text. A sentence over `limit` is a passage alone.
    starts: numbers of sentences that begin a passage if the one before it holds the tail of a section.
    """
    if limit < 1:
        raise ValueError(f"a passage needs a limit of at least 1 character, got {limit}")
    return [
        Passage(f"{doc_id}:{first.start}-{last.end}", doc_id, first.start, last.end, first.number, last.number)
        for first, last in _runs(text, sentences, limit, starts)
    ]


def sections(sentences: Sequence[Sentence], blocks: Sequence[Block], limit: int) -> set[int]:
    """The numbers of the sentences that begin a section with enough text to fill much of a passage."""
    heads = [
        sentence
        for last, sentence in zip((None, *sentences), sentences, strict=False)
        if blocks[sentence.block].kind in ("heading", "question") and not (last and last.block == sentence.block)
    ]
    ends = [*(head.start for head in heads[1:]), sentences[-1].end if sentences else 0]
    return {head.number for head, end in zip(heads, ends, strict=False) if end - head.start >= _SECTION_SHARE * limit}


def _runs(
    text: str, sentences: Sequence[Sentence], limit: int, starts: Collection[int]
) -> Iterator[tuple[Sentence, Sentence]]:
    """The first and last sentence of each passage."""
    if not sentences:
        return
    first = last = sentences[0]
    for sentence in sentences[1:]:
        skipped = text[last.end : sentence.start].strip()
        tail = sentence.number in starts and first.number not in starts
        if skipped or tail or sentence.end - first.start > limit:
            yield first, last
            first = sentence
        last = sentence
    yield first, last
