"""Small words that decide whether a quote may leave something out. The long lists are data files."""

__all__ = [
    "ABBREVIATIONS",
    "ARTICLES",
    "BINDING",
    "ENGLISH",
    "JOINING",
    "NAMES",
    "NOT_ADVERBS",
    "POINTING",
    "PREPOSITIONS",
    "SWEEPING",
]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PREPOSITIONS = _words(
    """
    in on at by from with of for to into onto through throughout across within near inside outside during along
    among between behind beside beyond above below towards toward via amid
    """
)

# A gap that ends in one of these, or in a preposition, leaves the words after it hanging.
BINDING = _words(
    """
    and or than as that which who whom whose where how what why be been being is are was were am has have had having
    do does did get gets got let lets make makes made
    """
)

# A phrase that holds one of these may hold a second clause.
JOINING = _words(
    """
    and or than as that which who whom whose where how what why so then is are was were has have had does did do be
    been
    """
)

ARTICLES = _words(
    """
    the a an this that these those its their his her our my your very
    """
)

# Words of all or none: a sentence with one says more when a restriction is left out.
SWEEPING = _words(
    """
    not no never neither nor none nobody nothing cannot without hardly barely few less all every each any only most
    unable fewer
    """
)

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
