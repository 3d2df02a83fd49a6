"""Addresses of servers, and what of them may be shown: the host that is connected to, never a name or a password."""

import re
from urllib.parse import SplitResult, urlsplit

__all__ = ["STORE", "host", "problem", "shown", "without_user"]

STORE = "milvus:"
"""Begins a value of the setting `store` that names a database."""
_HOST = re.compile(r"(?:[\w.-]+|\[[\da-fA-F:.]+\])(?::\d{1,5})?", re.ASCII)


def problem(value: str) -> str:
    """Why an address could be taken for another one than it is, as what completes "the address ..."; empty if it could
    not. It never repeats the address, which may hold a password.

    value: of `base_url` or `store`.
    """
    if not value.isprintable():
        return "holds a control character or one that is not seen"
    is_store, uri = value.startswith(STORE), value.removeprefix(STORE)
    file = uri.partition("#")[0]
    if is_store and "://" not in file:
        known = not file or file.endswith(".db") or file.startswith("unix:")
        return "" if known else "is neither a file whose name ends with .db, nor does it begin with http://"
    parts = _split(uri)
    if parts is None:
        return "is not valid"
    if "@" in parts.path + parts.query + parts.fragment:
        return "has an @ after its host, which makes it look like another address"
    return "has no host that is plain to read" if is_store and not _HOST.fullmatch(_bare(parts)) else ""


def host(uri: str) -> str:
    """The host and port that an address leads to; empty for a file."""
    parts = _split(uri)
    return _bare(parts) if parts else ""


def without_user(uri: str) -> str:
    """An address without the name, password and query that may be in it, for messages; a file of Milvus as it is."""
    if "://" not in uri:
        return uri if uri.endswith(".db") or uri.startswith("unix:") else uri.rpartition("@")[2]
    parts = _split(uri)
    return f"{parts.scheme}://{_bare(parts)}{parts.path}" if parts and not problem(uri) else "(not shown)"


def shown(value: str) -> str:
    """A value of `base_url` or `store` as it may be printed."""
    if value.startswith(STORE):
        uri, mark, name = value.removeprefix(STORE).partition("#")
        return f"{STORE}{without_user(uri)}{mark}{name}" if not problem(value) else "(not shown)"
    if not any(mark in value for mark in "@?#"):  # where people put keys
        return value
    parts = _split(value)
    return f"{parts.scheme}://{_bare(parts)}/ (the rest is not shown)" if parts else "(not shown)"


def _bare(parts: SplitResult) -> str:
    return parts.netloc.rpartition("@")[2]


def _split(uri: str) -> SplitResult | None:
    try:
        return urlsplit(uri)
    except ValueError:
        return None
