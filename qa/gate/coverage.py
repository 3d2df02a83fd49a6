"""Every word of content of a statement must stand in its quotes, in the same or an equivalent word."""

from collections.abc import Iterator, Sequence

from qa.english.calendar import CALENDAR
from qa.english.lemmas import is_participle, lemma
from qa.english.meanings import is_light
from qa.english.operators import CONTENT_CLASSES, operator_kinds
from qa.gate.alignment import Alignment
from qa.gate.reading import Reading
from qa.gate.speakers import DOCUMENT, FIRST_PERSON, sayings
from qa.gate.tokens import Token

__all__ = ["uncovered"]

_TELLING = frozenset(  # light verbs that say enough to be wrong: `received` for `awaits`
    map(lemma, "lead start produce play own receive give find attend hold set put turn bring become feature".split())
)


def uncovered(pair: Alignment, question: Reading, around: Sequence[Reading], spoken: bool) -> Iterator[Token]:
    """Words and names of the statement that are neither in the quotes nor in the question; numbers are left out.

    A word of the quotes covers one word of the statement, a name any number of them. around: the texts before and after
    the quotes and their title, which help with names only. spoken: a quote is speech in quotation marks.
    """
    statement = pair.statement
    used: set[tuple[int, str]] = set()
    helped: set[int] | None = None
    for token in statement.tokens:
        if not token.content or token.place in statement.number_at or _is_operator(statement, token):
            continue
        word = lemma(token.lower)
        free = [b for b in pair.candidates.get(token.place, ()) if (b, word) not in used]
        if free:
            best = pair.best[token.place]
            used.add((best if best in free else free[0], word))
        elif not (
            (token.place in pair.candidates and (token.name or token.text[:1].isupper()))
            or question.candidates(token)
            or (is_light(token.lower) and not (word in _TELLING and _has_other_verb(pair, token.place)))
            or (word in DOCUMENT and any(t.lower in FIRST_PERSON for t in pair.quotes.tokens))
            or (word in _CAUSE and any(op.kind == "BECAUSE" for op in pair.quotes.operators))
        ):
            helped = _context_names(pair, around, spoken) if helped is None else helped
            if token.place not in helped:
                yield token


def _has_other_verb(pair: Alignment, place: int) -> bool:
    """Whether the quotes have another verb, one that the statement lacks, between the words beside that verb."""
    statement, there = pair.statement, pair.quotes
    left = next((a for a in range(place - 1, -1, -1) if a in pair.best), -1)
    right = next((a for a in range(place + 1, len(statement.tokens)) if a in pair.best), -1)
    if left < 0 or right < 0:
        return False
    start, end = pair.best[left], pair.best[right]
    between = [t for t in there.tokens[start + 1 : end] if t.content and t.place not in pair.best.values()]
    return there.clause[start] == there.clause[end] and any(
        not t.name and t.place not in there.number_at and (is_participle(t.lower) or t.lower.endswith(("s", "ing")))
        for t in between
    )


def _is_operator(reading: Reading, token: Token) -> bool:
    """Operators are compared elsewhere; verbs that deny (`refuse`) are words to be covered as well."""
    op = reading.operator_at.get(token.place)
    if op is None or op.kind in CONTENT_CLASSES:
        return False
    return op.kind != "NOT" or token.lower in operator_kinds() or op.end - op.start > 1


def _context_names(pair: Alignment, around: Sequence[Reading], spoken: bool) -> set[int]:
    """Names of the statement that the text around the quotes explains.

    The other part of a full name (`Matt` beside `Whitaker`); who `he` is, if the quotes have such a pronoun; who speaks
    to whom, where the quote is speech in quotation marks.
    """
    statement, there = pair.statement, pair.quotes
    pronouns = len({t.lower for t in there.tokens if t.lower in _PRONOUNS and not _empty(there, t.place)})
    speech = spoken and bool(sayings(statement))
    found: set[int] = set()
    stands: list[int] = []
    for token in statement.tokens:
        if not token.content or not token.text[:1].isupper() or token.place in statement.number_at:
            continue
        if token.lower in CALENDAR:
            continue
        beside = [n for n in (token.place - 1, token.place + 1) if 0 <= n < len(statement.tokens)]
        part = any(
            n in pair.candidates and statement.tokens[n].text[:1].isupper() and not _has_own(pair, n, token.place - n)
            for n in beside
        )
        if (part and any(reading.candidates(token) for reading in around)) or (
            speech and any(_speaks(reading, token) for reading in around[:2])
        ):
            found.add(token.place)
        elif pronouns and around[0].candidates(token):
            stands.append(token.place)
    return found | _first_names(stands, pronouns)


def _first_names(places: Sequence[int], most: int) -> set[int]:
    """The first so many of the names, each a run of places: a pronoun stands for one."""
    kept: set[int] = set()
    for place in places:
        most -= place - 1 not in kept
        if most >= 0:
            kept.add(place)
    return kept


def _empty(reading: Reading, place: int) -> bool:
    """Whether the word is the `it` of `it is time to`, which stands for nobody."""
    after = reading.tokens[place + 1].lower if place + 1 < len(reading.tokens) else ""
    return reading.tokens[place].lower == "it" and after in ("is", "was", "has", "would", "will", "may")


def _has_own(pair: Alignment, place: int, side: int) -> bool:
    """Whether in the quotes, too, a word with a capital stands on that side of the name: it is another one then."""
    tokens = pair.quotes.tokens
    beside = [b + side for b in pair.candidates[place] if 0 <= b + side < len(tokens)]
    return any(tokens[b].content and tokens[b].text[:1].isupper() for b in beside)


def _speaks(reading: Reading, token: Token) -> bool:
    """Whether the name stands in a clause that says who says something."""
    clauses = {reading.clause[saying.verb] for saying in sayings(reading)}
    return any(reading.clause[place] in clauses for place in reading.candidates(token))


_PRONOUNS = frozenset("he she they it him her them his hers their its".split())
_CAUSE = frozenset(lemma(word) for word in ("cause", "result", "reason", "lead"))
