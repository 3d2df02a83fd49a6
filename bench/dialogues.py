"""Dialogues over folders: is a follow-up answered as well as its rewrite by a person?

    python bench/dialogues.py FILE FOLDERS [--half 1] [--show]

FILE: dialogues, apart by an empty line. The first line of each names a folder, every other is a turn: the question,
what a person would have asked in its place (`=`: the same), and words of a right quote, apart by `;` (`-`: the folder
does not say), all between `||`. Lines that begin with `#` are comments. FOLDERS: a workspace for each folder, with its
index. --half: only every other dialogue, from the first or from the second.

Each turn is asked with the history that qa itself made, without any, and as the person would have asked it. It is right
if a quote has the words, or if nothing is quoted where the folder does not say.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from qa.answer.assistant import Assistant
from qa.answer.conversation import Turn
from qa.records import Answer
from qa.retrieve.retriever import Retriever


@dataclass(frozen=True)
class Asked:
    """words: none where the folder does not say."""

    question: str
    rewrite: str
    words: tuple[str, ...]

    def is_right(self, answer: Answer) -> bool:
        """Whether a quote, with its context, has the words, or nothing is quoted where nothing is said."""
        if not self.words or answer.status != "answered":
            return not self.words and answer.status != "answered"
        shown = (" ".join((quote.text, *(c.text for c in quote.context))) for quote in answer.quotes)
        return any(flat(words) in flat(text) for text in shown for words in self.words)


@dataclass(frozen=True)
class Outcome:
    """first: it opens its dialogue."""

    turn: Asked
    first: bool
    history: bool
    alone: bool
    rewrite: bool


def flat(text: str) -> str:
    return " ".join(text.split()).lower()


def load(path: Path) -> list[tuple[str, list[Asked]]]:
    """Each dialogue with its folder."""
    dialogues = []
    for part in path.read_text(encoding="utf-8").split("\n\n"):
        folder, *turns = [line.strip() for line in part.splitlines() if line.strip() and not line.startswith("#")] or [
            ""
        ]
        if turns:
            dialogues.append((folder, [turn(line) for line in turns]))
    return dialogues


def turn(line: str) -> Asked:
    question, rewrite, words = (cell.strip() for cell in line.split("||"))
    right = () if words == "-" else tuple(one.strip() for one in words.split(";"))
    return Asked(question, question if rewrite == "=" else rewrite, right)


def ask(assistant: Assistant, turns: list[Asked], show: bool) -> Iterator[Outcome]:
    """The outcomes of one dialogue."""
    history: list[Turn] = []
    for place, one in enumerate(turns):
        answer = assistant.ask(one.question, history=history)
        alone, rewrite = assistant.ask(one.question), assistant.ask(one.rewrite)
        history.append(Turn.of(answer))
        outcome = Outcome(one, place == 0, *(one.is_right(each) for each in (answer, alone, rewrite)))
        yield outcome
        if show:
            marks = "".join("-+"[right] for right in (outcome.history, outcome.alone, outcome.rewrite))
            quoted = f"{answer.answerability:.2f} {flat(answer.quotes[0].text)[:90] if answer.quotes else '(nothing)'}"
            print(f"{marks} {answer.resolved}\n      {quoted}")


def report(outcomes: list[Outcome]) -> None:
    follow_ups = [one for one in outcomes if not one.first]
    said = [one for one in follow_ups if one.turn.words]
    silent = [one for one in follow_ups if not one.turn.words]
    for name, some in (("all turns", outcomes), ("follow-ups", follow_ups), ("answered", said), ("not said", silent)):
        right = {way: sum(getattr(one, way) for one in some) for way in ("history", "alone", "rewrite")}
        print(f"{name:<11} {len(some):>4}  " + "  ".join(f"{way} {count}" for way, count in right.items()))
    kept = sum(one.history for one in follow_ups) / max(1, sum(one.rewrite for one in follow_ups))
    worse = sum(one.alone and not one.history for one in outcomes)
    print(f"{kept:.1%} of what the human rewrite gets; {worse} of {len(outcomes)} turns worse than alone", end=" ")
    print(f"({worse / max(1, len(outcomes)):.1%})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("folders", type=Path)
    parser.add_argument("--half", type=int, choices=(1, 2))
    parser.add_argument("--show", action="store_true", help="print each turn: right with history, alone, rewritten")
    options = parser.parse_args()
    dialogues = load(options.file)
    chosen = dialogues[options.half - 1 :: 2] if options.half else dialogues
    outcomes: list[Outcome] = []
    for folder in dict.fromkeys(folder for folder, _ in chosen):
        with Retriever.open(options.folders / folder / "index") as retriever:
            assistant = Assistant(retriever)
            for name, turns in chosen:
                if name == folder:
                    outcomes += ask(assistant, turns, options.show)
    report(outcomes)


if __name__ == "__main__":
    main()
