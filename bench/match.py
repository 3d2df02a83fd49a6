"""The strict matcher against edits of real sentences: meaning-changing ones must be refused, harmless ones accepted.

    python bench/match.py [--data DIR] [--show N]

Sentences come from the two sample articles and, if the benchmark data are there, from its five corpora. Prints one
line a kind; exit code 1 if a goal is missed.
"""

import argparse
import os
import random
import re
import sys
import time
from collections import Counter
from pathlib import Path

from match_edits import HARMLESS, MEANING, joined, without_a_sentence, words_of

from qa.quotes.match import Folded, find

SEED = 20240611
ROOT = Path(__file__).resolve().parent.parent
SENTENCE = re.compile(r"(?<=[.!?”\n]\s)[“\"]?[A-Z][^\n]{35,320}?[.!?][”\"]?(?=\s)")
BY_HAND = ROOT / "tests" / "data" / "matching" / "changed.tsv"


def corpora(data: Path) -> dict[str, str]:
    """The documents to take sentences from, by name."""
    paths = sorted((ROOT / "seeds").glob("*.txt")) + sorted((data / "chunking" / "corpora").glob("*.md"))
    if len(paths) < 3:
        print(f"bench/match.py: no benchmark data in {data}: only the sample articles are used", file=sys.stderr)
    return {path.name: path.read_bytes().decode("utf-8") for path in paths}


def sentences(text: str, rng: random.Random, most: int) -> list[tuple[int, int]]:
    found = [m.span() for m in SENTENCE.finditer(text) if "<unk>" not in m[0] and "@" not in m[0]]
    return sorted(rng.sample(found, min(most, len(found))))


class Tally:
    """Counts by kind, and the cases that came out wrong."""

    def __init__(self) -> None:
        self.tried: Counter[str] = Counter()
        self.wrong: dict[str, list[tuple[str, str]]] = {}

    def add(self, kind: str, wrong: bool, quote: str, source: str) -> None:
        self.tried[kind] += 1
        if wrong:
            self.wrong.setdefault(kind, []).append((quote, source))

    def print(self, what: str, show: int) -> int:
        bad = sum(map(len, self.wrong.values()))
        for kind, n in self.tried.items():
            print(f"  {kind:40} {n:6} tried {len(self.wrong.get(kind, [])):5} {what}")
            for quote, source in self.wrong.get(kind, [])[:show]:
                print(f"      quote  {quote!r}\n      source {source!r}")
        print(f"  {'all':40} {sum(self.tried.values()):6} tried {bad:5} {what}")
        return bad


def literally(quote: str, text: str) -> bool:
    """Whether the edited quote happens to stand in the text as it is, or with nothing left out at the ellipsis."""
    closed = re.sub(r"\W*(?:\.\.\.|…)\W*", " ", quote)
    if closed != quote and closed.lower() in text.lower():
        return True
    return re.sub(r"\W+$", "", quote) in text and not quote.endswith(("?", "!", "."))


def run(docs: dict[str, str], each: int) -> tuple[Tally, Tally]:
    rng, bad, good = random.Random(SEED), Tally(), Tally()
    for text in docs.values():
        doc, spans = Folded(text), sentences(text, rng, each)
        pool = sorted({m[0] for m in words_of(text) if len(m[0]) > 3})
        for start, end in spans:
            s = text[start:end]
            for kind, edit in MEANING.items():
                for quote in edit(s, rng, pool):
                    if quote not in text and not literally(quote, text):
                        bad.add(kind, bool(find(quote, doc)), quote, s)
            for kind, harmless in HARMLESS.items():
                if (quote := harmless(s, rng)) != s:
                    good.add(kind, not any(start <= m.start < m.end <= end for m in find(quote, doc)), quote, s)
            two = s
            for _, harmless in rng.sample(list(HARMLESS.items())[:9], 3):
                two = harmless(two, rng)
            good.add("three of the above together", not find(two, doc), two, s)
        for quote in joined(text, spans, rng):
            if literally(quote, text):
                continue
            bad.add("pieces of two sentences joined", bool(find(quote, doc)), quote, "")
        for quote, source in without_a_sentence(text, rng, 40):
            good.add("elision of a whole sentence", not find(quote, doc), quote, source)
    for line in BY_HAND.read_text(encoding="utf-8").splitlines()[1:]:
        kind, text, quote = line.split("\t")
        bad.add(f"by hand: {kind}", bool(find(quote, text)), quote, text)
    return bad, good


def speed(docs: dict[str, str]) -> None:
    rng = random.Random(SEED)
    began = time.perf_counter()
    folded = {name: Folded(text) for name, text in docs.items()}
    between = time.perf_counter()
    names = list(docs)
    for _ in range(1000):
        name = rng.choice(names)
        at = rng.randrange(max(1, len(docs[name]) - 120))
        find(docs[name][at : at + 120].partition(" ")[2].rpartition(" ")[0], folded[name])
    done = time.perf_counter()
    size = sum(map(len, docs.values())) / 1e6
    print(f"{size:.2f} M characters folded in {between - began:.2f} s; 1,000 quotes found in {done - between:.2f} s")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = os.environ.get("QA_BENCH_DATA", str(ROOT.parent / "shared" / "bench"))
    parser.add_argument("--data", type=Path, default=Path(default), help="folder with chunking/corpora (QA_BENCH_DATA)")
    parser.add_argument("--each", type=int, default=150, help="sentences a document")
    parser.add_argument("--show", type=int, default=0, help="wrong cases to print, a kind")
    args = parser.parse_args()
    docs = corpora(args.data)
    bad, good = run(docs, args.each)
    print("edits that change the meaning")
    accepted = bad.print("accepted", args.show)
    print("harmless edits")
    refused = good.print("refused", args.show)
    share = 1 - refused / sum(good.tried.values())
    print(
        f"accepted {accepted} of {sum(bad.tried.values())} meaning-changing edits (goal 0), "
        f"{share:.2%} of the harmless (goal 99.5%)"
    )
    speed(docs)
    return int(accepted > 0 or share < 0.995)


if __name__ == "__main__":
    sys.exit(main())
