"""What the page shows of a document: every character of it, with the quote and its context marked."""

from hypothesis import given
from hypothesis import strategies as st
from support import serving

from qa.ingest.pipeline import prepare
from qa.records import Block, Context, Document, Quote, Span
from qa.serve.engine import Engine
from qa.serve.sources import MOST_BLOCKS, SourceView, quote_at, view


def pieces(shown: SourceView) -> list[tuple[str, str]]:
    return [(piece.text, piece.style) for part in shown.parts for row in part.rows for cell in row for piece in cell]


def marked(shown: SourceView) -> str:
    return "".join(text for text, style in pieces(shown) if style in ("quote", "focus"))


def test_a_quote_is_marked_with_its_words_and_its_context(engine: Engine) -> None:
    retriever = engine.retriever
    document = retriever.document("lighthouse.md")
    start = document.text.index("The lighthouse")
    end = document.text.index(" Its lamp")
    quote = quote_at(retriever, document, start, end)
    assert quote is not None
    shown = view(document, quote)
    assert marked(shown) == document.text[start:end] == quote.text
    assert [text for text, style in pieces(shown) if style == "context"] == ["Notes from the north", "Marrow Point"]


def test_a_table_keeps_its_header_and_loses_its_rule(engine: Engine) -> None:
    document = engine.retriever.document("lighthouse.md")
    (table,) = [part for part in view(document, None).parts if part.kind == "table"]
    cells = [["".join(piece.text for piece in cell) for cell in row] for row in table.rows]
    assert cells == [["Boat", "Price"], ["Ferry to Marrow Point", "14 crowns"], ["Night boat", "20 crowns"]]
    assert table.heads == (True, False, False)


def test_places_that_are_none_are_no_quotes(engine: Engine) -> None:
    retriever = engine.retriever
    document = retriever.document("lighthouse.md")
    for start, end in ((5, 5), (9, 3), (0, len(document.text) + 1), (10**9, 10**10)):
        assert quote_at(retriever, document, start, end) is None


def long_document(blocks: int) -> Document:
    text = "".join(f"Paragraph {number} says something.\n\n" for number in range(blocks))
    return prepare("long.txt", text.encode()).document


def test_a_long_document_is_shown_in_parts_that_follow_each_other() -> None:
    document = long_document(3 * MOST_BLOCKS)
    at, seen = 0, []
    while True:
        shown = view(document, None, at)
        seen += ["".join(piece.text for piece in part.rows[0][0]) for part in shown.parts]
        if shown.later is None:
            break
        at = shown.later
    assert seen == [document.text[block.start : block.end] for block in document.blocks]


@given(st.data())
def test_a_quote_is_shown_wherever_it_is(data: st.DataObject) -> None:
    document = long_document(300)
    block = data.draw(st.sampled_from(document.blocks))
    start = data.draw(st.integers(block.start, block.end - 1))
    end = data.draw(st.integers(start + 1, block.end))
    context = (Context("heading", 0, 9, document.text[:9]),)
    quote = Quote(
        1, "long.txt", start, end, document.text[start:end], 1, None, "", "", (Span(start, start + 1),), context
    )
    assert marked(view(document, quote)) == quote.text


def test_a_document_without_blocks_is_shown_whole() -> None:
    document = Document("a.txt", "One.\nTwo.\n", "", "a")
    assert pieces(view(document, None)) == [("One.\nTwo.\n", "")]
    assert serving.LIGHTHOUSE
    assert Block("code", 0, 1).kind == view(document, None).parts[0].kind
