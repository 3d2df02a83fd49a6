"""The manifest of a generation: read it, check who signed it, and compare files with it."""

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from qa import files
from qa.errors import IndexDamagedError, IndexForeignError, IndexOutdatedError, IndexUntrustedError
from qa.index import signature
from qa.index.typed import is_count

__all__ = [
    "APPROXIMATE",
    "BLOCK_FILES",
    "REBUILD",
    "SCHEMA",
    "SIGNATURE",
    "TABLES",
    "Manifest",
    "check",
    "content",
    "damaged",
    "file_sha256",
    "is_ours",
    "parsed",
    "read",
    "size",
]

SCHEMA = 5
SIGNATURE = "signature"  # the file beside the manifest
SIGNATURE_BYTES = 200  # a longer file is not a signature
TABLES = {"documents.bin": 7, "passages.bin": 5, "sentences.bin": 7, "lines.bin": 1, "blocks.bin": 1, "markup.bin": 2}
BLOCK_FILES = ("sources.jsonl", "documents.jsonl", "fields.jsonl", "text.bin", "blocks.jsonl", *TABLES)
APPROXIMATE = {"vectors.faiss": "vectors.rabitq", "sentences.faiss": "sentences.rabitq"}  # those of large tables
REBUILD = "run: qa index --rebuild"
NAMES = re.compile(r"(?:lexical/(?:passages|sentences)/)?[\w-][\w.-]*", re.ASCII)  # of files inside the generation
LISTED = {  # every manifest covers these, so that no part of a quote can change unnoticed
    *BLOCK_FILES,
    *(f"{name}.sum" for name in BLOCK_FILES),
    "passages.keys",
    *("lexical/passages/size.json", "lexical/sentences/size.json"),
}
VECTORS = frozenset(("vectors.faiss", "sentences.faiss"))  # which a generation of words does not have
Manifest = Mapping[str, Any]


def read(folder: Path, sha256: str, trusted: str = "") -> tuple[Manifest, bool]:
    """The manifest with this SHA-256, if this user built or accepted it or the hash equals `trusted`; and whether this
    user built it.

    Raises IndexUntrustedError before anything in it is used; IndexDamagedError, IndexForeignError, SettingError for an
    unusable key file, FileNotFoundError.
    """
    data = content(folder, sha256)
    ours = is_ours(folder, data)
    if sha256 != trusted and not ours and not signature.is_accepted(sha256):
        raise IndexUntrustedError(
            f"the index in {folder.parent} was not built by you, so it is not used; build your own with: qa index, "
            "or accept this one as it is with: qa trust --index"
        )
    return parsed(folder, data), ours


def content(folder: Path, sha256: str) -> bytes:
    """The bytes of the manifest. Raises IndexDamagedError if they have another SHA-256."""
    data = files.read(folder / "manifest.json", files.MEDIUM, below=folder.parent)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise IndexDamagedError(f"{folder / 'manifest.json'} is not the one that CURRENT names; {REBUILD}")
    return data


def is_ours(folder: Path, data: bytes) -> bool:
    """Whether this user's key signed the manifest. Raises SettingError for an unusable key file."""
    key = signature.existing_key()
    try:
        signed = bytes.fromhex(files.read(folder / SIGNATURE, SIGNATURE_BYTES, below=folder.parent).decode("ascii"))
    except (OSError, ValueError):
        return False
    return key is not None and key.signed("manifest", data, signed)


def parsed(folder: Path, data: bytes) -> Manifest:
    """The content of a manifest. Raises IndexOutdatedError for an older schema, IndexForeignError for a later one,
    IndexDamagedError for content that qa does not write, such as names of files outside the generation.
    """
    try:
        manifest: dict[str, Any] = dict(json.loads(data))
        schema = manifest["schema"]
    except (ValueError, KeyError, TypeError, RecursionError):
        manifest, schema = {}, SCHEMA
    if type(schema) is int and schema < SCHEMA:
        raise IndexOutdatedError(f"{folder} was made by an older version of qa; run: qa index")
    if schema != SCHEMA:
        raise IndexForeignError(f"{folder} has schema {schema}, this version of qa reads {SCHEMA}; {REBUILD}")
    if not _is_whole(manifest):
        raise IndexDamagedError(f"{folder / 'manifest.json'} is not a manifest that qa wrote; {REBUILD}")
    return manifest


def _is_whole(manifest: Mapping[str, Any]) -> bool:
    """Whether everything that is read from a manifest is there and has its type and range."""
    match {"vectors": True, "scanned_ns": 0, "keep": 1} | dict(manifest):
        case {
            "vectors": bool(has_vectors),
            "fingerprint": str(),
            "built_ns": built_ns,
            "scanned_ns": scanned_ns,
            "keep": int(1 | 2),
            "recipe": {"weights": str()},
            "settings": {"precision": "auto" | "float32" | "bfloat16"},
            "model": {"name": str(), "weights": str(), "dim": dim},
            "counts": {"documents": documents, "passages": passages, "sentences": sentences, **others},
            "unread": {"files": unread_files, "parts": unread_parts},
            "boilerplate_lines": boilerplate_lines,
            "fields": dict(fields),
            "files": dict(listed),
        }:
            counts = (documents, passages, sentences, unread_files, unread_parts, boilerplate_lines)
            return (
                not others
                and is_count(built_ns, scanned_ns, dim, *counts)
                and all(type(places) is list and len(places) == 2 and is_count(*places) for places in fields.values())
                and listed.keys() >= (LISTED | VECTORS if has_vectors else LISTED)
                and all(NAMES.fullmatch(name) and _is_file(about) for name, about in listed.items())
            )
    return False


def _is_file(about: object) -> bool:
    match about:
        case {"size": size, "sha256": str()}:
            return is_count(size)
    return False


def damaged(folder: Path, listed: Mapping[str, Any]) -> Iterator[str]:
    """The names of files whose size or checksum differs from the manifest. Raises FileNotFoundError."""
    for name, file in listed.items():
        if size(folder, name) != file["size"] or file_sha256(folder / name, folder.parent) != file["sha256"]:
            yield name


def check(folder: Path, listed: Mapping[str, Any]) -> None:
    """Raise IndexDamagedError for the first of these files that differs from the manifest."""
    for name in damaged(folder, listed):
        raise IndexDamagedError(f"{folder / name} is damaged; {REBUILD}")


def size(folder: Path, name: str) -> int:
    """The size in bytes of a regular file of the generation. Raises OSError."""
    with files.open_file(folder / name, folder.parent) as stream:
        return os.fstat(stream.fileno()).st_size


def file_sha256(path: Path, below: Path | None = None) -> str:
    """SHA-256 of a regular file; below: as for `files.open_file`. Raises OSError."""
    with files.open_file(path, below) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
