"""Characters of the fonts Symbol and Wingdings, which documents store as private codes or as plain letters."""

import re

from qa.ingest.formats.common.joined import APART

__all__ = ["is_symbolic", "signs", "symbol"]

_GREEK = dict(
    zip(
        "ABGDEZHQIKLMNXOPRSTUFCYWabgdezhqiklmnxoprstufcyw",
        "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρστυφχψω",
        strict=True,
    )
)
_SYMBOL = {
    **{0x22: "∀", 0x24: "∃", 0x40: "≅", 0x5C: "∴", 0x5E: "⊥", 0x7E: "∼", 0x2D: "−", 0xA2: "′", 0xA3: "≤", 0xA5: "∞"},
    **{0xAB: "↔", 0xAC: "←", 0xAD: "↑", 0xAE: "→", 0xAF: "↓", 0xB0: "°", 0xB1: "±", 0xB2: "″", 0xB3: "≥", 0xB4: "×"},
    **{0xB5: "∝", 0xB6: "∂", 0xB7: "•", 0xB8: "÷", 0xB9: "≠", 0xBA: "≡", 0xBB: "≈", 0xBC: "…", 0xC6: "∅", 0xC7: "∩"},
    **{0xC8: "∪", 0xCC: "⊂", 0xCD: "⊆", 0xCE: "∈", 0xCF: "∉", 0xD0: "∠", 0xD1: "∇", 0xD2: "®", 0xD3: "©", 0xD4: "™"},
    **{0xD5: "∏", 0xD6: "√", 0xD7: "⋅", 0xD8: "¬", 0xD9: "∧", 0xDA: "∨", 0xDB: "⇔", 0xDC: "⇐", 0xDE: "⇒", 0xE5: "∑"},
    **{0xF2: "∫"},
}
_WINGDINGS = {
    **{0x28: "☎", 0x2A: "✉", 0x6C: "●", 0x6E: "■", 0x6F: "☐", 0x71: "❑", 0x72: "❒", 0x78: "☒", 0xA7: "▪", 0xA8: "☐"},
    **{0xD8: "➢", 0xDF: "←", 0xE0: "→", 0xE1: "↑", 0xE2: "↓", 0xF0: "⇨", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑"},
    **{0x4A: "☺", 0x4B: "😐", 0x4C: "☹", 0x75: "◆", 0x76: "❖", 0x77: "⬥", 0x9E: "·", 0x9F: "•", 0xE8: "➔"},
}
_WINGDINGS_2 = {0x50: "✓", 0x52: "☑", 0xA3: "☐"}
_PRIVATE = 0xF000
_FONTS = re.compile(  # how their names begin; Symbola and Symbols Nerd Font have the letters of Unicode, or none
    r"(?:bookshelf |euclid )?symbol(?!a\b|s\b)|wingdings|webdings|(?:itc )?zapf ?dingbats|monotype sorts|marlett"
    r"|mt extra|euclid extra",
    re.IGNORECASE,
)


def symbol(code: int, font: str) -> str:
    """The character that a code of a symbol font shows; empty for ornaments. code: with or without 0xF000."""
    code = code - _PRIVATE if _PRIVATE <= code < _PRIVATE + 0x100 else code
    name = font.lower()
    if name in ("wingdings", "wingdings 2"):
        return (_WINGDINGS if name == "wingdings" else _WINGDINGS_2).get(code, "")
    if name in ("symbol", "symbolmt", "symbol mt", ""):
        return _SYMBOL.get(code) or _GREEK.get(chr(code)) or (chr(code) if 0x20 <= code < 0x7F else "")
    return chr(code) if not is_symbolic(name) and (0x20 <= code < 0x7F or code > 0xFF) else ""


def is_symbolic(font: str) -> bool:
    """Whether a font has signs in the place of letters."""
    return bool(_FONTS.match(font))


def signs(text: str, font: str) -> str:
    """What text in a symbol font shows, `APART` for signs that are not known."""
    return re.sub(r"\S", lambda match: symbol(ord(match[0]), font) or APART, text)
