"""Output for people: quotes in their context, passages, sources with line numbers.

Text of documents can neither control the terminal nor hide: all of it, and every file name, passes through `visible`,
and none of it is parsed as markup. Emphasis is style only, so a quote has the same characters with and without colours.
"""

import os
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TextIO

from qa.cli import surroundings
from qa.ingest.suffixes import line_place
from qa.records import NOT_SUPPORTED, UNCONFIRMED, Considered, Document, Evidence, Hit, Quote, Span, Statement
from qa.settings import SOURCES
from qa.text import NEWLINE, label, layers, line_of, one_line, visible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from qa.cli.surroundings import Table
    from qa.retrieve.retriever import Retriever

__all__ = [
    "DIM",
    "QUOTE",
    "WARNING",
    "Output",
    "context",
    "documents_of",
    "label",
    "layers",
    "line_of",
    "line_spans",
    "one_line",
    "passage_lines",
    "place",
    "visible",
]

FOLDER = f"{SOURCES}/"
CONTEXT_CHARS = 160  # on each side of a quote, within its paragraph
EXPLAINED = 80  # characters of a sentence in the table of --explain
READABLE_COLUMNS = 100  # at most, however wide the terminal


BAR = "    | "  # before each line of a quote
QUOTE = "bold"
FOCUS = "bold yellow"
DIM = "dim"
WARNING = "yellow"


def place(doc_id: str, line: int, page: int | None, folder: str = FOLDER) -> str:
    """`seeds/a.txt:14`, `seeds/a.pdf, page 3` where the source has pages, or `seeds/a.html, line 14 of its text`."""
    name = label(folder + doc_id)
    return name + (line_place(doc_id, line) if page is None else f", page {page}")


def documents_of(retriever: "Retriever", doc_ids: Iterable[str]) -> dict[str, Document]:
    """Each of these documents once, for the context of quotes."""
    return {doc_id: retriever.document(doc_id) for doc_id in dict.fromkeys(doc_ids)}


