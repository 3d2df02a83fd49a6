"""Files that `qa gold` keeps in a workspace and believes later: only those that this user's own key signed.

A folder from somebody else may contain any file, also results of questions that were never asked.
"""

from pathlib import Path

from qa import files
from qa.errors import GoldError, SettingError
from qa.index.signature import existing_key, key

__all__ = ["UnsignedError", "check", "write"]


class UnsignedError(GoldError):
    """The file was not written by this user."""


def write(path: Path, data: bytes, below: Path) -> None:
    """Write a file and its signature beside it. Raises as `qa.files.write` and `qa.index.signature.key` do."""
    signature = key().sign("gold", _named(path, data))
    files.write(path, data, below)
    files.write(_beside(path), signature.hex().encode() + b"\n", below)


def check(path: Path, data: bytes, below: Path) -> None:
    """Raise UnsignedError unless `write` wrote this, with the key that this user has now."""
    try:
        own, written = existing_key(), files.read(_beside(path), files.SMALL, below)
        good = own is not None and own.signed("gold", _named(path, data), bytes.fromhex(written.decode()))
    except (OSError, ValueError, SettingError):
        good = False
    if not good:
        raise UnsignedError(f"{path}: not signed with your key: written by an older qa, or by somebody else")


def _named(path: Path, data: bytes) -> bytes:
    return path.name.encode() + b"\0" + data


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.sig")
