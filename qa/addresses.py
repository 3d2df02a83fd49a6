"""Addresses of servers: which are refused, and how they are shown without user names, passwords and keys."""

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

__all__ = ["STORE", "host", "is_here", "is_loopback", "problem", "shown", "without_user"]

STORE = "milvus:"
"""Prefix of a value of the setting `store` that names a database."""
_HOST = re.compile(r"(?:[\w.-]+|\[[\da-fA-F:.]+\])(?::\d{1,5})?", re.ASCII)


def problem(value: str) -> str:
    """Why an address is refused, as the end of a sentence that begins with "the address"; empty if it is accepted.

    An address that could be mistaken for another one is refused. The reason never repeats it, because it may contain a
    password. value: of `base_url` or `store`.
    """
    if not value.isprintable():
        return "contains a control character or an invisible one"
    is_store, uri = value.startswith(STORE), value.removeprefix(STORE)
    file = uri.partition("#")[0]
    if is_store and "://" not in file:
        known = not file or file.endswith(".db") or file.startswith("unix:")
        return "" if known else "is neither a .db file nor an http:// address"
    parts = _split(uri)
    if parts is None:
        return "is not valid"
    if "@" in parts.path + parts.query + parts.fragment:
        return "has an @ after its host, so it can be mistaken for another address"
    return "has no plain host name" if is_store and not _HOST.fullmatch(_bare(parts)) else ""


def host(uri: str) -> str:
    """The host and port of an address; empty for a file."""
    parts = _split(uri)
    return _bare(parts) if parts else ""


def is_here(uri: str) -> bool:
    """Whether an address is one of this machine, or a file."""
    parts = _split(uri)
    return parts is not None and (not parts.hostname or is_loopback(parts.hostname))


def is_loopback(name: str) -> bool:
    """Whether only this machine reaches a server at this address, given without a port."""
    if name.lower() == "localhost":
        return True
    try:
        return ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def without_user(uri: str) -> str:
    """An address without user name, password and query, for messages; a Milvus file stays as it is."""
    if "://" not in uri:
        return uri if uri.endswith(".db") or uri.startswith("unix:") else uri.rpartition("@")[2]
    parts = _split(uri)
    return f"{parts.scheme}://{_bare(parts)}{parts.path}" if parts and not problem(uri) else "(not shown)"


def shown(value: str) -> str:
    """A value of `base_url` or `store` in a form that is safe to print."""
    if value.startswith(STORE):
        uri, mark, name = value.removeprefix(STORE).partition("#")
        return f"{STORE}{without_user(uri)}{mark}{name}" if not problem(value) else "(not shown)"
    if not any(mark in value for mark in "@?#"):  # may precede or follow a key
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
