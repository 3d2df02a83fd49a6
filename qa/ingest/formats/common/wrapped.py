"""Plain text with hard line ends, as in e-mail: wrapped lines joined, lists and short lines kept."""

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from qa.ingest.blocks import Builder

__all__ = ["write"]

_BULLET = re.compile(r"(?:[-*•–·+]|\(?\d{1,3}[.)]|\(?[a-z][.)])[ \t]+(?=\S)")
_WIDTHS = range(50, 100)  # within which a program wraps lines
_USUAL_WIDTH = 76
_LEAST = 30  # characters of a line that is not an address or a verse


def write(builder: Builder, text: str) -> None:
    """Write a text: paragraphs, which blank lines set apart, and list items under the line before them."""
    raw = [line.expandtabs().rstrip() for line in text.splitlines()]
    width = max((len(line) for line in raw if len(line) in _WIDTHS), default=_WIDTHS.stop)
    for group in _groups(raw):
        _write(builder, group, min(width, _USUAL_WIDTH))


def _groups(lines: Sequence[str]) -> Iterator[list[str]]:
    """Runs of lines between blank ones."""
    group: list[str] = []
    for line in [*lines, ""]:
        if re.search(r"\w", line):
            group.append(line)
        elif group:
            yield group
            group = []


def _write(builder: Builder, group: Sequence[str], width: int) -> None:
    """Write a run of lines: paragraphs, and an item for each bullet with the lines that go on with it."""
    pieces: list[list[str]] = []
    for line, before in zip(group, ["", *group], strict=False):
        bullet = _BULLET.match(line.strip())
        inside = pieces and _BULLET.match(pieces[-1][0].strip())
        if bullet or not pieces or (inside and not line.startswith("  ") and not _wrapped(before, line, width)):
            pieces.append([])
        pieces[-1].append(line)
    for piece in pieces:
        text = _joined([" ".join(line.split()) for line in piece], width)
        if bullet := _BULLET.match(text):
            text = text if bullet[0][:-1].strip("().").isalnum() else text[bullet.end() :]
            builder.add("item", " ".join(text.split()), _lead_in(builder), level=1)
        else:
            builder.add("paragraph", text)


def _lead_in(builder: Builder) -> int | None:
    """The paragraph that announces the list which the last block ends with, or is."""
    last = builder.blocks[-1] if builder.blocks else None
    if last and last.kind == "item":
        return last.parent
    return len(builder.blocks) - 1 if last and last.kind == "paragraph" and builder.text.endswith(":") else None


def _joined(lines: Sequence[str], width: int) -> str:
    text = ""
    for line, after in zip_longest(lines, lines[1:], fillvalue=""):
        text += line + (" " if _wrapped(line, after, width) else "\n")
    return text.strip()


def _wrapped(line: str, after: str, width: int) -> bool:
    """Whether a sentence was broken here: the next word would not have fitted, or goes on in lower case."""
    line, after = line.strip(), after.strip()
    if not after or _BULLET.match(after):
        return False
    if len(line) >= _WIDTHS.start and len(line) + 1 + len(after.split(" ")[0]) > width:
        return True
    return len(line) >= _LEAST and after[0].islower() and not line.endswith((".", ":", "!", "?", ";"))
