"""Bytes to text, or a clear refusal: never a guess that turns letters into garbage."""

from qa.errors import SourceError

__all__ = ["decode"]


def decode(data: bytes) -> str:
    """The text of a file, newlines untouched, without its byte order mark. Raises SourceError."""
    for mark, name in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            return data[len(mark) :].decode(name)
    if b"\x00" in data:
        raise SourceError("not text: it holds NUL bytes")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise SourceError("cannot tell the encoding; save it as UTF-8") from error
