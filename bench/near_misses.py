"""Makes a set for bench/evidence.py out of SQuAD 2.0, whose unanswerable questions were written by people as near
misses.

    python bench/near_misses.py READER.jsonl.gz OUT.jsonl

The first file has a row a question: q, p (the paragraph), label, start, end, src, group. One document an article is
written into the folder beside OUT that has its name; what is made stays outside the repository (CC BY-SA 4.0).
"""

import argparse
import gzip
import json
import random
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

ARTICLES, PARAGRAPHS, QUESTIONS = 26, 11, 8  # at most; questions of each kind an article


def articles(file: Path) -> dict[str, list[dict[str, Any]]]:
    found = defaultdict(list)
    with gzip.open(file, "rt", encoding="utf-8") as rows:
        for line in rows:
            row = json.loads(line)
            if row["src"] == "squad2":
                found[row["group"]].append(row)
    return dict(sorted(found.items())[:ARTICLES])


def article(group: str, rows: list[dict[str, Any]]) -> tuple[str, str, dict[str, int]]:
    """The document's name and text, and where each paragraph begins in it."""
    title = group.partition(":")[2]
    text, starts = f"# {title.replace('_', ' ')}\n\n", {}
    for paragraph in list(dict.fromkeys(row["p"] for row in rows))[:PARAGRAPHS]:
        starts[paragraph] = len(text)
        text += paragraph + "\n\n"
    return re.sub(r"[^\w-]", "_", title) + ".md", text, starts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reader", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    draw = random.Random(13)
    folder = options.out.with_suffix("")
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for group, rows in articles(options.reader).items():
        name, text, starts = article(group, rows)
        (folder / name).write_text(text, encoding="utf-8")
        inside = [row for row in rows if row["p"] in starts]
        answered = [row for row in inside if row["label"] and row["start"] >= 0]
        for chosen in (answered, [row for row in inside if not row["label"]]):
            for row in draw.sample(chosen, min(QUESTIONS, len(chosen))):
                at = starts[row["p"]]
                gold = [[name, at + row["start"], at + row["end"]]] if row["label"] else []
                lines.append(json.dumps({"group": group, "question": row["q"], "gold": gold}))
    options.out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
