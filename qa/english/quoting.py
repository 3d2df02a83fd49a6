"""Small words that decide whether a quote may leave something out. The long lists are data files."""

__all__ = [
    "ABBREVIATIONS",
    "ENGLISH",
    "NAMES",
    "NOT_ADVERBS",
    "POINTING",
]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words whose meaning stands in the sentence before.
POINTING = _words(
    """
    he she it they him her them his hers its their theirs this that these those such both former latter there then
    here so
    """
)

# Frequent words that tell English from its neighbours.
ENGLISH = _words(
    """
    the of and to is are with for by from which their his has have were been this that on at as
    """
)

# Blocked words that are harmless with a capital.
NAMES = _words("States State Call Claims Case")

# Words in -ly that are not adverbs.
NOT_ADVERBS = _words(
    """
    family italy july supply apply reply ally early daily weekly monthly yearly fly rely assembly anomaly butterfly
    jelly belly bully rally monopoly multiply holy
    """
)

# Their full stop ends no sentence.
ABBREVIATIONS = _words(
    """
    mr mrs ms dr st gen sen rep gov lt col capt sgt prof jr sr no vs inc corp co ltd e.g i.e etc fig al dept approx
    jan feb mar apr jun jul aug sep sept oct nov dec
    """
)
