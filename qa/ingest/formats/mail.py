"""E-mail: one message (EML) or many (MBOX); headers, text, quoted history, attachments."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import EmailPolicy
from email.utils import parsedate_to_datetime
from itertools import zip_longest
from pathlib import PurePosixPath
from typing import Any

from qa.errors import SourceError
from qa.ingest.blocks import Builder, paragraphs, qualify, questions
from qa.ingest.decoding import clean, decode
from qa.ingest.formats import reader
from qa.ingest.formats.common import wrapped as lines
from qa.ingest.formats.html.reader import extract as html
from qa.ingest.metadata import Extracted
from qa.ingest.suffixes import PICTURES
from qa.ingest.unread import refusal

__all__ = ["extract"]

_HEADERS = ("From", "To", "Cc", "Date")
_HEADER_CHARS = 10_000
_DEEPEST = 20  # parts inside of parts
_MOST_PARTS = 10_000
_BETTER = 5  # an HTML text this many times as long as the plain one is the real one
_SEPARATOR = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\r\n\r\n))From [^\n]*\n")
_VERB = r"(?:wrote|writes|schrieb|écrit|escribió|scritto|schreef|escreveu|skrev|napsal|kirjoitti|napisał)"
_ON_WROTE = re.compile(rf"(?:on|am|le|el|il|op|em|den|dne|pe|w dniu)\b.{{5,200}}\b{_VERB}\b.{{0,80}}:", re.IGNORECASE)
_WROTE = re.compile(rf".{{3,100}}\b{_VERB}\s?:", re.IGNORECASE)
_FORWARDED = re.compile(
    r"[-_ ]{2,}\s*(?:original message|forwarded message|weitergeleitete nachricht|ursprüngliche nachricht|"
    r"message d'origine|begin forwarded message)\s*[-_: ]*|begin forwarded message:",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"\*?(?:From|Sent|To|Cc|Bcc|Date|Subject|Reply-To|Von|Gesendet|An|Betreff|Datum|De|Envoyé|À|Objet)\s?:\*?\s.*"
)
_HEADER = re.compile(r"(?:\*?[^\W\d_][^:：\n]{0,30}[:：]\*?[^\S\n]+[^\n]*(?:\n|\Z)){2}")  # in any language
_QUOTED = re.compile(r"((?:>[ \t]?)+)")


_SUFFIXES = {  # of attachments without a name, by their type
    "text/plain": ".txt",
    "text/html": ".html",
    "text/markdown": ".md",
    "text/csv": ".csv",
    "application/pdf": ".pdf",
    "application/json": ".json",
}


class _Policy(EmailPolicy):
    """Headers as text, cut to a length that their parser, which is not linear, gets over with quickly."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        value = _repaired(value[:_HEADER_CHARS])
        try:
            return super().header_fetch_parse(name, value)
        except (ValueError, ArithmeticError, AttributeError, TypeError, LookupError, RecursionError):
            return (
                self.header_factory("X-Unreadable", "")
                if name.lower().startswith("content-")
                else value[:_HEADER_CHARS]
            )


_POLICY = _Policy()


def extract(data: bytes) -> Extracted:
    """Messages, each under its subject. Raises SourceError; ImportError if a text is HTML that cannot be read here."""
    starts = [match.span() for match in _SEPARATOR.finditer(data)]
    if not starts or data[: starts[0][0]].strip():
        return _Reading().whole([data], enveloped=False)
    ends = [start for start, _ in starts[1:]] + [len(data)]
    messages = [data[begin:end] for (_, begin), end in zip(starts, ends, strict=True)]
    return _Reading().whole([re.sub(rb"(?m)^>(>*From )", rb"\1", message) for message in messages], enveloped=True)


