"""Number words and what they are worth."""

__all__ = ["ORDINALS", "ROMAN", "SCALES", "SCALE_WORDS", "SMALL", "TENS"]

SMALL = dict(
    zip(
        """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
        seventeen eighteen nineteen""".split(),
        range(20),
        strict=True,
    )
)
TENS = dict(zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10), strict=True))
ORDINALS = dict(
    zip(
        "third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth".split(),
        range(3, 14),
        strict=True,
    )
) | {"twentieth": 20, "thirtieth": 30, "nineteenth": 19, "eighteenth": 18, "seventeenth": 17, "fifteenth": 15}
SCALE_WORDS = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12, "dozen": 12}
SCALE_WORDS |= {"lakh": 10**5, "crore": 10**7}
SCALES = {**SCALE_WORDS, **{f"{word}s": value for word, value in SCALE_WORDS.items()}}
SCALES |= {"mn": 10**6, "bn": 10**9, "tn": 10**12}
ROMAN = {"ii": 2, "iii": 3, "iv": 4, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "xi": 11, "xii": 12, "xiv": 14}
