"""Who built an index: the user's own key signs it, and a list names the indexes of others that the user accepted.

A folder from somebody else may contain an index with valid checksums. So an index is used only if this user's key
signed its manifest, or if this user accepted that manifest with `qa trust --index`.
"""

import hmac
import json
import os
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from qa.errors import IndexUnusableError, SettingError

__all__ = ["VARIABLE", "Key", "accept", "existing_key", "is_accepted", "key"]

VARIABLE = "QA_INDEX_KEY"  # path of a key file to use instead of the user's own
SIZE = 32  # bytes of a key; the minimum for a key file named by VARIABLE
MAX_SIZE = 4096  # of a named key file
Purpose = Literal["manifest", "partial", "gold"]


@dataclass(frozen=True, slots=True)
class Key:
    """A secret that signs what this user builds."""

    secret: bytes = field(repr=False)

    def sign(self, purpose: Purpose, data: bytes) -> bytes:
        """HMAC-SHA256, 32 bytes. A signature for one purpose is not valid for another."""
        return hmac.digest(self.secret, purpose.encode() + b"\0" + data, "sha256")

    def signed(self, purpose: Purpose, data: bytes, signature: bytes) -> bool:
        """Whether `sign` made this signature."""
        return hmac.compare_digest(self.sign(purpose, data), signature)


def key() -> Key:
    """The key to sign with: the one named by QA_INDEX_KEY, or the user's own, created on first use.

    Raises SettingError for a key file that is damaged, unreadable, or named and missing; IndexUnusableError if the key
    cannot be written.
    """
    return existing_key() or _make(_own_file())


def existing_key() -> Key | None:
    """The key to check signatures with; None if this user never built an index. Raises SettingError as `key` does."""
    named = os.environ.get(VARIABLE)
    if named:
        return Key(_named(Path(named)))
    path = _own_file()
    try:
        secret = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SettingError(f"{path}, the key of your indexes, cannot be read: {error.strerror}") from None
    if len(secret) != SIZE:
        raise SettingError(
            f"{path}, the key of your indexes, has {len(secret)} bytes instead of {SIZE}; restore it from a backup, or "
            "delete it: your indexes are then built anew"
        )
    return Key(secret)


def _named(path: Path) -> bytes:
    make = f"make one with: openssl rand -hex 32 > {path}"
    try:
        if path.exists() and not path.is_file():
            raise SettingError(f"{VARIABLE} names {path}, which is not a file; {make}")
        with path.open("rb") as stream:
            secret = stream.read(MAX_SIZE + 1)
    except FileNotFoundError:
        raise SettingError(f"{VARIABLE} names {path}, which does not exist; {make}") from None
    except OSError as error:
        raise SettingError(f"{VARIABLE} names {path}, which cannot be read: {error.strerror}") from None
    if not SIZE <= len(secret) <= MAX_SIZE:
        size = f"over {MAX_SIZE:,}" if len(secret) > MAX_SIZE else f"{len(secret):,}"
        raise SettingError(
            f"{VARIABLE} names {path}, which has {size} bytes; a key has {SIZE} to {MAX_SIZE:,} random bytes; {make}"
        )
    return secret


def _own_file() -> Path:
    from platformdirs import user_data_path

    return user_data_path("qa", appauthor=False) / "index.key"


def _make(path: Path) -> Key:
    """Create the key, unless another process was faster. Readers see a whole key or none."""
    from filelock import FileLock

    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(path.with_suffix(".lock")):
            if not path.exists():
                _write(path, secrets.token_bytes(SIZE))
    except OSError as error:
        raise IndexUnusableError(
            f"{path}, the key that marks an index as yours, cannot be written: {error.strerror}; name a key file with "
            f"{VARIABLE}"
        ) from None
    made = existing_key()
    assert made is not None
    return made


def _write(path: Path, data: bytes) -> None:
    """Write and flush a file with mode 0600, whole or not at all."""
    number, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(number, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def accept(digest: str, about: Mapping[str, str | int]) -> Path:
    """Remember, in the user's own configuration, that the index whose manifest has this SHA-256 may be used.

    about: notes for people who read the file. Returns the file. Raises SettingError if it cannot be read, OSError if it
    cannot be written.
    """
    path = _accepted_file()
    known = _accepted() | {digest: dict(about)}
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(path, json.dumps(known, indent=1, sort_keys=True).encode())
    return path


def is_accepted(digest: str) -> bool:
    """Whether `accept` was called for the manifest with this SHA-256. Raises SettingError for an unreadable list."""
    return digest in _accepted()


def _accepted_file() -> Path:
    from platformdirs import user_config_path

    return user_config_path("qa", appauthor=False) / "trusted-indexes.json"


def _accepted() -> dict[str, object]:
    path = _accepted_file()
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not valid JSON"
        raise SettingError(f"{path}, which lists accepted indexes, cannot be read ({why}); fix or delete it") from None
    return dict(known) if isinstance(known, dict) else {}
