"""An HTML text as its readers see it, and the answer in a page that `qa serve` exported."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser

from qa import schema

__all__ = ["Page", "read_page"]

TAGS = frozenset(  # all that an exported page has
    "html head meta title style body main h1 h2 p ol ul li strong mark a span article blockquote details summary "
    "figure div svg image rect code script".split()
)
FLOWING = frozenset("a abbr b bdi bdo cite code em i mark q s small span strong sub sup u var".split())
UNSEEN = frozenset(("script", "style", "title"))
COMMENT_ENDS = re.compile(r"<!--(?:-?>)|--!>")  # where browsers end a comment and the parser may not
END = re.compile(r"</script>\s*</body>\s*</html>\s*\Z")


@dataclass(frozen=True, slots=True)
class Page:
    """text: what the page shows, block by block, without its blockquotes and without comments, scripts and styles.
    headings: of the first level. answer: the embedded one as JSON, None unless the page is like an exported one.
    """

    text: str
    blockquotes: tuple[str, ...]
    headings: tuple[str, ...]
    answer: str | None


def read_page(text: str) -> Page | None:
    """The page; None for a text that is no HTML."""
    if not text.lstrip("\ufeff \t\r\n")[:9].lower().startswith(("<!doctype", "<html")):
        return None
    reader = _Reader()
    reader.feed(COMMENT_ENDS.sub(lambda found: "-->" if found[0] == "--!>" else "", text))
    reader.close()
    answer = schema.embedded(text) if reader.is_plain and _one_script_at_the_end(text) else None
    return Page("".join(reader.shown), _joined(reader.quoted), _joined(reader.headings), answer)


def _one_script_at_the_end(text: str) -> bool:
    """Whether nothing in the page can make a browser see another script or style than the reader does."""
    low = text.lower()
    return (
        low.count("<script") == 1
        and low.count("</script") == 1
        and low.count("<style") == 1
        and "<!--" not in low
        and low.find("<style") < low.find("<body") < low.find("<script")
        and END.search(text) is not None
    )


def _joined(parts: list[list[str]]) -> tuple[str, ...]:
    return tuple(" ".join("".join(part).split()) for part in parts)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []
        self.quoted: list[list[str]] = []
        self.headings: list[list[str]] = []
        self.is_plain = True
        self._open = {"blockquote": 0, "h1": 0}
        self._unseen = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.is_plain = self.is_plain and tag in TAGS
        self._parted(tag)
        if tag in UNSEEN:
            self._unseen = True
        elif tag in self._open:
            self._open[tag] += 1
            if self._open[tag] == 1:
                (self.quoted if tag == "blockquote" else self.headings).append([])

    def handle_endtag(self, tag: str) -> None:
        self._parted(tag)
        if tag in UNSEEN:
            self._unseen = False
        elif self._open.get(tag):
            self._open[tag] -= 1

    def handle_comment(self, data: str) -> None:
        self.is_plain = False

    def unknown_decl(self, data: str) -> None:
        self.is_plain = False

    def handle_pi(self, data: str) -> None:
        self.is_plain = False

    def handle_data(self, data: str) -> None:
        if self._unseen:
            return
        if self._open["blockquote"]:
            self.quoted[-1].append(data)
        elif self._open["h1"]:
            self.headings[-1].append(data)
        else:
            self.shown.append(data)

    def _parted(self, tag: str) -> None:
        if tag not in FLOWING:
            self.handle_data("\n\n")
