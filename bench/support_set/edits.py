"""Edits that change what a statement says, one function a kind: `(statement, context) -> candidates`."""
# ruff: noqa: E501 (patterns and word pairs stay whole)

import functools
import itertools
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from .names import PERSON
from .words import (
    ADDITIONS,
    ANTONYMS,
    FUNCTION_WORDS,
    INSERTS,
    MODALS,
    MONTHS,
    NUMBER_WORDS,
    PAST,
    QUANTIFIERS,
    SAYING,
    TIME_ORDER,
    TIMES,
    UNITS,
    WEEKDAYS,
)  # fmt: skip

__all__ = ["EDITS", "Context", "pattern_of"]

_NUMBER = re.compile(r"(?<![\w.,/°-])(\$?)(\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)(?![\w]|[-–/]\d|[,.]\d|-)")
_YEAR = re.compile(r"(?<![\w$,.])(1[5-9]\d\d|20\d\d)(?!\w|[,.]\d)")
_AUX = re.compile(
    r"\b(is|are|was|were|has|have|had|will|would|could|can|may|might|must|should|does|did)\b(?! not\b|n[’']t|[’'])"
)
_NEGATIVE = re.compile(
    r"\b(?:no|not|never|none|nobody|neither|nor|cannot|without|unable|hardly)\b|n[’']t\b", re.IGNORECASE
)
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"")


