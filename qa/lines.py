"""The fixed lines that stand above, in place of, or beside an answer, wherever it is shown, exported or verified."""

__all__ = [
    "FOUND_NOTHING",
    "HEADLINES",
    "INSTEAD",
    "MISSING",
    "NOT_CONFIRMED",
    "NOT_IN_SOURCES",
    "UNCERTAIN",
    "UNDERSTOOD",
    "UNSUPPORTED",
]

NOT_IN_SOURCES = "The sources do not say."
UNSUPPORTED = "No answer: the sources support nothing that the model stated."
NOT_CONFIRMED = "No answer: nothing confirms what the model stated."
UNCERTAIN = "The sources may not say this."
INSTEAD = "The sources support nothing that the model stated. Quotes instead:"
FOUND_NOTHING = "The model found no answer in the sources. Quotes that may answer:"
HEADLINES = (NOT_IN_SOURCES, UNSUPPORTED, NOT_CONFIRMED, UNCERTAIN, INSTEAD, FOUND_NOTHING)
MISSING = "The sources may not say: {}"
UNDERSTOOD = "Understood as: "
