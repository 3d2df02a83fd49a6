"""What changed since the index was built: files, settings, model. Cheap, because files that were not touched are not
read.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from qa import ingest
from qa.embed import encoder as encoders
from qa.embed.encoder import Encoder
from qa.errors import IndexMissingError, IndexUntrustedError, WorkspaceError
from qa.files import LARGE, MEDIUM
from qa.index import lexical, store
from qa.index.store import Generation, Source
from qa.ingest import readers, scan
from qa.records import BuildSettings

__all__ = ["NOT_YOURS", "TEMPLATE", "Plan", "compare", "identity", "plan", "recipe"]

TEMPLATE = "passage: title newline text; sentence: text"  # what is embedded; a change makes indexes stale
NOT_YOURS = "the index was not built by you"  # the reason of a plan
RACY_NS = (
    2_000_000_000  # a file changed this shortly before the build may have changed after it with the same size and time
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a build would do or did. Every tuple holds document ids, sorted. reasons: why everything must be made anew,
    in words.
    """

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]
    skipped: Mapping[str, str]
    duplicates: Mapping[str, str]
    reasons: tuple[str, ...]
    sources: tuple[Source, ...] = field(repr=False)
    same_sources: bool = field(repr=False)

    @property
    def stale(self) -> bool:
        """Whether the index differs from what a build would make now."""
        return bool(self.reasons) or not self.same_sources


def plan(seeds: Path, index: Path, settings: BuildSettings, encoder: Encoder | None = None) -> Plan:
    """Compare `seeds` with the current generation. Only files whose size or time differ are read.

    An index that this user neither built nor accepted is not looked at: everything counts as added, and `NOT_YOURS` is
    the reason. Raises WorkspaceError without `seeds`, ModelError, and IndexDamagedError or IndexForeignError when there
    is nothing to compare with.
    """
    made_by = recipe(seeds, settings, encoder)
    try:
        current = Generation.open(index)
    except IndexMissingError:
        return compare(seeds, None, settings, made_by)
    except IndexUntrustedError:
        return replace(compare(seeds, None, settings, made_by), reasons=(NOT_YOURS,))
    try:
        return compare(seeds, current, settings, made_by)
    finally:
        current.close()


def recipe(seeds: Path, settings: BuildSettings, encoder: Encoder | None = None) -> dict[str, Any]:
    """All that an index depends on besides the documents. JSON-able; part of the fingerprint."""
    if not seeds.is_dir():
        raise WorkspaceError(f"there is no folder {seeds}; put your documents there, or make a workspace with: qa init")
    if encoder:
        weights = encoder.weights
    else:
        weights = encoders.weights_sha256(encoders.model_folder(settings.embedder), encoders.cache_folder())
    return {
        "schema": store.SCHEMA,
        "ingest": ingest.versions(),
        "lexical": lexical.VERSION,
        "template": TEMPLATE,
        "boilerplate": settings.boilerplate,
        "ocr": settings.ocr,
        "passage_chars": settings.passage_chars,
        "precision": settings.precision,
        "weights": weights,
        "sidecar": _sidecar_sha256(seeds),
    }


def _sidecar_sha256(seeds: Path) -> str:
    try:
        return hashlib.sha256(scan.read(seeds, scan.SIDECAR, MEDIUM)).hexdigest()
    except OSError:  # there is none, or reading it says what is wrong
        return ""


def compare(
    seeds: Path,
    current: Generation | None,
    settings: BuildSettings,
    made_by: Mapping[str, Any],
    afresh: bool = False,
) -> Plan:
    """The plan against an open generation, or against nothing.

    afresh: read every file again, also those with the size and time that they had and those that could not be read.
    """
    before = {s.id: s for s in current.sources()} if current else {}
    reasons = _reasons(current.manifest["recipe"], made_by) if current else ()
    built_ns = current.manifest["built_ns"] if current and not afresh else 0
    sources = _sources(seeds, settings, before, built_ns, keep_skips=not (reasons or afresh))
    now = {s.id: s.sha256 for s in sources if s.state == "indexed"}
    was = {s.id: s.sha256 for s in before.values() if s.state == "indexed"}
    return Plan(
        added=tuple(sorted(now.keys() - was.keys())),
        changed=tuple(sorted(i for i in now.keys() & was.keys() if now[i] != was[i])),
        removed=tuple(sorted(was.keys() - now.keys())),
        unchanged=tuple(sorted(i for i in now.keys() & was.keys() if now[i] == was[i])),
        skipped={s.id: s.detail for s in sources if s.state == "skipped"},
        duplicates={s.id: s.detail for s in sources if s.state == "duplicate"},
        reasons=reasons,
        sources=sources,
        same_sources=current is not None and identity(sources) == identity(before.values()),
    )


def _sources(
    seeds: Path, settings: BuildSettings, before: Mapping[str, Source], built_ns: int, keep_skips: bool
) -> tuple[Source, ...]:
    """Every file with its hash; a file that was not touched since the build keeps the one it had, and why it was
    skipped.
    """
    found = scan.scan(seeds, settings.include, settings.exclude, settings.max_mb * 1_000_000, settings.ocr)
    sources = [Source(s.id, "skipped", 0, 0, "", s.reason) for s in found.skipped]
    known = [*(file.id for file in found.files), *(s.id for s in found.skipped)]
    strangers = [skip.reason for skip in readers.unmatched(readers.load_sidecar(seeds), known)]
    sources += [Source(scan.SIDECAR, "skipped", 0, 0, "", "; ".join(strangers))] if strangers else []
    hashes = {}
    for file in found.files:
        old = before.get(file.id)
        untouched = (
            old and (old.size, old.mtime_ns) == (file.size, file.mtime_ns) and file.mtime_ns < built_ns - RACY_NS
        )
        try:
            sha256 = (
                old.sha256
                if old and untouched and old.sha256
                else hashlib.sha256(scan.read(seeds, file.id, LARGE)).hexdigest()
            )
        except OSError as error:
            sources.append(
                Source(file.id, "skipped", file.size, file.mtime_ns, "", f"cannot be read: {error.strerror}")
            )
            continue
        refused = old.detail if old and old.state == "skipped" and old.sha256 == sha256 else ""
        if keep_skips and old and refused and not readers.may_pass(refused):
            sources.append(Source(file.id, "skipped", file.size, file.mtime_ns, sha256, old.detail))
        else:
            hashes[file.id] = sha256
            sources.append(Source(file.id, "indexed", file.size, file.mtime_ns, sha256))
    twins = scan.duplicates(hashes)
    marked = (
        Source(s.id, "duplicate", s.size, s.mtime_ns, s.sha256, twins[s.id]) if s.id in twins else s for s in sources
    )
    return tuple(sorted(marked, key=lambda s: s.id))


def identity(sources: Iterable[Source]) -> set[tuple[str, str, str, str]]:
    """What of the files counts as a change: not their times."""
    return {(s.id, s.state, s.sha256, s.detail) for s in sources}


_WHY = {
    "weights": "the embedding model changed",
    "precision": "the precision of the embedding model changed",
    "sidecar": f"{scan.SIDECAR} changed",
    "boilerplate": "the setting boilerplate changed",
    "ocr": "the setting ocr changed",
    "passage_chars": "the setting passage_chars changed",
}


def _reasons(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, ...]:
    differing = [key for key in now if before.get(key) != now[key]]
    return tuple(
        dict.fromkeys(
            _WHY.get(key, "it was made by another version of qa or with other formats installed") for key in differing
        )
    )
