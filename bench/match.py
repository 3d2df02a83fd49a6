"""The strict matcher against edits of real sentences: meaning-changing ones must be refused, harmless ones accepted.

    python bench/match.py [--data DIR] [--show N]

Sentences come from the two sample articles and, if the benchmark data are there, from its five corpora. The word lists
below were written without those of the matcher. Prints one line a kind; exit code 1 if a goal is missed.
"""

import argparse
import os
import random
import re
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from qa.answer.match import Folded, find

SEED = 20240611
ROOT = Path(__file__).resolve().parent.parent
SENTENCE = re.compile(r"(?<=[.!?”\n]\s)[“\"]?[A-Z][^\n]{35,320}?[.!?][”\"]?(?=\s)")
RISKY = set(
    "not no never nothing none without neither nor may might could would should must can cannot if unless whether when until only "
    "except but however although despite while because said says told claims claimed believes according reportedly allegedly "
    "perhaps probably likely unlikely possibly hardly almost nearly some few many most all every any each than less more "
    "planned plans wants refused failed denied declined tried expects expected will shall".split()
)
SWAPS = {
    "may": "will", "could": "can", "would": "did", "should": "does", "might": "must", "will": "may", "can": "cannot", "not": "now",
    "no": "the", "never": "always", "more": "less", "less": "more", "all": "some", "some": "all", "before": "after", "after": "before",
    "increase": "decrease", "increased": "decreased", "first": "last", "and": "or", "or": "and", "over": "under", "is": "isn’t",
    "was": "wasn't", "are": "aren't", "has": "had", "million": "billion", "billion": "million", "against": "for", "up": "down",
    "allowed": "refused", "with": "without", "high": "low", "he": "she", "his": "her", "they": "we", "today": "yesterday",
}  # fmt: skip
CASED = [  # (text, quote): the same letters, another word
    ("The allies will help US troops in May.", "help us troops in May"), ("They asked us to leave.", "They asked US to leave."),
    ("In May it rained.", "In may it rained."), ("It may rain in March.", "It May rain in March."),
    ("May was warm that year.", "may was warm that year"), ("Polish plates were sold.", "polish plates were sold"),
    ("We polish silver at home.", "We Polish silver at home."), ("The drug treats AIDS well.", "The drug treats aids well."),
    ("The law aids patients here.", "The law AIDS patients here."), ("Turkey is on the table.", "turkey is on the table"),
    ("The WHO met the envoys.", "The who met the envoys."), ("People who met the envoys left.", "People WHO met the envoys left."),
    ("A march through the city began.", "A March through the city began."), ("March through the city began.", "march through the city began."),
    ("He keeps china in a box.", "He keeps China in a box."), ("IT firms hired again.", "it firms hired again."),
    ("She will job for a month.", "She will Job for a month."), ("The Conservative leader left.", "conservative leader left"),
    ("The White House spoke.", "The white house spoke."), ("Apple fell by half.", "apple fell by half."),
    ("HELP FOR US TROOPS ARRIVES", "Help for us troops arrives"), ("BIDEN MAY VISIT KYIV", "Biden May visit Kyiv"),
    ("AIDS WORKERS STRIKE AGAIN", "Aids workers strike again"), ("Mark the paper now.", "He said: mark the paper now."),
]  # fmt: skip
NUMBERED = [
    ("It fell to -5 degrees.", "It fell to 5 degrees."), ("It fell to −5 degrees.", "It fell to 5 degrees."), ("It cost 1.5 euros.", "It cost 15 euros."),
    ("It cost 1.5 euros.", "5 euros"), ("It rose 5% in May.", "It rose 5 in May."), ("It rose 5% in May.", "It rose 5"), ("It rose 5 percent.", "It rose 5."),
    ("It cost $5 million then.", "It cost $5"), ("It cost $500 then.", "500 then"), ("It cost $500 then.", "It cost €500 then."), ("From 10-20 people came.", "20 people came"),
    ("It grew 1,000 feet.", "It grew 1000,0 feet."), ("It grew 1,500 feet.", "It grew 1.500 feet."), ("It grew 15,00 feet.", "It grew 1500 feet."),
    ("It ran 5' long.", 'It ran 5" long.'), ("A 5-3 win.", "A 5 - 3 win."), ("Room 10,100 and up.", "100 and up"), ("It was 10² units.", "It was 102 units."),
    ("It was 3/4 full.", "4 full"), ("It is 5:30 now.", "30 now"), ("It was ~5 units.", "5 units"), ("It was > 5.", "It was < 5."), ("He ran 5 km there.", "He ran 5"),
    ("He ran 5 km there.", "He ran 5 m there."), ("+5 points.", "5 points"), ("It was 5°C.", "It was 5C."), ("The 2nd plan.", "The 2 plan."), ("COVID-19 cases rose.", "19 cases rose"),
]  # fmt: skip
EDGES = [
    ("They were unable to go.", "able to go"), ("A non-nuclear power.", "nuclear power"), ("He can't go.", "He can"), ("Is it over?", "Is it over."), ("It is over.", "It is over?"),
    ("It is over?", "It is over"), ("It is over.", "It is over!"), ("He said “we can” win.", "He said “we can win”."), ("He said we can win.", "He said “we can win.”"),
    ("“We can,” he said.", "“We can, he said.”"), ("He re-signed it.", "He resigned it."), ("He resigned it.", "He re-signed it."), ("Eats, shoots, and leaves.", "Eats shoots and leaves."),
    ("The anti-war march.", "war march"), ("A man-eating shark.", "A man eating shark."), ("The city fell, rebels said.", "The city fell."), ("It is legal if it is signed.", "It is legal."),
    ("The deal stands unless he leaves.", "The deal stands."), ("It worked, but not for long.", "It worked."), ("His ex-wife came.", "wife came"), ("A and/or B holds.", "or B holds"),
    ("It is over; not so.", "It is over."), ("The well-known author.", "known author"), ("The so-called truce held.", "called truce held"), ("She can go, he claimed.", "She can go."),
]  # fmt: skip