class Output:
    """Prints to one stream: styled and wrapped on a terminal, plain and unwrapped elsewhere.

    folder: what stands before the ids of sources.
    """

    def __init__(self, stream: TextIO | None = None, folder: str = FOLDER) -> None:
        self.stream = stream if stream is not None else sys.stdout
        self.folder = folder
        self.terminal = self.stream.isatty()
        self.styled = self.terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        self._console: Console | None = None

    @property
    def console(self) -> "Console":
        """The rich console, imported on first use."""
        if self._console is None:
            from rich.console import Console

            class PipeConsole(Console):
                """Leaves a closed pipe to the caller; rich would end the process."""

                def on_broken_pipe(self) -> None:
                    raise BrokenPipeError

            self._console = PipeConsole(
                file=self.stream,
                force_terminal=self.styled,
                markup=False,
                highlight=False,
                emoji=False,
            )
        return self._console

    @property
    def width(self) -> int:
        return min(self.console.width, READABLE_COLUMNS)

    def line(self, text: "str | Text" = "", style: str = "", first: str = "", rest: str | None = None) -> None:
        """Print one paragraph. first: before its first line; rest: before the others if it is wrapped.

        A plain string must have passed through `visible`.
        """
        from rich.text import Text

        body = Text(text, style=style) if isinstance(text, str) else text
        rest = " " * len(first) if rest is None else rest
        lines = body.wrap(self.console, max(self.width - len(first), 20)) if self.terminal else [body]
        for number, part in enumerate(lines):
            whole = Text(rest if number else first) + part
            if self.terminal or not part:
                whole.rstrip()
            self.console.print(whole, soft_wrap=True)

    def statement(self, statement: Statement) -> None:
        """A statement with the numbers of its quotes, marked unless it is supported; its problems follow."""
        from rich.text import Text

        stands = statement.verdict != "unsupported"
        body = Text("" if stands else NOT_SUPPORTED, style="" if stands else WARNING)
        body.append(one_line(statement.text), style=QUOTE if stands else DIM)
        marks = "".join(f"[{number}]" for number in statement.quotes)
        body.append(f" {marks}" if marks else "", style=DIM)
        body.append(f" {UNCONFIRMED}" if statement.verdict == "unconfirmed" else "", style=DIM)
        self.line(body)
        for problem in statement.problems:
            self.line(one_line(problem), style=WARNING, first="  - ")

    def quote(self, quote: Quote, text: str) -> None:
        """A numbered quote: title, place, context, and the quote within its paragraph. text: of the whole document."""
        from rich.text import Text

        number = f"[{quote.n}] "
        self.line(Text(label(quote.title)), first=number)
        self.line(place(quote.doc_id, quote.line, quote.page, self.folder), style=DIM, first=" " * len(number))
        before, after = context(text, quote.start, quote.end)
        table = surroundings.table(quote, max(self.width - len(BAR), 20))
        for piece in surroundings.above(quote, text, CONTEXT_CHARS, bool(table)):
            self.line(piece, style=DIM, first="      ")
        if before:
            self.line(before, style=DIM, first="      ")
        for header in table.headers if table else ():
            self.line(header, style=DIM, first="      ")
        self.line(_quoted(quote, table), first=BAR, rest=BAR)
        if after:
            self.line(after, style=DIM, first="      ")

    def quotes(self, quotes: Sequence[Quote], documents: Mapping[str, Document], question: str = "") -> None:
        """question: where it is given, the words that answer it stand before each quote."""
        if question:
            from qa.retrieve.short_answer import short_answer
        for position, quote in enumerate(quotes):
            if position:
                self.line()
            if question and (answer := short_answer(quote, question)):
                self.line(answer, style=QUOTE)
            self.quote(quote, documents[quote.doc_id].text)

    def hits(self, hits: Sequence[Hit], documents: Mapping[str, Document]) -> None:
        """Passages in full, best first."""
        for position, hit in enumerate(hits):
            if position:
                self.line()
            document, start = documents[hit.passage.doc_id], hit.passage.start
            page = bisect_right(document.pages, start) if document.pages else None
            self.line(
                place(document.id, line_of(document.text, start), page, self.folder), style=DIM, first=f"{hit.rank}. "
            )
            for part in passage_lines(document, start, hit.passage.end):
                self.line(part, first="   ")

    def search(self, hits: Sequence[Hit], quotes: Sequence[Quote], documents: Mapping[str, Document]) -> None:
        """Passages and quotes, each below a heading."""
        self.line("Passages", style="bold")
        self.line()
        self.hits(hits, documents)
        self.line()
        self.line("Quotes", style="bold")
        self.line()
        self.quotes(quotes, documents)

    def source(self, document: Document, first: int, last: int, marked: Span | None) -> None:
        """Lines `first..last` (from 1), numbered. In the gutter: `|` marked, `~` skipped, `-` partly skipped."""
        from rich.text import Text

        spans = [(span, DIM) for span in document.skipped] + ([(marked, QUOTE)] if marked else [])
        digits = len(str(last))
        for number, (start, end) in enumerate(line_spans(document.text), 1):
            if not first <= number <= last:
                continue
            body = Text()
            for left, right, style in layers(start, end, spans):
                body.append(_flat(document.text[left:right]), style=style)
            gutter = _gutter(start, end, document.skipped, marked)
            self.line(body, first=f"{number:>{digits}} {gutter} ", rest=f"{' ' * digits} {gutter} ")

    def explain(self, evidence: Evidence | None, hits: Sequence[Hit], read: Callable[[Considered], str]) -> None:
        """The sentences that were considered, part by part, with their scores, as a table; the features of the first
        one; and the scores of the passages. read: gives the text of a sentence.
        """
        if evidence is not None:
            self._considered(evidence, read)
            self.line("features of the best: " + ", ".join(f"{k} {v:.2f}" for k, v in evidence.features.items() if v))
        for hit in hits:
            where = f"{label(hit.passage.doc_id)}:{hit.passage.start}-{hit.passage.end}"
            scores = f"score {hit.score:.3f}  dense {hit.dense:.3f}  lexical {hit.lexical:.3f}"
            self.line(f"{where}  {scores}", first=f"{hit.rank}. ")

    def _considered(self, evidence: Evidence, read: Callable[[Considered], str]) -> None:
        self.line(f"answerability {evidence.answerability:.3f}")
        for number, part in enumerate(evidence.parts):
            if len(evidence.parts) > 1:
                self.line(f"part {number + 1}: {one_line(part.text)}  answerability {part.answerability:.3f}")
            self.line("quote   score  answers  sentence")
            for one in (each for each in evidence.considered if each.part == number):
                mark = f"[{one.quote}]" if one.quote else ""
                where = f"{label(one.doc_id)}:{one.start}-{one.end}"
                text = one_line(read(one))
                shown = text if len(text) <= EXPLAINED else text[: EXPLAINED - 1] + "…"
                self.line(f"{where}  {shown}", first=f"{mark:5} {one.score:7.2f} {one.answerability:8.3f}  ")


