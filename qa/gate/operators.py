"""Polarity, modality, quantifiers and time order: operators must govern the same words in statement and quotes."""

from collections.abc import Iterator

from qa.english.calendar import TIME_UNITS
from qa.english.function_words import AUXILIARIES, PRONOUNS
from qa.english.lemmas import is_participle, lemma
from qa.english.meanings import opposite_keys
from qa.english.operators import MODAL, SAME, UNREAL
from qa.gate.alignment import Alignment
from qa.gate.numbers import preposition
from qa.gate.reading import Operator, Reading

__all__ = ["conditions", "modality", "negations", "polarity", "quantifiers", "time_order", "weakened"]

_QUANTIFIERS = frozenset(
    """WITHOUT
    ALL ANY SOME MANY MOST FEW ONLY ALMOST ATLEAST ATMOST MORETHAN LESSTHAN MORE LESS LEAST HALF APPROX""".split()
)
_NOT_DROPPED = frozenset(
    "WITHOUT MANY MOST FEW SOME ONLY ALMOST ATLEAST ATMOST MORETHAN LESSTHAN MORE LESS HALF".split()
)
_TIME = frozenset(["BEFORE", "AFTER", "DURING", "UNTIL", "STILL", "ALREADY", "SINCE"])
_CONDITION = frozenset(["IF", "UNLESS"])
_POSITION = frozenset(["ABOVE", "BELOW"])
_NOT = frozenset(["NOT"])


def _same(kind: str) -> frozenset[str]:
    return SAME.get(kind, frozenset([kind]))


def negations(reading: Reading, place: int, but: frozenset[int] = frozenset()) -> int:
    """How many negations govern the word; those at the places `but` are not counted."""
    return len({op.start for op in reading.governing(place, _NOT)} - but)


def polarity(pair: Alignment) -> Iterator[str]:
    """Where one side negates what the other does not."""
    statement, there = pair.statement, pair.quotes
    shared = _shared_denials(pair)
    for op in statement.operators:
        if op.kind == "NOT" and op.start not in shared[0]:
            places = pair.candidates.get(op.anchor, [])
            if not places:
                if not any(o.kind == "NOT" for o in there.operators):
                    yield f'The statement says "{_around(statement, op)}"; the quotes have no such negation.'
            elif not (
                any(_same_polarity(pair, op.anchor, b, shared) for b in places) or _opposite_kept(pair, op.anchor)
            ):
                yield _differ(there, statement, pair.best[op.anchor], op.anchor)
    for op in there.operators:
        if op.kind == "NOT" and op.anchor >= 0 and op.start not in shared[1]:
            for a in pair.borne(op):
                if not any(_same_polarity(pair, a, b, shared) for b in pair.strong(a)):
                    yield _differ(there, statement, op.anchor, a)
    for a in pair.opposite:
        if not any(_same_polarity(pair, a, b, counted) for b in pair.candidates[a] for counted in (shared, _NONE)):
            yield _differ(there, statement, pair.best[a], a)


Shared = tuple[frozenset[int], frozenset[int]]
_NONE: Shared = (frozenset(), frozenset())


def _shared_denials(pair: Alignment) -> Shared:
    """Verbs that deny (`refuse`) and stand on both sides: their places in the statement and in the quotes."""
    denials = {op.start for op in pair.quotes.operators if op.kind == "NOT" and pair.quotes.tokens[op.start].content}
    mine = {op.start for op in pair.statement.operators if op.kind == "NOT" and pair.statement.tokens[op.start].content}
    both = {(a, b) for a in mine for b in pair.candidates.get(a, ()) if b in denials and a not in pair.opposite}
    for op in pair.statement.operators:  # `is not covered` for `is excluded`
        if op.kind == "NOT" and op.anchor >= 0:
            contrary = pair.quotes.candidates_of(opposite_keys(pair.statement.tokens[op.anchor].lower))
            both |= {(op.start, b) for b in contrary if b in denials}
    return frozenset(a for a, _ in both), frozenset(b for _, b in both)


def _same_polarity(pair: Alignment, a: int, b: int, shared: Shared) -> bool:
    """Both affirmed, both denied, or both denied twice: `not ruled out` is neither `ruled out` nor `allowed`."""
    here = negations(pair.statement, a, shared[0])
    there = negations(pair.quotes, b, shared[1])
    if a in pair.opposite:
        return here % 2 != there % 2
    return here % 2 == there % 2 and (here == 0) == (there == 0)


