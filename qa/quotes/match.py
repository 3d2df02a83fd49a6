"""Find a copied quote in a text. Accepts harmless differences of typography, but no change of meaning.

`exact`   character for character.
`folded`  the same words, apart from: quote marks, dashes, white space, ligatures, invisible characters, accents
          composed or not; the case of the first letter; capitals throughout; the punctuation
          at the end; words left out where the quote has an ellipsis (rules in elision.py). Direction marks, which can
          show 12 as 21, count only where the text has the same ones.
absent    no match. docs/matching.md has the rules and the figures.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from qa.english.function_words import LOWERED_IN_TITLES
from qa.english.tables import word_set
from qa.quotes.edges import clean_edges
from qa.quotes.effort import Effort
from qa.quotes.elision import MAX_GAP_CHARS, gap_is_harmless, rest_is_empty
from qa.quotes.folding import DIRECTIONS, Dash, Folded
from qa.quotes.marks import asks
from qa.records import Span

__all__ = ["Folded", "Match", "find"]

_ELLIPSIS = r"(?:\.{3,}|…|\.\s\.\s\.)"
_LEFT_OUT = re.compile(rf"(?:\[\s*{_ELLIPSIS}\s*\]|\(\s*{_ELLIPSIS}\s*\)|{_ELLIPSIS}\.?)")
_OPEN_END = re.compile(_LEFT_OUT.pattern + r"\Z")
_MOST_PIECES = 12  # a quote with more ellipses never matches
_TAIL = " \t\r\n\u00a0\u2009\u202f.,;:!?…\"'“”‘’„‟»›"
_TAIL_OF_TEXT = re.compile(r"(?:[.,;:!?…\"'“”‘’»›]|[^\S\n](?=[\"”’»›?!]))*")
_BESIDE = re.compile(r"[^\w\t\n|¿⸘]{0,16}")  # signs after a match in the same cell, such as `(?)`
_SIGN_BEFORE = re.compile(r"[.!?…:;,|。！？：；，、।؟؛،][\s\"'”’»›)\]*_]*\Z")  # at the end of a part of the text
_SIGN_AFTER = re.compile(r"\s*(?:[-+*#>|•◦▪‣·–—]|[(\[]?\w{1,5}[.)\]]\s)")  # at the beginning of one: a bullet, a number
_MARKS = "\"'“”‘’„‟«»‹›"
_SPEECH_ENDS = re.compile(rf"[,;:][{_MARKS}]")
_PAIRS = {'"': '"', "'": "'", "“": "”", "‘": "’", "„": "“”", "«": "»", "‹": "›"}
_EDITED_CASE = re.compile(r"(?:(?<=^)|(?<=\s)|(?<=[\"'“‘]))\[([^\W\d_])\](?=[^\W\d_])")
_SAME_DASH = frozenset(
    map(
        frozenset,
        (
            (Dash.HYPHEN, Dash.EM),
            (Dash.HYPHEN, Dash.EN),
            (Dash.EM, Dash.EN),
            (Dash.EM, Dash.SPACED),
            (Dash.EN, Dash.SPACED),
        ),
    )
)
_DASHES = frozenset((Dash.HYPHEN, Dash.EN, Dash.EM, Dash.SPACED, Dash.SIGN))


@dataclass(frozen=True, slots=True)
class Match:
    """A match: offsets in the text. gaps: the text that each ellipsis of the quote leaves out, in order."""

    start: int
    end: int
    kind: Literal["exact", "folded"]
    gaps: tuple[Span, ...] = ()


def find(quote: str, text: str | Folded, effort: Effort | None = None) -> list[Match]:
    """All matches of `quote` in `text`, in order of their start; empty if absent. effort: what the search may cost;
    where that is not enough, only those that were found until then.

    White space around the quote, and one pair of quote marks around it, are not part of it. To search one text often,
    give a `Folded`.
    """
    effort = effort or Effort()
    doc = text if isinstance(text, Folded) else Folded(text)
    quote = quote.strip()
    found: dict[tuple[int, int], Match] = {}
    for wording in _wordings(quote):
        for match in _find_wording(wording, quote, doc, effort):
            found.setdefault((match.start, match.end), match)
        if found:
            break
    return [found[key] for key in sorted(found)]


def _wordings(quote: str) -> list[str]:
    """The quote, and the quote without the pair of marks around it, and without the brackets of `[T]he`."""
    wordings = [quote]
    if len(quote) > 2 and quote[-1] in _PAIRS.get(quote[0], ""):
        wordings.append(quote[1:-1].strip())
    elif len(quote) > 3 and quote[-2] in _PAIRS.get(quote[0], "") and quote[-1] in ".,;:":
        wordings.append((quote[1:-2] + quote[-1]).strip())
    wordings += [_EDITED_CASE.sub(r"\1", wording) for wording in wordings if _EDITED_CASE.search(wording)]
    return wordings


def _find_wording(wording: str, quote: str, doc: Folded, effort: Effort) -> list[Match]:
    everywhere = [(0, len(doc.skeleton))]
    whole = _places(wording, doc, True, everywhere, effort)
    if whole or not _LEFT_OUT.search(wording):
        return [Match(span.start, span.end, _kind(span, quote, doc)) for span in whole]
    pieces = [piece.strip() for piece in _LEFT_OUT.split(wording) if piece.strip(" .,;:")]
    if not 0 < len(pieces) <= _MOST_PIECES or (
        len(pieces) > 1 and any(len(re.findall(r"\w+", piece)) < 2 for piece in pieces)
    ):
        return []
    needles = [Folded(piece.rstrip(_TAIL)).skeleton for piece in pieces]
    rarest = min(needles, key=doc.skeleton.count)
    reach = sum(map(len, needles)) + 2 * MAX_GAP_CHARS * len(pieces)
    near = _near(rarest, reach, doc, effort) if len(pieces) > 1 else everywhere
    open_end = _OPEN_END.search(wording.rstrip(_MARKS + " ")[-12:]) is not None
    lasts = [n == len(pieces) - 1 and not open_end for n in range(len(pieces))]
    spans = [_places(piece, doc, last, near, effort) for piece, last in zip(pieces, lasts, strict=True)]
    return _chains(spans, pieces, doc.text, effort)


def _near(needle: str, reach: int, doc: Folded, effort: Effort) -> list[tuple[int, int]]:
    """Where the pieces of a quote may be, whose rarest one is `needle`: sorted, disjoint parts of the skeleton."""
    found: list[tuple[int, int]] = []
    at = doc.skeleton.find(needle)
    while at >= 0 and effort.spend(1):
        start, end = max(0, at - reach), at + len(needle) + reach
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], end
        else:
            found.append((start, end))
        at = doc.skeleton.find(needle, at + 1)
    return found


def _kind(span: Span, quote: str, doc: Folded) -> Literal["exact", "folded"]:
    return "exact" if doc.text[span.start : span.end] == quote else "folded"


def _chains(spans: list[list[Span]], pieces: list[str], text: str, effort: Effort) -> list[Match]:
    """The pieces in order, each as near as possible to the one before it, with only harmless gaps between them."""
    chains: list[tuple[Span, ...]] = [(span,) for span in spans[0]]
    for n, nexts in enumerate(spans[1:], 1):
        starts = [span.start for span in nexts]
        longer = []
        for k, chain in enumerate(chains):
            place = bisect_left(starts, chain[-1].end)
            if place == len(starts) or (k + 1 < len(chains) and chains[k + 1][-1].end <= starts[place]):
                continue  # no next piece, or a nearer one before it
            written = text[chain[-1].start : chain[-1].end].rstrip(" .,;:")
            gap = text[chain[-1].start + len(written) : starts[place]]
            if effort.spend(Effort.PLACE + Effort.WORDS * min(len(gap), MAX_GAP_CHARS)) and gap_is_harmless(
                written, gap, pieces[n]
            ):
                longer.append((*chain, nexts[place]))
        chains = longer
    return [
        Match(chain[0].start, chain[-1].end, "folded", tuple(Span(a.end, b.start) for a, b in pairwise(chain)))
        for chain in chains
    ]


def _places(wording: str, doc: Folded, last: bool, within: Sequence[tuple[int, int]], effort: Effort) -> list[Span]:
    """Matches of one piece without an ellipsis. last: it ends the quote, so its final punctuation matters. within:
    parts of the skeleton.
    """
    core = wording.rstrip(_TAIL)
    if not any(c.isalnum() for c in core):
        return []
    needle, ending = Folded(core), wording[len(core) :]
    length, capitals = len(needle.skeleton), needle.detail.isupper()
    places = []
    for left, right in within:
        at = doc.skeleton.find(needle.skeleton, left, right)
        while at >= 0 and effort.spend(Effort.PLACE + length):
            span = doc.span(at, at + length)
            if (
                clean_edges(doc.text, span.start, span.end, doc.borders, True)
                and not _goes_on(doc, at + length)
                and _stays_apart(core, needle, doc, at, span)
                and _same_detail(needle.detail, capitals, doc, at)
                and _same_directions(core, doc.text, span)
                and effort.spend(Effort.WORDS * MAX_GAP_CHARS if "." in ending else 1)
            ):
                stop = _end_of_match(ending, span.end, doc.text, last)
                places += [Span(span.start, stop)] if stop is not None else []
            at = doc.skeleton.find(needle.skeleton, at + 1, right)
    return places


def _goes_on(doc: Folded, at: int) -> bool:
    """Whether the character before `at` has marks that the match would leave out, such as a stroke through it."""
    return unicodedata.category(doc.skeleton[at : at + 1] or " ").startswith("M")


def _stays_apart(core: str, needle: Folded, doc: Folded, at: int, span: Span) -> bool:
    """Whether the quote sets apart what stands in different parts of the text, by a sign or a line end."""
    inner = doc.borders[bisect_right(doc.borders, span.start) : bisect_left(doc.borders, span.end)]
    for border in inner:
        if _SIGN_BEFORE.search(doc.text[max(span.start, border - 40) : border]) or _SIGN_AFTER.match(doc.text, border):
            continue
        there = range(at, at + len(needle.skeleton))
        blank = bisect_left(there, border, key=lambda i: doc.span(i, i + 1).start) - 1
        quoted = needle.span(blank, blank + 1)
        if "\n" not in core[quoted.start : quoted.end]:
            return False
    return True


def _same_directions(core: str, text: str, span: Span) -> bool:
    """Whether the text has every direction mark of the quote, in the same place."""
    if not any(mark in core for mark in DIRECTIONS):
        return True
    bare = core.strip(DIRECTIONS)
    before, _, after = core.partition(bare)
    there = text[span.start : span.end]
    same = there.split() == bare.split()
    return same and text.endswith(before, 0, span.start) and text.startswith(after, span.end)


def _end_of_match(written: str, end: int, text: str, last: bool) -> int | None:
    """Where the match ends, with its punctuation; None if the quote's own, `written`, says something else."""
    stands = _TAIL_OF_TEXT.match(text, end)
    there = stands[0] if stands else ""
    marks, marks_there = (sum(c in _MARKS for c in tail) for tail in (written, there))
    if any(c in written and c not in there for c in "?!") or marks > marks_there:
        return None
    beside = _BESIDE.match(text, end)
    if last and asks(beside[0] if beside else "") and not asks(written):
        return None
    if text.startswith(written, end):
        return end + len(written)
    claims_end = "." in written and "..." not in written
    ends = any(c in there for c in ".!…") or _SPEECH_ENDS.match(there)
    if claims_end and not ends and not rest_is_empty(text[end : end + MAX_GAP_CHARS]):
        return None
    return end + _common(written, there)


