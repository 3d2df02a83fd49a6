"""Follow-ups of MTRAG and MTRAG-UN: is the passage quoted that a person chose, and are the others refused?

    git clone https://github.com/IBM/mt-rag-benchmark FOLDER
    python bench/mtrag.py [FOLDER] [--sample 100] [--seed 0] [--work DIR] [--show]

FOLDER: a checkout of the benchmark (Apache-2.0), build/mt-rag-benchmark unless named. Without one, nothing is measured.

MTRAG-UN has one turn of each conversation with its passages, and no rewrites. Of MTRAG, the conversations whose
passages are in the repository are used, with the rewrites that the benchmark has for its answerable turns. --sample: so
many turns of each set with earlier turns, chosen by the seed; 0 for all of them. One index for each set has the
passages of their conversations.

Each turn is asked with the history that qa makes itself from the questions before it, without any, and as its rewrite.
An answerable turn is right if a quote is in one of its passages, wrong if all quotes are elsewhere, and refused if
nothing is quoted. Of an unanswerable one, a refusal is right.
"""

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common import ROOT, index
from dialogues import flat

from qa.answer.assistant import Assistant
from qa.answer.conversation import Turn
from qa.records import Answer

UN = Path("mtragun-human/generation_tasks/reference.jsonl")
MTRAG = Path("mtrag-human/evaluations/reference_subset_with_human_evaluations.json")
REWRITES = "mtrag-human/retrieval_tasks/*/*_rewrite.jsonl"
WAYS = ("history", "alone", "rewrite")
ANSWERABLE = ("ANSWERABLE", "PARTIAL")
KINDS = {"answerable": ANSWERABLE, "unanswerable": ("UNANSWERABLE",), "underspecified": ("UNDERSPECIFIED",)}


@dataclass(frozen=True)
class Task:
    """A turn. questions: those of the user, the last one is asked. passages: texts that answer it, none if nothing
    does. rewrite: empty if there is none.
    """

    conversation: str
    kind: str
    questions: tuple[str, ...]
    passages: tuple[str, ...]
    rewrite: str = ""

    def outcome(self, answer: Answer) -> str:
        """right, wrong or refused."""
        if answer.status != "answered":
            return "refused"
        quoted = [flat(quote.text) for quote in answer.quotes]
        return "right" if any(text in flat(passage) for text in quoted for passage in self.passages) else "wrong"


def unanswerable_tasks(folder: Path) -> list[Task]:
    """MTRAG-UN."""
    lines = (folder / UN).read_text(encoding="utf-8").splitlines()
    return [task(json.loads(line), "answerability") for line in lines]


def rewritten_tasks(folder: Path) -> list[Task]:
    """MTRAG."""
    data = json.loads((folder / MTRAG).read_text(encoding="utf-8"))
    texts = {document["document_id"]: document["text"] for document in data["documents"]}
    rewrites = {}
    for path in sorted(folder.glob(REWRITES)):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            rewrites[row["_id"]] = row["text"].removeprefix("|user|:").strip()
    return [task(row, "Answerability", texts, rewrites.get(row["task_id"], "")) for row in data["tasks"]]


def task(row: dict[str, Any], kind: str, texts: dict[str, str] | None = None, rewrite: str = "") -> Task:
    """kind: the name of its field. texts: of the passages, where the row has only their names."""
    return Task(
        row["task_id"].partition("<")[0],
        row[kind][0],
        tuple(turn["text"] for turn in row["input"] if turn["speaker"] == "user"),
        tuple(texts[one["document_id"]] if texts else one["text"] for one in row["contexts"]),
        rewrite,
    )


def sample(tasks: Sequence[Task], count: int, seed: int) -> list[Task]:
    """That many tasks with earlier turns, as they come in the file; all of them for 0."""
    follow_ups = [one for one in tasks if len(one.questions) > 1]
    if not count or count >= len(follow_ups):
        return follow_ups
    chosen = set(random.Random(seed).sample(range(len(follow_ups)), count))
    return [one for n, one in enumerate(follow_ups) if n in chosen]


