"""Numbers as lists write them."""

__all__ = ["letters", "repeated", "roman"]

_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl")),
    *((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)


def letters(number: int) -> str:
    """1 is a, 26 is z, 27 is aa, as in a spreadsheet. number: from 1."""
    text = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("a") + rest) + text
    return text


def roman(number: int) -> str:
    """Small Roman numerals. number: from 1; thousands are repeated."""
    text = ""
    for value, numeral in _ROMAN:
        count, number = divmod(number, value)
        text += numeral * count
    return text


def repeated(number: int) -> str:
    """1 is a, 26 is z, 27 is aa, 28 is bb, as Word counts. number: from 1."""
    turns, letter = divmod(number - 1, 26)
    return chr(ord("a") + letter) * (turns + 1)
