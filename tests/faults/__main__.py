"""Play faults, and write what happened.

python -m faults                          everything (make reliability): under an hour on an idle machine
python -m faults --scale 0.02             a sample
python -m faults --only damage --out FILE one part; its figures are kept in this JSON file
python -m faults --page                   write docs/reliability-figures.md from the figures

Exit code 1 if anything went wrong.
"""

import argparse
import errno
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

os.environ |= {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}  # a fork of a process with threads may hang

from faults import damage, endpoints, large, operations, processes, surroundings
from faults.pages import FAULTS, write_page
from faults.workspaces import Workspace, scratch
from support.reading import in_this_process


@dataclass
class Part:
    """What was tried, how often, and what happened: rows of a table. wrong: what should not have happened."""

    rows: list[tuple[str, str, str]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def add(self, what: str, times: int | str, happened: str, wrong: list[str]) -> None:
        times = f"{times:,}" if isinstance(times, int) else times
        self.rows.append((what, times, f"{len(wrong)} failures" if wrong else happened))
        self.wrong += wrong


Play = Callable[[Part, Path, float], None]


def _count(full: int, scale: float, least: int = 2) -> int:
    return max(least, round(full * scale))


def _step(scale: float) -> int:
    return max(1, round(1 / scale))


def _killed(part: Part, root: Path, scale: float) -> None:
    for base in operations.BASES:
        total, struck, wrong = operations.every_operation(root, base, None, _step(scale))
        what = f"{base} killed at an operation on files ({total:,} operations; at each one that changes something)"
        part.add(what, struck, "the former or the new index answers; the next build succeeds and tidies up", wrong)


def _failed(part: Part, root: Path, scale: float) -> None:
    for error in operations.ERRORS:
        struck, wrong = 0, []
        for base in operations.BASES:
            _, more, found = operations.every_operation(root, base, error, _step(scale))
            struck, wrong = struck + more, wrong + found
        what = f"an operation on files fails with {errno.errorcode[error]} ({os.strerror(error)})"
        part.add(what, struck, "the build goes on or ends with one clear error; the next one succeeds", wrong)


def _random(part: Part, root: Path, scale: float) -> None:
    count = _count(1000, scale, 20)
    published, wrong = processes.random_kills(root, count)
    happened = f"{published} had published; every index was whole"
    part.add("build killed by SIGKILL at a random moment", count, happened, wrong)


def _readers(part: Part, root: Path, scale: float) -> None:
    rebuilds = _count(100, scale, 8)
    answers, wrong = processes.readers(root, rebuilds, 8 if scale >= 1 else 3)
    part.add(f"answers during {rebuilds} rebuilds", answers, "each is right for one set of documents, no error", wrong)


def _builders(part: Part, root: Path, scale: float) -> None:
    for number in (2, 4):
        rounds = _count(25, scale)
        written, wrong = processes.builders(root, number, rounds)
        wrong += [] if written == rounds else [f"{written} generations in {rounds} rounds"]
        part.add(f"{number} builders at once", rounds, "one writes, the others find nothing to do", wrong)
    part.add("a lock whose owner was killed", 1, "the next build does not wait", processes.stale_lock(root))


def _disk(part: Part, root: Path, scale: float) -> None:
    sizes = range(40, 1000, max(20, round(20 / scale / 10)))
    try:
        full, wrong = surroundings.full_disk(root, sizes)
    except PermissionError as error:
        part.add("a small disk", 0, f"not tried: {error}", [])
    else:
        happened = f"{full} were full and said so; the former index answers"
        part.add("builds on small disks", 2 * len(sizes), happened, wrong)
    wrong = surroundings.no_permission(root)
    part.add("folders and files without permission, as an ordinary user", 8, "clear errors", wrong)


def _files(part: Part, root: Path, scale: float) -> None:
    wrong = surroundings.clock(root)
    part.add("clock set back or forward by years between and during builds", 4, "every change is noticed", wrong)
    count, wrong = surroundings.changing_files(root)
    what = "file changes, vanishes or is replaced while it is indexed"
    part.add(what, count, "old or new content, never a mixture", wrong)
    for what, noticed in surroundings.content(root).items():
        part.add(f"other content, same size, {what}", 1, "noticed" if noticed else "not noticed", [])
    wrong = surroundings.names(root)
    part.add("names of every kind", len(surroundings.NAMES), "indexed, or listed with a reason", wrong)


def _damage(part: Part, root: Path, scale: float) -> None:
    for large_one, what in ((False, "hashed whole when opened"), (True, "of over 64 MB, hashed by blocks when read")):
        regions, missed, wrong = damage.every_region(root, large_one, _step(scale))
        happened = "found when opened" if not missed else f"no quote changed; {missed} found only by qa status --check"
        part.add(f"a region of an index {what} is damaged", regions, happened, wrong)


def _endpoint(part: Part, root: Path, scale: float) -> None:
    count = _count(1000, scale, 64)
    outcomes, wrong = endpoints.concurrent_faults(root, count)
    happened = ", ".join(f"{number} {what}" for what, number in sorted(outcomes.items()))
    part.add("questions, 32 at a time, to an endpoint that fails in 11 ways", count, happened, wrong)


def _memory(part: Part, root: Path, scale: float) -> None:
    count = _count(10_000, scale, 100)
    early, late = endpoints.memory(root, count)
    wrong = [f"{early:,} bytes grew to {late:,}"] if late > early * 1.1 + 2_000_000 else []
    happened = f"{early / 1e6:.0f} MB after a tenth, {late / 1e6:.0f} MB in the end"
    part.add("questions to one process", count, happened, wrong)


def _large(part: Part, root: Path, scale: float) -> None:
    count, megabytes = _count(100_000, scale), _count(200, scale)
    part.add("small files", count, large.many_files(root, count), [])
    part.add("one text file, read and cut into sentences", f"{megabytes} MB", large.one_file(root, megabytes), [])


PARTS: Mapping[str, Play] = {
    "killed": _killed,
    "failed": _failed,
    "random": _random,
    "readers": _readers,
    "builders": _builders,
    "disk": _disk,
    "files": _files,
    "damage": _damage,
    "endpoint": _endpoint,
    "memory": _memory,
    "large": _large,
}


def _play(name: str, scale: float) -> Part:
    """A part, in a folder of its own, with everything imported that a build imports late."""
    part = Part()
    with scratch() as root, in_this_process():
        warm = Workspace(root / "warm")
        warm.write(warm="Warm. It is.")
        warm.build()
        warm.untidy()
        PARTS[name](part, root, scale)
    return part


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m faults", description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=PARTS, action="append", help="play this part; may be repeated")
    parser.add_argument("--scale", type=float, default=1.0, help="how much of the full run, up to 1")
    parser.add_argument("--out", type=Path, help=f"keep the figures in this JSON file, such as {FAULTS.name}")
    parser.add_argument("--page", action="store_true", help="only write the page from the figures")
    return parser.parse_args()


def main() -> int:
    options = _arguments()
    if options.page:
        write_page()
        return 0
    bad = 0
    for name in options.only or PARTS:
        began = time.monotonic()
        part = _play(name, options.scale)
        seconds = round(time.monotonic() - began)
        for what, times, happened in part.rows:
            print(f"{name:<9} {times:>7}  {what}: {happened}", flush=True)
        for line in part.wrong[:20]:
            print(f"{name:<9}  WRONG  {line[:1000]}", file=sys.stderr, flush=True)
        bad += bool(part.wrong)
        if options.out:
            known = json.loads(options.out.read_text(encoding="utf-8")) if options.out.exists() else {}
            known[name] = {**asdict(part), "scale": options.scale, "seconds": seconds}
            options.out.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
