"""The claim gate: do the quotes of a statement say what it says? Rules and figures in docs/support.md."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa.english.words import words as lower_words
from qa.gate import (
    answers,
    cohesion,
    coverage,
    names,
    numbers,
    operators,
    pairing,
    relevance,
    roles,
    speakers,
    substitution,
)
from qa.gate.alignment import Alignment, align
from qa.gate.language import is_english
from qa.gate.lexicon import FUNCTION_WORDS
from qa.gate.reading import Reading, Surroundings, read
from qa.gate.tokens import MAX_CHARS, keys_of
from qa.quotes import match
from qa.quotes.elision import sentence_ends

__all__ = ["MAX_STATEMENT_CHARS", "Finding", "SupportQuote", "check", "off_question"]

MAX_STATEMENT_CHARS = 3_000  # a statement is one or two sentences; what is longer is not checked, so not passed
_DOUBLE = str.maketrans(dict.fromkeys("“”„‟«»", '"'))
_MARKED = re.compile(r"\"([^\"]{1,600})\"|(?<!\w)['‘](?!\s)([^'‘’]{1,600})(?<!\s)['’](?!\w)")
_MAX_MARKED = 20
_ASKING = frozenset("ask asks asked asking question questions questioned wonder wonders wondered whether if".split())
_SPACED = re.compile(
    r"(?<=\w) (?=[,;:.!?%)]|n't\b|'s\b)|(?<=[(]) | ?@(?=[-.,]@)|(?<=@[-.,])@ ?"
)  # text written as tokens


@dataclass(frozen=True, slots=True)
class SupportQuote:
    """A quote. before, after: up to two sentences around it; they and the title tell who speaks and who `he` is."""

    text: str
    before: str = ""
    after: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """problems: plain sentences; irrelevant: positions of quotes that have nothing in common with the statement."""

    supported: bool
    problems: tuple[str, ...]
    irrelevant: tuple[int, ...]


def check(statement: str, quotes: Sequence[SupportQuote], question: str = "") -> Finding:
    """Whether the quotes, together with the question, cover the statement. Raises nothing; pure."""
    if len(statement) > MAX_STATEMENT_CHARS:
        return Finding(False, ("The statement is too long to be checked.",), ())
    asked = read(question[:MAX_STATEMENT_CHARS])
    lead, rest = answers.split_lead(statement) if question.strip() else ("", statement)
    said = read(rest)
    irrelevant = _irrelevant(said, asked, quotes)
    words = [t.lower for t in read(statement).tokens if not t.mark]
    bare = set(words) <= {"yes", "no", "not"} and not answers.is_yes_no(question)
    if bare or not any(character.isalnum() for character in statement):
        return Finding(False, ("The statement says nothing.",), irrelevant)
    if not quotes:
        return Finding(False, ("The statement has no quotes.",), ())
    there = read(_joined(quotes))
    if not is_english(statement, said, there):
        return Finding(False, ("The statement is not in English, so it cannot be checked.",), irrelevant)
    if not lead and any(_is_sentence_of(statement, quote.text) for quote in quotes):
        return Finding(True, (), irrelevant)
    if _scrap(said, there):
        return Finding(False, ("The quotes are too short to say this.",), irrelevant)
    problems = tuple(dict.fromkeys(_problems(lead, said, there, asked, quotes, question, rest)))
    return Finding(not problems, problems, irrelevant)


def off_question(statement: str, quotes: Sequence[SupportQuote], question: str) -> str:
    """Why the statement, true or not, is no answer, in a sentence; "" if it may be one. Raises nothing; pure."""
    return relevance.off_question(question, statement, _joined(quotes), _around(quotes))


def _joined(quotes: Sequence[SupportQuote]) -> str:
    return "\n.\n".join(quote.text for quote in quotes)


def _around(quotes: Sequence[SupportQuote]) -> Surroundings:
    return Surroundings(*("\n.\n".join(getattr(q, name) for q in quotes) for name in ("before", "after", "title")))


def _is_sentence_of(statement: str, quote: str) -> bool:
    """Whether the statement is the quote, or whole sentences of it, word for word, and neither asked nor spoken."""
    quote = quote[:MAX_CHARS]
    for found in match.find(statement, quote):
        if found.gaps:
            continue
        ends = sentence_ends(quote)
        opens = not any(c.isalnum() for c in quote[max((e for e in ends if e <= found.start), default=0) : found.start])
        end = next((e for e in ends if e >= found.end), len(quote))
        rest = quote[found.end : end]
        closes = not any(c.isalnum() for c in rest) and "?" not in quote[found.end - 1 : end]
        if opens and closes and not _in_speech(quote, found.start, found.end):
            return True
    return False


def _in_speech(quote: str, start: int, end: int) -> bool:
    """Whether [start, end) stands within quotation marks, and there are words beyond these."""
    for spoken in speakers.SPEECH.finditer(quote):
        if spoken.start() <= start and end <= spoken.end():
            return any(c.isalnum() for c in quote[: spoken.start()] + quote[spoken.end() :])
    return False


def _only_asked(pair: Alignment) -> Iterator[str]:
    """What the quotes ask, they do not say."""
    said, there = pair.statement, pair.quotes
    questions = {there.sentence[t.place] - 1 for t in there.tokens if t.text == "?"}
    if not questions or any(t.text == "?" or t.lower in _ASKING for t in said.tokens):
        return
    places = [b for a, b in pair.best.items() if a not in pair.opposite]
    if places and all(there.sentence[place] in questions for place in places):
        yield "The quotes only ask this."


def _restated(said: Reading, asked: Reading) -> bool:
    """Whether the statement affirms what is asked in the question's own words: then the question proves none of it."""
    words = [t for t in said.tokens if t.content and t.place not in said.number_at]
    values = {number.value for number in asked.numbers}
    return (
        len(words) > 1
        and not any(op.kind == "NOT" for op in said.operators)
        and all(asked.candidates(t) for t in words)
        and all(number.value in values for number in said.numbers)
    )


