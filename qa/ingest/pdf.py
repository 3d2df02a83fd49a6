"""PDF to text, page by page. The only import of pypdf."""

import io
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from qa.errors import SourceError
from qa.ingest.decoding import clean
from qa.ingest.metadata import Extracted

if TYPE_CHECKING:
    from pypdf import PdfReader

__all__ = ["extract"]

_FILE_NAME = re.compile(
    r"untitled( document)?[ \d]*|microsoft word - .*|.*\.(docx?|pdf|tex|dvi|indd|qxd|pptx?|xlsx?|rtf|odt)",
    re.IGNORECASE,
)


def extract(data: bytes) -> Extracted:
    """Text and fields of a PDF. Raises SourceError; ImportError if pypdf is not installed.

    Every page must be readable: a document with a hole in it would look as if it did not say what stands there.
    """
    import pypdf  # noqa: F401  (a missing extra is not a broken file)

    with _quiet():
        reader = _open(data)
        pages = [_page(reader, number) for number in range(_count(reader))]
        found = _fields(reader)
    starts = [0]
    for page in pages[:-1]:
        starts.append(starts[-1] + len(page) + 1)
    text = "\n".join(pages)
    if not text.strip():
        raise SourceError("no text in it; run OCR first")
    return Extracted(text, found, tuple(starts))


def _open(data: bytes) -> "PdfReader":
    from pypdf import PdfReader

    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        locked = reader.is_encrypted and not reader.decrypt("")
    except Exception as error:  # pypdf lets errors of every kind through on broken files
        if "cryptography" in str(error):
            raise SourceError("encrypted; save it without a password") from error
        raise SourceError(f"broken PDF: {_brief(error)}") from error
    if locked:
        raise SourceError("encrypted with a password; save it without one")
    return reader


def _count(reader: "PdfReader") -> int:
    try:
        count = len(reader.pages)
    except Exception as error:
        raise SourceError(f"broken PDF: {_brief(error)}") from error
    if not count:
        raise SourceError("broken PDF: it has no pages")
    return count


def _page(reader: "PdfReader", number: int) -> str:
    try:
        return clean(reader.pages[number].extract_text()).rstrip()
    except Exception as error:
        raise SourceError(f"broken PDF: page {number + 1} cannot be read ({_brief(error)})") from error


def _fields(reader: "PdfReader") -> dict[str, str]:
    """Title and author. The date of creation is when the file was made, not when it was published."""
    try:
        info = reader.metadata
        title, author = (str(info.title or ""), str(info.author or "")) if info else ("", "")
    except Exception:  # fields are a convenience: without them the text is still whole
        return {}
    return {"title": "" if _FILE_NAME.fullmatch(title.strip()) else clean(title), "author": clean(author)}


def _brief(error: BaseException) -> str:
    return (" ".join(str(error).split()) or type(error).__name__)[:120]


@contextmanager
def _quiet() -> Iterator[None]:
    """pypdf logs each oddity of a file; what matters is reported as the reason."""
    logger = logging.getLogger("pypdf")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)