@dataclass(frozen=True)
class Context:
    """What a rule may use besides the statement.

    rng: seeded. source: the supported statement. names: of the document, by type. elsewhere: sentences far from the quote.
    around: the quote's neighbours. common: words that the source writes without a capital.
    """

    rng: random.Random
    source: str
    names: dict[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    elsewhere: tuple[str, ...] = ()
    around: str = ""
    common: frozenset[str] = frozenset()

    def lower_first(self, clause: str) -> str:
        """The clause as the rest of a sentence: a first word that the source also writes small loses its capital."""
        word = re.match(r"[\w’']*", clause)
        small = word and word[0] != "I" and (word[0].lower() in self.common or word[0].lower() in FUNCTION_WORDS)
        return clause[:1].lower() + clause[1:] if small else clause


def _replace(text: str, start: int, end: int, new: str) -> str:
    before = text[:start]
    if re.search(r"\ba $", before) and re.match(r"[aeio]|un(?!i)", new):
        before = before[:-1] + "n "
    return re.sub(r"  +", " ", before + new + text[end:]).strip()


def _in_quotes(text: str, at: int) -> bool:
    return any(m.start() <= at < m.end() for m in _QUOTED.finditer(text))


@functools.cache
def pattern_of(source: str, literal: bool = False) -> re.Pattern[str]:
    """A compiled pattern; a literal is matched as whole words. There are more of them than `re` itself keeps."""
    return re.compile(rf"(?<![\w-]){re.escape(source)}(?![\w-])" if literal else source)


def _swap_all(text: str, pairs: tuple[tuple[str, str], ...], literal: bool) -> Iterator[str]:
    """Each pair at its first occurrence outside quotation marks."""
    for old, new in pairs:
        match = pattern_of(old, literal).search(text)
        if match and not _in_quotes(text, match.start()) and (old, text[match.end() :][:3]) != ("declined", " to"):
            if text[match.start()].isupper() and new:
                new = new[0].upper() + new[1:]
            yield _replace(text, match.start(), match.end(), new)


def _other_number(digits: str, rng: random.Random) -> str:
    """Another number that looks like the first: two digits exchanged, one changed, or ten times as much."""
    bare = digits.replace(",", "")
    ways = [
        bare[:i] + bare[i + 1] + bare[i] + bare[i + 2 :]
        for i in range(len(bare) - 1)
        if bare[i : i + 2].isdigit() and bare[i] != bare[i + 1] and not (i == 0 and bare[1] == "0")
    ]
    position = rng.choice([i for i, c in enumerate(bare) if c.isdigit()])
    ways.append(bare[:position] + rng.choice([c for c in "23456789" if c != bare[position]]) + bare[position + 1 :])
    if "." not in bare:
        ways.append(bare + "0")
    new = rng.choice(ways)
    return f"{int(new):,}" if "," in digits and new.isdigit() else new


def number(text: str, context: Context) -> Iterator[str]:
    """Digits, number words, magnitudes and units."""
    for match in _NUMBER.finditer(text):
        if not match[1] and _YEAR.fullmatch(match[2]):
            continue
        if re.search(rf"(?:{'|'.join(MONTHS)}) $", text[: match.start()]) or re.match(
            rf" (?:{'|'.join(MONTHS)})", text[match.end() :]
        ):
            continue
        yield _replace(text, match.start(2), match.end(2), _other_number(match[2], context.rng))
    for match in re.finditer(rf"\b({'|'.join(NUMBER_WORDS[2:])})\b(?!-)", text, re.IGNORECASE):
        new = context.rng.choice([w for w in NUMBER_WORDS[2:15] if w != match[0].lower()])
        yield _replace(text, match.start(), match.end(), new.capitalize() if match[0][0].isupper() else new)
    if re.search(r"\d|\b(?:" + "|".join(NUMBER_WORDS[1:]) + r")\b", text):
        yield from _swap_all(text, UNITS, literal=True)


def date(text: str, context: Context) -> Iterator[str]:
    """Years, decades, months, days of the month, weekdays, times of day."""
    rng = context.rng
    for match in _YEAR.finditer(text):
        year = int(match[0]) + rng.choice([-10, -3, -2, -1, 1, 2, 3, 5, 10, -100])
        yield _replace(text, match.start(), match.end(), str(year))
    for match in re.finditer(r"\b(1[5-9]|20)(\d)0s\b", text):
        yield _replace(text, match.start(), match.end(), f"{match[1]}{(int(match[2]) + rng.randint(1, 8)) % 10}0s")
    for names in (MONTHS, WEEKDAYS):
        for match in re.finditer(rf"\b({'|'.join(names)})\b", text):
            if match[0] == "May" and not re.match(r" \d", text[match.end() :]):
                continue
            if match[0] == "March" and not re.search(r"\d|in $", text[match.start() - 3 : match.end() + 3]):
                continue
            yield _replace(text, match.start(), match.end(), rng.choice([n for n in names if n != match[0]]))
    months = "|".join(MONTHS)
    for match in re.finditer(rf"\b(?:{months}) (\d\d?)\b|\b(\d\d?) (?:{months})\b", text):
        group = 1 if match[1] else 2
        day = rng.choice([d for d in range(2, 28) if d != int(match[group])])
        yield _replace(text, match.start(group), match.end(group), str(day))
    yield from _swap_all(text, TIMES, literal=True)


def _names_in(text: str, context: Context) -> Iterator[tuple[str, tuple[str, ...], re.Match[str]]]:
    for kind, bearers in context.names.items():
        for forms in bearers:
            for form in forms:
                match = pattern_of(form, literal=True).search(text)
                if match:
                    yield kind, forms, match
                    break


def _others(kind: str, context: Context, text: str) -> list[tuple[str, ...]]:
    present = text + " " + context.source
    return [forms for forms in context.names[kind] if not any(form in present for form in forms)]


def name(text: str, context: Context) -> Iterator[str]:
    """Another bearer of the same type, from the same document, that the quote does not name."""
    for kind, forms, match in _names_in(text, context):
        others = _others(kind, context, text)
        if not others:
            continue
        other = context.rng.choice(others)
        yield _replace(text, match.start(), match.end(), other[min(forms.index(match[0]), len(other) - 1)])


def _main_clause(text: str) -> int:
    """Where the main clause may end: a rule that negates looks no further."""
    match = re.search(
        r",? (?:which|that|who|whose|where|because|although|while|whether|when|if|unless|as)\b|[;:“\"]", text
    )
    return match.start() if match else len(text)


def polarity(text: str, _context: Context) -> Iterator[str]:
    """Negation put in or taken out."""
    if _NEGATIVE.search(text):
        yield from _without_negation(text)
        return
    if re.match(r"(?:If|When|Unless|While|Although|Because|Since|As)\b", text):
        return
    limit = _main_clause(text)
    match = _AUX.search(text[:limit])
    if match:
        if match[1] in ("has", "have", "had") and not re.match(
            r" (?:\w+ly |also |already |long )?(?:\w+ed|been|\w+en|made|held)\b", text[match.end() :]
        ):
            return
        yield _replace(text, match.start(), match.end(), "cannot" if match[1] == "can" else f"{match[1]} not")
        return
    match = re.search(rf"\b({'|'.join(PAST)})\b", text[:limit])
    if (
        match
        and match.start() > 0
        and not re.search(r"\b(?:was|were|been|be|is|are|and|by|the|a|an|of|to|,) $", text[: match.start()])
    ):
        yield _replace(text, match.start(), match.end(), f"did not {PAST[match[1]]}")
        yield _replace(text, match.start(), match.end(), f"never {match[1]}")


def _without_negation(text: str) -> Iterator[str]:
    steps = (
        (r"\b(is|are|was|were|has|have|had|will|would|could|may|might|must|should|does|did|do) not\b(?! only)", r"\1"),
        (r"\b(is|are|was|were|has|have|had|would|could|should|does|did|do)n[’']t\b", r"\1"), (r"\bcannot\b", "can"), (r"\bcan[’']t\b", "can"),
        (r"\bwon[’']t\b", "will"), (r"\bnever\b ", ""), (r"\bno longer\b", "still"), (r"\bunable to\b", "able to"),
        (r"\bwithout\b", "with"), (r"\bno one\b", "everyone"), (r"\bNo\b(?= [a-z]+s? )", "Every"), (r"\bno\b(?= [a-z]+s? )", "a clear"),
        (r"\bNone of\b", "All of"), (r"\bnone of\b", "all of"), (r"\bneither\b", "both"), (r", not\b", ", and"),
        (r"([’'](?:re|ve|ll|s|m)) not\b", r"\1"), (r"\bnobody\b", "everybody"),
    )  # fmt: skip
    for pattern, new in steps:
        match = re.search(pattern, text)
        if match:
            yield _replace(text, match.start(), match.end(), match.expand(new))
            return


def modality(text: str, _context: Context) -> Iterator[str]:
    """Possible, planned, wanted or asked becomes certain or done; sometimes the reverse."""
    yield from _swap_all(text, MODALS, literal=False)


def speaker(text: str, context: Context) -> Iterator[str]:
    """Another speaker, an attribution taken away, or one invented."""
    people = _others(PERSON, context, text + context.around) if PERSON in context.names else []
    tail = re.search(rf", (?:the |a |an )?[\w’' .]*?\b(?:{SAYING})(?: \w+)?\.$", text)
    head = re.match(rf"(?:[\w’'. ]+?)(?<!been|were)(?<!was)(?<!to) (?:{SAYING}) (?:on \w+day )?that (?=\w)", text)
    according = re.search(r", according to [\w’' ]+(?=[.,])|^According to [\w’' ]+, ", text)
    if tail:
        yield text[: tail.start()] + "."
    if head and not _in_quotes(text, head.start()):
        rest = text[head.end() :]
        yield rest[0].upper() + rest[1:]
    if according:
        rest = _replace(text, according.start(), according.end(), "").lstrip(" ,")
        yield rest[0].upper() + rest[1:]
    if not people:
        return
    other = context.rng.choice(people)[0]
    said = re.search(rf"(?:(?<=^)|(?<=, )|(?<=” ))([\w’'. ]+?) (?=(?:{SAYING})\b)", text)
    if said and not re.search(
        r"\b(?:been|was|were|previously|first|to|not|also|have|has|had|is|are|and|be)$|[’'](?:m|ve|re|s)$", said[1]
    ):
        yield _replace(text, said.start(1), said.end(1), other)
    elif (
        not said
        and not _QUOTED.search(text)
        and context.rng.random() < 0.5
        and re.match(r"(?:The|In|A|An|[A-Z]\w+ (?:is|was|has|had|will|also))\b", text)
    ):
        clause = context.lower_first(text)
        yield f"{other} said that {clause}"


def quoted(text: str, context: Context) -> Iterator[str]:
    """Words inside quotation marks changed, dropped or put in."""
    for match in _QUOTED.finditer(text):
        inner = match[0][1:-1]
        words = inner.split(" ")
        if len(words) < 3:
            if len(words) == 2 and inner.islower():
                yield _replace(
                    text,
                    match.start() + 1,
                    match.end() - 1,
                    f"{words[0]} {context.rng.choice(['old', 'other', 'major'])} {words[1]}",
                )
            continue
        for old, new in (
            *ANTONYMS,
            ("we", "they"),
            ("is", "was"),
            ("not", "never"),
            ("will", "may"),
            ("I", "we"),
            ("very", "rather"),
            ("the", "a"),
        ):
            found = re.search(rf"\b{re.escape(old)}\b", inner)
            if found:
                yield _replace(text, match.start() + 1 + found.start(), match.start() + 1 + found.end(), new)
                break
        middle = [i for i in range(1, len(words) - 1) if len(words[i]) > 3 and words[i].isalpha()]
        if middle:
            drop = context.rng.choice(middle)
            yield text[: match.start() + 1] + " ".join(words[:drop] + words[drop + 1 :]) + text[match.end() - 1 :]
            put = context.rng.choice(["never", "hardly", "secretly", "almost", "certainly", "all"])
            yield text[: match.start() + 1] + " ".join([*words[:drop], put, *words[drop:]]) + text[match.end() - 1 :]


def _numbers_swapped(text: str) -> Iterator[str]:
    """Two amounts of the same shape (sign and unit) change places."""
    unit = r"( million| billion| trillion|%| percent)?"
    amounts = list(re.finditer(rf"(?<![\w.,])(\$?)(\d{{1,3}}(?:,\d{{3}})+|\d+(?:\.\d+)?){unit}(?!\w|[,.]\d)", text))
    months = "|".join(MONTHS)
    for first, second in itertools.pairwise(amounts):
        between = text[first.end() : second.start()]
        years = _YEAR.fullmatch(first[0]) or _YEAR.fullmatch(second[0])
        dates = re.search(rf"(?:{months}) $", text[: first.start()]) or re.search(rf"(?:{months}) $", between)
        linked = re.search(r"\b(?:to|compared|versus|from|than|in \d{4})\b", between)
        if years or dates or first[0] == second[0] or (first[1], first[3]) != (second[1], second[3]):
            continue
        if linked and not re.search(r"\b(?:range|ranging|vary|varies)\b", text) and len(between) > 6:
            yield text[: first.start()] + second[0] + between + first[0] + text[second.end() :]
    amount = r"\$?\d[\d,.]*(?: percent| million| billion|%)?"
    match = re.search(rf"\bfrom ({amount}) to ({amount})", text)
    if match and match[1] != match[2] and not re.search(r"\b(?:range|ranging|vary|varies)\b", text):
        yield text[: match.start()] + f"from {match[2]} to {match[1]}" + text[match.end() :]


def role(text: str, context: Context) -> Iterator[str]:
    """Two names or two numbers of the sentence change places."""
    found = sorted((m.start(), m.end(), kind) for kind, _, m in _names_in(text, context))
    for (a, b, kind), (c, d, other) in itertools.pairwise(found):
        between = text[b:c]
        if (
            kind != other
            or b > c
            or re.match(r"\s*(?:and|or|,|with|/|&)", between)
            or re.search(r"\b(?:and|or|with|between|met)\s*$", between)
        ):
            continue
        yield text[:a] + text[c:d] + between + text[a:b] + text[d:]
    yield from _numbers_swapped(text)
    passive = re.match(
        r"(The [\w ]{3,40}?|[A-Z][\w ]{2,30}?) (was|were) (\w+ed|written|built|sung|won) by ((?:the |a )?[A-Z]?[\w ]{2,40}?)\.$",
        text,
    )
    if passive:
        agent = passive[4][0].upper() + passive[4][1:]
        patient = passive[1][0].lower() + passive[1][1:] if passive[1].startswith("The ") else passive[1]
        yield f"{agent} {passive[2]} {passive[3]} by {patient}."
    than = re.match(
        r"((?:The )?[A-Z]?[\w’' -]{3,40}?) (is|are|was|were) ((?:more |less )?\w+) than ([\w’' -]{3,50}?)\.$", text
    )
    if than:
        yield f"{than[4][0].upper()}{than[4][1:]} {than[2]} {than[3]} than {than[1][0].lower()}{than[1][1:]}."


def antonym(text: str, _context: Context) -> Iterator[str]:
    """A verb, adjective or adverb replaced by its opposite."""
    yield from _swap_all(text, ANTONYMS, literal=True)


def quantifier(text: str, _context: Context) -> Iterator[str]:
    """How many, how much, how often."""
    yield from _swap_all(text, QUANTIFIERS, literal=False)


def condition(text: str, _context: Context) -> Iterator[str]:
    """A condition dropped, turned round or put in place of another."""
    lead = re.match(r"(If|Unless|As long as|Once|Provided that|Should) ([^,]+), (?!\d)(.+)$", text)
    if lead and not _QUOTED.search(lead[2]):
        yield lead[3][0].upper() + lead[3][1:]
        yield f"{'Unless' if lead[1] != 'Unless' else 'If'} {lead[2]}, {lead[3]}"
        yield f"Even without that condition, {lead[3]}"
    tail = re.search(
        r"(?<!especially)(?<!than)(?<!even)(?<!as),? (if(?! not)|unless|as long as|provided that|only if|(?<=, )subject to|depending on|once(?= (?:it|the|they|he|she|a)\b)|only when) ([^,“”]+)\.$",
        text,
    )
    if tail and not re.search(r"\b(?:ask|asked|see|know|determine|wonder)\w*$", text[: tail.start()]):
        yield text[: tail.start()] + "."
        opposite = {"if": "unless", "unless": "if", "as long as": "even if", "provided that": "even if", "only if": "unless",
                    "subject to": "regardless of", "depending on": "regardless of", "once": "long before", "only when": "except when"}  # fmt: skip
        if tail[1] in opposite:
            yield text[: tail.start(1)] + opposite[tail[1]] + text[tail.end(1) :]
    middle = re.search(r"(?<!however), (?:if|unless|as long as) [^,]+,", text)
    if middle:
        yield _replace(text, middle.start(), middle.end(), "")


def time_order(text: str, _context: Context) -> Iterator[str]:
    """What came first, what came later, what is over."""
    yield from _swap_all(text, TIME_ORDER, literal=False)


def addition(text: str, context: Context) -> Iterator[str]:
    """A clause or adverb that the quote does not have."""
    if text.endswith(".") and not text.endswith(("”.", '".')):
        yield text[:-1] + context.rng.choice(ADDITIONS) + "."
        if context.elsewhere:
            other = context.rng.choice(context.elsewhere)
            yield f"{text} {other}"
    match = re.search(rf" (?=(?:{'|'.join(PAST)})\b)", text[: _main_clause(text)])
    if match and not re.search(r"\b(?:was|were|been|be|is|are|and|by|the|a|an|of|to)$", text[: match.start()]):
        yield text[: match.end()] + context.rng.choice(INSERTS) + " " + text[match.end() :]


EDITS: dict[str, Callable[[str, Context], Iterator[str]]] = {
    "number": number, "date": date, "name": name, "polarity": polarity, "modality": modality, "speaker": speaker, "quoted words": quoted,
    "role swap": role, "antonym": antonym, "quantifier": quantifier, "condition": condition, "time order": time_order, "addition": addition,
}  # fmt: skip