def _scrap(said: Reading, there: Reading) -> bool:
    """Whether all that is quoted is one word, `November.`, and the statement joins others to it."""
    words = [sum(not t.mark for t in reading.tokens) for reading in (said, there)]
    return words[0] > 1 and words[1] < 2


def _problems(
    lead: answers.Lead,
    said: Reading,
    there: Reading,
    asked: Reading,
    quotes: Sequence[SupportQuote],
    question: str,
    statement: str,
) -> Iterator[str]:
    around = _around(quotes)
    pair = align(said, there)
    restated = lead != "no" and _restated(said, asked)
    proof = read("") if restated else asked
    yield from numbers.problems(said.numbers, there.numbers, proof.numbers, there.tokens)
    yield from numbers.directions(said.tokens, said.numbers, there.tokens, there.numbers)
    spoken = any(mark in quote.text for quote in quotes for mark in '"“”')
    yield from _uncovered(pair, proof, around, spoken)
    yield from _not_verbatim(statement, quotes, question)
    yield from operators.polarity(pair)
    yield from operators.modality(pair, asked)
    yield from operators.quantifiers(pair, asked)
    yield from operators.time_order(pair, asked)
    yield from operators.conditions(pair, asked)
    whole = answers.completed(question, statement, said)
    known = names.abbreviated(said.tokens, there.tokens)
    claimed = align(read(whole), there) if whole else pair
    yield from roles.replaced(claimed, () if whole else known)
    yield from roles.crossed(claimed)
    yield from roles.added(pair, asked)
    yield from pairing.mispaired(pair)
    yield from substitution.substituted(pair, asked)
    if len(quotes) > 1:
        texts, before = [read(quote.text) for quote in quotes], [read(quote.before) for quote in quotes]
        yield from cohesion.scattered(said, texts, before, asked)
    yield from speakers.problems(pair, asked, around)
    yield from _only_asked(pair)
    if answers.is_yes_no(question):
        yield from answers.problems("yes" if restated else lead, said, asked, there)


def _uncovered(pair: Alignment, asked: Reading, around: Sequence[Reading], spoken: bool) -> Iterator[str]:
    known = names.abbreviated(pair.statement.tokens, pair.quotes.tokens)
    for token in coverage.uncovered(pair, asked, around, spoken):
        if token.place not in known:
            what = "contain the name" if token.name else "say"
            yield f'The quotes do not {what} "{token.text.replace("_", " ")}".'


def _not_verbatim(statement: str, quotes: Sequence[SupportQuote], question: str) -> Iterator[str]:
    """Words between quotation marks must stand in a quote as they are."""
    for n, found in enumerate(_MARKED.finditer(statement.translate(_DOUBLE))):
        words = next(group for group in found.groups() if group is not None)
        if n >= _MAX_MARKED:
            yield "The statement has too many quoted words to be checked."
            return
        core = words.strip(" ,.;:!?")
        texts = [*(quote.text for quote in quotes), *(_SPACED.sub("", quote.text) for quote in quotes), question]
        if core and not any(match.find(core, text[:MAX_CHARS]) for text in texts):
            yield f'The quotes do not contain the words "{core}".'


def _irrelevant(said: Reading, asked: Reading, quotes: Sequence[SupportQuote]) -> tuple[int, ...]:
    """Positions of quotes that share no word of content and no number with the statement (or, for a bare `Yes`, `No`
    or pronoun, with the question).
    """
    words = [t for t in said.tokens if t.content]
    if len(words) < 2:
        words += [t for t in asked.tokens if t.content]
    keys = {key for token in words for key in token.keys}
    values = {number.value for number in said.numbers}
    found = []
    for n, quote in enumerate(quotes):
        theirs = (keys_of(word) for word in lower_words(quote.text[:MAX_CHARS]) if word not in FUNCTION_WORDS)
        if any(not keys.isdisjoint(found_keys) for found_keys in theirs):
            continue
        reading = read(quote.text)
        if keys.isdisjoint(reading.places) and not any(number.value in values for number in reading.numbers):
            found.append(n)
    return tuple(found)
