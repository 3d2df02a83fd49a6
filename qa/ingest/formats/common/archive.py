"""Formats that are a ZIP archive of XML parts: opened within bounds, so that no small file unpacks to a huge one."""

import io
import zipfile
import zlib
from typing import TYPE_CHECKING

from qa.errors import SourceError

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["Archive", "parse"]

_MOST_BYTES = 200_000_000
_MOST_ENTRIES = 20_000


class Archive:
    """The parts of a ZIP archive. Raises SourceError for what is none, is encrypted, or unpacks to too much."""

    def __init__(self, data: bytes, what: str) -> None:
        self.what = what
        if data.startswith(b"\xd0\xcf\x11\xe0"):
            raise SourceError(f"encrypted with a password, or not {what} but an older Office document")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            entries = self._zip.infolist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError) as error:
            raise SourceError(f"not {what}, or damaged") from error
        size = sum(entry.file_size for entry in entries)
        if size > _MOST_BYTES:
            raise SourceError(f"it unpacks to {size:,} bytes; the limit is {_MOST_BYTES:,}")
        if len(entries) > _MOST_ENTRIES:
            raise SourceError(f"it holds {len(entries):,} parts; the limit is {_MOST_ENTRIES:,}")
        self.names = frozenset(entry.filename for entry in entries)

    def read(self, name: str) -> bytes:
        """One part. Raises SourceError if it is damaged, encrypted or absent."""
        try:
            info = self._zip.getinfo(name)
            with self._zip.open(info) as part:
                return part.read(info.file_size)
        except KeyError as error:
            raise SourceError(f"not {self.what}, or damaged: it has no {name}") from error
        except RuntimeError as error:
            raise SourceError("encrypted; save it without a password") from error
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError, EOFError, ValueError) as error:
            raise SourceError(f"damaged: {name} cannot be unpacked") from error


def parse(data: bytes, name: str) -> "_Element":
    """An XML part, without any entity, file or address being followed. Raises SourceError; ImportError without lxml."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SourceError(f"damaged: {name} is not XML") from error
    if root is None:
        raise SourceError(f"damaged: {name} is not XML")
    return root
