"""The history of questions, kept for `qa gold suggest` if the setting `history` is on: a line of JSON each."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from qa import files
from qa.cli.console import note
from qa.errors import UsageError
from qa.settings import private_folder

if TYPE_CHECKING:
    from qa.records import Answer
    from qa.settings import Workspace

__all__ = ["questions", "remember"]

NAME = "history.jsonl"


def remember(workspace: "Workspace", answer: "Answer", where: Sequence[str]) -> None:
    """Add a question, as it was understood, and its outcome. A failure is only a notice."""
    line = {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "question": answer.resolved,
        "where": list(where),
        "status": answer.status,
        "mode": answer.mode,
        "answerability": round(answer.answerability, 4),
    }
    try:
        with private_folder(workspace) as folder, folder.append(NAME, private=True) as file:
            file.write(json.dumps(line).encode() + b"\n")
    except OSError as error:
        note(f"the question was not added to the history: {error.filename or workspace.root}: {error.strerror}")


def questions(workspace: "Workspace") -> tuple[list[str], int]:
    """The questions in order; and how many are left out because they had a filter.

    Raises UsageError, with file and line, for a history that is missing or damaged.
    """
    path = workspace.private / NAME
    try:
        lines = files.read(path, files.LARGE, below=workspace.private).splitlines()
    except FileNotFoundError:
        raise UsageError(
            f"there is no history in {path}; to keep one, set history = true in qa.toml or QA_HISTORY=1"
        ) from None
    entries = [_entry(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    return [question for question, filtered in entries if not filtered], sum(filtered for _, filtered in entries)


def _entry(path: Path, number: int, line: bytes) -> tuple[str, bool]:
    try:
        entry = json.loads(line)
        if isinstance(entry["question"], str):
            return entry["question"], bool(entry.get("where"))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
    raise UsageError(f"{path}:{number}: not as qa ask writes it; delete this line")
