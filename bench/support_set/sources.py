"""The source texts of the support test set, cut into sentences with offsets.

The cut is this test set's own and simple: it must not change when the product's segmenter does. Nothing of the data is
kept in the repository; the corpora are read from the data folder.
"""

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .records import QuoteRef, Split
from .words import MONTHS

__all__ = ["CORPORA", "SEEDS", "WHOLE", "Source", "load", "tidy", "usable"]

REPOSITORY = Path(__file__).resolve().parents[2]
SEEDS: dict[str, Split] = {"000_6f2a8e452271332e.txt": "seen", "004_df59d898a00b8803.txt": "opened"}
CORPORA = ("state_of_the_union.md", "wikitexts.md", "pubmed.md", "finance.md", "chatlogs.md")
WHOLE: dict[str, Split] = {"state_of_the_union.md": "seen"} | dict.fromkeys(CORPORA[1:], "unseen")  # not in halves
PUBMED_SEEN_ARTICLES = 7  # of 15; the others are opened

_ABBREVIATION = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|Sen|Rep|Gov|St|Jr|Sr|Vol|Col|pp|vs|v|al|Fig|Figs|No|Inc|Corp|Co|Ltd|Lt|Gen|Mgr|Fr|lit|approx|e\.g|i\.e|cf|ca|[A-Z]|inc|corp|no|co|[a-z]\.[a-z])\.$"
)
_END = re.compile(r"[.!?][”\"’)]*(?=\s)|\n")
_WIKI_END = re.compile(r" [.!?](?: \")?(?=\s)|\n")
_MOJIBAKE = re.compile(r"\b20(?:13|14|18|19|22)|201[cd]|\|")


@dataclass(frozen=True)
class Source:
    """One document (or one half of a corpus) and its sentences as spans of `text`."""

    doc: str
    text: str
    title: str
    split: Split
    style: str
    sentences: tuple[tuple[int, int], ...]

    def quote(self, number: int) -> QuoteRef:
        """Sentence `number` with two sentences on either side."""
        start, end = self.sentences[number]
        before = self.sentences[max(0, number - 2)][0]
        after = self.sentences[min(len(self.sentences) - 1, number + 2)][1]
        text = self.text
        return QuoteRef(
            self.doc, start, end, text[start:end], text[before:start].strip(), text[end:after].strip(), self.title
        )

    def find(self, first_words: str) -> QuoteRef:
        """The sentence that begins with `first_words`; exactly one must (reports repeat some word for word)."""
        hits = [n for n, (start, end) in enumerate(self.sentences) if self.text[start:end].startswith(first_words)]
        if len({self.text[slice(*self.sentences[n])] for n in hits}) != 1:
            raise LookupError(f"{self.doc}: {len(hits)} sentences begin with {first_words!r}, expected one")
        return self.quote(hits[0])


def _is_boundary(text: str, start: int, end: int, follow: re.Pattern[str]) -> bool:
    if "\n" in text[end - 1 : end]:
        return True
    if _ABBREVIATION.search(text[max(start, end - 12) : end]):
        return False
    return follow.match(text, end) is not None


def _cut(text: str, style: str) -> tuple[tuple[int, int], ...]:
    ends = _WIKI_END if style == "wiki" else _END
    follow = re.compile(r"\s+[\[(“\"‘]?\s?[a-z$0-9]" if style == "finance" else r"\s+[\[(“\"‘]?\s?[A-Z0-9]|\s*\n|\s*$")
    spans, start = [], 0
    for match in ends.finditer(text):
        if not _is_boundary(text, start, match.end(), follow):
            continue
        spans.append((start, match.end()))
        start = match.end()
    spans.append((start, len(text)))
    trimmed = []
    for a, b in spans:
        piece = text[a:b]
        if piece.strip():
            a += len(piece) - len(piece.lstrip())
            trimmed.append((a, a + len(piece.strip())))
    return tuple(trimmed)


def _source(doc: str, text: str, title: str, split: Split, style: str, within: tuple[int, int] | None = None) -> Source:
    low, high = within or (0, len(text))
    sentences = tuple((a, b) for a, b in _cut(text, style) if a >= low and b <= high)
    return Source(doc, text, title, split, style, sentences)


def _halves(doc: str, text: str, title: str, style: str, border: int) -> list[Source]:
    return [
        _source(doc, text, title, "seen", style, (0, border)),
        _source(doc, text, title, "opened", style, (border, len(text))),
        _source(doc, text, title, "unseen", style),
    ]


