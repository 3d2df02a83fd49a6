"""Run the fuzz targets for some CPU time each, and list what broke.

python -m faults.fuzz --minutes 10                 every target, one process after the other
python -m faults.fuzz --only matcher --minutes 2   one of them
python -m faults.fuzz --out FILE                   the figures as JSON, for docs/reliability-figures.md

With atheris (pip install atheris; not a dependency of qa) inputs are guided by coverage; without it, hypothesis
changes the seeds. Inputs that broke something are kept in build/fuzz/. Exit code 1 if there are any.
"""

import argparse
import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

__all__ = ["mutated"]

ROOT = Path(__file__).resolve().parents[2]
BROKEN = ROOT / "build" / "fuzz"
SLOW = 10.0  # seconds of CPU for one input of at most MOST bytes
MOST = 100_000


def mutated(seeds: list[bytes]) -> Any:
    """A hypothesis strategy: random bytes, and seeds with parts changed, repeated, moved and left out."""
    from hypothesis import strategies as st

    part = st.one_of(st.binary(max_size=20), st.sampled_from(seeds).flatmap(_slices))
    place = st.integers(0, 2**32 - 1)

    def changed(seed: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
        for at, length, new in edits:
            start = at % (len(seed) + 1)
            seed = seed[:start] + new + seed[start + length :]
        return seed[:MOST]

    edits = st.lists(st.tuples(place, st.sampled_from((0, 1, 4, 40, 400)), part), max_size=8)
    return st.one_of(st.builds(changed, st.sampled_from(seeds), edits), st.binary(max_size=300))


def _slices(seed: bytes) -> Any:
    from hypothesis import strategies as st

    return st.integers(0, max(0, len(seed) - 1)).map(lambda at: seed[at : at + 60])


class _Run:
    """Counts inputs, and keeps the first input for each place in the code that broke. `over` ends it."""

    def __init__(self, name: str, check: Callable[[bytes], None], seconds: float) -> None:
        self._name, self._check, self._seconds = name, check, seconds
        self._start = time.process_time()
        self.inputs = 0
        self.broken: dict[str, str] = {}

    @property
    def spent(self) -> float:
        return time.process_time() - self._start

    @property
    def over(self) -> bool:
        return self.spent >= self._seconds

    def __call__(self, data: bytes) -> None:
        self.inputs += 1
        before = time.process_time()
        try:
            self._check(data)
        except Exception as error:
            frames = traceback.extract_tb(error.__traceback__)
            ours = [f for f in frames if "/qa/" in f.filename or "/faults/" in f.filename]
            self._keep(f"{type(error).__name__} at {Path(ours[-1].filename).name}:{ours[-1].lineno}", data)
        if time.process_time() - before > SLOW:
            self._keep(f"more than {SLOW:g} seconds", data)

    def _keep(self, what: str, data: bytes) -> None:
        if what not in self.broken:
            BROKEN.mkdir(parents=True, exist_ok=True)
            path = BROKEN / f"{self._name.replace(' ', '-')}-{hashlib.sha256(data).hexdigest()[:12]}"
            path.write_bytes(data)
            self.broken[what] = path.name
            print(f"{self._name}: {what} ({path})\n{traceback.format_exc()}", file=sys.stderr, flush=True)

    def figures(self, engine: str) -> dict[str, Any]:
        return {
            "target": self._name,
            "engine": engine,
            "inputs": self.inputs,
            "cpu_seconds": round(self.spent, 1),
            "broken": self.broken,
        }


def _with_atheris(name: str, seconds: float) -> None:
    """Never returns: libFuzzer does not."""
    import atheris

    with atheris.instrument_imports(include=["qa"]):
        from faults.fuzz_targets import TARGETS

        target = TARGETS[name]
        seeds = target.seeds()
        for seed in seeds:  # imports the modules that are imported late
            target.check(seed)
    run = _Run(name, target.check, seconds)

    def once(data: bytes) -> None:
        run(data)
        if run.over:
            print(json.dumps(run.figures("atheris")), flush=True)
            os._exit(0)

    corpus = Path(tempfile.mkdtemp(prefix="qa-corpus-"))
    for number, seed in enumerate(seeds):
        (corpus / str(number)).write_bytes(seed)
    BROKEN.mkdir(parents=True, exist_ok=True)
    options = [f"-max_len={MOST}", "-timeout=300", "-rss_limit_mb=6000", "-verbosity=0", f"-artifact_prefix={BROKEN}/"]
    atheris.Setup([sys.argv[0], *options, str(corpus)], once)
    atheris.Fuzz()


def _with_hypothesis(name: str, seconds: float) -> None:
    from faults.fuzz_targets import TARGETS
    from hypothesis import HealthCheck, Phase, given, seed, settings

    target = TARGETS[name]
    run = _Run(name, target.check, seconds)
    strategy = mutated(target.seeds())
    relaxed = settings(
        max_examples=200, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    number = 0
    while not run.over:
        number += 1
        seed(number)(relaxed(given(strategy)(lambda data: None if run.over else run(data))))()
    print(json.dumps(run.figures("hypothesis")), flush=True)


def _one(name: str, seconds: float) -> dict[str, Any]:
    """A target in a process of its own, which what it finds may kill."""
    command = [sys.executable, "-m", "faults.fuzz", "--child", "--only", name, "--minutes", str(seconds / 60)]
    started = time.monotonic()
    BROKEN.mkdir(parents=True, exist_ok=True)
    with (BROKEN / f"{name.replace(' ', '-')}.log").open("wb") as log:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=log, cwd=ROOT, check=False)
    with suppress(ValueError, IndexError):
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found
    what = f"the process ended with code {done.returncode}; its input is in {BROKEN}"
    return {
        "target": name,
        "engine": "",
        "inputs": 0,
        "cpu_seconds": round(time.monotonic() - started),
        "broken": {what: ""},
    }


def _keep(done: dict[str, Any], path: Path) -> None:
    """Put the figures of a target in place of its former ones."""
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    kept = {one["target"]: one for one in [*known, done]}
    path.write_text(json.dumps(list(kept.values()), indent=1) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0, help="of CPU, for each target")
    parser.add_argument("--only", metavar="NAME", action="append", help="this target; may be repeated")
    parser.add_argument("--out", type=Path, help="add the figures to this JSON file")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> int:
    options = _arguments()
    seconds = options.minutes * 60
    if options.child:
        key = BROKEN / "index.key"
        key.write_bytes(b"k" * 32)
        os.environ["QA_INDEX_KEY"] = str(key)
        guided = importlib.util.find_spec("atheris") is not None
        (_with_atheris if guided else _with_hypothesis)(options.only[0], seconds)
        return 0
    from faults.fuzz_targets import TARGETS

    results = []
    for name in options.only or TARGETS:
        results.append(_one(name, seconds))
        done = results[-1]
        broke = "; ".join(done["broken"]) or "nothing broke"
        tried = f"{done['inputs']:,} inputs in {done['cpu_seconds']:.0f} s ({done['engine']})"
        print(f"{name}: {tried}: {broke}", flush=True)
        if options.out:
            _keep(done, options.out)
    return int(any(one["broken"] for one in results))


if __name__ == "__main__":
    sys.exit(main())
