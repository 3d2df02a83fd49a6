"""Find what changed since the build: files, settings, model. Files with the same size and time are not read."""

import hashlib
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from qa.embed import encoder as encoders
from qa.embed.encoder import Encoder
from qa.errors import IndexMissingError, IndexOutdatedError, IndexUntrustedError, WorkspaceError
from qa.files import LARGE, MEDIUM
from qa.index import lexical, store
from qa.index.searched import TEMPLATE
from qa.index.store import Generation, Source
from qa.ingest import scan, versions
from qa.ingest.metadata import load_sidecar, unmatched
from qa.ingest.unread import UNREADABLE, may_pass
from qa.records import BuildSettings

__all__ = ["NOT_YOURS", "Plan", "compare", "duplicates", "identity", "plan", "recipe"]

OTHER_VERSION = "it was made by another version of qa or with other formats installed"
NOT_YOURS = "the index was not built by you"  # a reason in a plan
UNFINISHED = "it was not finished"  # a reason in a plan
RACY_NS = 2_000_000_000  # before the scan; a file that new may change again and keep its size and time


@dataclass(frozen=True, slots=True)
class Plan:
    """What a build would do or did. Tuples hold document ids, sorted.

    skipped: reason by id. duplicates: id of the first of several identical files by the ids of the
    others; all of them are indexed. reasons: why everything must be made anew. scanned_ns: when the files were looked
    at, as `time.time_ns` gives it.
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
    scanned_ns: int = field(repr=False)

    @property
    def stale(self) -> bool:
        """Whether a build would change the index."""
        return bool(self.reasons) or not self.same_sources


def plan(
    seeds: Path, index: Path, settings: BuildSettings, encoder: Encoder | None = None, check_content: bool = False
) -> Plan:
    """Compare `seeds` with the current generation. Only files whose size or time differ are read, unless
    `check_content`.

    An index that this user neither built nor accepted is not looked at: everything counts as added, and `NOT_YOURS` is
    the reason. So is one in the format of an older version of qa, and `OTHER_VERSION` is the reason.
    Raises WorkspaceError if `seeds` is missing, ModelError, and IndexDamagedError or IndexForeignError if
    the index cannot be read.
    """
    made_by = recipe(seeds, settings, encoder)
    try:
        current = Generation.open(index)
    except IndexMissingError:
        return compare(seeds, None, settings, made_by)
    except IndexUntrustedError:
        return replace(compare(seeds, None, settings, made_by), reasons=(NOT_YOURS,))
    except IndexOutdatedError:
        return replace(compare(seeds, None, settings, made_by), reasons=(OTHER_VERSION,))
    try:
        return compare(seeds, current, settings, made_by, check_content=check_content)
    finally:
        current.close()


def recipe(seeds: Path, settings: BuildSettings, encoder: Encoder | None = None) -> dict[str, Any]:
    """Everything that an index depends on besides the documents. JSON-able; part of the fingerprint."""
    if not os.path.isdir(seeds):  # noqa: PTH112 - False for a folder that cannot be looked at, too
        raise WorkspaceError(f"there is no folder {seeds}; put your documents there, or make a workspace with: qa init")
    if encoder:
        weights = encoder.weights
    else:
        name, cache = settings.embedder, encoders.cache_folder()
        weights = encoders.embedder_weights(name, encoders.model_folder(name), cache)
    return {
        "schema": store.SCHEMA,
        "ingest": versions.current(),
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
    except OSError:  # it is missing, or the build will say why it cannot be read
        return ""


def compare(
    seeds: Path,
    current: Generation | None,
    settings: BuildSettings,
    made_by: Mapping[str, Any],
    afresh: bool = False,
    check_content: bool = False,
) -> Plan:
    """The plan, compared with an open generation or, if there is none, with an empty one.

    check_content: read every file, even one with the same size and time. afresh: and one that could not be read before.
    """
    scanned_ns = time.time_ns()
    before = {s.id: s for s in current.sources()} if current else {}
    reasons = _reasons(current.manifest["recipe"], made_by) if current else ()
    sure_ns = current.manifest.get("scanned_ns", 0) - RACY_NS if current and not (afresh or check_content) else 0
    sources = _sources(seeds, settings, before, sure_ns, keep_skips=not (reasons or afresh))
    now = {s.id: s.sha256 for s in sources if s.state == "indexed"}
    was = {s.id: s.sha256 for s in before.values() if s.state == "indexed"}
    return Plan(
        added=tuple(sorted(now.keys() - was.keys())),
        changed=tuple(sorted(i for i in now.keys() & was.keys() if now[i] != was[i])),
        removed=tuple(sorted(was.keys() - now.keys())),
        unchanged=tuple(sorted(i for i in now.keys() & was.keys() if now[i] == was[i])),
        skipped={s.id: s.detail for s in sources if s.state == "skipped"},
        duplicates=duplicates(sources),
        reasons=reasons if current is None or current.complete else (*reasons, UNFINISHED),
        sources=sources,
        same_sources=current is not None and identity(sources) == identity(before.values()),
        scanned_ns=scanned_ns,
    )


def _sources(
    seeds: Path, settings: BuildSettings, before: Mapping[str, Source], sure_ns: int, keep_skips: bool
) -> tuple[Source, ...]:
    """Every file with its hash. A file with the same size and time as at the build keeps its hash.

    sure_ns: a file must be older than that to keep its hash.
    keep_skips: a file that was skipped and has the same hash is skipped again for the same reason.
    """
    found = scan.scan(seeds, settings.include, settings.exclude, settings.max_mb * 1_000_000, settings.ocr)
    sources = [Source(s.id, "skipped", 0, 0, "", s.reason) for s in found.skipped]
    known = [*(file.id for file in found.files), *(s.id for s in found.skipped)]
    strangers = [skip.reason for skip in unmatched(load_sidecar(seeds), known)]
    sources += [Source(scan.SIDECAR, "skipped", 0, 0, "", "; ".join(strangers))] if strangers else []
    for file in found.files:
        old = before.get(file.id)
        untouched = old and (old.size, old.mtime_ns) == (file.size, file.mtime_ns) and file.mtime_ns < sure_ns
        try:
            sha256 = (
                old.sha256
                if old and untouched and old.sha256
                else hashlib.sha256(scan.read(seeds, file.id, LARGE)).hexdigest()
            )
        except OSError as error:
            sources.append(Source(file.id, "skipped", file.size, file.mtime_ns, "", f"{UNREADABLE}{error.strerror}"))
            continue
        refused = old.detail if old and old.state == "skipped" and old.sha256 == sha256 else ""
        if keep_skips and old and refused and not may_pass(refused):
            sources.append(Source(file.id, "skipped", file.size, file.mtime_ns, sha256, old.detail))
        else:
            sources.append(Source(file.id, "indexed", file.size, file.mtime_ns, sha256))
    return tuple(sorted(sources, key=lambda s: s.id))


def duplicates(sources: Iterable[Source]) -> dict[str, str]:
    """The id of the first of several identical indexed files, by the ids of the others."""
    return scan.duplicates({s.id: s.sha256 for s in sources if s.state == "indexed"})


def identity(sources: Iterable[Source]) -> set[tuple[str, str, str, str]]:
    """The properties of the files that count as a change if they differ; times do not."""
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
    return tuple(dict.fromkeys(_WHY.get(key, OTHER_VERSION) for key in differing))
