"""A model's answer -> statements with the sentence ids they point at.

A model may not write the shape it was asked for. This reads JSON, JSON in a code fence or between prose, the complete
statements of broken JSON, and plain text with `[id]` markers. Ids that were not offered are dropped. `parse` feeds the
whole text to `Incremental`, so that streaming and reading at once give the same statements.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

from qa.answer.objects import Objects
from qa.errors import BadReplyError, ContentRefusedError
from qa.llm.thoughts import THOUGHT, Thoughts

__all__ = ["MAX_IDS", "Claim", "Incremental", "Parsed", "answer_schema", "parse"]

MAX_IDS = 3  # a statement: more would let a model point at everything
MAX_TEXT = 2_000  # characters of a statement
MAX_CLAIMS = 50
MAX_TRIED = 1_000  # candidates, those that come twice among them
MAX_CHARS = 200_000  # of an answer that are read

IDS = ("evidence", "ids", "quotes", "sources", "citations", "sentences", "sentence_ids")
TEXTS = ("text", "statement", "claim", "answer")
LISTS = ("statements", "claims", "answers", "answer")
Kind = Literal["json", "lines"]

MARKER = re.compile(r"(?:\[([^\[\]\n]{1,200})\]|\(([^()\n]{1,200})\))")
BULLET = re.compile(r"\s*(?:[-*•]|\d{1,3}[.)]|#{1,6})\s+")
EMPTY_LIST = re.compile(r"\[\s*\]")
SUBJECT = (
    r"(?:sources?|documents?|passages?|texts?|articles?|context|excerpts?|sentences?|material|evidence|information)"
)
SILENT = re.compile(
    rf"\b{SUBJECT}\b[^.!?]{{0,60}}"
    r"\b(?:do(?:es)?n['’]t|do(?:es)? not|did not|didn['’]t|cannot|can['’]t|no|not|insufficient|nothing)\b"
    r"|\bI (?:cannot|can['’]t|could not|couldn['’]t|am unable to|was unable to|do not|don['’]t) "
    r"(?:find|answer|determine|know|see|tell|locate|have)\b"
    r"|\b(?:there (?:is|was|are)|contains?|provides?|found|has|have) (?:no|not enough|insufficient|nothing)\b"
    r"|\bno (?:information|mention|answer|evidence|relevant)\b"
    r"|\bnot (?:mentioned|stated|specified|provided|given|found|answered|enough|available|covered)\b"
    r"|\bunanswerable\b|\binsufficient information\b|^\W*(?:none|unknown|n/a|nothing|no answer)\W*$",
    re.IGNORECASE,
)
DECLINED = re.compile(
    r"\bI(?:['’]m| am)? (?:sorry,? )?(?:but )?(?:I )?"
    r"(?:cannot|can['’]t|won['’]t|will not|(?:am |['’]m )?(?:not able|unable) to) "
    r"(?:help|assist|comply|fulfil|fulfill|engage|support|do that|discuss|provide (?:that|this|assistance))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A model's statement without markers, and the ids it points at: offered ones, each once, up to `MAX_IDS`."""

    text: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parsed:
    """The statements of an answer. None: the model says that the sources do not answer."""

    statements: tuple[Claim, ...]


def answer_schema(
    ids: Collection[str], order: Literal["evidence_first", "text_first"] = "evidence_first"
) -> dict[str, Any]:
    """The JSON schema of an answer: a list of statements, each with 1 to `MAX_IDS` of the ids, and its text.

    ids: at least one, else ValueError. Models write the properties in the order of the schema.
    """
    if not ids:
        raise ValueError("an answer schema needs at least one sentence id to point at")
    evidence = {"type": "array", "items": {"type": "string", "enum": list(ids)}, "minItems": 1, "maxItems": MAX_IDS}
    fields: dict[str, Any] = {"evidence": evidence, "text": {"type": "string"}}
    names = ["evidence", "text"] if order == "evidence_first" else ["text", "evidence"]
    statement = _object({name: fields[name] for name in names})
    return _object({"statements": {"type": "array", "items": statement}})


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def parse(text: str, valid_ids: Collection[str], *, cut: bool = False, hide: Callable[[str], str] = str) -> Parsed:
    """Read a whole answer. cut: the model ran out of tokens, so that an unfinished last line does not count.

    hide: takes a key out of each statement, which may hold one only without its markers.

    Raises BadReplyError if nothing can be read as a statement, ContentRefusedError if the model declines to help:
    neither means that the sources do not say. Work is linear in the text, of which `MAX_CHARS` characters are read.
    """
    reader = Incremental(valid_ids, hide)
    reader.feed(text)
    return reader.finish(cut=cut)


