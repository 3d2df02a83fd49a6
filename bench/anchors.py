"""Where do stored quotes stand after an edit of the corpus? Scripted edits whose outcome is known.

    python bench/anchors.py [--data DIR] [--show N]

The quotes are the excerpts of the chunking benchmark, those that occur more than once among them, and sentences of the
sample articles. Every quote is stored as `Anchor.take` does, and once more without the words around it, as in the JSON
of `qa ask`. Prints one line an edit; exit code 1 if a goal is missed.
"""

import argparse
import csv
import json
import os
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from anchor_edits import EDITS, FILLER, Docs, Outcome, Quote, other_copies, plant

from qa.quotes.anchors import Anchor, Corpus, Place, Standing, locate
from qa.quotes.rendered import bare

SEED = 20240612
ROOT = Path(__file__).resolve().parent.parent


def load(data: Path) -> tuple[Docs, list[Quote]]:
    docs = {p.name: p.read_bytes().decode() for p in sorted((ROOT / "seeds").glob("*.txt"))}
    quotes = [
        Quote(doc, *m.span())
        for doc, t in docs.items()
        for m in re.finditer(r"(?<=\n)[“A-Z][^\n]{30,300}?[.”](?=\s)", t)
    ]
    table = data / "chunking" / "questions.csv"
    if not table.exists():
        print(f"bench/anchors.py: no benchmark data in {data}: only the sample articles are used", file=sys.stderr)
        return docs, quotes
    docs |= {p.name: p.read_bytes().decode() for p in sorted((data / "chunking" / "corpora").glob("*.md"))}
    csv.field_size_limit(10**8)
    with table.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            doc = row["corpus_id"] + ".md"
            quotes += [Quote(doc, ref["start_index"], ref["end_index"]) for ref in json.loads(row["references"])]
    return docs, list(dict.fromkeys(quotes))


def digests(docs: Docs) -> dict[str, str]:
    return {doc: digest(text) for doc, text in docs.items()}


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def is_false(found: Standing, outcome: Outcome, words: str) -> bool:
    """A re-anchoring without asking to a place that is not the right one, or `intact` and `moved` for other words."""
    there = outcome.docs[found.place.doc_id][found.place.start : found.place.end] if found.place else ""
    if found.stands and (bare(there.strip()) != bare(words.strip()) if found.style_only else there != words):
        return True
    if not found.unambiguous or found.place is None:
        return False
    want, got, text = outcome.place, found.place, outcome.docs[found.place.doc_id]
    if want is None or want.doc_id != got.doc_id:
        return True
    return bool((text[min(want.start, got.start) : max(want.start, got.start)]).strip())


def near(a: Place | None, b: Place | None) -> bool:
    """Whether an edited passage was found where it is: most of it."""
    if a is None or b is None or a.doc_id != b.doc_id:
        return b is None
    return min(a.end, b.end) - max(a.start, b.start) >= 0.7 * (b.end - b.start)


def is_right(found: Standing, outcome: Outcome) -> bool:
    if found.state not in outcome.states:
        return False
    if found.stands and outcome.place:
        return found.place == outcome.place
    return found.state != "edited" or near(found.place, outcome.place)


def cases(docs: Docs, quotes: list[Quote], each: int) -> Iterator[tuple[str, Anchor, Outcome]]:
    rng = random.Random(SEED)
    repeated = [q for q in quotes if other_copies(docs, q)]
    hashes = digests(docs)
    for name, edit in EDITS.items():
        pool = rng.sample(repeated, len(repeated)) + rng.sample(quotes, len(quotes))
        done = 0
        for k, q in enumerate(rng.sample(pool, len(pool))):
            old, q = plant(docs, q, rng) if "copy removed" in name or "copy edited" in name else (docs, q)
            outcome = edit(old, q, rng)
            if outcome is not None:
                done += 1
                yield name, Anchor.take(q.doc, old[q.doc], q.start, q.end, hashes[q.doc]), outcome
            if done == each or k > 40 * each:
                break


def speed(docs: Docs, quotes: list[Quote]) -> None:
    hashes = digests(docs)
    rng = random.Random(SEED)
    shifted = {doc: FILLER[0] + text for doc, text in docs.items()}
    for what, today in (("unchanged", docs), ("a paragraph added to every document", shifted)):
        anchors = [Anchor.take(q.doc, docs[q.doc], q.start, q.end, hashes[q.doc]) for q in rng.choices(quotes, k=1000)]
        known = digests(today)
        began = time.perf_counter()
        corpus = Corpus(today, known)
        counts = Counter(locate(anchor, corpus).state for anchor in anchors)
        print(f"1,000 quotes in {time.perf_counter() - began:.2f} s, {what}: {dict(counts)}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = os.environ.get("QA_BENCH_DATA", str(ROOT.parent / "shared" / "bench"))
    parser.add_argument("--data", type=Path, default=Path(default), help="folder with chunking/ (QA_BENCH_DATA)")
    parser.add_argument("--each", type=int, default=40, help="cases an edit")
    parser.add_argument("--show", type=int, default=0, help="wrong cases to print, an edit")
    args = parser.parse_args()
    docs, quotes = load(args.data)
    tried, right, false = Counter[str](), Counter[str](), Counter[str]()
    bare_right, shown, sure = Counter[str](), Counter[str](), Counter[str]()
    for name, anchor, outcome in cases(docs, quotes, args.each):
        corpus = Corpus(outcome.docs, digests(outcome.docs))
        found = locate(anchor, corpus)
        bare = locate(replace(anchor, before="", after=""), corpus)
        tried[name] += 1
        right[name] += is_right(found, outcome)
        bare_right[name] += is_right(bare, outcome)
        sure[name] += found.unambiguous
        for kind, standing in (("", found), (" (bare)", bare)):
            wrong = is_false(standing, outcome, anchor.text)
            false[name + kind] += wrong
            if (wrong or (not kind and not is_right(found, outcome))) and shown[name + kind] < args.show:
                shown[name + kind] += 1
                print(f"{name}{kind}: wanted {outcome.states} {outcome.place}\n  {anchor}\n  {standing}")
    print(f"{'edit':34} cases  right  re-anchored  falsely | without context: right  falsely")
    for name, n in tried.items():
        print(
            f"{name:34} {n:5} {right[name]:6} {sure[name]:12} {false[name]:8} |"
            f" {bare_right[name]:22} {false[name + ' (bare)']:8}"
        )
    total = sum(tried.values())
    wrongly = sum(false.values())
    print(
        f"{total} edits: {sum(right.values()) / total:.2%} classified right (goal 99%), without context "
        f"{sum(bare_right.values()) / total:.2%}; false re-anchorings {wrongly} (goal 0)"
    )
    speed(docs, quotes)
    return int(wrongly > 0 or sum(right.values()) / total < 0.99)


if __name__ == "__main__":
    sys.exit(main())
