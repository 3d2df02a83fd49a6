"""Takes a key out of what an endpoint says, however it is written there.

A text is read several times: as it is, and with its escapes decoded, since a key may be escaped more than once; each of
these also without tags and text in brackets, such as the ids of sentences, which are taken out of statements. Of each
reading only letters and digits count, in lower case, without accents and as the Latin letters that they look like, so
that a key which is spaced out or in another case is found as easily as the key itself. In these letters the key and its
forms in hexadecimal, Base32, Base64 and Base85 are looked for. Each letter knows where it comes from in the text. All
of it takes time in proportion to the text.
"""

import base64
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

__all__ = ["KEY_LENGTH", "Redactor", "Stream", "redactor"]

KEY_LENGTH = 6  # shorter keys are placeholders, such as "none", and may be words of an answer
MARK = "[key]"
ROUNDS = 3  # of decoding: an escape within an escape within an escape
RANDOM_LENGTH = 8  # letters and digits of a key that no words of a text have, if it has both of them ...
LONG_LENGTH = 16  # ... or if it has letters alone

ESCAPE = re.compile(
    r"\\{1,8}u([0-9a-f]{4})|\\{1,8}u\{([0-9a-f]{1,6})\}|\\{1,8}x([0-9a-f]{2})|%u([0-9a-f]{4})|%([0-9a-f]{2})"
    r"|&#x([0-9a-f]{1,6});|0x([0-9a-f]{2})|u\+([0-9a-f]{4,6})|&#([0-9]{1,7});|\\{1,8}([0-7]{3})|\\{1,8}([nrtbf/])",
    re.IGNORECASE,
)
BASES = (0, 16, 16, 16, 16, 16, 16, 16, 16, 10, 8)  # of the groups of ESCAPE; the last one is white space
CUT_ESCAPE = re.compile(
    r"(?:[\ud800-\udbff]|[\ud800-\udbff]?"
    r"(?:\\{1,8}(?:u(?:\{[0-9a-f]{0,6}|[0-9a-f]{0,3})|x[0-9a-f]?|[0-7]{0,2})|%(?:u[0-9a-f]{0,3}|[0-9a-f]?)"
    r"|&(?:#(?:x[0-9a-f]{0,6}|[0-9]{0,7})?)?|0(?:x[0-9a-f]?)?|u(?:\+[0-9a-f]{0,6})?))\Z",
    re.IGNORECASE,
)
CUT_LENGTH = 16  # characters of the longest escape
ASIDE = re.compile(  # what nobody reads as part of a word; and halves of one character
    r"\[[^\[\]\n\"{}]{1,200}\]|\([^()\n]{1,200}\)|<[^<>]{1,200}>|&[a-z]{2,8};|[\ud800-\udbff][\udc00-\udfff]",
    re.IGNORECASE,
)
LATIN = re.compile(  # the names of small capitals, of letters in circles and squares, with strokes and hooks
    r"(?:.*\bLATIN\b.*|REGIONAL INDICATOR SYMBOL )\bLETTER (?:[A-Z]+ )*?([A-Z])(?: WITH .*)?"
)
WITH = re.compile(r"((?:GREEK|CYRILLIC) (?:SMALL|CAPITAL) LETTER [A-Z ]+?) WITH .*")
LOOK_ALIKE = {  # Greek and Cyrillic letters, as they look in print; those with a hook, stroke or tail by their names
    char: shown
    for shown, chars in {
        "a": "αΑаА", "b": "βΒвВьЬъЪѣѢ", "c": "ϲϹсСҁ", "d": "ԁԀ", "e": "εΕϵеЕєЄҽҼ", "f": "ϝϜғҒ", "g": "ԍԌ",
        "h": "ΗнНһҺћЋђЂ", "i": "ιΙͺіІꙇ", "j": "ϳͿјЈ", "k": "κΚϰкКԟԞҡҠ", "l": "ӏӀ", "m": "ΜϻϺмМ", "n": "ηΝпП",
        "o": "οΟσоОөӨѳѲ", "p": "ρΡϱϼрР", "q": "ԛԚϥ", "r": "гГ", "s": "ςϛѕЅ", "t": "τΤтТ", "u": "υцЦџЏ", "v": "νѵѴ",
        "w": "ωϖѡѠԝԜшШщЩꙍꙌ", "x": "χΧхХ", "y": "γΥуУүҮ", "z": "Ζ", "2": "ϩϨ", "3": "зЗӡӠ", "4": "чЧ", "6": "бБϭ",
    }.items()
    for char in chars
}  # fmt: skip
ENCODINGS = (  # how many bytes become how many characters; and how many of these depend on all of the bytes
    (base64.b32encode, 5, 8, 1),
    (base64.b64encode, 3, 4, 1),
    (base64.b85encode, 4, 5, 5),
    (base64.a85encode, 4, 5, 5),
)
FILLERS = "\u115f\u1160"  # of Hangul, which are blank
OPENING = re.compile(r"[\[(<&\ud800-\udbff]")
CUT_ASIDE = re.compile(r"(?:\[[^\[\]\n\"{}]{0,200}|\([^()\n]{0,200}|<[^<>]{0,200}|&[a-z]{0,8})\Z", re.IGNORECASE)
ASIDE_LENGTH = 202  # characters of the longest of these


