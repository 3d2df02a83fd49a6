"""Who may ask: the addresses, names, origins and tokens that a server accepts. `guard` carries the decisions out."""

import hashlib
import hmac
import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from qa.addresses import is_loopback
from qa.errors import SettingError
from qa.files import SMALL, read_named

__all__ = ["COOKIE", "VARIABLE", "Access", "read_token"]

VARIABLE = "QA_SERVE_TOKEN"
COOKIE = "qa_access"
SHORTEST = 16  # characters of a token


def read_token(file: Path | None, variable: str) -> str | None:
    """The token in the file, else in the environment variable of `VARIABLE`; None if neither is given.

    Raises SettingError for a token that is short or unreadable; its message does not hold it.
    """
    token, where = variable, f"environment {VARIABLE}"
    if file is not None:
        where = f"--token-file {file}"
        try:
            token = read_named(file, SMALL).decode("ascii")
        except OSError as error:
            raise SettingError(f"{where} cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise SettingError(f"{where}: a token has letters, digits and signs of ASCII only") from None
    elif not variable:
        return None
    token = token.strip()
    if len(token) < SHORTEST or not (token.isascii() and token.isprintable()) or " " in token:
        raise SettingError(
            f"{where}: a token is one word of at least {SHORTEST} characters; make one with: openssl rand -hex 32"
        )
    return token


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


@dataclass(frozen=True, slots=True)
class Access:
    """host: the address that the server listens on. token: what callers must know, None on loopback only. origins:
    other origins whose pages may call the API, as `https://example.org`. names: further names of this server.

    Raises SettingError for an address that others reach, without a token, and for an origin that is none.
    """

    host: str = "127.0.0.1"
    token: str | None = field(default=None, repr=False)
    origins: Sequence[str] = ()
    names: Sequence[str] = ()

    def __post_init__(self) -> None:
        if self.token is None and not is_loopback(self.host):
            raise SettingError(
                f"--host {self.host} lets other machines ask, which needs a token: set {VARIABLE}, or name a file with "
                "--token-file"
            )
        for origin in self.origins:
            if not _is_origin(origin):
                raise SettingError(f"--allow-origin {origin!r}: expected an origin such as https://example.org")
        for name in self.names:
            if _name(name) != name.lower() or "*" in name:
                raise SettingError(f"--allow-host {name!r}: expected a name such as qa.example.org, without a port")

    def accepts_host(self, header: str) -> bool:
        """Whether the Host header names this server. A page of a foreign name that was made to point here does not."""
        name = _name(header)
        if name is None:
            return False
        if name == "localhost" or name in map(str.lower, self.names):
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return not is_loopback(self.host) and name in (self.host.lower(), socket.gethostname().lower())
        return address.is_loopback or not is_loopback(self.host)

    def accepts_bearer(self, header: str) -> bool:
        """Whether an Authorization header holds the token; takes the same time wherever they differ."""
        scheme, _, given = header.partition(" ")
        return scheme.lower() == "bearer" and self.accepts_token(given.strip())

    def accepts_token(self, given: str) -> bool:
        """Whether this is the token; takes the same time wherever they differ."""
        return self.token is not None and hmac.compare_digest(_digest(given), _digest(self.token))

    def accepts_cookie(self, given: str) -> bool:
        """Whether a cookie was given to somebody who knew the token."""
        return self.token is not None and hmac.compare_digest(_digest(given), _digest(self.cookie))

    @property
    def cookie(self) -> str:
        """What the page's cookie holds: it proves the token and does not tell it."""
        assert self.token is not None
        return hmac.new(self.token.encode(), b"qa serve: the page", hashlib.sha256).hexdigest()


def _is_origin(text: str) -> bool:
    """Whether browsers can send this as the origin of a page."""
    scheme, _, host = text.partition("://")
    return scheme in ("http", "https") and _name(host) is not None and text == text.lower()


def _name(header: str) -> str | None:
    """The name in a Host header, in lower case and without its port and brackets; None if it is not one."""
    if any(char <= " " or char == "\x7f" for char in header):  # some of which `urlsplit` takes out
        return None
    try:
        parts = urlsplit(f"//{header}")
        _ = parts.port
    except ValueError:
        return None
    if "@" in header or parts.path or parts.query or parts.fragment or not parts.hostname:
        return None
    return parts.hostname.rstrip(".").lower()
