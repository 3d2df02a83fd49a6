"""The structure of the documents of a generation: blocks, one a line, and markup; each is read where it is needed."""

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, get_args, overload

from qa.errors import IndexDamagedError
from qa.index.blocks import BlockFile
from qa.index.manifest import REBUILD
from qa.ingest.blocks import from_record, to_record
from qa.records import QUOTABLE, Block, BlockKind

__all__ = ["KINDS", "QUOTABLE_KINDS", "StoredBlocks", "encoded", "sections"]

KINDS: tuple[BlockKind, ...] = get_args(BlockKind)
"""The kinds of blocks, by the number that stands for them in the table of sentences."""

QUOTABLE_KINDS = tuple(number for number, kind in enumerate(KINDS) if kind in QUOTABLE)
SECTION_HEADS = ("heading", "question")
KEPT = 4096  # decoded blocks of one document that are kept


def encoded(blocks: Iterable[Block]) -> Iterator[bytes]:
    """Each block as a line of JSON."""
    return (json.dumps(to_record(block), separators=(",", ":")).encode() + b"\n" for block in blocks)


def sections(blocks: Sequence[Block]) -> list[int]:
    """For each block the number of the nearest heading or question that it stands under, its own if it is one; -1 for
    none.
    """
    found: list[int] = []
    for number, block in enumerate(blocks):
        above = -1 if block.parent is None else found[block.parent]
        found.append(number if block.kind in SECTION_HEADS else above)
    return found


class StoredBlocks(Sequence[Block]):
    """The blocks of one document, each decoded when it is asked for.

    starts: where the line of each block starts in `file`, and where the last one ends. Raises IndexDamagedError for a
    line that is not what was written.
    """

    def __init__(self, file: BlockFile, starts: Sequence[int]) -> None:
        self._file, self._starts = file, starts
        self._block = lru_cache(maxsize=KEPT)(self._decode)

    def __len__(self) -> int:
        return len(self._starts) - 1

    @overload
    def __getitem__(self, number: int) -> Block: ...

    @overload
    def __getitem__(self, number: slice) -> Sequence[Block]: ...

    def __getitem__(self, number: Any) -> Any:
        if isinstance(number, slice):
            return tuple(self._block(n) for n in range(len(self))[number])
        return self._block(range(len(self))[number])

    def __iter__(self) -> Iterator[Block]:
        lines = self._file.read(self._starts[0], self._starts[-1]).splitlines()
        return (self._parsed(number, line) for number, line in enumerate(lines))

    def _decode(self, number: int) -> Block:
        return self._parsed(number, self._file.read(self._starts[number], self._starts[number + 1]))

    def _parsed(self, number: int, line: bytes) -> Block:
        try:
            block = from_record(json.loads(line))
            if block.parent is not None and not 0 <= block.parent < number:
                raise ValueError("a block is inside one that does not come before it")
            return block
        except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
            raise IndexDamagedError(f"{self._file.path} is damaged; {REBUILD}") from None
