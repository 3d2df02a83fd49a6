"""How well does the support gate do? Caught meaning-changing edits and false alarms, per kind and split.

    python bench/gate_edits.py [--data DIR] [--counts] [--show missed|alarms --split seen|opened [--kind KIND]]

The data (`chunking/corpora/` under `--data`, by default ../shared/bench or QA_BENCH_DATA) stay outside the repository.
Goal, on the unseen items: 95% of the edits caught, at most 5% false alarms. They are not shown
without `--unseal`, so that nobody fits rules to them by accident; those of the opened half were unseen once.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
if str(REPOSITORY / "bench") not in sys.path:
    sys.path.insert(0, str(REPOSITORY / "bench"))

from support_set.build import build  # noqa: E402
from support_set.records import COMPOSED, SPLITS, Pair  # noqa: E402
from support_set.sources import CORPORA  # noqa: E402

__all__ = ["Result", "main", "run", "table"]

CAUGHT_GOAL, ALARM_GOAL = 0.95, 0.05
Verdict = tuple[str, tuple[str, ...]]


@dataclass(frozen=True)
class Result:
    """One pair and what the gate said about it."""

    pair: Pair
    verdict: str
    problems: tuple[str, ...]

    @property
    def right(self) -> bool:
        """Whether an edit is unsupported, and a supported statement is not."""
        return (self.verdict == "unsupported") == (self.pair.label == "unsupported")


def gate(pair: Pair) -> Verdict:
    """The only call of the gate."""
    from qa import gate as support
    from qa.gate.stated import Setting

    quotes = [
        support.SupportQuote(q.text, q.before, q.after, q.title, setting=Setting(q.before, q.text, q.after))
        for q in pair.quotes
    ]
    finding = support.check(pair.statement, quotes, pair.question)
    return finding.verdict, tuple(finding.problems)


def run(pairs: Iterable[Pair], check: Callable[[Pair], Verdict] = gate) -> list[Result]:
    """Every pair through the gate."""
    return [Result(pair, *check(pair)) for pair in pairs]


def _cell(results: Sequence[Result], count_right: bool) -> str:
    if not results:
        return "-"
    hits = sum(result.right == count_right for result in results)
    return f"{hits}/{len(results)} ({100 * hits / len(results):.1f}%)"


def _row(name: str, results: Sequence[Result], count_right: bool) -> str:
    """A row: the name, then for each split all items and the hand-written ones."""
    cells = []
    for split in SPLITS:
        part = [r for r in results if r.pair.split == split]
        cells += [_cell(part, count_right), _cell([r for r in part if r.pair.origin == "hand"], count_right)]
    return f"| {name} | " + " | ".join(cells) + " |"


def composed(results: Sequence[Result]) -> str:
    """Markdown: the same of the composed answers, which have kinds of their own."""
    lines = ["| composed | opened: flagged / total | unseen: flagged / total |", "|---|---|---|"]
    kinds = sorted({(r.pair.label != "unsupported", r.pair.kind) for r in results if r.pair.split in COMPOSED})
    for harmless, kind in kinds:
        cells = (
            _cell([r for r in results if (r.pair.split, r.pair.kind) == (split, kind)], not harmless)
            for split in COMPOSED
        )
        lines.append(f"| {kind} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def table(results: Sequence[Result]) -> str:
    """Markdown: caught / total per kind of edit, false alarms / total per kind of harmless statement."""
    results = [r for r in results if r.pair.split in SPLITS]
    edits = [r for r in results if r.pair.label == "unsupported"]
    originals = [r for r in results if r.pair.kind == "original"]
    harmless = [r for r in results if r.pair.harmless]
    head = (
        "| {} | " + " | ".join(f"{split} | by hand" for split in SPLITS) + " |\n|---" + "|---|---" * len(SPLITS) + "|"
    )
    lines = [head.format("edits caught / total")]
    lines += [_row(k, [r for r in edits if r.pair.kind == k], True) for k in sorted({r.pair.kind for r in edits})]
    lines += [_row("**all edits**", edits, True), "", head.format("false alarms / total")]
    lines += [
        _row(k, [r for r in harmless if r.pair.kind == k], False) for k in sorted({r.pair.kind for r in harmless})
    ]
    lines += [_row("**all harmless paraphrases**", harmless, False), _row("originals", originals, False)]
    return "\n".join(lines)


def confirmed(results: Sequence[Result]) -> str:
    """Markdown: how many statements code alone confirms as supported."""
    lines = ["| confirmed by code | " + " | ".join(SPLITS) + " |", "|---" * (len(SPLITS) + 1) + "|"]
    for name, chosen in (
        ("edits", [r for r in results if r.pair.label == "unsupported"]),
        ("harmless paraphrases", [r for r in results if r.pair.harmless]),
        ("originals", [r for r in results if r.pair.kind == "original"]),
    ):
        parts = [[r.verdict == "supported" for r in chosen if r.pair.split == split] for split in SPLITS]
        lines.append(f"| {name} | " + " | ".join(f"{sum(part)}/{len(part)}" for part in parts) + " |")
    return "\n".join(lines)


def goal(results: Sequence[Result]) -> str:
    """One line: the unseen items against the goal."""
    unseen = [r for r in results if r.pair.split == "unseen"]
    edits = [r for r in unseen if r.pair.label == "unsupported"]
    harmless = [r for r in unseen if r.pair.harmless]
    if not edits or not harmless:
        return "Goal: not measured (no unseen items selected)."
    caught = sum(r.right for r in edits) / len(edits)
    alarms = sum(not r.right for r in harmless) / len(harmless)
    met = "met" if caught >= CAUGHT_GOAL and alarms <= ALARM_GOAL else "not met"
    return f"Goal, unseen (>= 95% caught, <= 5% false alarms): {100 * caught:.1f}%, {100 * alarms:.1f}%: {met}."


def counts(pairs: Sequence[Pair]) -> str:
    """How many items there are, per kind, split and origin; no gate needed."""
    lines = [
        "| kind | label | "
        + " | ".join(f"{split} by hand | {split} generated" for split in (*SPLITS, *COMPOSED))
        + " |",
        "|---|---" + "|---|---" * len((*SPLITS, *COMPOSED)) + "|",
    ]
    for label, kind in sorted({(p.label, p.kind) for p in pairs}):
        cells = [
            str(sum((p.label, p.kind, p.split, p.origin) == (label, kind, split, origin) for p in pairs))
            for split in (*SPLITS, *COMPOSED)
            for origin in ("hand", "generated")
        ]
        lines.append(f"| {kind} | {label} | " + " | ".join(cells) + " |")
    edits = sum(p.label == "unsupported" for p in pairs)
    lines.append(f"\n{edits} edits, {sum(p.harmless for p in pairs)} harmless paraphrases, {len(pairs)} items.")
    return "\n".join(lines)


def show(results: Iterable[Result], what: str) -> str:
    """The items that the gate got wrong: edits it missed, or supported statements it flagged."""
    label = "unsupported" if what == "missed" else "supported"
    parts = []
    for result in results:
        pair = result.pair
        if pair.label == label and not result.right:
            parts.append(f"[{pair.kind}, {pair.split}, {pair.origin}] {pair.quotes[0].doc}:{pair.quotes[0].start}")
            parts += [f"  question   {pair.question}"] if pair.question else []
            parts += [f"  statement  {pair.statement}", f"  base       {pair.base}"]
            parts += [f"  quote      {quote.text}" for quote in pair.quotes]
            parts += [f"  problem    {problem}" for problem in result.problems]
    return "\n".join(parts) or "none"


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    default = os.environ.get("QA_BENCH_DATA") or REPOSITORY.parent / "shared" / "bench"
    parser.add_argument("--data", type=Path, default=Path(default), help="the folder that holds chunking/corpora")
    parser.add_argument("--counts", action="store_true", help="count the items and stop; needs no gate")
    parser.add_argument("--split", choices=(*SPLITS, *COMPOSED), help="only these items")
    parser.add_argument("--kind", help="only this kind, such as `polarity` or `harmless/voice`")
    parser.add_argument("--origin", choices=("hand", "generated"), help="only these items")
    parser.add_argument("--show", choices=("missed", "alarms"), help="print the items that the gate got wrong")
    parser.add_argument("--unseal", action="store_true", help="let --show print items of the unseen items")
    return parser.parse_args(argv)


def _selected(pairs: Iterable[Pair], options: argparse.Namespace) -> list[Pair]:
    wanted = {"split": options.split, "kind": options.kind, "origin": options.origin}
    return [p for p in pairs if all(value in (None, getattr(p, name)) for name, value in wanted.items())]


def main(argv: Sequence[str] | None = None) -> int:
    """The command; 0, or 2 when sealed items are asked for."""
    options = _arguments(argv)
    if options.show and options.split in (None, "unseen", "composed_unseen") and not options.unseal:
        print("--show does not print unseen items: add --split seen or --split opened (or --unseal)", file=sys.stderr)
        return 2
    built = build(options.data)
    if len(built.absent) == len(CORPORA):
        print(f"skipped: no corpora under {options.data}; name their folder with --data or QA_BENCH_DATA")
        return 0
    if built.absent:
        print(f"not found, left out: {', '.join(built.absent)}", file=sys.stderr)
    pairs = _selected(built.pairs, options)
    if options.counts:
        print(counts(pairs))
        return 0
    results = run(pairs)
    print(
        show(results, options.show)
        if options.show
        else f"{table(results)}\n\n{composed(results)}\n\n{confirmed(results)}\n\n{goal(results)}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
