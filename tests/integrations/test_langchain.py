"""LangChain: its own standard tests, and what they do not look at."""

import asyncio

import pytest

import qa
from qa import schema
from qa.errors import EndpointError, WhereError
from qa.testing import FakeChat, HashEncoder

pytest.importorskip("langchain_core", reason="LangChain is not installed; run: make integrations")
standard = pytest.importorskip("langchain_tests.integration_tests", reason="langchain-tests is not installed")

from langchain_core.output_parsers import StrOutputParser  # noqa: E402
from langchain_core.prompts import ChatPromptTemplate  # noqa: E402
from langchain_core.runnables import RunnablePassthrough  # noqa: E402

from qa.integrations.langchain import QaRetriever, answering, ask_tool, search_tool  # noqa: E402

BOATS = "What does the boat cost?"
QUESTION = "How many captains signed the letter?"
STATEMENT = "On Monday, 17 former captains signed a letter to Mayor Ann Marlow."


class TestPassages(standard.RetrieversIntegrationTests):
    kind = "passages"
    retriever_constructor = QaRetriever
    retriever_query_example = BOATS

    @pytest.fixture(autouse=True)
    def _open(self, index):
        with qa.Retriever.open(index, encoder=HashEncoder()) as self.opened:
            yield

    @property
    def retriever_constructor_params(self):
        return {"retriever": self.opened, "kind": self.kind}


class TestQuotes(TestPassages):
    kind = "quotes"


@pytest.mark.parametrize("kind", ["passages", "quotes"])
def test_a_document_is_the_characters_of_its_source(retriever, checked, kind):
    found = QaRetriever(retriever=retriever, kind=kind).invoke(BOATS)
    assert len({document.id for document in found}) == len(found) > 1
    for document in found:
        metadata = document.metadata
        checked(document.page_content, metadata)
        assert document.id == f"{metadata['source']}:{metadata['start']}-{metadata['end']}"
        assert metadata["kind"] == kind
    scores = [document.metadata["score"] for document in found]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 0
    assert [document.metadata["n"] for document in found] == list(range(1, len(found) + 1))


def test_a_row_of_a_table_comes_with_its_header_and_the_date_of_its_document(retriever):
    found = QaRetriever(retriever=retriever, kind="quotes").invoke("What does an adult passenger pay?")
    row = next(document for document in found if "14 crowns" in document.page_content)
    assert {(piece["kind"], piece["text"]) for piece in row.metadata["context"]} >= {
        ("heading", "## Tickets"),
        ("header", "| Passenger | Price |"),
    }
    assert row.metadata["published"] == "2024-05-01"


def test_conditions_of_the_retriever_and_of_one_call(retriever):
    recent = QaRetriever(retriever=retriever, where=["published>=2024"])
    assert {document.metadata["source"] for document in recent.invoke("letter")} == {"ferry.md"}
    assert {document.metadata["source"] for document in asyncio.run(recent.ainvoke("letter", where=()))} > {"ferry.md"}
    assert len(asyncio.run(recent.ainvoke("letter", where=(), k=1))) == 1
    with pytest.raises(WhereError):
        recent.invoke("letter", where=["published"])


def test_a_chain_answers_with_a_citation_for_each_quote(retriever, assistant):
    chain = (
        {"question": RunnablePassthrough()}
        | RunnablePassthrough.assign(answer=lambda given: given["question"])
        | (lambda given: given["answer"])
        | answering(assistant("17 former", STATEMENT))
    )
    for message in (chain.invoke(QUESTION), asyncio.run(chain.ainvoke(QUESTION)), chain.batch([QUESTION])[0]):
        (block,) = message.content_blocks
        assert block["text"] == f"{STATEMENT} [1]"
        (citation,) = block["annotations"]
        assert block["text"][citation["start_index"] : citation["end_index"]] == f"{STATEMENT} [1]"
        place = citation["extras"]
        assert citation["cited_text"] == retriever.document("letter.txt").text[place["start"] : place["end"]]
        assert citation["title"] == "The harbour letter"
        assert message.response_metadata["qa"]["schema"] == schema.SCHEMA
        assert message.response_metadata["qa"]["quotes"] == [place]
        assert message.usage_metadata == {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}
    assert (chain | StrOutputParser()).invoke(QUESTION) == f"{STATEMENT} [1]"


