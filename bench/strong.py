"""Replies of a strong model over folders that nobody wrote rules for: is what it said rightly shown, and the rest not?

    python bench/strong.py [--folder handbook=DIR --folder novel=DIR] [--work DIR] [--errors]
    python bench/strong.py --folder handbook=DIR --record --model NAME --base-url URL

bench/strong/NAME.jsonl has a question a line: its kind, the right answer, and the places that state it (a file and
offsets in the text that `qa show` counts). `--record` asks the model and its second opinion, and adds to each line what
they said: statements with the places they point at, and opinions about a statement and its quotes, whose words are kept
as a hash only. So no text of a folder is in these files, and what the model said can be measured again with another
retrieval, prompt or support check. A place that the new prompt lacks is lost, as it would be for the model; a second
opinion about other quotes than those that were judged is missing, and counted.

`grades` were given by a reader who saw question, right answer and statement: right, half (one part of two), beside
(true but no answer), wrong. The invented folders are always measured; bench/strong/README.md says where the others are.
"""

import argparse
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from qa.answer.assistant import Assistant
from qa.answer.parse import parse
from qa.errors import ChatError
from qa.gate.judge import ChatJudge, Item, Judge, Opinion, Opinions
from qa.llm.chat import OpenAIChat
from qa.llm.protocol import Chat, ChatReply, ChatRequest, Delta, SentencePlace, SharedDeadline
from qa.records import Answer
from qa.retrieve.retriever import Retriever
from qa.trust import packaged_prompt

DATA = Path(__file__).resolve().parent / "strong"
OWN = ("harbour", "clinic")
Line = dict[str, Any]


class RecordingChat:
    """Passes requests on, and keeps the statements of the last reply with the places that they point at."""

    is_local = False

    def __init__(self, chat: Chat) -> None:
        self._chat, self.model = chat, chat.model
        self.said: list[Line] | None = None

    def stream(self, request: ChatRequest) -> Iterator[Delta | ChatReply]:
        for item in self._chat.stream(request):
            if isinstance(item, ChatReply) and request.places:
                self.said = [
                    {"text": claim.text, "places": [list(request.places[name]) for name in claim.ids]}
                    for claim in parse(item.text, list(request.places)).statements
                ]
            yield item


class RecordingJudge:
    """Passes items on, and keeps the opinions."""

    def __init__(self, judge: Judge) -> None:
        self._judge, self.name, self.judges_relevance = judge, judge.name, True
        self.opinions: dict[str, Line] = {}

    def judge(self, items: Sequence[Item], deadline: SharedDeadline | None = None) -> Opinions:
        found = self._judge.judge(items, deadline)
        for item, opinion in zip(items, found.opinions, strict=True):
            if opinion:
                kept = {"stated": opinion.stated, "answers": opinion.answers, "not_stated": opinion.not_stated}
                self.opinions[_key(item)] = kept
        return found


class RecordedChat:
    """Says what was said about a question, in the ids of the prompt that it gets now."""

    model, is_local = "recorded", True

    def __init__(self, lines: Sequence[Line]) -> None:
        self._said = {line["question"]: line.get("said", []) for line in lines}
        self.lost = 0

    def stream(self, request: ChatRequest) -> Iterator[Delta | ChatReply]:
        statements = []
        for one in self._said[request.question]:
            found = [_nearest(place, request.places) for place in one["places"]]
            ids = [name for name in found if name]
            self.lost += len(one["places"]) - len(ids)
            if ids:
                statements.append({"evidence": ids, "text": one["text"]})
        text = json.dumps({"statements": statements})
        yield Delta(text)
        yield ChatReply(text, self.model, "schema")


class RecordedJudge:
    """Gives the opinions that were given about the same statements and quotes."""

    name, judges_relevance = "recorded", True

    def __init__(self, lines: Sequence[Line]) -> None:
        self._opinions = {key: Opinion(**one) for line in lines for key, one in line.get("opinions", {}).items()}
        self.asked = self.missing = 0

    def judge(self, items: Sequence[Item], deadline: SharedDeadline | None = None) -> Opinions:
        found = tuple(self._opinions.get(_key(item)) for item in items)
        self.asked += len(found)
        self.missing += found.count(None)
        return Opinions(found)


def _nearest(place: Sequence[Any], places: Mapping[str, SentencePlace]) -> str:
    """The id of the sentence that shares most characters with a place, at least half of the shorter one; else ""."""
    doc, start, end = place
    shared = {name: min(end, b) - max(start, a) for name, (d, a, b) in places.items() if d == doc}
    name = max(shared, key=lambda each: shared[each], default="")
    return name if name and 2 * shared[name] >= min(end - start, places[name][2] - places[name][1]) else ""


def _key(item: Item) -> str:
    quotes = sorted(" ".join(quote.text.split()) for quote in item.quotes)
    return hashlib.sha256(json.dumps([item.question, item.statement, quotes]).encode()).hexdigest()[:24]


def record(name: str, retriever: Retriever, model: str, url: str) -> None:
    """Ask every question of a folder that has no reply yet."""
    lines = load(name)
    for line in lines:
        if "said" in line:
            continue
        chat = RecordingChat(OpenAIChat(model, url))
        judge = RecordingJudge(ChatJudge(chat, packaged_prompt))
        try:
            Assistant(retriever, chat, judge=judge, final_silence=True).ask(line["question"])
        except ChatError as error:
            print(f"{line['id']}: {error}", file=sys.stderr)
            continue
        line["said"], line["opinions"] = chat.said or [], judge.opinions
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (DATA / f"{name}.jsonl").write_text(text, encoding="utf-8")