def _common(written: str, there: str) -> int:
    """How many of the closing characters in the text the quote has too."""
    length = 0
    for a, b in zip(written, there, strict=False):
        if a != b and not (a in _MARKS and b in _MARKS):
            break
        length += 1
    return length


def _same_detail(detail: str, capitals: bool, doc: Folded, at: int) -> bool:
    """Whether what folding dropped differs only in harmless ways between the quote and the text at `at`.

    capitals: whether the quote is written in capitals throughout.
    """
    there = doc.detail[at : at + len(detail)]
    if there == detail:
        return True
    cases: list[int] = []
    first = next(k for k, c in enumerate(detail) if c.isalnum())
    for k, (a, b) in enumerate(zip(detail, there, strict=True)):
        if a == b:
            continue
        if a in "'\"" and b in "'\"":
            if k and detail[k - 1].isdigit():  # 5' is not 5"
                return False
        elif a in _DASHES and b in _DASHES:
            if frozenset((a, b)) not in _SAME_DASH:
                return False
        elif cases in ([], [first]) and k != first and not (capitals or there.isupper()):
            return False
        else:
            cases.append(k)
    return not cases or _same_but_case(detail, there, cases, first, doc, at)


def _same_but_case(detail: str, there: str, cases: list[int], first: int, doc: Folded, at: int) -> bool:
    if cases == [first]:
        return _first_letter_may_differ(detail, there, first, doc, at)
    capitals, other = (there, detail) if there.isupper() else (detail, there)
    if not capitals.isupper() or len(re.findall(r"[^\W\d_]+", capitals)) < 3:
        return False
    words = {word.lower() for word in re.findall(r"[^\W\d_]+", other) if not word.isupper()}
    return not words & (word_set("capitonyms.txt") | word_set("acronyms.txt"))


