"""Who says it: speakers of the statement must be speakers of the quotes; what is attributed stays attributed."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa.english.lemmas import lemma
from qa.gate.alignment import Alignment
from qa.gate.reading import Reading
from qa.gate.tokens import Token

__all__ = ["DOCUMENT", "FIRST_PERSON", "SPEECH", "misattributed", "sayings"]

_VERBS = frozenset(
    lemma(w)
    for w in """say tell claim believe argue report note warn insist acknowledge admit allege assert contend maintain
    thunder declare announce call add deny explain remark concede think predict estimate write stress shout
    cry yell exclaim reply""".split()
)
_STRONG = frozenset(
    lemma(w)
    for w in """say tell claim believe argue warn insist allege assert contend maintain accord shout cry yell
    exclaim reply""".split()
)
FIRST_PERSON = frozenset("i we my our me us mine ours myself ourselves i'm we're".split())
# Words in quotation marks, also unclosed ones.
SPEECH = re.compile(r"“[^”]*(?:”|$)|\"[^\"]*(?:\"|$)|«[^»]*(?:»|$)|(?<!\w)[‘'][^‘’']*[’'](?!\w)")
_THIRD_PERSON = frozenset("he she they it his her their him them".split())
DOCUMENT = frozenset(
    lemma(w)
    for w in """study report article document text author paper research researcher company speaker source management
    quote passage result scientist team finding experiment investigator administration""".split()
)


@dataclass(frozen=True, slots=True)
class Saying:
    """A reporting verb (or `according to`), who is its subject, and which tokens it covers."""

    verb: int
    speaker: tuple[int, ...]  # words of content of the subject, nearest to the verb first
    pronoun: str
    strong: bool


def sayings(reading: Reading) -> list[Saying]:
    """The places where somebody says something."""
    found = []
    for token in reading.tokens:
        if token.mark:
            continue
        word = lemma(token.lower)
        if token.lower == "according" and _next_word(reading, token.place) == "to":
            found.append(Saying(token.place, _after(reading, token.place + 2), "", True))
        elif word in _VERBS and not _is_noun(reading, token.place) and not _unreal(reading, token.place):
            speaker, pronoun = _subject(reading, token.place)
            clausal = word in _STRONG or _next_word(reading, token.place) in ("that", ",", ":", ".", "")
            if (speaker or pronoun) and clausal:
                found.append(Saying(token.place, speaker, pronoun, word in _STRONG))
    return found


def _next_word(reading: Reading, place: int) -> str:
    return reading.tokens[place + 1].lower if place + 1 < len(reading.tokens) else ""


def _is_noun(reading: Reading, place: int) -> bool:
    before = reading.tokens[place - 1].lower if place else ""
    if reading.tokens[place].lower in _NOUNS and _next_word(reading, place) != "that":
        start = place  # `the ICSU report`
        while start and reading.tokens[start - 1].content:
            start -= 1
        if start and reading.tokens[start - 1].lower in _DETERMINERS:
            return True
    return before in (
        "the",
        "a",
        "an",
        "by",
        "this",
        "that",
        "phone",
        "recent",
        "to",
        "of",
        "was",
        "were",
        "is",
        "are",
        "been",
    )


_NOUNS = frozenset("report claim call note estimate stress remark".split())
_DETERMINERS = frozenset("the a an this that its his her their our no".split())


def _unreal(reading: Reading, place: int) -> bool:
    return reading.tokens[place].lower.endswith("ing")


def _subject(reading: Reading, verb: int) -> tuple[tuple[int, ...], str]:
    """The words before the verb in its clause, or after it where the verb is turned round: `said Putin`."""
    words: list[int] = []
    pronoun = ""
    start = _before_apposition(reading, verb)
    aside = [place for place in range(verb - 1, start, -1) if reading.tokens[place].content]
    if len(aside) > 3:  # `, who took office in 2016,`
        aside = []
    for place in range(start - 1, max(-1, start - 14), -1):
        token = reading.tokens[place]
        if token.mark and (token.text != "," or words or pronoun):
            break
        if token.lower == "and" and words and reading.tokens[verb - 1].lower in ("all", "both"):
            continue  # `Howson, Carter and his agent all denied`
        if token.lower in ("that", "and", "which", "but", "because", "as") and not token.mark:
            if words or pronoun:
                break
            return (), ""
        if token.content:
            words.append(place)
        elif token.lower in FIRST_PERSON | _THIRD_PERSON and not words:
            pronoun = token.lower
            break
    if not words and not pronoun:
        words = list(_after(reading, verb + 1))
        if words and not reading.tokens[words[0]].text[:1].isupper():
            words = []
    return tuple(aside) + _without_tail(reading, words), pronoun


def _without_tail(reading: Reading, words: list[int]) -> tuple[int, ...]:
    """Nearest first, less what a preposition adds: `study` for `A study published in Nature says`."""
    if words:
        for place in range(min(words), max(words)):
            named = reading.tokens[place].lower == "of" and reading.tokens[max(words)].name
            if reading.tokens[place].lower in _PREPOSITIONS and not named and any(w < place for w in words):
                return tuple(word for word in words if word < place)
    return tuple(words)


_PREPOSITIONS = frozenset("in of at for with from by on about to".split())


def _before_apposition(reading: Reading, verb: int) -> int:
    """The comma that opens `, who took office in 2016, said`; else the verb."""
    if verb and reading.tokens[verb - 1].text == ",":
        for place in range(verb - 2, max(-1, verb - 25), -1):
            if reading.tokens[place].text in ",.;:":
                return place if reading.tokens[place].text == "," and place > 0 else verb
    return verb


def _after(reading: Reading, start: int) -> tuple[int, ...]:
    """The words of content of the noun phrase from `start` on, its head first."""
    places: list[int] = []
    for place in range(start, min(start + 12, len(reading.tokens))):
        token = reading.tokens[place]
        if token.mark or (places and not token.content):
            break
        if token.content:
            places.append(place)
    return tuple(reversed(places))


def misattributed(pair: Alignment, question: Reading, around: Sequence[Reading]) -> Iterator[str]:
    """Words given to the wrong speaker, or to none. around: the texts before and after the quotes."""
    statement, there = pair.statement, pair.quotes
    theirs = sayings(there)
    ours = sayings(statement)
    nearby = [(reading, saying) for reading in around[:2] for saying in sayings(reading)] if ours else []
    for saying in ours:
        if saying.speaker and not _is_speaker(pair, saying, theirs, nearby, question, around):
            name = statement.text(min(saying.speaker), max(saying.speaker) + 1)
            yield f'The quotes do not show that "{name}" said this.'
    if not ours and not _mentions_saying(statement):
        for saying in theirs:
            if saying.strong and saying.pronoun not in FIRST_PERSON and _reported(pair, saying):
                who = there.text(min(saying.speaker), max(saying.speaker) + 1) if saying.speaker else saying.pronoun
                yield f'The quotes give this as the words of "{who}"; the statement says it as a fact.'
                return
        yield from _hearsay(pair)


def _hearsay(pair: Alignment) -> Iterator[str]:
    """`Some assessments show that it moved` is not `it moved`."""
    statement, there = pair.statement, pair.quotes
    kept = _mentions_saying(statement) or any(op.kind in ("MAY", "SEEM", "LIKELY") for op in statement.operators)
    if kept or any(lemma(t.lower) in _RUMOURS for t in statement.tokens):
        return
    taken = set(pair.best.values())
    for token in there.tokens:
        that = next((n for n in range(token.place + 1, token.place + 3) if _word(there, n) == "that"), -1)
        if lemma(token.lower) in _RUMOURS and that > 0:
            number = there.sentence[that]
            told = {t.place for t in there.tokens[that:] if t.content and there.sentence[t.place] == number}
            if len(told & taken) >= 2:
                yield f'The quotes give this as "{token.text} that"; the statement says it as a fact.'
                return


def _word(reading: Reading, place: int) -> str:
    return reading.tokens[place].lower if place < len(reading.tokens) else ""


_RUMOURS = frozenset(
    lemma(word) for word in "assessment report rumor claim allegation speculation belief hypothesis accusation".split()
)
_NEAR = 6  # words: `The New York Times, citing European officials, reported`
_FINDING = frozenset(lemma(word) for word in ("find", "show", "suggest"))
_BLAMING = frozenset(
    lemma(word) for word in "blame accuse promise ask question describe call speak talk comment respond".split()
)


def _mentions_saying(reading: Reading) -> bool:
    if reading.tokens and reading.tokens[0].lower in ("that", "to", "if"):
        return True  # `What did he warn?`, `That the fighting could spread.`
    for token in reading.tokens:
        word = lemma(token.lower)
        if word in _VERBS | _BLAMING or token.lower in ("according", "reportedly", "allegedly"):
            return True
        if word in _FINDING and _next_word(reading, token.place) == "that":
            return True
    return False


def _reported(pair: Alignment, saying: Saying) -> bool:
    """Whether the statement takes over what is said: the words after the verb, or, if there are none, before it."""
    there = pair.quotes
    number = there.sentence[saying.verb]
    words = {t.place for t in there.tokens if t.content and there.sentence[t.place] == number} - set(saying.speaker)
    after = {place for place in words if place > saying.verb}
    part = {place for place in words if place < saying.verb} if _next_word(there, saying.verb) in _PLACING else after
    if len(after) < 2 or there.tokens[saying.verb].lower == "according":
        part = words - {saying.verb}
    taken = part & set(pair.best.values())
    return len(taken) >= max(1, min(2, len(pair.best)))


_PLACING = frozenset("at in during while as".split())  # `..., Austin said at a meeting in Germany`


def _is_speaker(
    pair: Alignment,
    saying: Saying,
    theirs: Sequence[Saying],
    nearby: Sequence[tuple[Reading, Saying]],
    question: Reading,
    around: Sequence[Reading],
) -> bool:
    tokens = pair.statement.tokens
    head = tokens[saying.speaker[0]]
    everyone = [tokens[place] for place in saying.speaker]
    same_verb = lemma(tokens[saying.verb].lower)
    named = False
    for other in theirs:
        if other.speaker:
            group = [pair.quotes.tokens[place] for place in other.speaker]
            if any(head.keys & t.keys for t in group[:_NEAR]):
                return True
            if not any(t.name for t in everyone) and any(x.keys & y.keys for x in everyone for y in group):
                return True
            named = named or lemma(pair.quotes.tokens[other.verb].lower) == same_verb or other.strong
        elif other.pronoun in _THIRD_PERSON and _last_speaker(head, around):
            return True
    for reading, other in nearby:
        if other.speaker and any(head.keys & reading.tokens[place].keys for place in other.speaker[:3]):
            return not named
    if named:
        return False
    first_person = any(t.lower in FIRST_PERSON for t in pair.quotes.tokens)
    if not head.name and (first_person or lemma(head.lower) in DOCUMENT):
        return True
    if not theirs and all(place in pair.candidates for place in saying.speaker) and not head.name:
        return True
    return any(t.keys & q.keys for t in everyone for q in question.tokens if q.content)


def _last_speaker(head: Token, around: Sequence[Reading]) -> bool:
    return any(reading.candidates(head) for reading in around[:1])