@dataclass(slots=True)
class _Reading:
    builder: Builder = field(default_factory=Builder)
    unread: list[str] = field(default_factory=list)
    parts: int = 0
    bodies: list[tuple[int, int]] = field(default_factory=list)  # the blocks of texts, attachments and inner messages

    def whole(self, messages: list[bytes], enveloped: bool) -> Extracted:
        """All messages; the fields are those of a single one."""
        found: dict[str, str] = {}
        try:
            for raw in messages:
                message = message_from_bytes(raw.lstrip(b"\r\n"), EmailMessage, policy=_POLICY)
                self.builder.close()
                if len(messages) == 1 and not enveloped and not message.keys():
                    raise SourceError("not an e-mail: it has no headers")
                found = self._message(message, 0)
        except RecursionError as error:
            raise SourceError("parts are nested too deep to be an e-mail") from error
        builder = self.builder
        self._qualify_forwarded()
        found = found if len(messages) == 1 else {}
        return Extracted(builder.text, found, blocks=questions(builder.text, builder.blocks), unread=tuple(self.unread))

    def _message(self, message: Message, depth: int) -> dict[str, str]:
        """Write headers and parts of a message; its fields."""
        level = self.builder.level + 1
        subject = _header(message, "Subject")
        self.builder.add("heading", subject, level=level)
        values = {name: _header(message, name) for name in _HEADERS}
        for name, value in values.items():
            self.builder.add("field", f"{name}: {value}" if value else "")
        self._part(message, depth)
        found = {"title": subject, "author": values["From"], "to": values["To"], "date": _date(values["Date"])}
        return {name: value for name, value in found.items() if value}

    def _part(self, part: Message, depth: int) -> None:
        """Write a part, or say why it is not read."""
        self.parts += 1
        kind = part.get_content_type()
        if depth > _DEEPEST or self.parts > _MOST_PARTS:
            raise SourceError(f"more than {_MOST_PARTS:,} parts, or parts nested {_DEEPEST} deep")
        attached = part.get_content_disposition() == "attachment"
        if kind == "multipart/alternative":
            self._alternatives(part, depth)
        elif kind in ("message/rfc822", "message/delivery-status") and isinstance(part.get_payload(), list):
            self._enclosed(part, depth)
        elif part.is_multipart():
            for child in _children(part):
                self._part(child, depth + 1)
        elif kind == "text/plain" and not attached:
            self._plain(part)
        elif kind == "text/html" and not attached:
            self._html(part)
        else:
            self._attachment(part)

    def _alternatives(self, part: Message, depth: int) -> None:
        """Write the plain text of several versions of one text, or the HTML if the plain one is a mere stub."""
        children = list(_children(part))
        sizes = {child.get_content_type(): len(_bytes(child).strip()) for child in children if not child.is_multipart()}
        plain, page = sizes.get("text/plain", 0), sizes.get("text/html", 0)
        wanted = "text/plain" if plain and (plain > 300 or page < 20 * _BETTER * plain) else "text/html"
        chosen = [child for child in children if child.get_content_type() == wanted]
        for child in chosen[:1] or children[-1:]:
            self._part(child, depth + 1)
        for child in children:
            if child.is_multipart() and child not in chosen and (chosen and wanted == "text/plain"):
                self.unread += [
                    f"{_name(inner)}: inside of the HTML version" for inner in child.walk() if inner.get_filename()
                ]

    def _enclosed(self, part: Message, depth: int) -> None:
        """Write a message inside of a message, or the fields of a delivery report."""
        level, first = self.builder.level, len(self.builder.blocks)
        for child in _children(part):
            if part.get_content_type() == "message/rfc822":
                self._message(child, depth + 1)
            else:
                found: dict[str, object] = {}
                for name, written in child.items():
                    found.setdefault(name, written)
                for name, value in found.items():
                    self.builder.add("field", f"{name}: {_plain(value)}")
            self.builder.close(level + 1)
        self.bodies.append((first, len(self.builder.blocks)))

    def _plain(self, part: Message) -> None:
        text = self._decoded(part)
        if (part.get_param("format") or "") == "flowed":
            text = _unflowed(text, part.get_param("delsp") == "yes")
        level, begin = self.builder.level + 1, len(self.builder.blocks)
        passages = list(_passages(text))
        for (quoted, passage), (after, _) in zip_longest(passages, passages[1:], fillvalue=(0, [])):
            self.builder.close(level + quoted)
            first = len(self.builder.blocks)
            _write(self.builder, passage, level + quoted, quotes=after > quoted)
            if quoted:
                qualify(self.builder.blocks, first)
        self.builder.close(level)
        self.bodies.append((begin, len(self.builder.blocks)))

    def _html(self, part: Message) -> None:
        text = self._decoded(part)
        if text.strip():
            self._graft(html(b"\xef\xbb\xbf" + text.encode(), scripts=False))

    def _attachment(self, part: Message) -> None:
        """Write an attachment under its name if its format is known."""
        name = _name(part)
        if not _bytes(part).strip():
            return
        suffix = PurePosixPath(name).suffix.lower() or _SUFFIXES.get(part.get_content_type(), "")
        reason = (
            "a picture"
            if suffix in PICTURES
            else refusal(suffix)
            if suffix
            else f"cannot read {part.get_content_type()}"
        )
        if not reason:
            try:
                extracted = reader(suffix)(_bytes(part))
                level = self.builder.level
                self.builder.add("heading", name, level=level + 1)
                self._graft(extracted)
                self.builder.close(level + 1)
                self.unread += [f"attachment {name}: {what}" for what in extracted.unread]
            except SourceError as error:
                reason = str(error)
            except ImportError:
                reason = f"reading {suffix} needs the extra formats"
        if reason:
            self.unread.append(f"attachment {name}: {reason}")

    def _decoded(self, part: Message) -> str:
        """The text of a part with plain line ends; empty, and named as unread, if its encoding cannot be told."""
        try:
            text = decode(_bytes(part), part.get_content_charset(""))
        except SourceError as error:
            self.unread.append(f"a text in the message: {error}")
            return ""
        return clean(text).replace("\r\n", "\n").replace("\r", "\n")

    def _graft(self, extracted: Extracted) -> None:
        text = extracted.text[extracted.front :] if not extracted.blocks else extracted.text
        first = len(self.builder.blocks)
        self.builder.graft(text, extracted.blocks or paragraphs(text), self.builder.level)
        self.bodies.append((first, len(self.builder.blocks)))

    def _qualify_forwarded(self) -> None:
        """Mark what stands below the headers of another message in a body."""
        text, blocks = self.builder.text, self.builder.blocks
        for first, end in self.bodies:
            for number, block in enumerate(blocks[first:end], start=first):
                if block.kind == "field" or _HEADER.match(text, block.start, block.end):
                    forwarded = blocks[number:end]
                    qualify(forwarded, 0)
                    blocks[number:end] = forwarded
                    break


