"""An HTML text as its readers see it, and the answer in a page that `qa serve` exported."""

import re
from dataclasses import dataclass
from itertools import islice

from qa import schema
from qa.errors import UsageError
from qa.quotes import exported
from qa.quotes.markup import Token, text_of, tokens
from qa.text import shortened

__all__ = ["Page", "read_page"]

FLOWING = frozenset("a abbr b bdi bdo cite code em i mark s small span strong u var".split())
SHOWN_AS = {"q": ("“", "”"), "sub": (" ", " "), "sup": (" ", " ")}  # 10<sup>2</sup> is not 102
UNSEEN = ("script", "style", "title")
MOST_TOKENS = 200_000  # tags, and the texts between them
TAGS = frozenset(
    "html head meta title body main section article header footer h1 h2 h3 h4 h5 h6 p div br hr pre blockquote ul ol "
    "li dl dt dd table caption thead tbody tfoot tr th td a abbr b bdi bdo cite code em i q small span strong sub sup "
    "u var".split()
)
ELEMENTS = TAGS | frozenset(
    "address applet area aside audio base basefont bgsound big button canvas center col colgroup data datalist del "
    "details dfn dialog dir embed fieldset figcaption figure font form frame frameset hgroup iframe image img input "
    "ins kbd label legend link map mark marquee math menu meter nav nobr noembed noframes noscript object optgroup "
    "option output param picture plaintext portal progress rp rt ruby s samp script search select slot source strike "
    "style summary svg template textarea time track tt video wbr xmp".split()
)
HTML = re.compile(  # a tag of a known element or with an attribute, a comment, or a declaration
    rf"<(?:/?(?:{'|'.join(sorted(ELEMENTS))})(?=[\s/>])|[a-z][^\s<>]*[\s/][^<>]*=|!--|!doctype|\?)", re.IGNORECASE
)
ATTRIBUTES = re.compile(
    r"<\w+(?:\s+(?:charset\s*=\s*(?:\"utf-?8\"|'utf-?8'|utf-?8(?=[\s>]))"
    r"|(?:lang|id|href|cite|start|colspan|rowspan)\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'>]+)))*\s*/?>",
    re.IGNORECASE,
)
CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")  # ESC may switch to another encoding
DOCTYPE = re.compile(r"<!doctype html>", re.IGNORECASE)
SHOWN = 80  # characters of what is foreign


@dataclass(frozen=True, slots=True)
class Page:
    """text: what the page shows, block by block, without its blockquotes, scripts and styles, and in HTML its comments.
    answer: of a page that this version of `qa` exported, as JSON; None of any other. exported: whether the page has an
    answer at all. foreign: what keeps the page from being verified, because a browser may show other words; empty if
    nothing does.
    """

    text: str
    blockquotes: tuple[str, ...]
    answer: str | None
    exported: bool
    foreign: str


def read_page(text: str) -> Page | None:
    """The page; None for a text that has nothing of HTML in it. Raises UsageError for a page of too many tags."""
    text = text.strip("\ufeff \t\r\n")
    if schema.is_json(text) or not (HTML.search(text) or text_of(text) != text):
        return None
    stored = exported.stored_in(text)
    foreign = "" if stored is None else exported.difference(text, stored)
    if stored is not None and not foreign:
        return Page("", (), stored, True, "")
    found = list(islice(tokens(text), MOST_TOKENS + 1))
    if len(found) > MOST_TOKENS:
        raise UsageError(f"The page has over {MOST_TOKENS // 2:,} tags, which is too many to check.")
    is_html = any(t.name == "html" or (t.kind == "other" and DOCTYPE.fullmatch(t.written)) for t in found)
    reader = _Reader(shows_comments=not is_html)
    for token in found:
        reader.take(token)
    quoted = tuple(" ".join("".join(part).split()) for part in reader.quoted)
    return Page("".join(reader.shown), quoted, None, stored is not None, foreign or _foreign(text, found))


def _foreign(text: str, found: list[Token]) -> str:
    """The first thing in a page that may hide its words or show others; empty if there is none."""
    if control := CONTROL.search(text):
        return f"the control character U+{ord(control[0]):04X}"
    for token in found:
        if token.kind == "other":
            plain = bool(DOCTYPE.fullmatch(token.written)) or token.written.startswith("<!--")
        else:
            plain = token.kind != "start" or (token.name in TAGS and ATTRIBUTES.fullmatch(token.written) is not None)
        if not plain:
            return shortened(token.written[: 4 * SHOWN], SHOWN)
    return ""


class _Reader:
    """Puts each text where its readers see it.

    shows_comments: no browser shows a comment, but whatever shows a text as it is does: one that does not say that it
    is HTML.
    """

    def __init__(self, shows_comments: bool) -> None:
        self._shows_comments = shows_comments
        self.shown: list[str] = []
        self.quoted: list[list[str]] = []
        self._open = 0  # blockquotes

    def take(self, token: Token) -> None:
        """Take the next piece of the page."""
        if token.kind == "text" or (token.kind == "raw" and token.name not in UNSEEN):
            self._words(text_of(token.written))
        elif token.kind == "other" and self._shows_comments and token.written.startswith("<!--"):
            self._words(token.written.removeprefix("<!--").removesuffix("-->"))
        elif token.kind in ("start", "end"):
            if token.name in SHOWN_AS:
                self._words(SHOWN_AS[token.name][token.kind == "end"])
            elif token.name not in FLOWING:
                self._words("\n" if token.name == "br" else "\n\n")  # blocks stay apart
            if token.name == "blockquote":
                self._quote(opens=token.kind == "start")

    def _quote(self, opens: bool) -> None:
        if opens and not self._open:
            self.quoted.append([])
        self._open = max(0, self._open + (1 if opens else -1))

    def _words(self, text: str) -> None:
        (self.quoted[-1] if self._open else self.shown).append(text)