def _quoted(quote: Quote, table: "Table | None") -> "Text":
    """The quote with the words that answer in another style; in columns if it is a table row."""
    from rich.text import Text

    body = Text()
    cells = table.cells if table else (Span(quote.start, quote.end),)
    for column, cell in enumerate(cells):
        if column:
            body.append(surroundings.BETWEEN_CELLS, style=DIM)
        shown = len(body.plain)
        for start, end, style in layers(cell.start, cell.end, [(span, FOCUS) for span in quote.focus]):
            piece = _flat(quote.text[start - quote.start : end - quote.start])
            body.append(piece, style=style or QUOTE)
        if table and column < len(cells) - 1:
            written = body.plain[shown:]
            body.append(surroundings.padded(written, table.widths[column])[len(written) :])
    return body


def _flat(text: str) -> str:
    """`visible`, with a space for each line break or tab."""
    return visible(text).replace("\n", " ").expandtabs(1)


def _gutter(start: int, end: int, skipped: Sequence[Span], marked: Span | None) -> str:
    if marked and marked.start < max(end, start + 1) and marked.end > start:
        return "|"
    if any(span.start <= start < end <= span.end for span in skipped):
        return "~"
    return "-" if any(span.start < end and start < span.end for span in skipped) else " "


def context(text: str, start: int, end: int, chars: int = CONTEXT_CHARS) -> tuple[str, str]:
    """The text before and after `[start, end)` in its paragraph, at most `chars` each, cut between words."""
    before = text[max(0, start - chars) : start]
    lines = NEWLINE.split(before)
    before, cut = lines[-1], len(lines) == 1 and start > chars
    if cut:
        before = "… " + before.partition(" ")[2]
    after = text[end : end + chars]
    lines = NEWLINE.split(after)
    after, cut = lines[0], len(lines) == 1 and end + chars < len(text)
    if cut:
        after = after.rpartition(" ")[0] + " …"
    return _worded(before), _worded(after)


def _worded(text: str) -> str:
    """On one line; nothing for marks alone, such as the bars of a table."""
    return one_line(text) if any(map(str.isalnum, text)) else ""


def passage_lines(document: Document, start: int, end: int) -> list[str]:
    """A passage with each of its blocks on a line of its own."""
    parts = [
        document.text[max(start, block.start) : min(end, block.end)]
        for block in document.blocks
        if block.kind != "furniture" and block.start < end and start < block.end
    ]
    return [line for part in parts if (line := _worded(part))] or [one_line(document.text[start:end])]


def line_spans(text: str) -> list[tuple[int, int]]:
    """The span of each line without its line break. Lines end with `\\n`, `\\r\\n` or `\\r`, as `Quote.line` counts."""
    spans = []
    start = 0
    for newline in NEWLINE.finditer(text):
        spans.append((start, newline.start()))
        start = newline.end()
    return [*spans, (start, len(text))] if start < len(text) else spans
