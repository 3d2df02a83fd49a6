"""Makes a set for training/ranker.py and bench/evidence.py out of questions.jsonl and clones of the repositories.

    python training/sets.py CLONES OUT.jsonl

CLONES has a clone of each repository under its name, with `/` as `+` (`curl+curl`). Documents are copied into the
folder beside OUT that has its name; their text stays outside this repository. Questions about repositories that are not
there, or about documents whose text is another by now, are left out and counted.
"""

import argparse
import hashlib
import json
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

from qa.ingest.pipeline import prepare

QUESTIONS = Path(__file__).with_name("questions.jsonl")


def content(clones: Path, row: dict[str, Any]) -> bytes | None:
    """The bytes of a question's document at the commit that it was written for; None if they are not there."""
    repository = clones / row["repository"].replace("/", "+")
    shown = subprocess.run(
        ["git", "-C", str(repository), "show", f"{row['commit']}:{row['path']}"], capture_output=True, check=False
    )
    return None if shown.returncode else shown.stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clones", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    folder, lines, left_out = options.out.with_suffix(""), [], Counter[str]()
    names: dict[tuple[str, str], str | None] = {}
    for row in map(json.loads, QUESTIONS.read_text(encoding="utf-8").splitlines()):
        document = row["repository"], row["path"]
        if document not in names:
            names[document] = copy(content(options.clones, row), row, folder)
        if (name := names[document]) is None:
            left_out[row["repository"]] += 1
            continue
        gold = [[name, start, end] for start, end in (*row["places"], *row["also"])]
        lines.append(json.dumps({"group": row["repository"], "question": row["question"], "gold": gold}))
    options.out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(lines)} questions; left out: {dict(left_out) or 'none'}")


def copy(data: bytes | None, row: dict[str, Any], folder: Path) -> str | None:
    """Where the document was copied to, below the folder; None if it is not there or has another text."""
    if data is None:
        return None
    name = f"{row['repository'].replace('/', '+')}/{row['path'].replace('/', '__')}"
    text = prepare(name, data, {}).document.text
    if hashlib.sha256(text.encode()).hexdigest()[:16] != row["text_sha256"]:
        return None
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return name


if __name__ == "__main__":
    main()
