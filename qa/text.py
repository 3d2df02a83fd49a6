"""Text made safe to show: every character is seen and none obeyed."""

import re
from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qa.records import Span

__all__ = [
    "NEWLINE",
    "blanked",
    "counted",
    "in_markdown",
    "label",
    "layers",
    "line_of",
    "one_line",
    "shortened",
    "visible",
]

NEWLINE = re.compile(r"\r\n|\r|\n")

# What Markdown, or GitHub, takes for more than text: marks, what begins a list, a rule or a heading, and addresses.
_MARKS = re.compile(r"[\\`*_{}\[\]<>#|!~&@$]|(?<=:)/(?=/)|(?<=www)\.|\A[-+=]", re.I)
# Where a comment parts what some readers take for an address after they have taken the marks off.
_PARTED = re.compile(r"(?<=\\@)|(?<=:)(?=\\//)|(?<=www)(?=\\\.)", re.I)
_NUMBER = re.compile(r"\A(\d{1,9})(?=[.)])")

# Blank by their glyph, though Unicode calls them a symbol or a mark: no property names them.
BLANKS = r"\u2800\U00016FE4\U0001D159"

# The scripts in which a joiner or a non-joiner changes how a letter looks.
JOINED = (
    "Arabic Syriac Mandaic Nko Mongolian Phags_Pa Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada "
    "Malayalam Sinhala Khmer Myanmar Tibetan Balinese Javanese"
).split()

# Western text: nothing in it needs a closer look, nor the tables of the regex package, which take time to load.
PLAIN = re.compile(r"[\n\t -~\u00A1-\u00AC\u00AE-\u02FF\u0370-\u0373\u2010-\u2027\u2030-\u203B\u20A0-\u20BF]*")


def visible(text: str) -> str:
    """The text of a document, with every control character, bidirectional override and invisible character shown.

    Line feeds and tabs stay, and so do invisible characters where writing needs them: selectors and joiners within
    emoji and in scripts that have them, soft hyphens between letters. C0 controls become their pictures (ESC becomes
    U+241B), the others `<U+202E>`.
    """
    if "\r" not in text and PLAIN.fullmatch(text):
        return text
    return str(_hidden(in_prose=True).sub(_shown, text.replace("\r\n", "\n")))


def label(text: str) -> str:
    """A name, a path, a title or metadata on one line: as `visible`, with line breaks, tabs and soft hyphens shown."""
    if PLAIN.fullmatch(text) and text.isprintable():
        return text
    return str(_hidden(in_prose=False).sub(_shown, text))


def blanked(text: str) -> str:
    """The text with a space in place of every character that `visible` would show."""
    if PLAIN.fullmatch(text):
        return text
    return str(_hidden(in_prose=True).sub(lambda match: " " if match["hidden"] else match[0], text))


def one_line(text: str) -> str:
    """`visible`, with every run of white space as one space: a passage of a document on one line."""
    return visible(" ".join(text.split()))


def in_markdown(text: str) -> str:
    """`one_line`, in which no character means anything to Markdown, nothing is a link, and nobody is called."""
    escaped = _NUMBER.sub(r"\1\\", _MARKS.sub(r"\\\g<0>", one_line(text)))
    return _PARTED.sub("<!-- -->", escaped)


def shortened(text: str, limit: int) -> str:
    """`one_line`, its middle left out where it has more than `limit` characters; both ends stay readable."""
    line = one_line(text)
    if len(line) <= limit:
        return line
    head = limit * 2 // 3
    return f"{line[:head].rstrip()} … {line[len(line) - (limit - head - 3) :].lstrip()}"


@cache
def _hidden(in_prose: bool) -> Any:
    """What a person does not see, as the group `hidden`; where writing needs it, it is matched outside of the group."""
    import regex

    scripts = "".join(rf"\p{{Script_Extensions={name}}}" for name in JOINED)
    needed = [
        r"\p{Extended_Pictographic}[\uFE0E\uFE0F\p{Emoji_Modifier}]?"
        r"(?:\u200D\p{Extended_Pictographic}[\uFE0E\uFE0F\p{Emoji_Modifier}]?)*+",
        r"[0-9#*]\uFE0F\u20E3",
        r"\p{Han}[\uFE00-\uFE02\U000E0100-\U000E01EF]",
        r"\p{Script=Mongolian}[\u180B-\u180D\u180F]",
        r"[\p{Script=Myanmar}\p{Script=Phags_Pa}]\uFE00",
        rf"[[{scripts}]&&[\p{{L}}\p{{M}}]][\u200C\u200D]",
    ]
    if in_prose:
        needed.append(r"(?<=[\p{L}\p{M}])\u00AD(?=\p{L})")
    controls = r"[\p{Cc}--[\n\t]]" if in_prose else r"\p{Cc}"
    hidden = (
        rf"[{controls}[\p{{Cf}}--\p{{Prepended_Concatenation_Mark}}]\p{{Cs}}\p{{Zl}}\p{{Zp}}"
        rf"\p{{Default_Ignorable_Code_Point}}\p{{Noncharacter_Code_Point}}{BLANKS}]"
    )
    return regex.compile(rf"{'|'.join(needed)}|(?P<hidden>{hidden})", regex.VERSION1)


def _shown(match: Any) -> str:
    char = match["hidden"]
    if char is None:
        return str(match[0])
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"<U+{code:04X}>"


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """`1 document`, `1,200 documents`. plural: of a noun that does not just take an s."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def line_of(text: str, offset: int) -> int:
    """The line of an offset, from 1; `\\n`, `\\r\\n` and a lone `\\r` end a line."""
    return 1 + sum(1 for _ in NEWLINE.finditer(text, 0, offset))


def layers(start: int, end: int, spans: "Iterable[tuple[Span, str]]") -> list[tuple[int, int, str]]:
    """Cut `[start, end)` where a styled span begins or ends; of overlapping spans the last one's style counts."""
    known = [(span, style) for span, style in spans if span.start < end and span.end > start]
    borders = {start, end} | {b for span, _ in known for b in (span.start, span.end) if start < b < end}
    ordered = sorted(borders)
    pieces = []
    for left, right in pairwise(ordered):
        style = ""
        for span, name in known:
            if span.start <= left and right <= span.end:
                style = name
        pieces.append((left, right, style))
    return pieces