def load(name: str) -> list[Line]:
    return [json.loads(line) for line in (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def measure(name: str, retriever: Retriever, judged: bool, errors: bool) -> Counter[str]:
    """Counts of one folder. judged: with the second opinions, or without a judge."""
    lines = [line for line in load(name) if "said" in line]
    chat, judge = RecordedChat(lines), RecordedJudge(lines)
    assistant = Assistant(retriever, chat, judge=judge if judged else None, final_silence=judged)
    counts: Counter[str] = Counter()
    for line in lines:
        answer = assistant.ask(line["question"])
        counts.update(_counts(line, answer))
        if errors and (problem := _problem(line, answer)):
            print(f"{line['id']}  {problem}")
    counts["lost"], counts["judged"], counts["no opinion"] = chat.lost, judge.asked, judge.missing
    return counts


def _counts(line: Line, answer: Answer) -> Counter[str]:
    grades = {one["text"]: grade for one, grade in zip(line["said"], line.get("grades", ()), strict=False)}
    shown = {s.text: s.verdict for s in answer.statements} if answer.mode == "llm" else {}
    counts = Counter({f"asked {line['kind']}": 1, f"{answer.status} {line['kind']}": 1})
    if line["kind"] == "unanswerable":
        return counts
    for text, grade in grades.items():
        good = grade in ("right", "half")
        counts["good statements"] += good
        counts["good unsupported"] += good and text in {s.text for s in answer.rejected if s.verdict == "unsupported"}
        counts["supported"] += shown.get(text) == "supported"
        counts["supported but wrong"] += shown.get(text) == "supported" and grade == "wrong"
    for name, verdicts in (("right", ("supported", "unconfirmed")), ("right supported", ("supported",))):
        parts = [grades.get(text) for text, verdict in shown.items() if verdict in verdicts]
        counts[f"{name} {line['kind']}"] += "right" in parts or parts.count("half") >= 2
    counts[f"said right {line['kind']}"] += "right" in grades.values() or list(grades.values()).count("half") >= 2
    places = [(q.doc_id, q.start, q.end) for q in answer.quotes]
    counts[f"gold quoted {line['kind']}"] += all(
        any(d == gold["file"] and a < gold["end"] and gold["start"] < b for d, a, b in places for gold in part)
        for part in _parts(line)
    )
    return counts


def _parts(line: Line) -> list[list[Line]]:
    numbers = sorted({gold["part"] for gold in line["gold"]})
    return [[gold for gold in line["gold"] if gold["part"] == n] for n in numbers]


def _problem(line: Line, answer: Answer) -> str:
    if line["kind"] == "unanswerable":
        return "" if answer.status == "abstained" else f"answered: {[s.text for s in answer.statements]}"
    rejected = [(s.text, s.verdict, s.problems) for s in answer.rejected]
    if rejected or answer.status != "answered" or answer.mode != "llm":
        return f"{answer.status} {answer.reason or ''}, said {len(line['said'])}, rejected {rejected}"
    return ""


def report(title: str, counts: Counter[str]) -> None:
    def share(part: str, whole: str) -> str:
        return f"{counts[part]} of {counts[whole]}" + (
            f" ({counts[part] / counts[whole]:.3f})" if counts[whole] else ""
        )

    print(title)
    for kind in ("answerable", "two-part"):
        asked = f"asked {kind}"
        print(f"  {kind}: the model was right   {share(f'said right {kind}', asked)}")
        print(f"  {kind}: shown right           {share(f'right {kind}', asked)}")
        print(f"  {kind}: shown right, supported {share(f'right supported {kind}', asked)}")
        print(f"  {kind}: every part quoted     {share(f'gold quoted {kind}', asked)}")
    print(f"  right statements that end as unsupported {share('good unsupported', 'good statements')}")
    print(f"  supported statements that are wrong      {share('supported but wrong', 'supported')}")
    print(f"  unanswerable: refused                    {share('abstained unanswerable', 'asked unanswerable')}")
    print(
        f"  places lost {counts['lost']}, statements judged {counts['judged']}, without opinion {counts['no opinion']}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", action="append", default=[], metavar="NAME=DIR")
    parser.add_argument("--work", type=Path, default=Path("build/strong"), help="where the indexes are kept")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--model", default="")
    parser.add_argument("--base-url", default="")
    parser.add_argument("--errors", action="store_true", help="list what was not shown, and why")
    options = parser.parse_args()
    total: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    folders = {name: DATA / name for name in OWN}
    folders |= {name: Path(folder) for name, _, folder in (one.partition("=") for one in options.folder)}
    for name, folder in folders.items():
        if not folder.is_dir():
            print(f"skipped: {name}: there is no folder {folder}")
            continue
        retriever = Retriever.build(folder, options.work / name / "index")
        if options.record:
            record(name, retriever, options.model, options.base_url)
            continue
        for judged, counts in total.items():
            found = measure(name, retriever, judged, options.errors and judged)
            report(f"{name}, {'with second opinions' if judged else 'without a judge'}", found)
            counts.update(found)
    if not options.record:
        for judged, counts in total.items():
            report(f"all, {'with second opinions' if judged else 'without a judge'}", counts)


if __name__ == "__main__":
    main()
