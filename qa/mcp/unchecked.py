"""What of a draft or of a stored answer nobody checked: it must not pass for checked."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from qa.cite.unread import MOST_CHARS
from qa.errors import UsageError
from qa.quotes.verification import Claims
from qa.records import Span
from qa.retrieve.retriever import Retriever
from qa.text import shortened

__all__ = ["is_statement", "odd_fields", "quoted_spans"]

ABOUT = frozenset(  # fields of an answer that say how it was made, and nothing that could be proven
    "schema question resolved query status reason mode model answerability rejected missing index usage timings_ms "
    "unread notice not_read left_out hint".split()
)
COPIES = ("quotes", "closest", "hits")
TEXTS = frozenset("text source title sha256 context".split())  # of these; all others are numbers
NUMBERS = frozenset("n start end line page focus score rank dense lexical".split())
STATEMENT = frozenset("text quotes verdict problems".split())


def quoted_spans(claims: Claims) -> Iterator[Span]:
    """Where the quotations of a draft stand in it. The blockquotes of a page stand at its end, in their order."""
    at = len(claims.draft)
    for quotation in reversed(claims.quotations):
        start, text = quotation.start, quotation.text
        if claims.draft[start : quotation.end] != text:
            start = at = claims.draft.rfind(text, 0, at)
        if start >= 0:
            yield Span(start, start + len(text))


def odd_fields(stored: str, retriever: Retriever) -> list[dict[str, Any]]:
    """The fields of an answer that are not as `qa` writes them, or that have other words than the documents.

    Raises UsageError for an answer that is nested too deeply.
    """
    try:
        return list(_odd_fields(stored, retriever))
    except RecursionError:
        raise UsageError("this JSON is nested too deeply to be an answer of qa") from None


def _odd_fields(stored: str, retriever: Retriever) -> Iterator[dict[str, Any]]:
    twice: list[str] = []

    def read(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        twice.extend(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
        return dict(pairs)

    value = json.loads(stored.lstrip("\ufeff"), object_pairs_hook=read)
    yield from (_odd(name, "is there twice") for name in twice)
    is_copy = _Copies(retriever)
    for name, field in value.items():
        if name == "statements":
            yield from _items(name, field, is_statement)
        elif name in COPIES:
            yield from _items(name, field, lambda piece, name=name: is_copy(piece, name))  # type: ignore[misc]
        elif not (name in ABOUT or (name == "answer" and (field is None or isinstance(field, str)))):
            yield _odd(name, field)


def _items(name: str, field: Any, is_known: Callable[[Any], bool]) -> Iterator[dict[str, Any]]:
    if isinstance(field, list):
        yield from (_odd(f"{name}[{n}]", item) for n, item in enumerate(field) if not is_known(item))
    else:
        yield _odd(name, field)


def _odd(name: str, field: Any) -> dict[str, Any]:
    written = field if isinstance(field, str) else json.dumps(field, ensure_ascii=False)
    return {"field": shortened(name, MOST_CHARS), "text": shortened(written, MOST_CHARS)}


def is_statement(value: Any) -> bool:
    """Whether this is a statement as an answer has it: a text, and the numbers of its quotes."""
    if not isinstance(value, dict) or not value.keys() <= STATEMENT:
        return False
    numbers = value.get("quotes")
    return isinstance(value.get("text"), str) and isinstance(numbers, list) and all(type(n) is int for n in numbers)


class _Copies:
    """Compares what an answer shows of documents with them."""

    def __init__(self, retriever: Retriever) -> None:
        self._retriever = retriever
        self._titles = {info.id: info.title for info in retriever.documents}

    def __call__(self, piece: Any, name: str) -> bool:
        """Whether all texts of a quote or passage are in its document. The words of `quotes` are checked elsewhere."""
        if not isinstance(piece, dict) or not piece.keys() <= TEXTS | NUMBERS:
            return False
        context, source = piece.get("context", []), piece.get("source")
        if not isinstance(context, list) or not all(isinstance(part, dict) for part in context):
            return False
        texts = [*([] if name == "quotes" else [piece.get("text")]), *(part.get("text") for part in context)]
        if '"' in json.dumps([piece.get(number) for number in NUMBERS]):
            return False
        if not texts and "title" not in piece:
            return True
        if not isinstance(source, str) or source not in self._titles:
            return False
        document = self._retriever.document(source).text
        return piece.get("title", self._titles[source]) == self._titles[source] and all(
            isinstance(text, str) and text in document for text in texts
        )
