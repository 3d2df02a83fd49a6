"""Files that are read by position, each block verified against its checksum whenever it is read from the disk."""

import hashlib
import os
import threading
import weakref
from functools import lru_cache
from pathlib import Path

from qa import files
from qa.errors import IndexDamagedError, IndexUnusableError
from qa.index.manifest import REBUILD

__all__ = ["BLOCK", "BlockFile", "block_sum"]

BLOCK = 16 * 1024
SUM = 16  # bytes of a block's checksum
KEPT = 512  # blocks kept in memory: 8 MiB


def block_sum(block: bytes) -> bytes:
    """The checksum of a block, 16 bytes."""
    return hashlib.blake2b(block, digest_size=SUM).digest()


class BlockFile:
    """A file and its checksums, open. Safe to share between threads.

    sums_sha256: SHA-256 of the file of checksums, from the manifest. below: as for `files.open_file`.
    """

    def __init__(self, path: Path, sums_sha256: str, below: Path | None = None) -> None:
        self.path = path
        sums = path.with_name(path.name + ".sum")
        self._sums = files.read(sums, files.LARGE, below)
        if hashlib.sha256(self._sums).hexdigest() != sums_sha256:
            raise IndexDamagedError(f"{sums} is damaged; {REBUILD}")
        file = files.open_file(path, below)
        self._descriptor = file.fileno()
        self.close = weakref.finalize(self, file.close)  # closes the file even if nobody calls it
        self._lock = threading.Lock()
        self.size = os.fstat(self._descriptor).st_size
        self._block = lru_cache(maxsize=KEPT)(self._read_block)

    def read(self, start: int, end: int) -> bytes:
        """Bytes [start, end). Raises IndexDamagedError if the file is not what was written."""
        if not 0 <= start <= end <= self.size:
            raise IndexDamagedError(f"{self.path} has {self.size} bytes, {start}..{end} were asked for; {REBUILD}")
        first = start // BLOCK
        blocks = b"".join(self._block(number) for number in range(first, -(-end // BLOCK)))
        return blocks[start - first * BLOCK : end - first * BLOCK]

    def _read_block(self, number: int) -> bytes:
        try:
            with self._lock:
                os.lseek(self._descriptor, number * BLOCK, os.SEEK_SET)
                block = os.read(self._descriptor, BLOCK)
        except OSError as error:
            raise IndexUnusableError(f"{self.path} cannot be read: {error.strerror}") from None
        if block_sum(block) != self._sums[number * SUM : (number + 1) * SUM]:
            raise IndexDamagedError(f"{self.path} is damaged at byte {number * BLOCK}; {REBUILD}")
        return block