def _first_letter_may_differ(detail: str, there: str, first: int, doc: Folded, at: int) -> bool:
    """A capital at the start says nothing; a small letter says that the text's capital was only that of a sentence."""
    found = re.match(r"[^\W_]+", there[first:])
    word = found[0].lower() if found else ""
    if word in LOWERED_IN_TITLES:
        return True
    if word in word_set("capitonyms.txt"):
        return False
    if detail[first].isupper():
        return True
    return _opens_sentence(doc, at + first) and not _is_name_too(word, doc)


def _opens_sentence(doc: Folded, at: int) -> bool:
    start = doc.span(at, at + 1).start
    before = doc.text[max(0, start - 80) : start]
    return re.search(r"(?:^|[.!?:…]|\n\s*\n|\n[-*#>•\s]+)[\s\"'“”‘’«(\[*_]*$", before) is not None


def _is_name_too(word: str, doc: Folded) -> bool:
    """Whether the text uses the word both as a name, with a capital inside a sentence, and in small letters."""
    if word not in doc.facts:
        name = re.search(rf"(?<=[a-z,] ){re.escape(word.capitalize())}\b", doc.detail)
        doc.facts[word] = bool(name and re.search(rf"\b{re.escape(word)}\b", doc.detail))
    return doc.facts[word]