@dataclass(frozen=True, slots=True)
class _Reading:
    """A text with some of its escapes decoded. starts, ends: where each character comes from in the text itself."""

    text: str
    starts: list[int]
    ends: list[int]
    is_bare: bool = False

    def decoded(self) -> "_Reading | None":
        """With its escapes decoded once; None if it has none."""
        return self._replaced(ESCAPE, _unescaped)

    def bare(self) -> "_Reading":
        """Without tags and text in brackets, and with halves of a character as that character."""
        return replace(self._replaced(ASIDE, _joined) or self, is_bare=True)

    def _replaced(self, pattern: re.Pattern[str], written: Callable[[re.Match[str]], str]) -> "_Reading | None":
        parts: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        at = 0
        for found in pattern.finditer(self.text):
            new = written(found)
            parts += [self.text[at : found.start()], new]
            starts += [*self.starts[at : found.start()], *[self.starts[found.start()]] * len(new)]
            ends += [*self.ends[at : found.start()], *[self.ends[found.end() - 1]] * len(new)]
            at = found.end()
        if not parts:
            return None
        return _Reading("".join([*parts, self.text[at:]]), starts + self.starts[at:], ends + self.ends[at:])

    def whole(self) -> "_Reading":
        """Without what may go on at its end: an escape, and in a bare text an open bracket or tag."""
        body = self._until(CUT_ESCAPE.search(self.text, max(len(self.text) - CUT_LENGTH, 0)))
        if not self.is_bare:
            return body
        return body._until(CUT_ASIDE.search(body.text, max(len(body.text) - ASIDE_LENGTH, 0)))

    def _until(self, cut: re.Match[str] | None) -> "_Reading":
        stop = cut.start() if cut else len(self.text)
        return replace(self, text=self.text[:stop], starts=self.starts[:stop], ends=self.ends[:stop])

    def letters(self) -> tuple[str, list[int]]:
        """Its letters and digits in lower case, and where each of them is in `text`."""
        found: list[str] = []
        places: list[int] = []
        for at, char in enumerate(self.text):
            shown = _ascii(char) if char.isascii() else _folded(char)
            found += shown
            places += [at] * len(shown)
        return "".join(found), places


def _ascii(char: str) -> str:
    return char.lower() if char.isalnum() else ""


@lru_cache(maxsize=4096)
def _folded(char: str) -> str:
    """The letters and digits that people read in a character, in lower case; none in a mark, an accent or a blank."""
    return LOOK_ALIKE.get(char) or "".join(map(_one_folded, unicodedata.normalize("NFKD", char)))