def corpora(data: Path) -> dict[str, str]:
    """The documents to take sentences from, by name."""
    paths = sorted((ROOT / "seeds").glob("*.txt")) + sorted((data / "chunking" / "corpora").glob("*.md"))
    if len(paths) < 3:
        print(f"bench/match.py: no benchmark data in {data}: only the sample articles are used", file=sys.stderr)
    return {path.name: path.read_bytes().decode("utf-8") for path in paths}


def sentences(text: str, rng: random.Random, most: int) -> list[tuple[int, int]]:
    found = [m.span() for m in SENTENCE.finditer(text) if "<unk>" not in m[0] and "@" not in m[0]]
    return sorted(rng.sample(found, min(most, len(found))))


# --- edits that change the meaning: each yields quotes that the text does not support ---------------------------------


def words_of(sentence: str) -> list[re.Match[str]]:
    return list(re.finditer(r"[A-Za-z’']+", sentence))


def swap_word(s: str, rng: random.Random, pool: list[str]) -> Iterator[str]:
    for m in rng.sample(words_of(s), min(2, len(words_of(s)))):
        new = rng.choice(pool)
        if new.lower() != m[0].lower():
            yield s[: m.start()] + new + s[m.end() :]


def swap_known(s: str, rng: random.Random, pool: list[str]) -> Iterator[str]:
    for m in words_of(s):
        if m[0] in SWAPS:
            yield s[: m.start()] + SWAPS[m[0]] + s[m.end() :]


def insert_not(s: str, rng: random.Random, pool: list[str]) -> Iterator[str]:
    for m in re.finditer(r"\b(is|was|are|were|has|have|will|can|could|did)\b", s):
        yield s[: m.end()] + " not" + s[m.end() :]


def drop_word(s: str, rng: random.Random, pool: list[str]) -> Iterator[str]:
    words = words_of(s)[1:-1]
    for m in rng.sample(words, min(2, len(words))):
        yield s[: m.start()].rstrip() + s[m.end() :]


def turn_words(s: str, rng: random.Random, pool: list[str]) -> Iterator[str]:
    pairs = [m for m in re.finditer(r"\b([A-Za-z]{3,}) ([A-Za-z]{3,})\b", s) if m[1].lower() != m[2].lower()]
    for m in rng.sample(pairs, min(1, len(pairs))):
        yield s[: m.start()] + f"{m[2]} {m[1]}" + s[m.end() :]


def change_number(s: str, rng: random.Random, pool: list[str]) -> Iterator[str]:
    for m in re.finditer(r"\d+(?:[.,]\d+)*%?", s):
        old = m[0]
        news = {
            old[:-1] if len(old) > 1 else "",
            old + "0",
            str((int(old[0]) + 1) % 10) + old[1:],
            "-" + old,
            old.replace(".", ""),
        }
        news |= {old[0] + "." + old[1:]} if old.isdigit() and len(old) > 1 else set()
        for new in sorted(news - {old, ""}):
            if not (old.replace(",", "") == new.replace(",", "")) and not (
                new.startswith("-") and s[: m.start()].endswith(("-", "–"))
            ):
                yield s[: m.start()] + new + s[m.end() :]


def drop_sign(s: str, rng: random.Random, pool: list[str]) -> Iterator[str]:
    for m in re.finditer(r"[$€£%]", s):
        yield s[: m.start()] + s[m.end() :]


def end_mark(s: str, rng: random.Random, pool: list[str]) -> Iterator[str]:
    if s[-1] in ".?":
        yield s[:-1] + {".": "?", "?": "."}[s[-1]]
    if s[-1] == ".":
        yield s[:-1] + "!"
    if s[-1] == "?":
        yield s[:-1]