def _opposite_kept(pair: Alignment, a: int) -> bool:
    """Whether the quotes say the denied word's contrary: `did not cover` for `excluded`."""
    keys = opposite_keys(pair.statement.tokens[a].lower)
    return any(negations(pair.quotes, b) % 2 == 0 for b in pair.quotes.candidates_of(keys))


def _differ(there: Reading, statement: Reading, b: int, a: int) -> str:
    return f'The quotes say "{_phrase(there, b)}"; the statement says "{_phrase(statement, a)}".'


def _phrase(reading: Reading, place: int) -> str:
    start = place
    while start > 0 and place - start < 5 and reading.clause[start - 1] == reading.clause[place]:
        start -= 1
    return reading.text(start, place + 2)


def _around(reading: Reading, op: Operator) -> str:
    return reading.text(op.start, max(op.end, op.anchor + 1))


def modality(pair: Alignment, question: Reading) -> Iterator[str]:
    """`may`, `plans to`, `was asked about` are not `did`; and the other way round."""
    yield from _added(pair, question, MODAL, "how certain or possible that is")
    opening = next((t.lower for t in pair.statement.tokens if not t.mark), "")
    kinds = frozenset(op.kind for op in question.operators)
    kinds |= {"MUST"} if "INTEND" in kinds else _NOTHING  # `What does it demand?`, `That 20% be planted.`
    asked = (
        kinds & _ASKED_FOR if opening in ("to", "that") else kinds & UNREAL if _fragment(pair.statement) else _NOTHING
    )
    yield from weakened(pair, asked)
    yield from unreal(pair)


_ASKED_FOR = frozenset(["INTEND", "SEEM", "LIKELY", "MUST"])
_NOTHING: frozenset[str] = frozenset()


def _fragment(reading: Reading) -> bool:
    """Whether the text is short and has no verb: `20% of the fields.`, in answer to how much must be planted."""
    words = [t for t in reading.tokens if not t.mark]
    verbs = any(t.lower in AUXILIARIES or t.lower in PRONOUNS or is_participle(t.lower) for t in words)
    return len(words) <= 8 and not verbs


def weakened(pair: Alignment, asked: frozenset[str] = frozenset()) -> Iterator[str]:
    """Modals of the quotes that the statement drops. asked: what the question says: `What do they plan?`"""
    statement, there = pair.statement, pair.quotes
    for op in there.operators:
        if op.kind not in UNREAL - asked or op.start in pair.best.values() or op.anchor < 0:
            continue
        if there.clause[op.anchor] != there.clause[op.start] or (op.kind == "ASK" and _opens(there, op.start)):
            continue  # `Asked about costs, she said they are a factor`
        if op.kind == "WILL" and any(o.start == op.end and o.kind == "MUST" for o in there.operators):
            continue  # `changes will require approval`
        for a in pair.borne(op):
            if not (
                _has(statement, a, op.kind)
                or _free_elsewhere(pair, a, op.kind)
                or (op.kind in ("CAN", "COULD") and _both_denied(pair, a))
                or (op.kind == "WOULD" and _has(statement, a, "CAN") and _both_denied(pair, a))
            ):
                yield f'The quotes say "{_around(there, op)}"; the statement does not keep "{op_text(there, op)}".'


def _opens(reading: Reading, place: int) -> bool:
    """Whether the word is the first of its sentence."""
    return place == 0 or reading.sentence[place - 1] != reading.sentence[place] or reading.tokens[place - 1].mark


def unreal(pair: Alignment) -> Iterator[str]:
    """What the quotes only call for or allow, `it is time to raise`, and the statement says was done, `raised`."""
    statement, there = pair.statement, pair.quotes
    for a, b in pair.best.items():
        if a in statement.number_at or not _finite_past(statement, a) or statement.governing(a, UNREAL):
            continue
        if b < 2 or not _infinitive(there, b) or any(not _infinitive(there, c) for c in pair.strong(a)):
            continue
        yield f'The quotes say "{_phrase(there, b)}"; the statement says that it happened: "{_phrase(statement, a)}".'


def _infinitive(reading: Reading, place: int) -> bool:
    tokens = reading.tokens
    to = place - 1 if tokens[place - 1].lower == "to" else place - 2
    if to < 1 or tokens[to].lower != "to" or (to == place - 2 and not tokens[place - 1].lower.endswith("ly")):
        return False
    return lemma(tokens[to - 1].lower) not in _IMPLICATIVE and not tokens[place].lower.endswith(("ing", "s"))