def _one_folded(char: str) -> str:
    if unicodedata.category(char).startswith("M"):
        return ""
    if char in LOOK_ALIKE:
        return LOOK_ALIKE[char]
    if 0xE0020 < ord(char) < 0xE007F:  # tags, which nobody sees
        return _ascii(chr(ord(char) - 0xE0000))
    name = unicodedata.name(char, "")
    if found := LATIN.fullmatch(name):
        return found[1].lower()
    if found := WITH.fullmatch(name):
        return LOOK_ALIKE.get(unicodedata.lookup(found[1]), char.casefold())
    if (digit := unicodedata.digit(char, None)) is not None:
        return str(digit)
    return char.casefold() if char.isalnum() and char not in FILLERS else ""


def _unescaped(found: re.Match[str]) -> str:
    group = found.lastindex or 0
    code = int(found[group], BASES[group]) if group < len(BASES) else ord(" ")
    return chr(code) if code < 0x110000 else "\ufffd"


def _joined(found: re.Match[str]) -> str:
    halves = found[0]
    return halves.encode("utf-16", "surrogatepass").decode("utf-16") if halves[0] >= "\ud800" else ""


class Redactor:
    """Takes one key out of texts. A key shorter than `KEY_LENGTH` is left where it stands."""

    def __init__(self, key: str) -> None:
        self._key = key if len(key) >= KEY_LENGTH else ""
        self._plain = _letters_of(self._key)
        self._core = re.sub(r"^[\W_]+|[\W_]+$", "", self._key.lower())
        has_both = any(c.isdigit() for c in self._plain) and any(c.isalpha() for c in self._plain)
        self._random = len(self._plain) >= (RANDOM_LENGTH if has_both else LONG_LENGTH)
        self._forms = sorted(_forms(self._key)) if self._key else []
        self._longest = max(map(len, self._forms), default=0)

    def hide(self, text: str) -> str:
        """The text without the key, and without most of the key at its end, where the text may have been cut."""
        shown, held = self.split(text)
        return shown + self.rest(held)

    def split(self, text: str) -> tuple[str, str]:
        """The text without the key; and its end as it is, if that may be the beginning of the key."""
        if not self._forms:
            return text, ""
        spans: list[tuple[int, int]] = []
        held = len(text)
        for reading in _readings(text):
            found = list(self._found(reading))
            spans += found
            held = min(held, self._held(reading, max((end for _, end in found), default=0), len(text)))
        held = max([held, *(end for _, end in spans)])
        return _without(text[:held], spans), text[held:]

    def rest(self, held: str) -> str:
        """What was held back, when no more comes: as it is, or the mark if it ends within the key, past its half."""
        for reading in _readings(held):
            body = reading.whole()
            letters, places = body.letters()
            for at in range(max(len(letters) - self._longest, 0), len(letters) - KEY_LENGTH + 1):
                if self._begins(letters[at:]) and self._is_most(letters[at:], body.text[places[at] :]):
                    rest = held[body.ends[places[-1]] : body.ends[-1]]
                    return held[: body.starts[places[at]]] + MARK + rest
        return held

    def _is_most(self, letters: str, text: str) -> bool:
        """Whether these letters are the first half of the key or more. text: what they stand in."""
        found = [form for form in self._forms if form.startswith(letters) and len(letters) >= len(form) / 2]
        return bool(found) and (found != [self._plain] or self._random or self._core.startswith(text.lower()))

    def _found(self, reading: _Reading) -> Iterator[tuple[int, int]]:
        """Where the key is, as spans of the text."""
        letters, places = reading.letters()
        for form in self._forms:
            at = letters.find(form)
            while at >= 0:
                start, last = places[at], places[at + len(form) - 1]
                if form != self._plain or self._is_key(reading.text[start : last + 1], places[at : at + len(form)]):
                    yield reading.starts[start], reading.ends[last]
                at = letters.find(form, at + len(form))
        at = reading.text.find(self._key)  # a key of few letters
        while at >= 0:
            yield reading.starts[at], reading.ends[at + len(self._key) - 1]
            at = reading.text.find(self._key, at + len(self._key))

    def _is_key(self, text: str, places: list[int]) -> bool:
        """Whether the letters of the key are the key: `local key` is no `local-key`, `l o c a l k e y` is."""
        if self._random or text.lower() == self._core:
            return True
        gaps = sum(right - left > 1 for left, right in pairwise(places))
        return not gaps or gaps >= (len(places) - 1) / 2

    def _held(self, reading: _Reading, after: int, length: int) -> int:
        """Where the end of the text that may be the beginning of the key starts; the text's length if none may."""
        body = reading.whole()
        letters, places = body.letters()
        for at in range(max(len(letters) - self._longest, 0), len(letters)):
            if reading.starts[places[at]] >= after and self._begins(letters[at:]):
                return reading.starts[places[at]]
        stop = len(body.text)
        if stop < len(reading.text) and not reading.is_bare:  # an open bracket matters only behind the key's beginning
            return reading.starts[stop]
        return length

    def _begins(self, letters: str) -> bool:
        """Whether some form begins with these letters: the first one that is not before them in order."""
        at = bisect_left(self._forms, letters)
        return at < len(self._forms) and self._forms[at].startswith(letters)


