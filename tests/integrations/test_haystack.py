"""Haystack: components in pipelines, saved and loaded."""

import asyncio
import logging
import shutil
from pathlib import Path

import pytest

import qa
from qa.errors import EndpointError, IndexMissingError
from qa.testing import FakeChat

pytest.importorskip("haystack", reason="Haystack is not installed; run: make integrations")

from haystack import Pipeline
from haystack.components.builders import PromptBuilder
from haystack.components.routers import ConditionalRouter

from qa.integrations.haystack import QaAnswerer, QaRetriever

BOATS = "What does the boat cost?"
QUESTION = "How many captains signed the letter?"
STATEMENT = "On Monday, 17 former captains signed a letter to Mayor Ann Marlow."
SEEDS = Path(__file__).parents[2] / "seeds"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """The sample articles, indexed with the real model."""
    root = tmp_path_factory.mktemp("workspace")
    shutil.copytree(SEEDS, root / "seeds")
    (root / "qa.toml").write_text("")
    qa.Retriever.build(root / "seeds", root / "index").close()
    return root


@pytest.mark.parametrize("kind", ["passages", "quotes"])
def test_a_document_is_the_characters_of_its_source(index, retriever, checked, kind):
    found = QaRetriever(index, kind=kind).use(retriever).run(BOATS)["documents"]
    assert len({document.id for document in found}) == len(found) > 1
    for document in found:
        checked(document.content, document.meta)
        assert document.score == document.meta["score"]
    scores = [document.score for document in found]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 0


def test_top_k_and_where_of_the_component_and_of_one_run(index, retriever):
    recent = QaRetriever(index, top_k=1, where=["published>=2024"]).use(retriever)
    (found,) = recent.run("letter")["documents"]
    assert found.meta["source"] == "ferry.md"
    assert len(asyncio.run(recent.run_async("letter", top_k=3, where=[]))["documents"]) == 3


def test_a_pipeline_fills_a_prompt_and_survives_saving(workspace):
    pipeline = Pipeline()
    pipeline.add_component("retriever", QaRetriever(workspace / "index", top_k=2, kind="quotes"))
    template = "{% for d in documents %}{{ d.meta.source }}: {{ d.content }}\n{% endfor %}"
    pipeline.add_component("prompt", PromptBuilder(template, required_variables=["documents"]))
    pipeline.connect("retriever.documents", "prompt.documents")
    loaded = Pipeline.loads(pipeline.dumps())
    assert loaded.get_component("retriever").to_dict() == pipeline.get_component("retriever").to_dict()
    given = {"retriever": {"query": "Which aircraft fires JASSMs?"}}
    prompt = loaded.run(given)["prompt"]["prompt"]
    assert "JASSMs, which are fired from F-16 fighter jets." in prompt
    assert prompt == pipeline.run(given)["prompt"]["prompt"]


def test_an_index_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(IndexMissingError):
        QaRetriever(tmp_path / "index").run("letter")


def test_an_answer_brings_its_quotes(retriever, assistant):
    answerer = QaAnswerer(".").use(assistant("17 former", STATEMENT))
    for made in (answerer.run(QUESTION), asyncio.run(answerer.run_async(QUESTION))):
        (answer,) = made["answers"]
        assert (answer.data, answer.query, made["status"]) == (f"{STATEMENT} [1]", QUESTION, "answered")
        (quote,) = answer.documents
        assert made["documents"] == [quote]
        assert quote.content == retriever.document("letter.txt").text[quote.meta["start"] : quote.meta["end"]]
        assert answer.meta["qa"]["statements"][0]["quotes"] == [1]


def test_a_router_tells_silence_from_an_answer_and_a_failure_is_neither(retriever, assistant):
    routes = [
        {"condition": f"{{{{ status == '{s}' }}}}", "output": "{{ status }}", "output_name": name, "output_type": str}
        for s, name in (("answered", "found"), ("abstained", "silent"))
    ]
    pipeline = Pipeline()
    pipeline.add_component("qa", QaAnswerer(".").use(assistant()))
    pipeline.add_component("router", ConditionalRouter(routes))
    pipeline.connect("qa.status", "router.status")
    made = pipeline.run({"qa": {"query": "Who won the football match?"}}, include_outputs_from={"qa"})
    assert made["router"] == {"silent": "abstained"}
    assert made["qa"]["answers"][0].data == "The sources do not say."
    broken = QaAnswerer(".").use(qa.Assistant(retriever, FakeChat(EndpointError("the endpoint is down")), floor=0.0))
    with pytest.raises(EndpointError, match="is down"):
        broken.run(QUESTION)


def test_an_answerer_takes_the_model_of_the_workspace_and_saves_no_key(workspace, endpoint, monkeypatch, caplog):
    monkeypatch.setenv("QA_MODEL", "m")
    monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    endpoint.script(endpoint.answer('{"statements": []}'))
    pipeline = Pipeline()
    pipeline.add_component("qa", QaAnswerer(workspace))
    saved = pipeline.dumps()
    assert "sk-secret" not in saved
    with caplog.at_level(logging.WARNING):
        made = Pipeline.loads(saved).run({"qa": {"query": "Which aircraft fires JASSMs?"}})
    assert made["qa"]["answers"][0].meta["qa"]["model"]
    assert len(endpoint.requests) == 1
    assert any("sending the question" in record.getMessage() for record in caplog.records)


def test_quotes_only_asks_no_model(workspace, endpoint, monkeypatch):
    monkeypatch.setenv("QA_MODEL", "m")
    monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base_url)
    made = QaAnswerer(workspace, quotes_only=True).run("Which aircraft fires JASSMs?")
    assert "F-16" in made["answers"][0].data
    assert endpoint.requests == []


def test_asyncio_asks_without_a_thread_that_nobody_can_stop(assistant, no_thread):
    answerer = QaAnswerer("unused").use(assistant("17 former", STATEMENT))
    assert asyncio.run(answerer.run_async(QUESTION))["answers"][0].data == f"{STATEMENT} [1]"