def inner_quotes(s: str, rng: random.Random, pool: list[str]) -> Iterator[str]:
    marks = [m.start() for m in re.finditer(r"[“”]", s) if 2 < m.start() < len(s) - 3]
    spaces = [m.start() for m in re.finditer(" ", s)][2:-2]
    for at in marks[:2]:
        yield s[:at] + s[at + 1 :]
        if s[at] == "”" and (gap := s.find(" ", at + 2)) > 0:
            yield s[:at] + s[at + 1 : gap] + "”" + s[gap:]
    if spaces and not marks:
        at = rng.choice(spaces)
        yield s[: at + 1] + "“" + s[at + 1 :].rstrip(".") + "”."


def change_case(s: str, rng: random.Random, pool: list[str]) -> Iterator[str]:
    inner = [m for m in re.finditer(r"(?<=[a-z] )[A-Za-z]{2,}", s)]
    for m in rng.sample(inner, min(1, len(inner))):
        new = m[0].lower() if not m[0].islower() else rng.choice((m[0].upper(), m[0].capitalize()))
        yield s[: m.start()] + new + s[m.end() :]


def change_form(s: str, rng: random.Random, pool: list[str]) -> Iterator[str]:
    longer = [m for m in words_of(s) if len(m[0]) > 4]
    for m in rng.sample(longer, min(1, len(longer))):
        new = m[0][:-1] if m[0].endswith("s") else m[0] + "s"
        yield s[: m.start()] + new + s[m.end() :]


def elide_risky(s: str, rng: random.Random, pool: list[str]) -> Iterator[str]:
    """Leave out some words, a risky one among them."""
    words = words_of(s)
    for k, m in enumerate(words):
        if m[0].lower().replace("’", "'") in RISKY or m[0].lower().endswith(("n't", "n’t")):
            i, j = max(2, k - rng.randint(0, 2)), min(len(words) - 3, k + rng.randint(0, 3))
            if i <= k <= j:
                dots = rng.choice((" ... ", " … ", " [...] ", "... "))
                yield s[: words[i].start()].rstrip() + dots + s[words[j].end() :].lstrip()


def stop_early(s: str, rng: random.Random, pool: list[str]) -> Iterator[str]:
    """A full stop in front of what limits the sentence, or of who said so."""
    for m in re.finditer(r",? (?:if|unless|but|although|only|except|until|said|says|according|while|whether)\b", s):
        if m.start() > 20:
            yield s[: m.start()] + "."


MEANING: dict[str, Callable[[str, random.Random, list[str]], Iterator[str]]] = {
    "a word swapped for any other": swap_word, "a word swapped for its opposite": swap_known, "'not' inserted": insert_not,
    "a word dropped": drop_word, "two words turned round": turn_words, "a number changed": change_number,
    "a sign of currency or percent dropped": drop_sign, "'.', '?' and '!' exchanged": end_mark, "quote marks moved": inner_quotes,
    "case of an inner word": change_case, "form of a word": change_form, "elision over a risky word": elide_risky,
    "full stop before a limit or speaker": stop_early,
}  # fmt: skip


def joined(text: str, spans: list[tuple[int, int]], rng: random.Random) -> Iterator[str]:
    """The head of one sentence and the tail of another: neighbours, far ones, the wrong order."""
    for (a, b), (c, d) in zip(spans, spans[1:], strict=False):
        one, two = text[a:b], text[c:d]
        first, second = words_of(one), words_of(two)
        if len(first) > 8 and len(second) > 8:
            head, tail = one[: first[3].end()], two[second[4].start() :]
            yield f"{head} ... {tail}"
            yield f"{one} … {two}" if c - b > 400 else f"{head} [...] {tail}"
            yield f"{two} ... {one}"


# --- edits that do not ------------------------------------------------------------------------------------------------


def plain_quotes(s: str, rng: random.Random) -> str:
    return s.translate(str.maketrans("“”‘’", "\"\"''"))


def curly_quotes(s: str, rng: random.Random) -> str:
    return re.sub(r"(\w)'(\w)", r"\1’\2", re.sub(r'"([^"]*)"', r"“\1”", s))


def nested_quotes(s: str, rng: random.Random) -> str:
    return '"' + re.sub(r"(?<!\d)[“”\"]", "'", s) + '"' if not re.search(r"\d[“”\"]", s) else s


def dashes(s: str, rng: random.Random) -> str:
    if re.search(r"[-–—] ?[-–—]", s):
        return s
    s = re.sub(r"(?<=\w)[-–](?=\w)", lambda m: rng.choice("‐‑-") if m[0] == "-" else "-", s)
    s = re.sub(r" [—–] ", lambda m: rng.choice((" - ", " -- ", "—", " – ")), s)
    return re.sub(r"(?<=\w)—(?=\w)", lambda m: rng.choice(("--", " — ", "—")), s)