_IMPLICATIVE = frozenset(
    lemma(word)
    for word in """continue begin start manage go come help find show know see prove happen seem appear use get cause
    lead     force enough report say think believe be use""".split()
)


def _finite_past(reading: Reading, place: int) -> bool:
    """Whether the word is a verb in the past, with its subject: `raised`, `has shut down`; not a participle."""
    word = reading.tokens[place].lower
    if not is_participle(word) or word in ("people", "men", "women", "children"):
        return False
    before = [t.lower for t in reading.tokens[max(0, place - 3) : place]]
    if any(w in ("to", "be", "is", "are", "was", "were", "been", "being", "by", "the", "a") for w in before[-2:]):
        return False
    return any(w in ("has", "have", "had") for w in before) or before[-1:] in [
        ["he"],
        ["she"],
        ["they"],
        ["it"],
        ["we"],
    ]


def _both_denied(pair: Alignment, a: int) -> bool:
    """Whether both sides deny, as for `cannot`: `is not allowed to`, `failed to`, `may not`."""
    denied = any(negations(pair.quotes, b) % 2 for b in pair.candidates.get(a, ()))
    return denied and negations(pair.statement, a) % 2 == 1


def op_text(reading: Reading, op: Operator) -> str:
    """The operator's own words."""
    return reading.text(op.start, op.end)


def _has(reading: Reading, place: int, kind: str) -> bool:
    return bool(reading.governing(place, _same(kind)))


def _free_elsewhere(pair: Alignment, a: int, kind: str) -> bool:
    """Whether the quotes also have the word without the operator."""
    return any(not _has(pair.quotes, b, kind) for b in pair.strong(a))


def _added(pair: Alignment, question: Reading, kinds: frozenset[str], what: str) -> Iterator[str]:
    """Operators of the statement that govern nothing alike in the quotes."""
    statement, there = pair.statement, pair.quotes
    for op in statement.operators:
        if op.kind not in kinds or _same_meaning(pair, op.start):
            continue
        wanted = _same(op.kind)
        places = pair.candidates.get(op.anchor, [])
        if places:
            kept = any(there.governing(b, wanted) for b in places) or _implied(pair, op, places)
        else:
            kept = any(o.kind in wanted for o in (*there.operators, *question.operators))
        if not kept:
            yield f'The statement says "{_around(statement, op)}"; the quotes do not say {what}.'


def _implied(pair: Alignment, op: Operator, places: list[int]) -> bool:
    """`expects that it will cut` for `expects it to cut`; `cannot enter` for `is not allowed to enter`."""
    if op.kind in ("WILL", "WOULD"):
        likely = pair.statement.governing(op.anchor, _EXPECTED)
        told = bool(likely) or any(lemma(t.lower) in _TOLD for t in pair.statement.tokens)
        return told and any(pair.quotes.governing(b, _EXPECTED) for b in places)
    if pair.statement.tokens[op.start].lower in ("perhaps", "maybe", "possibly"):
        return any(o.kind in _same(op.kind) for o in pair.quotes.operators)
    if op.kind == "UNTIL" and op.anchor in pair.statement.number_at:  # `from 1860 to 1892`
        there = pair.quotes
        return any(preposition(there.tokens, there.number_at[b]) in ("to", "through", "-", "–") for b in places)
    if op.kind == "ANY" and negations(pair.statement, op.anchor):
        return True  # `not in any match` for `not in a match`
    if op.kind == "AFTER" and any(_since_then(pair.quotes, b) for b in places):
        return True
    if op.kind == "AFTER" and op.anchor >= 0 and _gerund(pair.statement, op.anchor):
        return not any(o.kind in _TIME for o in pair.quotes.operators)  # `hit a mine and sank`
    if op.kind == "STILL":
        return any(lemma(t.lower) in _GOING_ON for t in pair.quotes.tokens)
    if op.kind in _EXTREMES and any(lemma(t.lower) in _EXTREMES[op.kind] for t in pair.quotes.tokens):
        return True  # `up to 9 years` for `a maximum of 9 years`
    if op.kind in _LOOSE:
        kinds = {op.kind, "UNTIL"} if op.kind == "ONLY" else {op.kind}  # `only in 1995` for `not until 1995`
        return any(o.kind in kinds for o in pair.quotes.operators)
    if op.kind in ("CAN", "COULD"):
        return _both_denied(pair, op.anchor)
    if op.kind in ("MAY", "MUST") and _both_denied(pair, op.anchor):
        return any(t.lower in _PERMITTED for t in pair.quotes.tokens)
    return False