def _write(builder: Builder, passage: list[str], level: int, quotes: bool) -> None:
    """Write lines of one author; the line that says who wrote the quotation below them becomes its heading."""
    rest, attribution = _attribution(passage) if quotes else (passage, "")
    begin, below = 0, level
    history: int | None = None  # the first block of the older messages
    for number, line in enumerate(rest):
        if number < begin or not _starts_history(rest, number):
            continue
        lines.write(builder, "\n".join(rest[begin:number]))
        builder.add("heading", line.strip(), level=below)
        history = len(builder.blocks) if history is None else history
        begin = next((at for at in range(number + 1, len(rest)) if not _FIELD.fullmatch(rest[at].strip())), len(rest))
        for about in rest[number + 1 : begin]:
            builder.add("field", " ".join(about.split()))
        below += 1
    lines.write(builder, "\n".join(rest[begin:]))
    if history is not None:
        qualify(builder.blocks, history)
    builder.add("heading", attribution, level=level)


def _starts_history(passage: list[str], number: int) -> bool:
    """Whether an older message begins here: a line that says so, or its headers."""
    line = passage[number].strip()
    if _FORWARDED.fullmatch(line):
        return True
    return number + 2 < len(passage) and all(_FIELD.fullmatch(other.strip()) for other in passage[number : number + 3])


def _attribution(passage: list[str]) -> tuple[list[str], str]:
    """The lines before, and the line or two that say who wrote what is quoted next."""
    end = len(passage)
    while end and not passage[end - 1].strip():
        end -= 1
    for count in (1, 2, 3):
        text = " ".join(" ".join(passage[max(end - count, 0) : end]).split())
        if len(text) < 400 and _ON_WROTE.fullmatch(text):
            return passage[: max(end - count, 0)], text
    last = " ".join(passage[end - 1].split()) if end else ""
    return (passage[: end - 1], last) if len(last) < 200 and _WROTE.fullmatch(last) else (passage, "")


def _lines(text: str) -> list[str]:
    """The lines, which end with a line feed, a carriage return, or both; other separators are part of a line."""
    found = re.split(r"\r\n?|\n", text)
    return found if found[-1] else found[:-1]


def _passages(text: str) -> Iterator[tuple[int, list[str]]]:
    """Runs of lines of the same quotation depth, without their marks."""
    depth, run = 0, list[str]()
    for line in _lines(text):
        mark = _QUOTED.match(line)
        now = mark[0].count(">") if mark else 0
        line = line[mark.end() :] if mark else line
        if now != depth and (line.strip() or now):
            if run:
                yield depth, run
            depth, run = now, []
        run.append(line)
    if run:
        yield depth, run


def _unflowed(text: str, joined_words: bool) -> str:
    """Lines that a program broke are put together again (RFC 3676)."""
    out: list[str] = []
    flowing = -1
    for line in _lines(text):
        mark = re.match(r">*", line)
        depth = mark.end() if mark else 0
        body = line[depth:].removeprefix(" ")
        flows = body.endswith(" ") and body != "-- "
        if flowing == depth and body != "-- ":
            out[-1] += body
        else:
            out.append(f"{'>' * depth}{' ' if depth else ''}{body}")
        if flows and joined_words:
            out[-1] = out[-1][:-1]
        flowing = depth if flows else -1
    return "\n".join(out)


def _children(part: Message) -> Iterator[Message]:
    payload = part.get_payload()
    return (child for child in payload if isinstance(child, Message)) if isinstance(payload, list) else iter(())


def _bytes(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _repaired(value: str) -> str:
    """A header with bytes beyond ASCII that no encoding was named for, which the parser passes on as surrogates."""
    raw = value.encode("utf-8", "surrogateescape")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _header(message: Message, name: str) -> str:
    return _plain(message.get(name))


def _plain(value: object) -> str:
    return clean(" ".join(str(value or "").split()))


def _date(value: str) -> str:
    """In ISO form; as written if it is no date."""
    try:
        return parsedate_to_datetime(value).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return value


def _name(part: Message) -> str:
    name = part.get_filename() or part.get("Content-Location") or part.get_content_type()
    return clean(PurePosixPath(" ".join(str(name).split()).replace("\\", "/")).name) or part.get_content_type()
