"""qa gold calibrate: set the limits between answers, uncertainty and silence for your own documents."""

import re
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qa import files as safe_files
from qa import tomltext
from qa.cli.console import note, progress
from qa.cli.gold_check import FilesArgument
from qa.cli.options import JsonOption, NoBuildOption, WorkspaceOptions
from qa.cli.render import WARNING, Output
from qa.errors import SettingError, UsageError
from qa.settings import CONFIG, Workspace
from qa.text import counted
from qa.trust import Snapshot

if TYPE_CHECKING:
    from qa.gold.calibrate import Limits, Share

__all__ = ["calibrate"]

TOO_SMALL = 5  # exit code
ErrorOption = Annotated[
    float,
    typer.Option(
        "--error",
        metavar="PERCENT",
        help="Accept this share of wrong answers, and of right quotes held back, in percent.",
    ),
]
SaveOption = Annotated[bool, typer.Option("--save", help="Write both limits into qa.toml, which ends its trust.")]


def calibrate(
    files: FilesArgument,
    workspace: WorkspaceOptions,
    error: ErrorOption = 10.0,
    save: SaveOption = False,
    no_build: NoBuildOption = False,
    json: JsonOption = False,
) -> int:
    """Set the limits of the zones for your own documents.

    Asks every question of the gold files with quotes only, and finds two limits: `threshold`, from which on at most
    --error of the answers are wrong, and `uncertain`, below which at most --error of the quotes are right. Prints 95%
    intervals. Exits with 5, and saves nothing, if the set is too small or no threshold keeps the error.
    """
    from qa.gold import calibrate as limits_of
    from qa.gold.files import cases as gold_cases
    from qa.gold.run import run

    if not 0 < error < 100:
        raise UsageError(f"--error {error:g}: expected a number between 0 and 100")
    cases = gold_cases.load(*files)
    with workspace.open({"threshold": 0.0, "uncertain": 0.0}) as session:
        with progress() as report:
            session.retriever(build=not no_build, progress=report)
            result, _ = run(cases, session.assistant(), None, lambda n, total: report("questions", n, total))
        points = [point for one in result.results if (point := limits_of.point(one))]
        found = limits_of.calibrate(points, error / 100)
        usable = not found.too_small and found.threshold is not None
        if save and found.threshold is not None and usable:
            _save(session.workspace, {"threshold": found.threshold, "uncertain": found.uncertain})
        elif save:
            note(f"nothing is written into {CONFIG}")
    if json:
        from qa.cli import jsonio

        jsonio.write(_record(found, len(cases), len(points), error), sys.stdout)
    else:
        _print(found, len(cases), len(points), error, save)
    return 0 if usable else TOO_SMALL


def _record(found: "Limits", cases: int, used: int, error: float) -> dict[str, Any]:
    shares = {name: getattr(found, name) for name in ("wrong", "lost", "answered")}
    return {
        "schema": 1,
        "cases": cases,
        "used": used,
        "error": error / 100,
        "threshold": found.threshold,
        "uncertain": found.uncertain,
        **{name: {"hits": s.hits, "total": s.total, "interval": list(s.interval)} for name, s in shares.items()},
        "too_small": found.too_small,
    }


def _print(found: "Limits", cases: int, used: int, error: float, save: bool) -> None:
    output = Output()
    others = "; the others could not be measured or have stale quotes" if used < cases else ""
    output.line(f"{used:,} of {counted(cases, 'question')} used{others}.")
    if found.threshold is None:
        output.line(f"No threshold keeps wrong answers at {error:g}% or below.", WARNING)
    else:
        output.line(f"threshold = {_rounded(found.threshold)}")
        output.line(f"wrong among the answered: {_share(found.wrong)}", first="  ")
        output.line(f"right quotes that are answered: {_share(found.answered)}", first="  ")
    output.line(f"uncertain = {_rounded(found.uncertain)}")
    output.line(f"right quotes below it: {_share(found.lost)}", first="  ")
    if found.too_small:
        output.line(f"This set is too small: {found.too_small}.", WARNING)
    elif save and found.threshold is not None:
        output.line(f"Both are in {CONFIG} now.")
    elif found.threshold is not None:
        output.line(f"Put both lines into {CONFIG}, or run this again with --save.")


def _rounded(limit: float) -> str:
    return f"{limit:.4f}"


def _share(share: "Share") -> str:
    low, high = share.interval
    return f"{share.hits} of {share.total}, {share.value:.0%} [{low:.0%}, {high:.0%}]"


def _sets(text: str, expected: dict[str, Any]) -> bool:
    """Whether this is a qa.toml with exactly these settings."""
    try:
        return tomltext.loads(text) == expected
    except tomltext.TomlError:
        return False


def _save(workspace: Workspace, limits: dict[str, float]) -> None:
    """Replace both settings in qa.toml, or put them at its top; nothing else in it changes. Says if trust ends."""
    path, before = workspace.root / CONFIG, Snapshot.read(workspace)
    trusted = before.is_trusted
    try:
        text = (before.text or b"").decode()
        expected = tomltext.loads(text) | {name: float(_rounded(limit)) for name, limit in limits.items()}
        for name, limit in limits.items():
            line = f"{name} = {_rounded(limit)}"
            text, count = re.subn(rf"(?m)^{name}\s*=.*$", line, text, count=1)
            text = text if count else f"{line}\n{text}"
        if not _sets(text, expected):
            raise SettingError(f"{path} cannot be changed safely by --save. Put the two lines into it yourself.")
        with safe_files.Folder.open(workspace.root) as folder:
            folder.write(CONFIG, text.encode())
    except (OSError, UnicodeDecodeError) as problem:
        raise SettingError(f"{path} cannot be written: {problem}. Put the two lines into it yourself.") from None
    if trusted and not Snapshot.read(workspace).is_trusted:
        note(f"{CONFIG} has changed, so this workspace is no longer trusted. Review it, then run: qa trust")
