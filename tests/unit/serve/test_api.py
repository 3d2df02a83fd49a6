"""The API says what the command line says, and its errors are problems."""

import json
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from support import serving
from support.serving import QUESTION, said

from qa import schema
from qa.errors import EndpointError, RateLimitedError
from qa.serve.engine import Engine
from qa.serve.limits import Limits
from qa.testing import FakeChat


def test_an_answer_is_the_answer_of_the_library(client: TestClient, engine: Engine) -> None:
    done = client.post("/api/ask", json={"question": QUESTION})
    assert done.status_code == 200
    own = schema.answer(engine.assistant.ask(QUESTION))
    assert {**done.json(), "timings_ms": 0} == {**own, "timings_ms": 0}
    for quote in done.json()["quotes"]:
        text = client.get(f"/api/sources/{quote['source']}").json()["text"]
        assert text[quote["start"] : quote["end"]] == quote["text"]


def test_filters_count(client: TestClient) -> None:
    done = client.post("/api/ask", json={"question": QUESTION, "where": ["path=travel/*"]}).json()
    assert {hit["source"] for hit in done["hits"]} == {"travel/evil & <b>.txt"}


def test_an_answer_streams_step_by_step(root: Path) -> None:
    made = serving.engine(root, FakeChat(said))
    done = serving.client(made).post("/api/ask", json={"question": QUESTION}, headers={"Accept": "text/event-stream"})
    assert done.headers["content-type"].startswith("text/event-stream")
    found = [(name, json.loads(data)) for name, data in serving.events(done.text)]
    assert [name for name, _ in found] == ["retrieved", "asked", "stated", "done"]
    statement = found[2][1]["statement"]
    assert statement["text"] == "The lighthouse was built in 1871 by Edith Lanning."
    assert found[3][1]["statements"] == [statement]
    assert found[3][1]["mode"] == "llm"


