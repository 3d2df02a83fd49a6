"""The command line of the scripts in this folder, each of which does the same work with another library.

    python SCRIPT build TEXTS INDEX MODEL       index every .txt file of a folder
    python SCRIPT ask INDEX MODEL QUESTIONS     answer the questions of a JSON list, one by one

They run in environments of their own, so this module needs nothing but Python. Each prints JSON objects, one a line.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

CHARACTERS = 800  # of a passage, at most
BEST = 5  # passages that a question gets
Search = Callable[[str], Sequence[str]]


def read(texts: Path) -> Iterator[tuple[str, str]]:
    """Name and text of each file."""
    for path in sorted(texts.glob("*.txt")):
        yield path.name, path.read_text(encoding="utf-8")


def sliced(text: str) -> list[str]:
    """Passages for libraries that do not split text themselves."""
    return [text[at : at + CHARACTERS] for at in range(0, len(text), CHARACTERS)]


def say(**facts: object) -> None:
    print(json.dumps(facts), flush=True)


def run(build: Callable[[Path, Path, str], int], load: Callable[[Path, str], Search]) -> None:
    """Do what the command line says.

    build: write an index, with a model by its folder, and return the number of passages. load: open an index; what it
    returns gives the best passages for a question.
    """
    action, *arguments = sys.argv[1:]
    if action == "build":
        texts, index, model = arguments
        say(passages=build(Path(texts), Path(index), model))
        return
    index, model, questions = arguments
    search = load(Path(index), model)
    say(event="ready")
    _ask(search, json.loads(Path(questions).read_text(encoding="utf-8")))


def _ask(search: Search, questions: Sequence[str]) -> None:
    found, times = [_holds(search(questions[0]), questions[0])], []
    say(event="answered")
    for question in questions[1:]:
        started = time.perf_counter()
        passages = search(question)
        times.append(time.perf_counter() - started)
        found.append(_holds(passages, question))
    say(seconds=times, found=sum(found), asked=len(found))


def _holds(passages: Sequence[str], question: str) -> bool:
    """Whether one of them has the words of the question, which were taken from the text."""
    return any(question in " ".join(passage.split()) for passage in passages)
