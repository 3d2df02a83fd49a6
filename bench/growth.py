"""How the time of qa grows with the size of a folder, and how long its commands take in a new process."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import environments
import texts
from processes import measure

QA = str(Path(sys.executable).with_name("qa"))
CHARACTERS = 650  # of text for each passage wanted; how many there are is counted
LARGE = 5000  # passages from which one build is enough
PLAIN = (
    "import sys; from sentence_transformers import SentenceTransformer; "
    "SentenceTransformer(sys.argv[1], device='cpu').encode(sys.argv[2])"
)
SEEDS = environments.ROOT / "seeds"


def _seconds(command: Sequence[str], cwd: Path, env: Mapping[str, str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, cwd=cwd, env=env, capture_output=True, check=True)
    return time.perf_counter() - started


def commands(rounds: int, workspace: Path, question: str, model: str, env: Mapping[str, str]) -> dict[str, list[float]]:
    """Seconds of new processes over the sample articles: a sentence-transformers script, then commands of qa."""
    shutil.rmtree(workspace, ignore_errors=True)
    shutil.copytree(SEEDS, workspace / "seeds")
    _seconds([QA, "index"], workspace, env)
    show = sorted(path.name for path in SEEDS.glob("*.txt"))[0]
    programs = {
        "loading sentence-transformers, encoding a question": [
            sys.executable,
            "-c",
            PLAIN,
            model,
            question,
        ],
        "`qa ask --quotes`": [QA, "ask", "--quotes", question],
        "`qa search`": [QA, "search", question],
        "`qa show`": [QA, "show", show],
        "`qa status`": [QA, "status"],
        "`qa --help`": [QA, "--help"],
    }
    for program in programs.values():  # not counted: files are read from the disk, modules compiled
        _seconds(program, workspace, env)
    found: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(rounds):
        for name, program in programs.items():
            found[name].append(_seconds(program, workspace, env))
    return found


def passages(
    sizes: Sequence[int], rounds: int, work: Path, data: Path | None, model: str, env: Mapping[str, str]
) -> list[dict[str, Any]]:
    """For each size, in passages: how many there are, seconds of builds, of first answers and of warm questions, bytes.

    A size for which there is too little text is left out, with a line on standard error.
    """
    folder, index, questions = work / "growing", work / "growing-index", work / "questions.json"
    script = str(environments.SCRIPTS / "quoteqa.py")
    points = []
    for size in sizes:
        wanted = size * CHARACTERS
        if (found := texts.copy(data, wanted, folder)) < wanted:
            print(
                f"  {size:,} passages need about {wanted:,} characters, and there are {found:,}: left out",
                file=sys.stderr,
            )
            continue
        builds = []
        for _ in range(1 if size >= LARGE else rounds):
            shutil.rmtree(index, ignore_errors=True)
            builds.append(measure([sys.executable, script, "build", str(folder), str(index), model], work, env))
        asking = [sys.executable, script, "ask", str(index), model, str(questions)]
        asked = [measure(asking, work, env) for _ in range(rounds)]
        one = builds[0]
        print(
            f"  {one.facts['passages']:,} passages: {one.wall:.1f} s, {one.processor:.1f} s of processor time, "
            f"{one.peak / 1e6:,.0f} MB",
            file=sys.stderr,
            flush=True,
        )
        points.append(
            {
                "size": builds[0].facts["passages"],
                "build": [one.wall for one in builds],
                "processor": [one.processor for one in builds],
                "peak": [one.peak for one in builds],
                "first": [one.at["answered"] for one in asked],
                "warm": [sorted(one.facts["seconds"])[len(one.facts["seconds"]) // 2] for one in asked],
            }
        )
    return points


def documents(
    sizes: Sequence[int], rounds: int, work: Path, source: Path, env: Mapping[str, str]
) -> list[dict[str, Any]]:
    """For each number of documents, the seconds of `qa index` where nothing has changed since the last time."""
    points = []
    for size in sizes:
        workspace = work / "documents"
        shutil.rmtree(workspace, ignore_errors=True)
        texts.notes(source, size, workspace / "seeds")
        old = time.time() - 3600  # files that have only just been written are read again
        for path in (workspace / "seeds").iterdir():
            os.utime(path, (old, old))
        built = _seconds([QA, "index"], workspace, env)
        _seconds([QA, "index"], workspace, env)
        again = [_seconds([QA, "index"], workspace, env) for _ in range(rounds)]
        print(f"  {size:,} documents: {built:.1f} s, again {min(again):.2f} s", file=sys.stderr, flush=True)
        points.append({"size": size, "build": [built], "again": again})
    return points