def wrapped(s: str, rng: random.Random) -> str:
    return re.sub(" ", lambda m: rng.choice((" ", "\n", "  ", "\u00a0", "\r\n", "\t")), s)


def hidden(s: str, rng: random.Random) -> str:
    at = rng.randrange(1, len(s) - 1)
    return s[:at] + rng.choice("\u00ad\u200b\u2060\ufeff") + s[at:]


def ligatures(s: str, rng: random.Random) -> str:
    return s.replace("ffi", "ﬃ").replace("fi", "ﬁ").replace("fl", "ﬂ").replace("ff", "ﬀ")


def decomposed(s: str, rng: random.Random) -> str:
    return unicodedata.normalize("NFD", s)


def thousands(s: str, rng: random.Random) -> str:
    return re.sub(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])", lambda m: m[0].replace(",", ""), s)


def no_stop(s: str, rng: random.Random) -> str:
    return s[:-1] + rng.choice(("", ",")) if s.endswith(".") else s


def small_first(s: str, rng: random.Random) -> str:
    return (
        s[0].lower() + s[1:]
        if re.match(r"(?:The|A|An|In|It|He|She|They|We|This|These|For|On|As|At|By|Our|And|To) ", s)
        else s
    )


def marked_case(s: str, rng: random.Random) -> str:
    return (
        f"[{s[0].lower()}]{s[1:]}"
        if re.match(r"(?:The|In|It|He|She|They|We|This|These|For|On|As|At|By|Our|And|To) ", s)
        else s
    )


def fragment(s: str, rng: random.Random) -> str:
    at = [m.end() for m in re.finditer(r"(?<=\w) (?=(?:the|a|an|to|of|in|for|and|with|from|by|that) )", s)]
    if not at:
        return s
    part = s[rng.choice(at) :]
    return part[0].upper() + part[1:]


def quoted(s: str, rng: random.Random) -> str:
    left, right = rng.choice((("“", "”"), ('"', '"'), ("«", "»"), ("‘", "’")))
    return f"{left}{s}{right}"


def open_ends(s: str, rng: random.Random) -> str:
    words = s.split(" ")
    if s.endswith("?") or len(words) < 9 or words[-3][-1:].isdigit():
        return s
    return rng.choice(("... ", "…", "[...] ")) + " ".join(words[2:-2]) + rng.choice(("...", " …", " [...]"))


def aside(s: str, rng: random.Random) -> str:
    """Leave out `, words,` and `(words)` with nothing risky in them."""
    for m in re.finditer(r", ((?:[A-Za-z’-]+ ){2,9}[A-Za-z’-]+),(?= )|\(((?:[A-Za-z-]+ ){2,9}[A-Za-z-]+)\)", s):
        inner = (m[1] or m[2]).lower().split()
        safe = (
            not set(inner) & RISKY
            and not any(w.endswith(("ly", "n’t")) for w in inner)
            and inner[0] in ("which", "who", "the", "a", "an", "in", "with", "including", "from")
        )
        if safe and m.start() > 12 and len(s) - m.end() > 12:
            return s[: m.start()].rstrip() + rng.choice((" ... ", " … ", " [...] ")) + s[m.end() :].lstrip()
    return s


HARMLESS: dict[str, Callable[[str, random.Random], str]] = {
    "quote marks straight": plain_quotes, "quote marks curly": curly_quotes, "quote marks nested": nested_quotes, "dashes": dashes,
    "white space": wrapped, "invisible characters": hidden, "ligatures": ligatures, "accents decomposed": decomposed,
    "thousands": thousands, "final stop dropped or a comma": no_stop, "first letter small": small_first, "[t]he": marked_case,
    "a fragment with a capital": fragment, "in quote marks": quoted, "ellipsis at the ends": open_ends, "elision of an aside": aside,
}  # fmt: skip


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
    """Whether the edited quote happens to stand in the text as it is."""
    if re.sub(r"\W*(?:\.\.\.|…)\W*", " ", quote).lower() in text.lower():
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
            bad.add("pieces of two sentences joined", bool(find(quote, doc)), quote, "")
    for kind, cases in (("words whose case matters", CASED), ("numbers, by hand", NUMBERED), ("edges, by hand", EDGES)):
        for text, quote in cases:
            bad.add(kind, bool(find(quote, text)), quote, text)
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
        f"accepted {accepted} of {sum(bad.tried.values())} meaning-changing edits (goal 0), {share:.2%} of the harmless (goal 99.5%)"
    )
    speed(docs)
    return int(accepted > 0 or share < 0.995)


if __name__ == "__main__":
    sys.exit(main())