def test_every_form_of_an_answer_has_its_cost(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = serving.engine(root, FakeChat(said))
    monkeypatch.setattr(made.session, "cost", lambda answer: 1.5)
    asking, events = serving.client(made), {"Accept": "text/event-stream"}
    streamed = serving.events(asking.post("/api/ask", json={"question": QUESTION}, headers=events).text)[-1]
    message = {"messages": [{"role": "user", "content": QUESTION}]}
    pieces = serving.events(asking.post("/v1/chat/completions", json=message | {"stream": True}).text)
    page = asking.post("/ask", data={"question": QUESTION}).headers["location"]
    for found in (
        asking.post("/api/ask", json={"question": QUESTION}).json(),
        json.loads(streamed[1]),
        asking.post("/v1/chat/completions", json=message).json()["qa"],
        next(json.loads(data)["qa"] for _, data in pieces if '"qa":{' in data),
        asking.get(f"{page}/json").json(),
    ):
        assert found["usage"]["cost"] == 1.5
    assert '"cost": 1.5' in asking.get(f"{page}/export").text


def test_a_search_asks_no_model(root: Path) -> None:
    made = serving.engine(root, FakeChat())
    found = serving.client(made).post("/api/search", json={"query": "lighthouse", "k": 1}).json()
    assert (found["schema"], found["query"], len(found["hits"])) == (1, "lighthouse", 1)
    assert "Edith Lanning" in found["hits"][0]["text"]


def test_verify_reads_a_stored_answer_and_any_text(client: TestClient) -> None:
    answer = client.post("/api/ask", json={"question": QUESTION}).json()
    assert client.post("/api/verify", json={"answer": answer}).json()["stands"] is True
    answer["quotes"][0]["text"] = answer["quotes"][0]["text"].replace("1871", "1971")
    found = client.post("/api/verify", json={"text": json.dumps(answer)}).json()
    assert found["stands"] is False
    assert (found["kind"], found["quotes"][0]["state"], found["notices"]) == ("answer", "edited", [])
    found = client.post("/api/verify", json={"text": "“built in 1871 by Edith Lanning”"}).json()
    assert (found["kind"], found["stands"]) == ("text", True)


def test_sources_are_listed_with_what_could_not_be_read(client: TestClient) -> None:
    found = client.get("/api/sources").json()
    assert [one["source"] for one in found["sources"]] == ["lighthouse.md", "travel/evil & <b>.txt"]
    assert found["total"] == 2
    assert client.get("/api/sources?offset=1&limit=1").json()["sources"][0]["source"].startswith("travel/")
    document = client.get("/api/sources/lighthouse.md").json()
    assert document["text"] == serving.LIGHTHOUSE
    assert "heading" in {block["kind"] for block in document["blocks"]}


def test_health_names_generation_and_model(client: TestClient, engine: Engine) -> None:
    found = client.get("/api/health").json()
    assert (found["index"], found["model"], found["documents"]) == ("ready", "none", 2)
    assert found["generation"] == engine.retriever.generation


@pytest.mark.parametrize(
    ("path", "body", "status", "detail"),
    [
        ("ask", {"question": "  "}, 422, "the question is empty"),
        ("ask", {}, 422, "body.question: Field required"),
        ("ask", {"question": "a", "whree": []}, 422, "Extra inputs are not permitted"),
        ("ask", {"question": "x " * 1001}, 422, "shorten it to at most 1,000"),
        ("ask", {"question": "x" * 20_001}, 422, "at most 20000 characters"),
        ("ask", {"question": "a", "where": ["path"]}, 422, "is not a condition"),
        ("ask", {"question": "a", "where": ["nokey=1"]}, 422, "nokey"),
        ("ask", {"question": "a", "where": ["a=1"] * 21}, 422, "at most 20 items"),
        ("search", {"query": "a", "k": 0}, 422, "greater than or equal to 1"),
        ("verify", {}, 422, "name either text or answer"),
        ("verify", {"text": "nothing quoted"}, 422, "nothing to verify"),
        ("verify", {"text": '{"schema": 2}'}, 422, "no answer of schema 1"),
    ],
)
def test_a_request_that_is_wrong_is_a_problem_that_says_why(
    client: TestClient, path: str, body: Any, status: int, detail: str
) -> None:
    done = client.post(f"/api/{path}", json=body)
    assert done.headers["content-type"] == "application/problem+json"
    found = done.json()
    assert (done.status_code, found["status"], found["type"]) == (status, status, "about:blank")
    assert detail in found["detail"]


@pytest.mark.parametrize("source", ["none.txt", "../../etc/passwd", "%2e%2e/%2e%2e/etc/passwd", "%00", "/etc/passwd"])
def test_an_unknown_source_is_not_found(client: TestClient, source: str) -> None:
    assert client.get(f"/api/sources/{source}").status_code == 404


@pytest.mark.parametrize(
    ("error", "status", "retry"),
    [(EndpointError("it is down"), 502, None), (RateLimitedError("slow down", 7.2), 503, "7")],
)
def test_a_model_that_fails_is_a_problem_and_never_silence(
    root: Path, error: Exception, status: int, retry: str | None
) -> None:
    made = serving.engine(root, FakeChat(lambda _: error))
    asking = serving.client(made)
    done = asking.post("/api/ask", json={"question": QUESTION})
    assert (done.status_code, done.json()["detail"], done.headers.get("retry-after")) == (status, str(error), retry)
    done = asking.post("/api/ask", json={"question": QUESTION}, headers={"Accept": "text/event-stream"})
    name, data = serving.events(done.text)[-1]
    assert (name, json.loads(data)["status"]) == ("error", status)
    health = asking.get("/api/health").json()
    assert (health["model"], health["problem"]) == ("failed", str(error))


def test_a_bug_is_a_problem_without_details(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = serving.engine(root)

    def fail(*_: object) -> None:
        raise ZeroDivisionError("a secret of the code")

    monkeypatch.setattr(made, "search", fail)
    done = serving.client(made).post("/api/search", json={"query": "a"})
    assert done.status_code == 500
    assert "secret" not in done.text
    assert "bug in qa" in done.json()["detail"]


def test_a_folder_without_documents_is_said(tmp_path: Path) -> None:
    (tmp_path / "seeds").mkdir()
    made = serving.engine(tmp_path, build=False)
    asking = serving.client(made)
    assert asking.get("/api/health").json()["index"] == "missing"
    done = asking.post("/api/ask", json={"question": QUESTION})
    assert (done.status_code, done.json()["error"]) == (503, "WorkspaceError")


def test_too_many_questions_are_turned_away_with_the_time_to_come_again(root: Path) -> None:
    made = serving.engine(root, limits=Limits(questions=1, retry=9))
    made.slots.take()
    done = serving.client(made).post("/api/ask", json={"question": QUESTION})
    assert (done.status_code, done.headers["retry-after"]) == (429, "9")
    assert "ask again in a moment" in done.json()["detail"]


def test_the_description_names_every_operation_and_its_problems(client: TestClient) -> None:
    described = client.get("/openapi.json").json()
    assert {"/api/ask", "/api/search", "/api/verify", "/api/sources", "/api/sources/{source}", "/api/health"} <= set(
        described["paths"]
    )
    assert {"422", "429", "502"} <= set(described["paths"]["/api/ask"]["post"]["responses"])
