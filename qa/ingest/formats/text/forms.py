"""What single lines of a plain text look like."""

import re
from collections.abc import Sequence

from qa.ingest.lines import Line, closed
from qa.ingest.speakers import recurring

__all__ = [
    "AMOUNT",
    "ANSWER",
    "CAPTION",
    "CODE",
    "ENTRY_CHARS",
    "FENCE",
    "FIELD",
    "FURNITURE",
    "INDEXED",
    "ITEM",
    "KEPT",
    "LABEL_WORDS",
    "LEADERS",
    "LETTERED",
    "LOG",
    "MAIL",
    "NAME_LINE",
    "ORIGINAL",
    "PAGED",
    "PROSE",
    "QUESTION",
    "QUESTION_LINES",
    "SENDER",
    "SPEAKER",
    "SPOKEN_CHARS",
    "SPOKEN_SHARE",
    "STAGE",
    "WROTE",
    "is_field",
    "speakers",
]

LEADERS = re.compile(r".*\S\s*(?:(?:\.\s?){4,}|…{2,}|[_·]{4,})\s*(?:\d{1,4}|[ivxlc]{1,7}|[A-Z]-\d{1,3})\W?")
PAGED = re.compile(r"\S.*?(?:\s{2,}|\t|\s[-–—]\s)(?:\d{1,4}|[ivxlc]{1,7})")
INDEXED = re.compile(r"\S.*[,;]\s*(?:\(\w+\)\s?)?\d{1,4}(?:[-–]\d{1,4})?[,;.]?")
ITEM = re.compile(r"[-*+•‣◦▪●–·]\s+(?=\S)|\(?(?:\d{1,3}(?:\.\d{1,2})*|[a-z]|[ivx]{1,5}|[A-Z])[.)]\s+(?=\S)")
LETTERED = re.compile(r"\(?(?:[a-z]|[ivx]{1,5}|[A-Z])[.)]\s")
FIELD = re.compile(r"(?P<label>[^\s:|>][^:|\n]{0,40}?)\s?[:：][ \t]+(?P<value>\S.*)")
AMOUNT = re.compile(r"[^\W\d_][^|\n]{0,40}?(?: {2,}|\t+)[^\w\s]{0,3}\d[\d.,:/%' -]*\S{0,4}")
LABEL_WORDS = 5
MAIL = re.compile(
    r"(from|to|cc|bcc|date|sent|subject|reply-to|message-id|in-reply-to|von|an|datum|gesendet|betreff|de|para|à|objet"
    r"|envoyé|asunto|fecha|enviado)\s?:\s+\S",
    re.IGNORECASE,
)
KEPT = re.compile(
    r"(?:from|date|sent|subject|von|datum|gesendet|betreff|de|objet|envoyé|asunto|fecha|enviado)\s?:", re.I
)
SENDER = re.compile(r"(?:from|von|de)\s?:", re.IGNORECASE)
WROTE = re.compile(r"(?:On|Am|Le|El|Il)\b.{4,150}\b(?:wrote|schrieb|a écrit|escribió|ha scritto)\b.{0,60}:")
ENTRY_CHARS = 200  # of a contents entry, at most
QUESTION_LINES = 4
PROSE = 100  # characters of a paragraph that is no entry of a list
SPOKEN_CHARS = 40  # of a line that what is said goes on after
SPOKEN_SHARE = 0.1  # of the chunks, at least, in a text that records who says what
SPEAKER = re.compile(
    r"(?:\[?\(?\d{1,2}:\d\d(?::\d\d)?\)?\]?\s*)?(?P<name>(?:[A-Z][\w.'’-]*)(?:\s[A-Z(][\w.'’()-]*){0,4})\s?(?P<colon>:)"
)
NAME_LINE = re.compile(r"(?P<name>[A-Z][A-Z.'’-]+(?: [A-Z][A-Z.'’-]+){0,3})(?:\s*\(.{1,30}\))?\.?")
QUESTION = re.compile(r"(?:Q\d{0,3}|Question(?: \d{1,3})?|F)\s?[.:)]\s+\S", re.IGNORECASE)
ANSWER = re.compile(r"(?:A\d{0,3}|Answer)\s?[.:)]\s+\S", re.IGNORECASE)
LOG = re.compile(
    r"\W?(?:\d{4}-\d\d-\d\d[T ]\d\d:\d\d|[A-Z][a-z]{2}\s+\d{1,2} \d\d:\d\d:\d\d|\d\d/\w{2,3}/\d{2,4}[: ]\d\d:\d\d)"
)
CODE = re.compile(
    r"(?:#include|import \w|from \w\S* import|def \w|class \w.*[:{]|return\b|(?:if|for|while)\s?\(|\$ \S|>>> |\.\.\. ?)"
    r"|.*(?:[{}]|\)\s?;)\Z|[\w.\[\]]+\s?[-+:]?=\s?\S+;?\Z|</?\w+[^<>]*>"
)
FENCE = re.compile(r"(?:```|~~~)[ \t]*[\w+#.-]*")
FURNITURE = re.compile(
    r"[-–—\s\[(]*(?:page\s+)?\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?[-–—\s\])]*"
    r"|\S[^\n]{0,60} {3,}\S[^\n]{0,60} {3,}[\w.+:-]+\(\d\w{0,3}\)",  # over and under a page of a manual: `ls(1)`
    re.IGNORECASE,
)
ORIGINAL = re.compile(
    r"[-_*\s]{2,}(?:original message|forwarded message|ursprüngliche nachricht)[-_*\s]*|\*{3}[^*]{3,150}\*{3}",
    re.IGNORECASE,
)
CAPTION = re.compile(
    r"(?:fig(?:ure|\.)?|table|plate|chart|exhibit|illustration|abbildung|abb\.|tabelle|tableau)\s+[A-Z]?\d+\w?\b[.:]?\s+\S",
    re.IGNORECASE,
)
STAGE = re.compile(r"\[[^\[\]]{1,200}\]|\([A-Z][A-Z ,.’'-]{2,60}\)")


def is_field(line: Line) -> bool:
    """Whether a line is a label with its value, or with a number set apart by spaces."""
    if AMOUNT.fullmatch(line.text):
        return True
    match = FIELD.fullmatch(line.text)
    if not match or line.text[0].islower() or line.text[0] in "[(<":
        return False
    return len(match["label"].split()) <= LABEL_WORDS


def speakers(chunks: Sequence[Sequence[Line]]) -> set[str]:
    """Names that recur before what somebody says; empty unless at least two people speak."""
    named: list[tuple[str, bool]] = []
    for chunk in chunks:
        for number, line in enumerate(chunk):
            if match := SPEAKER.match(line.text):
                said = line.text[match.end() :]
            elif number + 1 < len(chunk) and (match := NAME_LINE.fullmatch(line.text)):
                said = chunk[number + 1].text
            else:
                continue
            wraps = number + 1 < len(chunk) and len(said) > SPOKEN_CHARS
            named.append((match["name"], (closed(said) and len(said.split()) > 1) or wraps))
    names = recurring(named)
    return names if sum(name in names for name, _ in named) >= SPOKEN_SHARE * len(chunks) else set()
