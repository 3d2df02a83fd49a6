"""The claim gate: do the quotes of a statement say what it says? Rules and figures in docs/support.md."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from qa.english.function_words import FUNCTION_WORDS
from qa.english.meanings import keys_of
from qa.english.words import words as lower_words
from qa.gate import (
    answers,
    cohesion,
    coverage,
    numbers,
    operators,
    pairing,
    relevance,
    roles,
    speakers,
    substitution,
)
from qa.gate.claims import Claim, SupportQuote, read_claim
from qa.gate.language import is_english
from qa.gate.reading import read_text
from qa.gate.tokens import MAX_CHARS
from qa.quotes import match
from qa.quotes.elision import sentence_ends

__all__ = ["MAX_STATEMENT_CHARS", "Finding", "check"]

MAX_STATEMENT_CHARS = 3_000  # a statement is one or two sentences; a longer one is not checked, so it does not pass
_DOUBLE = str.maketrans(dict.fromkeys("“”„‟«»", '"'))
_MARKED = re.compile(r"\"([^\"]{1,600})\"|(?<!\w)['‘](?!\s)([^'‘’]{1,600})(?<!\s)['’](?!\w)")
_MAX_MARKED = 20
_SPACED = re.compile(
    r"(?<=\w) (?=[,;:.!?%)]|n't\b|'s\b)|(?<=[(]) | ?@(?=[-.,]@)|(?<=@[-.,])@ ?"
)  # text written as tokens


@dataclass(frozen=True, slots=True)
class Finding:
    """What the gate found.

    problems: why the quotes do not support the statement, in plain sentences; none if they do.
    irrelevant: positions of quotes that have nothing in common with the statement.
    off_topic: why the statement, supported or not, does not answer the question, in a sentence; "" if it may.
    """

    supported: bool
    problems: tuple[str, ...]
    irrelevant: tuple[int, ...]
    off_topic: str = ""


def check(statement: str, quotes: Sequence[SupportQuote], question: str = "") -> Finding:
    """Whether the quotes, together with the question, cover the statement. Raises nothing; pure."""
    if len(statement) > MAX_STATEMENT_CHARS:
        return Finding(False, ("The statement is too long to be checked.",), ())
    claim = read_claim(statement, quotes, question)
    problems = tuple(dict.fromkeys(_problems(claim)))
    return Finding(not problems, problems, _irrelevant(claim), _off_topic(claim))


def _problems(claim: Claim) -> Iterator[str]:
    """What is wrong with the claim. The rules are tried only on a claim that they can judge."""
    if problem := _unfit(claim):
        yield problem
    elif _is_copied(claim):
        return
    elif _is_scrap(claim):
        yield "The quotes are too short to say this."
    else:
        for rule in _RULES:
            yield from rule(claim)


def _unfit(claim: Claim) -> str:
    """Why the rules cannot judge the claim; "" if they can."""
    words = {t.lower for t in read_text(claim.text).tokens if not t.mark}
    bare = words <= {"yes", "no", "not"} and not claim.is_yes_no
    if bare or not any(character.isalnum() for character in claim.text):
        return "The statement says nothing."
    if not claim.quotes:
        return "The statement has no quotes."
    if not is_english(claim.text, claim.statement, claim.quoted):
        return "The statement is not in English, so it cannot be checked."
    return ""


def _is_copied(claim: Claim) -> bool:
    """Whether the statement repeats whole sentences of one quote, word for word."""
    return not claim.lead and any(_is_sentence_of(claim.text, quote.text) for quote in claim.quotes)


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
    """Whether [start, end) is within quotation marks, and there are words outside these."""
    for spoken in speakers.SPEECH.finditer(quote):
        if spoken.start() <= start and end <= spoken.end():
            return any(c.isalnum() for c in quote[: spoken.start()] + quote[spoken.end() :])
    return False


def _is_scrap(claim: Claim) -> bool:
    """Whether the quotes have a single word, `November.`, and the statement joins others to it."""
    statement, quoted = (sum(not t.mark for t in r.tokens) for r in (claim.statement, claim.quoted))
    return statement > 1 and quoted < 2


def _uncovered(claim: Claim) -> Iterator[str]:
    """Names and words of the statement that the quotes do not have."""
    for token in coverage.uncovered(claim.pair, claim.proof, claim.around, claim.quotes_speech):
        if token.place not in claim.abbreviated:
            what = "contain the name" if token.name else "say"
            yield f'The quotes do not {what} "{token.text.replace("_", " ")}".'


def _not_verbatim(claim: Claim) -> Iterator[str]:
    """Words between quotation marks that no quote has as they are."""
    for n, found in enumerate(_MARKED.finditer(claim.body.translate(_DOUBLE))):
        words = next(group for group in found.groups() if group is not None)
        if n >= _MAX_MARKED:
            yield "The statement has too many quoted words to be checked."
            return
        core = words.strip(" ,.;:!?")
        texts = [quote.text for quote in claim.quotes]
        texts += [*(_SPACED.sub("", text) for text in texts), claim.question_text]
        if core and not any(match.find(core, text[:MAX_CHARS]) for text in texts):
            yield f'The quotes do not contain the words "{core}".'


def _missing_numbers(claim: Claim) -> Iterable[str]:
    return numbers.missing(claim.statement.numbers, claim.quoted.numbers, claim.proof.numbers, claim.quoted.tokens)


def _directions(claim: Claim) -> Iterable[str]:
    statement, quoted = claim.statement, claim.quoted
    return numbers.directions(statement.tokens, statement.numbers, quoted.tokens, quoted.numbers)


def _replaced(claim: Claim) -> Iterator[str]:
    """Names and numbers in the place of others; a bare name is read as the answer to `who`."""
    if claim.completed is None:
        return roles.replaced(claim.pair, claim.abbreviated)
    return roles.replaced(claim.completed)


def _scattered(claim: Claim) -> Iterator[str]:
    if len(claim.quotes) > 1:
        texts, before = [read_text(q.text) for q in claim.quotes], [read_text(q.before) for q in claim.quotes]
        yield from cohesion.scattered(claim.statement, texts, before, claim.question)


def _wrong_yes_or_no(claim: Claim) -> Iterable[str]:
    if not claim.is_yes_no:
        return ()
    lead = "yes" if claim.is_restated else claim.lead
    return answers.not_borne_out(lead, claim.statement, claim.question, claim.quoted)


Rule = Callable[[Claim], Iterable[str]]
_RULES: tuple[Rule, ...] = (
    _missing_numbers,
    _directions,
    _uncovered,
    _not_verbatim,
    lambda claim: operators.polarity(claim.pair),
    lambda claim: operators.modality(claim.pair, claim.question),
    lambda claim: operators.quantifiers(claim.pair, claim.question),
    lambda claim: operators.time_order(claim.pair, claim.question),
    lambda claim: operators.conditions(claim.pair, claim.question),
    _replaced,
    lambda claim: roles.crossed(claim.completed or claim.pair),
    lambda claim: roles.added(claim.pair, claim.question),
    lambda claim: pairing.mispaired(claim.pair),
    lambda claim: substitution.substituted(claim.pair, claim.question),
    _scattered,
    lambda claim: speakers.misattributed(claim.pair, claim.question, claim.around),
    _wrong_yes_or_no,
)
"""Every rule, in the order in which problems are listed. A rule yields problems as plain sentences."""


def _off_topic(claim: Claim) -> str:
    if not claim.question_text.strip():
        return ""
    return relevance.off_question(claim.question_text, claim.text, claim.quoted_text, claim.around)


def _irrelevant(claim: Claim) -> tuple[int, ...]:
    """Positions of quotes that share no word of content and no number with the statement (or, for a bare `Yes`, `No`
    or pronoun, with the question).
    """
    words = [t for t in claim.statement.tokens if t.content]
    if len(words) < 2:
        words += [t for t in claim.question.tokens if t.content]
    keys = {key for token in words for key in token.keys}
    values = {number.value for number in claim.statement.numbers}
    found = []
    for n, quote in enumerate(claim.quotes):
        theirs = (keys_of(word) for word in lower_words(quote.text[:MAX_CHARS]) if word not in FUNCTION_WORDS)
        if any(not keys.isdisjoint(found_keys) for found_keys in theirs):
            continue
        reading = read_text(quote.text)
        if keys.isdisjoint(reading.places) and not any(number.value in values for number in reading.numbers):
            found.append(n)
    return tuple(found)
