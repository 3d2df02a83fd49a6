"""Text made safe to show: of documents, every character is seen and none obeyed; of endpoints, no key is in it."""

import unicodedata

__all__ = ["hide", "one_line", "shortened", "visible"]

# Format characters that ordinary text needs: soft hyphen, the joiners of Arabic, Indic scripts and emoji.
ORDINARY_FORMAT = frozenset("\u00ad\u200c\u200d")


KEY_LENGTH = 6  # what is shorter is a placeholder, such as "none", and may be a word of an answer


def hide(text: str, key: str) -> str:
    """The text without the key, should an endpoint send it back."""
    return text.replace(key, "[key]") if len(key) >= KEY_LENGTH else text


def visible(text: str) -> str:
    """The text with every control character, bidirectional override and invisible character made visible.

    Line feeds and tabs stay. C0 controls become their pictures (ESC becomes U+241B), the others `<U+202E>`.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else _picture(c) for c in text.replace("\r\n", "\n"))


def _picture(char: str) -> str:
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if char in ORDINARY_FORMAT or unicodedata.category(char) in ("Zs", "Cn", "Co"):
        return char
    return f"<U+{code:04X}>"


def one_line(text: str) -> str:
    """`visible`, with every run of white space as one space."""
    return visible(" ".join(text.split()))


def shortened(text: str, limit: int) -> str:
    """`one_line`, its middle left out where it has more than `limit` characters; both ends stay readable."""
    line = one_line(text)
    if len(line) <= limit:
        return line
    head = limit * 2 // 3
    return f"{line[:head].rstrip()} … {line[len(line) - (limit - head - 3) :].lstrip()}"
