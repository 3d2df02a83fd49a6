"""Words that decide what a sentence claims: `not`, `may`, `all`, `before`; and which of them say the same."""

from functools import lru_cache

from qa.english.tables import table_lines

__all__ = [
    "BEFORE_NUMBERS",
    "CONTENT_CLASSES",
    "MODAL",
    "NEGATING_BEFORE_TO",
    "NEGATING_VERBS",
    "SAME",
    "SHORT_NEGATIONS",
    "UNREAL",
    "operator_kinds",
]


@lru_cache(maxsize=1)
def operator_kinds() -> dict[str, str]:
    """A word or phrase -> the kind of what it does to the words after it, from data/operators.txt."""
    table: dict[str, str] = {}
    for line in table_lines("operators.txt"):
        kind, phrases = line.split(": ")
        table |= dict.fromkeys(phrases.split(", "), kind)
    return table


BEFORE_NUMBERS = {
    "about": "APPROX",
    "around": "APPROX",
    "some": "APPROX",
    "another": "MORE",
    "just": "ONLY",
    "over": "MORETHAN",
    "above": "MORETHAN",
}
BEFORE_NUMBERS |= {"under": "LESSTHAN", "below": "LESSTHAN"}

# Operators that are words to be covered as well.
CONTENT_CLASSES = frozenset(["INTEND"])

# Which operators of the other side say the same.
SAME: dict[str, frozenset[str]] = {
    "MAY": frozenset(["MAY", "COULD"]),
    "COULD": frozenset(["COULD", "CAN", "MAY", "WOULD"]),
    "CAN": frozenset(["CAN", "COULD"]),
    "WILL": frozenset(["WILL", "WOULD"]),
    "WOULD": frozenset(["WOULD", "WILL", "COULD"]),
    "INTEND": frozenset(["INTEND", "WOULD", "MAY", "COULD", "LIKELY"]),
    "ASK": frozenset(["ASK", "INTEND"]),
    "SEEM": frozenset(["SEEM", "MAY", "COULD", "LIKELY"]),
    "ALL": frozenset(["ALL", "ANY"]),
    "ANY": frozenset(["ANY", "ALL"]),
    "ALREADY": frozenset(["ALREADY", "BEFORE"]),
    "APPROX": frozenset(["APPROX", "ALMOST", "SOME"]),
    "WITHOUT": frozenset(["WITHOUT", "NOT"]),
    "SINCE": frozenset(["SINCE", "BECAUSE"]),
    "SOME": frozenset(["SOME", "MANY"]),
}

MODAL = frozenset(["MAY", "CAN", "COULD", "WILL", "WOULD", "MUST", "LIKELY", "SEEM"])
UNREAL = MODAL | {"INTEND", "ASK"}
SHORT_NEGATIONS = frozenset(["no", "non"])  # they deny the words of their phrase alone

# Verbs that say of what follows that it did not happen. They are words to be covered, too.
NEGATING_VERBS = frozenset("deny rule_out reject exclude forbid prohibit ban omit".split())
NEGATING_BEFORE_TO = frozenset("fail refuse decline".split())