def _border(name: str, text: str) -> int:
    """Where the seen half ends: after some whole articles of pubmed, in the middle of finance."""
    if name == "pubmed.md":
        return [m.start() for m in re.finditer(r"^PMID: ", text, re.MULTILINE)][PUBMED_SEEN_ARTICLES]
    return text.index("\n\n", len(text) // 2)


def _messages(text: str) -> str:
    """What was said in the conversations, message by message; the file holds them as Python writes strings."""
    literals = re.findall(r"""'content': ('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""", text)
    return "\n\n".join(ast.literal_eval(literal) for literal in literals)


def _corpus(path: Path) -> list[Source]:
    text, doc = path.read_bytes().decode("utf-8"), path.name
    title = path.stem.replace("_", " ")
    if doc == "state_of_the_union.md":
        return [_source(doc, text, title, "seen", "plain")]
    if doc == "wikitexts.md":
        return [_source(doc, text, title, split, "wiki") for split in ("opened", "unseen")]
    if doc == "chatlogs.md":
        return [_source(doc, _messages(text), title, "unseen", "plain")]
    return _halves(doc, text, title, "finance" if doc == "finance.md" else "plain", _border(doc, text))


def load(data: Path | None) -> tuple[list[Source], list[str]]:
    """The sources at hand, and the names of the corpora that are not; `data` is the folder that holds `chunking/`."""
    sources = []
    for name, split in SEEDS.items():
        text = (REPOSITORY / "seeds" / name).read_bytes().decode("utf-8")
        sources.append(_source(name, text, Path(name).stem, split, "plain"))
    absent = []
    for name in CORPORA:
        path = data / "chunking" / "corpora" / name if data else None
        if path is None or not path.is_file():
            absent.append(name)
        else:
            sources += _corpus(path)
    return sources, absent


_WIKI_STEPS: Sequence[tuple[str, str]] = (
    (r" @([-,.])@ ", r"\1"),
    (r" ([,.;:!?)\]])", r"\1"),
    (r"([(\[£]) ", r"\1"),
    (r"\$ ", "$"),
    (r" ('s|n't|'t|'re|'ll|'ve)\b", r"\1"),
    (r"(s) '(?= )", r"\1'"),
    (r" ’ s\b", "’s"),
    (r'" ([^"]*?) "', r'"\1"'),
    (r" – ", "–"),
)


def tidy(text: str, style: str) -> str:
    """The sentence as a person would write it: wikitexts without token spaces, finance with capitals."""
    text = text.removeprefix("THE PRESIDENT: ")
    if style == "wiki":
        for pattern, new in _WIKI_STEPS:
            text = re.sub(pattern, new, text)
    if style == "finance":
        text = re.sub(r"(\d)% \([^)]*%\)", r"\1%", text)
        months = "|".join(month.lower() for month in MONTHS)
        text = re.sub(rf"\b({months})(?= \d)", lambda m: m[0].capitalize(), text)
        text = re.sub(r"\bu\.s\.", "U.S.", text)
        text = text[:1].upper() + text[1:]
    return text.strip()


def usable(text: str, style: str) -> bool:
    """Is this a whole, clean sentence that a statement can be made from?"""
    if not 45 <= len(text) <= 280 or not re.search(r"[.!](?: ?[”\"])?$", text) or "\n" in text:
        return False
    if re.search(r"<unk>|@[-,.]@|\[|et al|Figure|http|…|\.\.\.", text) or text.count("(") != text.count(")"):
        return False
    if style == "finance" and (_MOJIBAKE.search(text) or re.search(r"\w- \w| \.|\bsee\b|refer to|\ba the\b", text)):
        return False
    if style == "finance" and not re.match(
        r"(?:the company|we|in|as of|at|during|on|our|for|if|sales|net|interest) ", text
    ):
        return False
    if re.search(
        r"\b(?:our|of|the|in|to|inc|corp|million|for|higher)\.$|(?:\b\w ){4}|\b(\w+ \w+) \1|^[(\d]",
        text,
    ):
        return False
    if style != "finance" and not re.match(r"[“\"‘]?\s?[A-Z0-9]", text):
        return False
    if text.count("“") != text.count("”") or text.count('"') % 2:
        return False
    return not (style == "plain" and " — " in text and "Ukraine" not in text)
