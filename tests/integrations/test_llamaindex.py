"""LlamaIndex: nodes with offsets, and a query engine, in chains of its own parts."""

import asyncio

import pytest

import qa
from qa.errors import EndpointError
from qa.testing import FakeChat

pytest.importorskip("llama_index.core", reason="LlamaIndex is not installed; run: make integrations")

from llama_index.core.llms import MockLLM
from llama_index.core.postprocessor import SimilarityPostprocessor
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.response_synthesizers import get_response_synthesizer
from llama_index.core.schema import MetadataMode
from llama_index.core.tools import QueryEngineTool

from qa.integrations.llamaindex import QaQueryEngine, QaRetriever

BOATS = "What does the boat cost?"
QUESTION = "How many captains signed the letter?"
STATEMENT = "On Monday, 17 former captains signed a letter to Mayor Ann Marlow."


@pytest.mark.parametrize("kind", ["passages", "quotes"])
def test_a_node_is_the_characters_of_its_source(retriever, checked, kind):
    found = QaRetriever(retriever, kind=kind).retrieve(BOATS)
    assert len(found) > 1
    for each in found:
        text = retriever.document(each.node.ref_doc_id).text
        assert each.node.text == text[each.node.start_char_idx : each.node.end_char_idx]
        assert each.node.source_node.hash == retriever.document(each.node.ref_doc_id).sha256
        checked(each.node.text, each.node.metadata)
    scores = [each.score for each in found]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 0


def test_k_and_where_and_the_asynchronous_way(retriever):
    assert len(QaRetriever(retriever, k=1).retrieve("letter")) == 1
    recent = QaRetriever(retriever, where=["published>=2024"])
    assert {each.node.ref_doc_id for each in asyncio.run(recent.aretrieve("letter"))} == {"ferry.md"}


def test_a_model_reads_the_context_of_a_row_and_no_offsets(retriever):
    found = QaRetriever(retriever, kind="quotes").retrieve("What does an adult passenger pay?")
    (row,) = (each.node for each in found if "14 crowns" in each.node.text)
    read = row.get_content(MetadataMode.LLM)
    assert "Price" in read
    assert "The ferry" in read
    assert "sha256" not in read
    assert "start" not in read


def test_the_score_of_a_quote_is_an_estimate_that_a_postprocessor_can_cut_at(retriever):
    found = QaRetriever(retriever, kind="quotes").retrieve(QUESTION)
    cut = SimilarityPostprocessor(similarity_cutoff=found[0].score).postprocess_nodes(found)
    assert [each.node.node_id for each in cut] == [found[0].node.node_id]
    assert found[0].score == retriever.evidence(QUESTION).answerability


def test_the_retriever_works_in_a_query_engine_of_llamaindex(retriever):
    engine = RetrieverQueryEngine(
        QaRetriever(retriever, k=2), get_response_synthesizer(llm=MockLLM(), response_mode="compact")
    )
    answer = engine.query(QUESTION)
    assert "17 former captains signed" in str(answer)  # MockLLM repeats its prompt
    assert len(answer.source_nodes) == 2


def test_the_query_engine_answers_with_its_quotes_as_nodes(retriever, assistant):
    engine = QaQueryEngine(assistant("17 former", STATEMENT))
    for answer in (engine.query(QUESTION), asyncio.run(engine.aquery(QUESTION))):
        assert str(answer) == f"{STATEMENT} [1]"
        (source,) = answer.source_nodes
        assert source.score is None
        assert source.node.text == STATEMENT
        place = slice(source.node.start_char_idx, source.node.end_char_idx)
        assert source.node.text == retriever.document(source.node.ref_doc_id).text[place]
        assert answer.metadata["qa"]["statements"][0]["quotes"] == [1]


def test_silence_is_an_answer_and_a_failure_is_none(retriever, assistant):
    answer = QaQueryEngine(assistant()).query("Who won the football match?")
    assert (str(answer), answer.source_nodes) == ("The sources do not say.", [])
    assert answer.metadata["qa"]["status"] == "abstained"
    broken = QaQueryEngine(qa.Assistant(retriever, FakeChat(EndpointError("the endpoint is down")), floor=0.0))
    with pytest.raises(EndpointError, match="is down"):
        broken.query(QUESTION)


def test_the_query_engine_is_a_tool(assistant):
    tool = QueryEngineTool.from_defaults(QaQueryEngine(assistant("17 former", STATEMENT)), name="ask")
    assert tool.call(QUESTION).content == f"{STATEMENT} [1]"


def test_asyncio_asks_without_a_thread_that_nobody_can_stop(assistant, no_thread):
    engine = QaQueryEngine(assistant("17 former", STATEMENT))
    assert str(asyncio.run(engine.aquery(QUESTION))) == f"{STATEMENT} [1]"