def ask(name: str, tasks: Sequence[Task], chosen: Sequence[Task], work: Path) -> Iterator[tuple[Task, dict[str, str]]]:
    """Each chosen task with its outcomes, over the passages of all turns of the chosen conversations."""
    conversations = {one.conversation for one in chosen}
    passages = dict.fromkeys(text for one in tasks if one.conversation in conversations for text in one.passages)
    files = [(f"{n:04}.txt", text.encode()) for n, text in enumerate(passages)]
    with index(name.lower(), files, work) as retriever:
        assistant = Assistant(retriever)
        known: dict[tuple[str, ...], Answer] = {}
        for one in chosen:
            yield one, outcomes(assistant, one, known)


def outcomes(assistant: Assistant, one: Task, known: dict[tuple[str, ...], Answer]) -> dict[str, str]:
    """known: answers to the questions that end a conversation; each is asked once."""
    history: list[Turn] = []
    for n, question in enumerate(one.questions, 1):
        if one.questions[:n] not in known:
            known[one.questions[:n]] = assistant.ask(question, history=history)
        history.append(Turn.of(known[one.questions[:n]]))
    found = {"history": known[one.questions], "alone": assistant.ask(one.questions[-1])}
    if one.rewrite:
        found["rewrite"] = assistant.ask(one.rewrite)
    return {way: one.outcome(answer) for way, answer in found.items()}


def report(name: str, found: Sequence[tuple[Task, dict[str, str]]]) -> None:
    print(f"\n{name}: {len(found)} follow-ups, of them right / wrong / refused")
    for kind, names in KINDS.items():
        some = [(one, each) for one, each in found if one.kind in names]
        if some:
            print(f"{kind:<15} {len(some):>4}  {table([each for _, each in some])}")
    answerable = [each for one, each in found if one.kind in ANSWERABLE]
    pairs = [each for each in answerable if "rewrite" in each]
    rewritten = sum(each["rewrite"] == "right" for each in pairs)
    if rewritten:
        with_history = sum(each["history"] == "right" for each in pairs)
        print(f"{with_history / rewritten:.1%} of what the rewrite gets, over {len(pairs)} turns")
    right = [is_right(one, each) for one, each in found]
    worse, better = (sum(pair == change for pair in right) for change in ((False, True), (True, False)))
    print(f"against the question alone: {better} better, {worse} worse of {len(found)} ({worse / len(found):.1%})")


def is_right(one: Task, each: dict[str, str]) -> tuple[bool, bool]:
    """With history, and alone."""
    wanted = "right" if one.kind in ANSWERABLE else "refused"
    return each["history"] == wanted, each["alone"] == wanted


def table(rows: Sequence[dict[str, str]]) -> str:
    counts = {way: Counter(each[way] for each in rows if way in each) for way in WAYS}
    return "  ".join(
        f"{way} {' / '.join(str(counts[way][one]) for one in ('right', 'wrong', 'refused'))}"
        for way in WAYS
        if counts[way]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "build" / "mt-rag-benchmark")
    parser.add_argument("--sample", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "bench", help="where the indexes are kept")
    parser.add_argument("--show", action="store_true", help="print each turn and what became of it")
    options = parser.parse_args()
    for name, load, file in (("MTRAG-UN", unanswerable_tasks, UN), ("MTRAG", rewritten_tasks, MTRAG)):
        if not (options.folder / file).is_file():
            print(f"skipped {name}: {options.folder / file} is missing; clone https://github.com/IBM/mt-rag-benchmark")
            continue
        tasks = load(options.folder)
        found = []
        for one, each in ask(name.lower(), tasks, sample(tasks, options.sample, options.seed), options.work):
            found.append((one, each))
            if options.show:
                print(one.kind[:8].lower(), each, one.questions[-1][:80], sep="  ", flush=True)
        report(name, found)


if __name__ == "__main__":
    main()
