"""How well does the gate do on pairs that somebody wrote: right and wrong statements about quotes?

    python bench/gate_pairs.py --data FILE [--show]

FILE has JSON lines of {question, quotes: [{title, text}], statement, right, hard, kind}; hard: whether the mistake is
one that code must catch. Only the checks in code are measured here, no judge.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from qa import gate

__all__ = ["main"]


def check(record: Mapping[str, Any]) -> gate.Finding:
    """What the gate finds."""
    quotes = [
        gate.SupportQuote(q["text"], title=q.get("title", ""), context=tuple(q.get("context", ())))
        for q in record["quotes"]
    ]
    return gate.check(record["statement"], quotes, record["question"])


def table(records: Sequence[Mapping[str, Any]], findings: Sequence[gate.Finding]) -> str:
    """Markdown: the verdicts of each class."""
    lines = ["| class | items | supported | unconfirmed | unsupported |", "|---|---|---|---|---|"]
    classes = {
        "wrong, for code to catch": [not r["right"] and r["hard"] for r in records],
        "wrong, for a judge to catch": [not r["right"] and not r["hard"] for r in records],
        "right": [r["right"] for r in records],
    }
    for kind in sorted({r["kind"] for r in records}):
        classes[f"{kind}, right"] = [r["right"] and r["kind"] == kind for r in records]
        classes[f"{kind}, wrong"] = [not r["right"] and r["kind"] == kind for r in records]
    for name, chosen in classes.items():
        counts = Counter(f.verdict for f, c in zip(findings, chosen, strict=True) if c)
        if counts:
            cells = (str(counts[v]) for v in ("supported", "unconfirmed", "unsupported"))
            lines.append(f"| {name} | {sum(chosen)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--show", action="store_true", help="print what code should have done otherwise")
    options = parser.parse_args(argv)
    records = [json.loads(line) for line in options.data.read_text(encoding="utf-8").splitlines() if line]
    started = time.perf_counter()
    findings = [check(record) for record in records]
    spent = 1000 * (time.perf_counter() - started) / max(1, len(records))
    print(f"{table(records, findings)}\n\n{spent:.1f} ms a statement")
    for record, finding in zip(records, findings, strict=True) if options.show else ():
        missed = record["hard"] and not record["right"] and finding.verdict != "unsupported"
        alarm = record["right"] and finding.verdict == "unsupported"
        false = not record["right"] and finding.verdict == "supported"
        if missed or alarm or false:
            print(
                f"\n[{record['kind']}] {record['statement']}", *(f"  > {q['text']}" for q in record["quotes"]), sep="\n"
            )
            print(*finding.problems, *finding.computed, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