_LOOSE = frozenset(["MOST", "ALMOST", "ONLY", "HALF"])  # `permitted only there` for `only permitted there`
_EXTREMES = {"ATMOST": frozenset(map(lemma, ("maximum", "max"))), "ATLEAST": frozenset(map(lemma, ("minimum", "min")))}
_GOING_ON = frozenset(lemma(word) for word in ("remain", "continue", "stay", "persist"))


def _since_then(reading: Reading, place: int) -> bool:
    """Whether the word stands after `when` or in `three weeks of birth`."""
    before = [t.lower for t in reading.tokens[max(0, place - 3) : place]]
    of = len(before) > 1 and before[-1] == "of" and before[-2].removesuffix("s") in TIME_UNITS
    return of or any(word in ("when", "once") for word in before)


def _gerund(reading: Reading, place: int) -> bool:
    return reading.tokens[place].lower.endswith("ing") or reading.tokens[place - 1].lower == "being"


_TOLD = frozenset(lemma(word) for word in "say promise pledge vow plan intend expect announce threaten offer".split())
_EXPECTED = frozenset(["LIKELY", "INTEND", "SEEM", "MUST"])
_PERMITTED = frozenset(["allowed", "permitted", "allow", "permit", "can", "must", "may"])


def _same_meaning(pair: Alignment, a: int) -> bool:
    """Whether the operator's word has a synonym in the quotes that is no operator: `previously` for `formerly`."""
    places = pair.candidates.get(a, []) if a not in pair.opposite else []
    return any(b not in pair.quotes.operator_at for b in places) and pair.best[a] not in pair.quotes.operator_at


def quantifiers(pair: Alignment, question: Reading) -> Iterator[str]:
    """all, some, most, only, at least, more than."""
    yield from _added(pair, question, _QUANTIFIERS, "how much or how many in that way")
    statement, there = pair.statement, pair.quotes
    for op in there.operators:
        if op.kind in _NOT_DROPPED and op.anchor >= 0 and op.start not in pair.best.values():
            for a in pair.borne(op):
                kept = _has(statement, a, op.kind) or (op.kind == "MANY" and _has(statement, a, "SOME"))
                kept = kept or (op.kind in _LOOSE and _anywhere(statement, op.kind))
                if not kept and not _free_elsewhere(pair, a, op.kind):
                    yield f'The quotes say "{_around(there, op)}"; the statement leaves out "{op_text(there, op)}".'


def _anywhere(reading: Reading, kind: str) -> bool:
    return any(op.kind == kind for op in reading.operators)


def time_order(pair: Alignment, question: Reading) -> Iterator[str]:
    """before, after, during, until, still, already."""
    yield from _added(pair, question, _TIME, "that order of time")
    yield from _added(pair, question, _POSITION, "that it is there")


def conditions(pair: Alignment, question: Reading) -> Iterator[str]:
    """if, unless: neither added nor dropped nor turned round."""
    yield from _added(pair, question, _CONDITION, "that condition")
    statement, there = pair.statement, pair.quotes
    if any(op.kind in _CONDITION for op in statement.operators) or any(
        t.lower in _CONDITIONAL for t in statement.tokens
    ):
        return
    for op in there.operators:
        if op.kind in _CONDITION:
            inside, outside = _parts(there, op)
            used = set(pair.best.values())
            asked = {place for place in inside if any(q.keys & there.tokens[place].keys for q in question.tokens)}
            supposed = any(o.kind in _CONDITION for o in question.operators) and any(
                o.kind in ("WILL", "WOULD", "COULD") for o in statement.operators
            )
            if supposed and 3 * len(asked) >= len(inside):
                continue  # `What did he say would happen if ...?`
            if len(outside & used) >= 2 and 2 * len(inside & used) < len(inside):
                condition = there.text(op.start, min(op.start + 8, max(inside) + 1))
                yield f'The quotes say this only with a condition: "{condition}".'


_CONDITIONAL = frozenset(["when", "whenever", "anyone", "anybody", "whoever", "otherwise", "conditional"])


def _parts(reading: Reading, op: Operator) -> tuple[set[int], set[int]]:
    """The words of content of the clause that the operator opens, and those of the rest of its sentence."""
    number = reading.sentence[op.start]
    places = [t.place for t in reading.tokens if t.content and reading.sentence[t.place] == number]
    end = places[-1] + 1 if places else op.end
    if not any(place < op.start for place in places):
        end = next((n for n in range(op.end, end) if reading.tokens[n].text == ","), end)
    inside = {place for place in places if op.start <= place < end}
    return inside, set(places) - inside