class Stream:
    """A text that comes in pieces, without the key. Its end is held back while that may be the beginning of the key.

    The longer that end, the more has to come before it is read again, so that work stays linear in the text.
    """

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._held = ""
        self._read_from = 0  # characters

    def feed(self, piece: str) -> str:
        """The text that can be shown now."""
        self._held += piece
        if len(self._held) < self._read_from:
            return ""
        shown, self._held = self._redactor.split(self._held)
        self._read_from = len(self._held) + len(self._held) // 2
        return shown

    def rest(self) -> str:
        """The text that was held back, when no more comes."""
        held, self._held = self._held, ""
        return self._redactor.hide(held)


@lru_cache(maxsize=8)
def redactor(key: str) -> Redactor:
    """The redactor of a key, made once."""
    return Redactor(key)


def _readings(text: str) -> Iterator[_Reading]:
    """The text as it is, and decoded once, twice, ... while that changes it; each of them bare, too."""
    reading: _Reading | None = _Reading(text, list(range(len(text))), list(range(1, len(text) + 1)))
    for _ in range(ROUNDS + 1):
        if reading is None:
            return
        yield reading
        if OPENING.search(reading.text):
            yield reading.bare()
        reading = reading.decoded()


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    """The text with the mark in place of the spans, which may overlap."""
    parts = []
    at = 0
    for start, end in sorted(spans):
        if start >= at:
            parts += [text[at:start], MARK]
        at = max(at, end)
    return "".join([*parts, text[at:]])


def _forms(key: str) -> set[str]:
    """What to look for among the letters of a text: the key, and its bytes in hexadecimal and in Base32 to Base85."""
    forms = {_letters_of(key)}
    for written in (key, key.lower(), key.upper()):
        for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
            data = written.encode(encoding, "replace")
            forms |= {data.hex(), *map(_letters_of, _encoded(data))}
    return {form for form in forms if len(form) >= KEY_LENGTH}


def _encoded(data: bytes) -> Iterator[str]:
    """The bytes in each encoding that joins some of them, at each alignment, without what depends on others around."""
    for encode, size, chars, joined in ENCODINGS:
        for offset in range(size):
            first = -(-offset * chars // size) if joined == 1 else chars * bool(offset)
            last = (offset + len(data)) * chars // size
            yield encode(bytes(offset) + data).decode("ascii")[first : last // joined * joined]


def _letters_of(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum())