class Incremental:
    """Reads an answer as it streams in.

    `feed` gives each statement that points at a valid id once, as soon as it is complete. `finish` gives all of them in
    order, and those without an id: only at the end is it known whether these are statements or remarks. hide: as for
    `parse`.
    """

    def __init__(self, valid_ids: Collection[str], hide: Callable[[str], str] = str) -> None:
        self._ids = _Ids(valid_ids)
        self._hide = hide
        self._thoughts = Thoughts()
        self._objects = Objects()
        self._line: list[str] = []
        self._found: dict[Kind, list[Claim]] = {"json": [], "lines": []}
        self._kind: Kind | None = None  # set by the first statement with an id; what comes in the other form is ignored
        self._chars = self._tried = 0
        self._empty = False  # an explicit empty list
        self._bare_empty = False  # the same without a name, which counts only where it is no list of objects

    def feed(self, piece: str) -> list[Claim]:
        """The statements with ids that this piece of the answer completes."""
        room = MAX_CHARS - self._chars
        self._chars += len(piece)
        return self._claims(self._thoughts.feed(piece[: max(room, 0)]))

    def finish(self, *, cut: bool = False) -> Parsed:
        """The end of the answer: all that it states. Raises as `parse` does; call it once."""
        self._claims(self._thoughts.rest())
        self._end_line(cut)
        unfinished = self._objects.open or bool(self._objects.broken)
        remarks: list[str] = []
        statements = self._statements(remarks)
        if statements:
            return Parsed(tuple(statements))
        remark = " ".join(remarks)
        if DECLINED.search(remark):
            raise ContentRefusedError(f'The model declined to answer: "{_short(remark)}"')
        empty = self._empty or (self._bare_empty and not self._objects.begun)
        if (empty or (remarks and not cut)) and not unfinished:  # what was cut off may have gone on "However, ..."
            return Parsed(())
        reason = "ran out of tokens before it stated anything" if cut else "cannot be read as statements"
        raise BadReplyError(f"The model's answer {reason}. Ask again, or use another model.")

    def _statements(self, remarks: list[str]) -> list[Claim]:
        """The claims of the form that counts; remarks that the sources do not say, or a refusal to help, go apart."""
        kind = self._kind or ("json" if self._found["json"] else "lines")
        statements = []
        for claim in self._found[kind]:
            if not claim.ids and (SILENT.search(claim.text) or DECLINED.search(claim.text)):
                remarks.append(claim.text)
            else:
                statements.append(claim)
        return statements

    def _claims(self, text: str) -> list[Claim]:
        """Take text of the answer; the claims with ids that it completes."""
        done: list[Claim] = []
        for part in self._objects.feed(text) if text else []:
            if isinstance(part, dict):
                for words, raw in self._from_object(part):
                    done += self._add("json", self._claim(words, raw))
                continue
            *ends, rest = part.split("\n")
            for end in ends:
                self._line.append(end)
                done += self._end_line()
            if rest:
                self._line.append(rest)
        return done

    def _end_line(self, cut: bool = False) -> list[Claim]:
        """Take the line of prose that is complete; when it was cut, its last words do not count."""
        line, self._line = "".join(self._line), []
        if not line or line.isspace():
            return []
        pieces = list(self._pieces_of(line))
        if cut and pieces and pieces[-1].rstrip()[-1:] not in set("].!?…)"):
            pieces.pop()
        return [claim for words in pieces for claim in self._add("lines", self._claim(words, []))]

    def _from_object(self, found: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
        """Texts and ids of a JSON object: a statement, or a list of texts."""
        lists = [found[name] for name in LISTS if isinstance(found.get(name), list)]
        if lists:
            self._empty = self._empty or lists == [[]] * len(lists)
            yield from ((text, []) for texts in lists for text in texts if isinstance(text, str))
            return
        text = next((found[name] for name in TEXTS if isinstance(found.get(name), str)), None)
        if text is not None:
            yield text, [token for name in IDS for token in _tokens(found.get(name))]

    def _pieces_of(self, line: str) -> Iterator[str]:
        """The statements of a line of prose: it is cut after markers that end a sentence."""
        if THOUGHT.search(line):  # the thoughts of a model whose template opens them
            self._found["lines"] = [claim for claim in self._found["lines"] if claim.ids]
            line = THOUGHT.split(line)[-1]
        line = line.strip()
        self._bare_empty = self._bare_empty or bool(EMPTY_LIST.fullmatch(line))
        if line.startswith("```"):
            return
        line = BULLET.sub("", line, count=1) if BULLET.match(line) else line
        start = last = 0
        for marker in islice(MARKER.finditer(line), MAX_TRIED):
            if self._ids.read(marker) is None:
                continue
            last = marker.end()
            end = _sentence_end(line, marker)
            if end and any(c.isalnum() for c in MARKER.sub("", line[start : marker.start()][-2 * MAX_TEXT :])):
                yield line[start:end]
                start = last = end
        tail = line[start:]
        if last > start or not tail.rstrip(" *_").endswith(":"):  # a line that leads in states nothing
            yield tail

    def _claim(self, text: str, raw: list[str]) -> Claim | None:
        """A claim from a text with markers and ids beside it; None if it states nothing."""
        self._tried += 1
        if self._tried > MAX_TRIED:
            return None
        ids = list(raw)

        def take(marker: re.Match[str]) -> str:
            tokens = self._ids.read(marker)
            ids.extend(tokens or [])
            return "" if tokens is not None else marker[0]

        words = _tidy(MARKER.sub(take, text)) if len(text) <= 2 * MAX_TEXT else text
        if len(words) > MAX_TEXT:
            return None
        if not any(c.isalnum() for c in words):
            return None
        return Claim(self._hide(words), self._valid(ids))

    def _valid(self, tokens: list[str]) -> tuple[str, ...]:
        names = (self._ids.name(token) for token in tokens)
        return tuple(dict.fromkeys(name for name in names if name is not None))[:MAX_IDS]

    def _add(self, kind: Kind, claim: Claim | None) -> list[Claim]:
        found = self._found[kind]
        if claim is None or claim in found or (self._kind or kind) != kind:
            return []
        if len(found) >= MAX_CLAIMS:
            return []
        found.append(claim)
        if not claim.ids:
            return []
        self._kind = kind
        return [claim]


class _Ids:
    """The ids that were offered, and what looks like one."""

    def __init__(self, valid: Collection[str]) -> None:
        self._names = {_bare(name): name for name in valid}
        prefixes = {re.sub(r"\d.*", "", bare, flags=re.DOTALL) for bare in self._names}
        if len(prefixes) == 1:  # small models leave out the letter that all ids share
            prefix = prefixes.copy().pop()
            self._names = {bare.removeprefix(prefix): name for bare, name in self._names.items()} | self._names
        shapes = [re.escape(prefix) + (r"\d{1,5}" if prefix else r"\d{1,3}") for prefix in sorted(prefixes)]
        self._like = re.compile("|".join(shapes) or r"(?!)")

    def name(self, token: str) -> str | None:
        """The offered id that a token names; case and brackets do not count."""
        return self._names.get(_bare(token))

    def read(self, marker: re.Match[str]) -> list[str] | None:
        """The tokens of a marker, valid or not; None if it is not one but text in brackets.

        Round brackets are a marker only around ids that were offered and hold a letter: "(1)" and "(S400)" are text.
        """
        square, rounded = marker.groups()
        inner = square or rounded
        if self.name(inner) and (square or not inner.strip().isdigit()):
            return [inner]
        tokens = re.split(r"[,;&\s]+", inner.strip(" ,;"))[:20]
        if square is None:
            return tokens if all(self.name(token) and not token.isdigit() for token in tokens) else None
        return tokens if all(self.name(token) or self._like.fullmatch(_bare(token)) for token in tokens) else None


def _sentence_end(line: str, marker: re.Match[str]) -> int:
    """The end of the sentence that a marker ends, 0 if it stands inside of one."""
    after = re.match(r"[.!?…]*[\"'”’)*_]*(?=\s+[^\sa-z\[(]|\s*$)", line[marker.end() : marker.end() + 40])
    if after is None:
        return 0
    ends_before = line[: marker.start()].rstrip()[-1:] in ".!?…\"'”’)"
    return marker.end() + after.end() if ends_before or after[0] or marker.end() == len(line.rstrip()) else 0


def _tokens(value: object) -> list[str]:
    """The ids in a JSON value: texts, numbers, lists of them, or objects that hold one as `id`; 20 at most."""
    tokens: list[str] = []
    for item in value[:20] if isinstance(value, list) else [value]:
        held = item.get("id") if isinstance(item, dict) else item
        if isinstance(held, str):
            tokens += re.split(r"[,;\s]+", held[:400].strip())
        elif isinstance(held, int) and not isinstance(held, bool):
            tokens.append(str(held)[:20] if -(10**9) < held < 10**9 else "a number")
    return [token for token in tokens if token][:20]


def _bare(token: str) -> str:
    return token.strip(" \t[]()\"'`#").casefold()


def _tidy(text: str) -> str:
    """One line, without lone surrogates, which nothing can print, and without a space before punctuation."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return re.sub(r"\s+([.,;:!?…])(?=\s|$)", r"\1", " ".join(whole.split()))


def _short(text: str) -> str:
    line = "".join(c if c.isprintable() else " " for c in _tidy(text[:400]))
    return line if len(line) <= 100 else line[:99] + "…"