def test_the_places_of_several_statements_cover_the_text(retriever):
    message = answering(qa.Assistant(retriever, threshold=0.0)).invoke(BOATS)
    (block,) = message.content_blocks
    assert len(block["annotations"]) > 1
    for citation in block["annotations"]:
        shown = block["text"][citation["start_index"] : citation["end_index"]]
        assert shown == f"{citation['cited_text']} [{citation['extras']['n']}]"
    assert message.usage_metadata is None


def test_silence_is_an_answer_and_a_failure_is_none(retriever, assistant):
    message = answering(assistant()).invoke("Who won the football match?")
    assert message.content_blocks[0]["text"] == "The sources do not say."
    assert not message.content_blocks[0].get("annotations")
    assert message.response_metadata["qa"]["status"] == "abstained"
    broken = answering(qa.Assistant(retriever, FakeChat(EndpointError("the endpoint is down")), floor=0.0))
    with pytest.raises(EndpointError, match="is down"):
        broken.invoke(QUESTION)


def test_documents_fill_a_prompt(retriever):
    def shown(documents):
        return "\n".join(f"{d.metadata['source']}:{d.metadata['line']} {d.page_content}" for d in documents)

    prompt = ChatPromptTemplate.from_template("{context}\n\n{question}")
    chain = {"context": QaRetriever(retriever=retriever, k=1) | shown, "question": RunnablePassthrough()} | prompt
    assert "letter.txt:1 The harbour letter\n\nOn Monday, 17 former captains" in chain.invoke(QUESTION).to_string()


def test_an_agent_searches_and_asks(retriever, assistant):
    search = search_tool(QaRetriever(retriever=retriever, k=1))
    asked = ask_tool(assistant("17 former", STATEMENT))
    call = {"type": "tool_call", "id": "1", "args": {"query": QUESTION}}
    found = search.invoke({**call, "name": search.name})
    assert found.content.startswith("[letter.txt:1] The harbour letter\n\nOn Monday, 17 former captains")
    assert [document.metadata["source"] for document in found.artifact] == ["letter.txt"]
    call["name"] = asked.name
    for answer in (asked.invoke(call), asyncio.run(asked.ainvoke(call))):
        first, quote = answer.content.split("\n")
        assert first == f"{STATEMENT} [1]"
        assert quote == f"[1] letter.txt:3 “{STATEMENT}”"
        assert answer.artifact["quotes"][0]["source"] == "letter.txt"


def test_an_agent_is_told_what_is_wrong_with_its_request(retriever, assistant):
    for tool in (search_tool(QaRetriever(retriever=retriever)), ask_tool(assistant())):
        told = tool.invoke({"type": "tool_call", "id": "1", "name": tool.name, "args": {"query": " "}})
        assert told.status == "error"
        assert "the question is empty" in told.content
    broken = ask_tool(qa.Assistant(retriever, FakeChat(EndpointError("the endpoint is down")), floor=0.0))
    with pytest.raises(EndpointError, match="is down"):
        broken.invoke({"query": QUESTION})


def test_asyncio_asks_without_a_thread_that_nobody_can_stop(assistant, no_thread):
    asked = assistant("17 former", STATEMENT)
    assert asyncio.run(answering(asked).ainvoke(QUESTION)).text == f"{STATEMENT} [1]"
    assert asyncio.run(ask_tool(asked).ainvoke(QUESTION)).startswith(STATEMENT)
    assert "empty" in asyncio.run(ask_tool(asked).ainvoke({"query": " "}))
