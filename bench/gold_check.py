"""What has become of gold quotes after an edit of the corpus? Scripted edits whose outcome is known, as in anchors.py.

    python bench/gold_check.py [--data DIR] [--each N] [--show N]

The quotes are the excerpts of the chunking benchmark, those that occur more than once among them, and sentences of the
sample articles, written as gold quotes: with the words around them, as `qa gold suggest` writes them, and once more
with such words only where the quote would be ambiguous without, as people write them. Prints one line an edit; exit
code 1 if a goal is missed.
"""

import argparse
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from anchor_edits import EDITS, FILLER, Docs, Outcome, Quote, other_copies, plant
from anchors import ROOT, SEED, load, near

from qa.gold.files.cases import Case, GoldQuote, locate
from qa.gold.files.check import Checked, anchored, check
from qa.gold.files.sources import Sources, squeeze
from qa.quotes.anchors import Place
from qa.quotes.rendered import bare


def written(docs: Docs, q: Quote) -> tuple[GoldQuote, GoldQuote] | None:
    """The gold quote with the words around it, and with as few as it needs; None if nothing makes it unique."""
    sources, place = Sources(docs), trimmed(Place(q.doc, q.start, q.end), docs)
    assert place is not None
    bare = GoldQuote(q.doc, squeeze(docs[q.doc][q.start : q.end]))
    full = anchored(bare, place, sources)
    if sources.standing(full).state != "intact":
        return None
    return full, bare if sources.standing(bare).state == "intact" else full


def checked(quote: GoldQuote, docs: Docs) -> Checked:
    return check([Case("x", "x", "?", "answer", quotes=(quote,))], Sources(docs))[0]


def right_states(outcome: Outcome, quote: GoldQuote) -> tuple[str, ...]:
    """Gold quotes hold no offsets and their white space does not count, so what is moved for others may be intact."""
    home = locate(quote, outcome.docs.get(quote.source, ""))
    if home == "ambiguous":
        return ("duplicated",)
    if home != "absent" and trimmed(outcome.place, outcome.docs) == Place(quote.source, home.start, home.end):
        return ("intact",)
    other = ("intact",) if home == "absent" and "intact" in outcome.states else ()  # in another typography
    return (*("moved" if state == "intact" else state for state in outcome.states), *other)


def is_right(found: Checked, outcome: Outcome, quote: GoldQuote) -> bool:
    standing = found.standing
    if standing.state not in right_states(outcome, quote):
        return False
    if standing.stands and outcome.place:
        return trimmed(standing.place, outcome.docs) == trimmed(outcome.place, outcome.docs)
    return standing.state != "edited" or near(standing.place, outcome.place)


def is_false(found: Checked, outcome: Outcome, quote: GoldQuote) -> bool:
    """Whether the file would name a place that is not the right one, or other words are said to stand."""
    standing = found.standing
    if standing.stands and standing.place:
        there = outcome.docs[standing.place.doc_id][standing.place.start : standing.place.end]
        if bare(squeeze(there)) != bare(quote.text) if standing.style_only else squeeze(there) != quote.text:
            return True
    return found.mended is not None and trimmed(standing.place, outcome.docs) != trimmed(outcome.place, outcome.docs)


def trimmed(place: Place | None, docs: Docs) -> Place | None:
    """Without white space at the ends."""
    if place is None:
        return None
    text = docs[place.doc_id][place.start : place.end]
    return Place(place.doc_id, place.start + len(text) - len(text.lstrip()), place.end - len(text) + len(text.rstrip()))


def scripted(docs: Docs, quotes: list[Quote], each: int) -> Iterator[tuple[str, GoldQuote, GoldQuote, Outcome]]:
    rng = random.Random(SEED)
    repeated = [q for q in quotes if other_copies(docs, q)]
    for name, edit in EDITS.items():
        pool = rng.sample(repeated, len(repeated)) + rng.sample(quotes, len(quotes))
        done = 0
        for k, q in enumerate(rng.sample(pool, len(pool))):
            if done == each or k > 40 * each:
                break
            old, q = plant(docs, q, rng) if "copy removed" in name or "copy edited" in name else (docs, q)
            outcome = edit(old, q, rng)
            both = written(old, q) if outcome else None
            if outcome and both:
                done += 1
                yield name, *both, outcome


def speed(docs: Docs, quotes: list[Quote]) -> None:
    rng = random.Random(SEED)
    cases: list[Case] = []
    for n, q in enumerate(rng.choices(quotes, k=3000)):
        both = written(docs, q) if len(cases) < 1000 else None
        if both:
            cases.append(Case(f"c{n}", f"c{n}", "?", "answer", quotes=(both[n % 2],)))
    renamed = {f"archive/{doc}": FILLER[0] + text for doc, text in docs.items()}
    for what, today in (("unchanged", docs), ("every document renamed and longer", renamed)):
        began = time.perf_counter()
        counts = Counter(found.standing.state for found in check(cases, Sources(today)))
        print(f"{len(cases):,} quotes in {time.perf_counter() - began:.2f} s, {what}: {dict(counts)}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = os.environ.get("QA_BENCH_DATA", str(ROOT.parent / "shared" / "bench"))
    parser.add_argument("--data", type=Path, default=Path(default), help="folder with chunking/ (QA_BENCH_DATA)")
    parser.add_argument("--each", type=int, default=20, help="cases an edit")
    parser.add_argument("--show", type=int, default=0, help="wrong cases to print, an edit")
    args = parser.parse_args()
    docs, quotes = load(args.data)
    names = ("words around it", "as few as needed")
    tried, right, mended, false, shown = (Counter[tuple[str, str]]() for _ in range(5))
    for name, full, few, outcome in scripted(docs, quotes, args.each):
        for kind, quote in zip(names, (full, few), strict=True):
            found = checked(quote, outcome.docs)
            ok, wrong = is_right(found, outcome, quote), is_false(found, outcome, quote)
            key = (name, kind)
            tried[key] += 1
            right[key] += ok
            mended[key] += found.mended is not None
            false[key] += wrong
            if (wrong or not ok) and shown[key] < args.show:
                shown[key] += 1
                print(f"{key}: wanted {right_states(outcome, quote)} {outcome.place}\n  {quote}\n  {found.standing}")
    print(f"{'edit':34} cases | with the words around it: right fixed falsely | as few as needed: right fixed falsely")
    for name in EDITS:
        a, b = ((right[name, kind], mended[name, kind], false[name, kind]) for kind in names)
        n = tried[name, names[0]]
        print(f"{name:34} {n:5} | {a[0]:31} {a[1]:5} {a[2]:7} | {b[0]:23} {b[1]:5} {b[2]:7}")
    total = sum(tried.values()) // 2
    shares = [sum(right[name, kind] for name in EDITS) / total for kind in names]
    wrongly = sum(false.values())
    print(
        f"{total} edits: {shares[0]:.2%} classified right (goal 99%), with as few words as needed {shares[1]:.2%}; "
        f"false re-anchorings {wrongly} (goal 0)"
    )
    speed(docs, quotes)
    return int(wrongly > 0 or shares[0] < 0.99)


if __name__ == "__main__":
    sys.exit(main())
