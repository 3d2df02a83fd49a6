"""Search-result blocks and the way back from citations, against the types of Anthropic's own client."""

import pytest

from qa.errors import UsageError
from qa.integrations.anthropic import cited_quotes, search_results

QUESTION = "Who signed the letter, and what does the ferry cost?"


def citation(block, search_result_index, start, end):
    """As the API makes it, by the description of the type."""
    texts = [each["text"] for each in block["content"]]
    return {
        "type": "search_result_location",
        "source": block["source"],
        "title": block["title"],
        "search_result_index": search_result_index,
        "start_block_index": start,
        "end_block_index": end,
        "cited_text": "".join(texts[start:end]),
    }


def test_a_passage_is_a_block_for_each_sentence(retriever):
    hits = retriever.search(QUESTION)
    blocks = search_results(retriever, hits)
    assert [block["source"] for block in blocks] == [hit.passage.id for hit in hits]
    letter = next(block for block in blocks if block["source"].startswith("letter.txt"))
    assert letter["title"] == "The harbour letter"
    assert [each["text"] for each in letter["content"]][:3] == [
        "The harbour letter",
        "On Monday, 17 former captains signed a letter to Mayor Ann Marlow.",
        "The letter asks her to close the old harbour.",
    ]


def test_the_blocks_are_of_the_type_of_the_client(retriever):
    types = pytest.importorskip("anthropic.types", reason="anthropic is not installed; run: make integrations")
    pydantic = pytest.importorskip("pydantic")
    blocks = search_results(retriever, retriever.search(QUESTION))
    adapter = pydantic.TypeAdapter(list[types.SearchResultBlockParam])
    assert [
        {**block, "content": list(block["content"])} for block in adapter.validate_python(blocks, strict=True)
    ] == blocks
    keys = types.SearchResultBlockParam.__annotations__.keys()
    assert all(block.keys() <= keys for block in blocks)


def test_every_citation_leads_back_to_the_sentences(retriever):
    hits = retriever.search(QUESTION)
    for number, (hit, block) in enumerate(zip(hits, search_results(retriever, hits), strict=True)):
        count = len(block["content"])
        for start in range(count):
            for end in range(start + 1, count + 1):
                (quote,) = cited_quotes(retriever, [citation(block, number, start, end)])
                text = retriever.document(hit.passage.doc_id).text
                assert quote.text == text[quote.start : quote.end]
                assert quote.text.startswith(block["content"][start]["text"])
                assert quote.text.endswith(block["content"][end - 1]["text"])


def test_the_client_s_own_citation_is_read(retriever):
    types = pytest.importorskip("anthropic.types", reason="anthropic is not installed; run: make integrations")
    hits = retriever.search(QUESTION)
    blocks = search_results(retriever, hits)
    place = next(n for n, block in enumerate(blocks) if block["source"].startswith("letter.txt"))
    cited = types.CitationsSearchResultLocation.model_validate(citation(blocks[place], place, 2, 3))
    text = types.TextBlock(type="text", text="They want the harbour closed.", citations=[cited])
    (quote,) = cited_quotes(retriever, [each.model_dump() for each in text.citations])
    assert quote.text == "The letter asks her to close the old harbour."
    assert (quote.n, quote.line, quote.doc_id) == (1, 3, "letter.txt")


@pytest.mark.parametrize(
    "change",
    [
        {"cited_text": "Something else."},
        {"source": "gone.txt:0-10"},
        {"source": "https://example.org/"},
        {"start_block_index": 90, "end_block_index": 91},
    ],
)
def test_a_citation_that_the_index_does_not_bear_out_is_an_error(retriever, change):
    block = search_results(retriever, retriever.search(QUESTION))[0]
    with pytest.raises(UsageError, match="is not what the index says"):
        cited_quotes(retriever, [citation(block, 0, 0, 1) | change])


def test_other_kinds_of_citations_are_left_out(retriever):
    assert cited_quotes(retriever, [{"type": "char_location", "cited_text": "x"}]) == []
