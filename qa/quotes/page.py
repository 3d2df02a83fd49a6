"""An HTML text as its readers see it, and the answer in a page that `qa serve` exported."""

from dataclasses import dataclass
from itertools import islice

from qa.errors import UsageError
from qa.quotes import exported
from qa.quotes.markup import Token, text_of, tokens

__all__ = ["Page", "read_page"]

FLOWING = frozenset("a abbr b bdi bdo cite code em i mark q s small span strong sub sup u var".split())
STATEMENT = '<li class="statement '
UNSEEN = ("script", "style", "title")
MOST_TOKENS = 200_000  # tags, and the texts between them


@dataclass(frozen=True, slots=True)
class Page:
    """text: what the page shows, block by block, without its blockquotes and without comments, scripts and styles.
    headings: of the first level. statements: of an exported page, each after its verdict. answer: the embedded one as
    JSON, None without one.
    foreign: what keeps the page from being verified, because a browser may show other words; empty if nothing does.
    """

    text: str
    blockquotes: tuple[str, ...]
    headings: tuple[str, ...]
    statements: tuple[tuple[str, str], ...]
    answer: str | None
    foreign: str


def read_page(text: str) -> Page | None:
    """The page; None for a text that is no HTML. An answer is taken only from a page that is like an exported one.

    Raises UsageError for a page of too many tags.
    """
    text = text.lstrip("\ufeff \t\r\n")
    if not text[:9].lower().startswith(("<!doctype", "<html")):
        return None
    found = list(islice(tokens(text), MOST_TOKENS + 1))
    if len(found) > MOST_TOKENS:
        raise UsageError(f"The page has over {MOST_TOKENS // 2:,} tags, which is too many to check.")
    reader = _Reader()
    for token in found:
        reader.take(token)
    stored = [token.written for token in found if token.kind == "raw" and token.name == "script"]
    problem = exported.foreign(found) if stored else exported.foreign_in_text_page(found)
    answer = stored[0] if stored and not problem else None
    quoted, headings, said = map(_joined, (reader.quoted, reader.headings, reader.statements))
    statements = tuple(zip(reader.verdicts, said, strict=True))
    return Page("".join(reader.shown), quoted, headings, statements, answer, problem)


def _joined(parts: list[list[str]]) -> tuple[str, ...]:
    return tuple(" ".join("".join(part).split()) for part in parts)


class _Reader:
    """Puts each text where its readers see it. statements: without what the template adds to them."""

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.quoted: list[list[str]] = []
        self.headings: list[list[str]] = []
        self.statements: list[list[str]] = []
        self.verdicts: list[str] = []
        self._open = {"blockquote": 0, "h1": 0}
        self._around: list[str] = []  # inside of a statement

    def take(self, token: Token) -> None:
        """Take the next piece of the page."""
        if token.kind == "text" or (token.kind == "raw" and token.name not in UNSEEN):
            self._words(text_of(token.written))
        elif token.kind == "start":
            self._start(token)
        elif token.kind == "end":
            self._part(token.name)
            if self._around:
                self._around.pop()
            if self._open.get(token.name):
                self._open[token.name] -= 1

    def _start(self, token: Token) -> None:
        self._part(token.name)
        if self._around or token.written.startswith(STATEMENT):
            if not self._around:
                self.statements.append([])
                self.verdicts.append(token.written.removeprefix(STATEMENT).partition('"')[0])
            self._around.append(token.name)
        if token.name in self._open:
            self._open[token.name] += 1
            if self._open[token.name] == 1:
                (self.quoted if token.name == "blockquote" else self.headings).append([])

    def _words(self, text: str) -> None:
        if self._around == ["li", "p"]:
            self.statements[-1].append(text)
        if self._open["blockquote"]:
            self.quoted[-1].append(text)
        elif self._open["h1"]:
            self.headings[-1].append(text)
        else:
            self.shown.append(text)

    def _part(self, name: str) -> None:
        """Keep blocks apart."""
        if name not in FLOWING:
            self._words("\n\n")
