"""Quotes without a model, on your own questions over your own folders: what is found, what is quoted, what is refused.

    python bench/quotes.py QUESTIONS.tsv --folders DIR --work DIR [--errors]

A line of the file is a question: the folder in DIR, a kind (one letter), the question, and for each of its parts a
regular expression that the right quote matches, over its text and its context with white space folded. A line without
one is a near miss: the folder does not say. `--errors` lists what came out wrong, by kind.
"""

import argparse
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from common import mean

from qa.answer.assistant import Assistant
from qa.gold.calibrate import Share
from qa.index.protocol import Index
from qa.records import Answer, Context, Hit, Quote, Sentence
from qa.retrieve import rank
from qa.retrieve.retriever import Retriever

PASSAGES = (1, 5, 10)


@dataclass(frozen=True)
class Question:
    """patterns: one a part; none for a near miss."""

    folder: str
    kind: str
    text: str
    patterns: tuple[re.Pattern[str], ...]


@dataclass(frozen=True)
class Outcome:
    """found: for each of `PASSAGES` whether every part is among so many. read: whether every part is among the
    sentences that are read closely. first: whether the first quote is right, whatever the status; parts: how many parts
    the quotes of the answer hold; near: whether the first closest quote is right.
    """

    asked: Question
    answer: Answer
    found: tuple[bool, ...]
    read: bool
    first: bool
    parts: int
    near: bool

    @property
    def zone(self) -> str:
        return "answered" if self.answer.status == "answered" else self.answer.reason or ""


def questions(path: Path) -> list[Question]:
    lines = [line.rstrip("\n").split("\t") for line in path.open(encoding="utf-8") if line.strip()]
    return [Question(f[0], f[1], f[2], tuple(map(re.compile, f[3:]))) for f in lines]


def holds(pattern: re.Pattern[str], text: str, context: Sequence[Context]) -> bool:
    return bool(pattern.search(" ".join(" ".join([*(c.text for c in context), text]).split())))


def ask(retriever: Retriever, asked: Question) -> Outcome:
    hits, evidence = retriever.retrieve(asked.text, PASSAGES[-1])
    answer = Assistant(retriever).ask(asked.text)

    def in_hit(hit: Hit, pattern: re.Pattern[str]) -> bool:
        sentences = retriever.sentences(hit.passage.doc_id, hit.passage.first_sentence, hit.passage.last_sentence)
        return any(holds(pattern, retriever.text(s), retriever.context(s)) for s in sentences)

    def right(quotes: Sequence[Quote]) -> int:
        return sum(any(holds(p, q.text, q.context) for q in quotes) for p in asked.patterns)

    found = tuple(all(any(in_hit(hit, p) for hit in hits[:k]) for p in asked.patterns) for k in PASSAGES)
    first, near = (right(quotes[:1]) > 0 for quotes in (evidence.quotes, answer.closest))
    return Outcome(asked, answer, found, is_read(retriever._index, retriever, asked), first, right(answer.quotes), near)


def is_read(index: Index, retriever: Retriever, asked: Question) -> bool:
    vector = retriever.encoder.encode([asked.text], "query")[0]
    found = index.candidates(asked.text, vector, rank.CANDIDATES)
    rows = found.sentences
    chosen = rank.candidates(rows, rank.passage_scores(found.passages, rows)).tolist()
    pieces = [
        (rows.text[n], index.context(Sentence(index.documents[rows.doc[n]].id, 0, *places(rows, n)))) for n in chosen
    ]
    return all(any(holds(p, text, context) for text, context in pieces) for p in asked.patterns)


def places(rows: rank.SentenceRows, n: int) -> tuple[int, int, int]:
    return int(rows.start[n]), int(rows.end[n]), int(rows.block[n])


def shown(hits: int, total: int) -> str:
    share = Share(hits, total)
    low, high = share.interval
    return f"{hits} of {total} = {share.value:.2f} [{low:.2f}, {high:.2f}]"


def report(outcomes: Sequence[Outcome]) -> None:
    asked = [o for o in outcomes if o.asked.patterns]
    near = [o for o in outcomes if not o.asked.patterns]
    several = [o for o in asked if len(o.asked.patterns) > 1]

    def line(name: str, hits: int, total: int) -> None:
        print(f"{name:58} {shown(hits, total)}")

    for place, k in enumerate(PASSAGES):
        line(f"all parts in the first {k} passages", sum(o.found[place] for o in asked), len(asked))
    line("all parts among the sentences read closely", sum(o.read for o in asked), len(asked))
    line("first quote right, whatever the status", sum(o.first for o in asked), len(asked))
    line("answered, all parts right", sum(o.parts == len(o.asked.patterns) for o in asked), len(asked))
    line("answered, some part right", sum(o.parts > 0 for o in asked), len(asked))
    silent = [o for o in asked if o.zone == "not_in_sources" or (o.zone == "uncertain" and not o.near)]
    line("silent without a right closest quote", len(silent), len(asked))
    line("two parts: both quoted", sum(o.parts == len(o.asked.patterns) for o in several), len(several))
    line("near misses not answered", sum(o.zone != "answered" for o in near), len(near))
    print(f"quotes an answer: {mean(len(o.answer.quotes) for o in outcomes if o.zone == 'answered'):.2f}")
    promises(outcomes)
    for kind in sorted({o.asked.kind for o in asked}):
        of = [o for o in asked if o.asked.kind == kind]
        line(f"  kind {kind}: right", sum(o.parts == len(o.asked.patterns) for o in of), len(of))


def promises(outcomes: Sequence[Outcome]) -> None:
    """What `qa.retrieve.zones.PROMISES` states."""
    zones = {zone: [o for o in outcomes if o.zone == zone] for zone in ("answered", "uncertain", "not_in_sources")}
    print(f"answered: right {shown(sum(o.parts > 0 for o in zones['answered']), len(zones['answered']))}")
    print(f"uncertain: closest quote right {shown(sum(o.near for o in zones['uncertain']), len(zones['uncertain']))}")
    none = zones["not_in_sources"]
    print(f"not in sources: the sources do not say {shown(sum(not o.asked.patterns for o in none), len(none))}")


def errors(outcomes: Sequence[Outcome]) -> None:
    for o in outcomes:
        wrong = o.parts < len(o.asked.patterns) if o.asked.patterns else o.zone == "answered"
        if wrong:
            best = (o.answer.quotes or o.answer.closest)[:1]
            text = " ".join(best[0].text.split())[:100] if best else ""
            marks = f"{'found ' if o.found[-1] else ''}{'read ' if o.read else ''}{'first' if o.first else ''}"
            print(f"{o.asked.kind} {o.zone:14} {o.answer.answerability:.2f} [{marks}] {o.asked.text} | {text}")
    print(Counter(f"{o.asked.kind} {o.zone}" for o in outcomes))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--folders", type=Path, required=True, help="where the folders are that the file names")
    parser.add_argument("--work", type=Path, required=True, help="where their indexes are kept")
    parser.add_argument("--errors", action="store_true")
    options = parser.parse_args()
    asked = questions(options.questions)
    outcomes = []
    for folder in dict.fromkeys(question.folder for question in asked):
        with Retriever.build(options.folders / folder, options.work / folder / "index") as retriever:
            outcomes += [ask(retriever, question) for question in asked if question.folder == folder]
    report(outcomes)
    if options.errors:
        errors(outcomes)


if __name__ == "__main__":
    main()
