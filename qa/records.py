"""The frozen records that cross layer boundaries.

All offsets are Unicode code points of `Document.text`, half-open: `text[start:end]`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = [
    "MOST_TOKENS",
    "NOT_SUPPORTED",
    "QUOTABLE",
    "UNCONFIRMED",
    "Answer",
    "Block",
    "BlockKind",
    "BuildSettings",
    "Considered",
    "Context",
    "ContextKind",
    "Document",
    "Evidence",
    "Hit",
    "Part",
    "Passage",
    "Prepared",
    "Quote",
    "Sentence",
    "Span",
    "Statement",
    "Verdict",
]

Verdict = Literal["supported", "unconfirmed", "unsupported"]
NOT_SUPPORTED = "NOT SUPPORTED: "  # before a statement that its quotes do not support, wherever it is shown
UNCONFIRMED = "(compare with the quote)"  # after a statement whose meaning nobody confirmed

MOST_TOKENS = 10**12  # that a reply can have used; a larger count is not believed


@dataclass(frozen=True, slots=True)
class BuildSettings:
    """What an index is made with; a change of any of these makes it stale.

    include, exclude: globs relative to `seeds/`. max_mb: larger files are skipped, in 10**6 bytes. boilerplate: leave
    out site chrome.
    ocr: read pictures, by Tesseract.
    passage_chars: most characters of a passage, at least 200. embedder: name or path of a sentence-transformers model.
    read_seconds: of processor time; a document that takes longer to read is skipped.
    precision: of the encoder, float32 or bfloat16 (cosine to float32 >= 0.9995); auto: whichever is faster here.
    """

    include: tuple[str, ...] = ("**",)
    exclude: tuple[str, ...] = (".*", "~$*", "README", "README.*")
    max_mb: int = 50
    boilerplate: bool = True
    ocr: bool = False
    passage_chars: int = 800
    embedder: str = "all-MiniLM-L6-v2"
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    read_seconds: float = 60.0


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Characters `[start, end)` of a document's text; `0 <= start <= end`."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"a span needs 0 <= start <= end, got {self.start}..{self.end}")


BlockKind = Literal[
    "heading",
    "paragraph",
    "item",
    "header",
    "row",
    "code",
    "question",
    "field",
    "turn",
    "caption",
    "contents",
    "furniture",
]
ContextKind = Literal["heading", "header", "row_label", "lead_in", "question", "speaker"]

QUOTABLE: frozenset[BlockKind] = frozenset(("paragraph", "item", "row", "code", "field", "turn", "caption"))
"""Blocks that can state something. The others are context, or nothing: contents entries and furniture."""


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a document: `document.text[start:end]`, without white space at either end.

    Blocks are sorted and disjoint, and together they hold every character that is not white space.
    parent: the number of the block that this one stands under, always a smaller number: the heading of its section
    (for a heading, the heading one level up), the lead-in or the outer item of an item, the header of a row (for a
    second header line, the first), the question of an answer. None at the top.
    level: of a heading, from 1; of an item, from 1; 1 for a paragraph or a caption that stands in a quotation or a
    frame of unknown meaning, or from which something that the document shows is missing.
    cells: of a row or header, its cells from left to right, empty ones as empty spans.
    labels: text elsewhere that this block cannot be understood without: the label cells of a row (merged cells of
    earlier rows; the first cell, if it is the label), the label of a field, the speaker of a turn.
    columns: of a row, for each cell the spans of its column headers.
    """

    kind: BlockKind
    start: int
    end: int
    parent: int | None = None
    level: int = 0
    labels: tuple[Span, ...] = ()
    cells: tuple[Span, ...] = ()
    columns: tuple[tuple[Span, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """A piece without which a quote cannot be understood: `text == document.text[start:end]`."""

    kind: ContextKind
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """One source.

    id: POSIX path relative to `seeds/`. text: the decoded file (or the extracted text), newlines untouched.
    sha256: of the file's bytes. metadata: any of published, publisher, author, url, ... as text; unknown keys are
    absent.
    skipped: spans that are not the article, sorted and disjoint. pages: the start offset of each page, empty if there
    are none. blocks: its structure, see `Block`. markup: characters of the text that are never shown to readers of the
    rendered document (Markdown's marks, link targets), sorted and disjoint. unread: parts that could not be read, each
    with its reason: `page 3: no text`.
    """

    id: str
    text: str
    sha256: str
    title: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    skipped: tuple[Span, ...] = ()
    pages: tuple[int, ...] = ()
    blocks: tuple[Block, ...] = ()
    markup: tuple[Span, ...] = ()
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """The `number`-th sentence (from 0) of a document; its span has no white space at either end.

    block: the number of the block that it is part of.
    """

    doc_id: str
    number: int
    start: int
    end: int
    block: int = 0


@dataclass(frozen=True, slots=True)
class Passage:
    """Whole sentences `first_sentence..last_sentence` (inclusive) of one document."""

    id: str
    doc_id: str
    start: int
    end: int
    first_sentence: int
    last_sentence: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document cut up: `document.text[s.start:s.end]` is a sentence, whole sentences make a passage.

    boilerplate: how many lines of it were skipped.
    """

    document: Document
    sentences: tuple[Sentence, ...]
    passages: tuple[Passage, ...]
    boilerplate: int = 0


@dataclass(frozen=True, slots=True)
class Hit:
    """A retrieved passage. rank: from 1; score: the fused one; dense: a cosine in [-1, 1]; lexical: BM25, >= 0."""

    passage: Passage
    text: str
    score: float
    rank: int
    dense: float
    lexical: float


@dataclass(frozen=True, slots=True)
class Quote:
    """Verbatim text of a source: `text == document.text[start:end]`.

    n: its number in the answer, from 1. line and page: from 1; page is None for sources without pages.
    sha256: of the document. focus: the words that answer, in offsets of the document. context: what the quote cannot be
    understood without, in the order of the text; never part of the quote itself.
    """

    n: int
    doc_id: str
    start: int
    end: int
    text: str
    line: int
    page: int | None
    title: str
    sha256: str
    focus: tuple[Span, ...] = ()
    context: tuple[Context, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One of the things that a question asks for. answerability: in [0, 1]; quotes: the numbers of its quotes."""

    text: str
    answerability: float
    quotes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Considered:
    """A sentence that might have been quoted, for `--explain`: characters start..end of a document.

    part: of the question, from 0. score: by which the sentences of a part are ordered. answerability: in [0, 1], the
    estimate that it answers. quote: the number of the quote that it is in; 0 if it is not quoted.
    """

    part: int
    doc_id: str
    start: int
    end: int
    score: float
    answerability: float
    quote: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """Quotes, best first, and the estimate in [0, 1] that the sources answer. Always ranked; never decides.

    features: the named figures that the estimate was made from, for `--explain`. scores: for each quote, the estimate
    in [0, 1] that it answers; empty where the evidence was read from JSON. parts: what the question asks for; one as a
    rule. With several, the estimate is that of the best one. considered: the best sentences of each part.
    """

    quotes: tuple[Quote, ...]
    answerability: float
    features: Mapping[str, float]
    scores: tuple[float, ...] = ()
    parts: tuple[Part, ...] = ()
    considered: tuple[Considered, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """One claim of an answer, the numbers of its quotes, and what the support check found.

    verdict: supported where the meaning is confirmed; unconfirmed where nothing contradicts the quotes, but nobody
    confirmed that they say it; unsupported where a check failed or a judge said no. problems: why it is unsupported.
    """

    text: str
    quotes: tuple[int, ...]
    verdict: Verdict = "supported"
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What `Assistant.ask` returns.

    status: answered or abstained; reason: why it abstained, else None. mode: llm, or quotes when no model wrote the
    text.
    prompt_sha256: of the rendered prompt, None without a model. index: the generation's name and its embedding model;
    `unfinished`, for people, if it had only words to search so far, so that no answer was certain.
    usage: tokens. timings_ms: open, retrieve, llm, total. unread: how many files and parts of files could not be read
    when the index was built; they may hold what the sources do not seem to say. closest: where it abstained, the
    quotes that come closest. missing: the parts of the question that the quotes leave open, where they answer others.
    resolved: how the question was understood in its conversation; empty stands for the question itself, which it then
    is.
    """

    question: str
    status: Literal["answered", "abstained"]
    reason: Literal["not_in_sources", "uncertain", "unsupported"] | None
    mode: Literal["llm", "quotes"]
    statements: tuple[Statement, ...]
    rejected: tuple[Statement, ...]
    quotes: tuple[Quote, ...]
    hits: tuple[Hit, ...]
    answerability: float
    model: str | None
    prompt_sha256: str | None
    index: Mapping[str, str]
    usage: Mapping[str, int]
    timings_ms: Mapping[str, float]
    unread: Mapping[str, int] = field(default_factory=dict)
    closest: tuple[Quote, ...] = ()
    missing: tuple[str, ...] = ()
    resolved: str = ""

    def __post_init__(self) -> None:
        if not self.resolved:
            object.__setattr__(self, "resolved", self.question)

    @property
    def text(self) -> str:
        """The answer as plain text with [1] markers, `NOT_SUPPORTED` before what is not; empty when abstained."""
        marked = ((s, NOT_SUPPORTED if s.verdict == "unsupported" else "") for s in self.statements)
        return " ".join(f"{mark}{s.text} {''.join(f'[{n}]' for n in s.quotes)}".strip() for s, mark in marked)
