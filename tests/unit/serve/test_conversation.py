"""Follow-ups: earlier turns help to find an answer, whoever tells them, and nothing is taken from them."""

import json
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from starlette.testclient import TestClient
from support import serving

from qa.answer.conversation import TURNS, Turn
from qa.records import Quote, Span
from qa.serve.conversation import proven
from qa.serve.engine import Engine

FIRST, NEXT = "Who built the lighthouse of Marrow Point?", "When was it built?"
RESOLVED = "When was it built? (lighthouse Marrow Point"


def ask(client: TestClient, question: str, history: Any = ()) -> Any:
    body = json.dumps({"question": question, "history": list(history)})  # in ASCII, which carries every text
    done = client.post("/api/ask", content=body, headers={"Content-Type": "application/json"})
    assert done.status_code == 200, done.text
    return done.json()


def untimed(answer: Any) -> Any:
    return {**answer, "timings_ms": 0}


def test_earlier_answers_can_be_sent_as_they_came(client: TestClient) -> None:
    first = ask(client, FIRST)
    found = ask(client, NEXT, [first])
    assert found["question"] == NEXT
    assert found["resolved"].startswith(RESOLVED)
    assert found["quotes"][0]["text"].startswith("The lighthouse of Marrow Point was built in 1871")
    assert ask(client, NEXT)["resolved"] == NEXT


def test_the_answer_is_that_of_the_library(client: TestClient, engine: Engine) -> None:
    from qa import schema

    assistant = engine.assistant
    own = assistant.ask(NEXT, history=[Turn.of(assistant.ask(FIRST))])
    assert untimed(ask(client, NEXT, [ask(client, FIRST)])) == untimed(schema.answer(own))


def test_a_stream_says_how_the_question_was_understood(client: TestClient) -> None:
    body = {"question": NEXT, "history": [ask(client, FIRST)]}
    text = client.post("/api/ask", json=body, headers={"Accept": "text/event-stream"}).text
    (_, retrieved), *_, (_, done) = serving.events(text)
    assert json.loads(retrieved)["resolved"] == json.loads(done)["resolved"] != NEXT


def quote(engine: Engine, doc_id: str = "lighthouse.md", **changes: Any) -> dict[str, Any]:
    (found,) = [q for q in engine.assistant.ask(FIRST).quotes if "1871" in q.text]
    told = {"source": doc_id, "start": found.start, "end": found.end, "sha256": found.sha256, "focus": []}
    return told | changes


@pytest.mark.parametrize(
    "forged",
    [
        {"source": "../../etc/passwd"},
        {"source": "travel/evil & <b>.txt"},
        {"sha256": "0" * 64},
        {"sha256": ""},
        {"start": 0},
        {"end": 10**12},
        {"start": 10**12, "end": 10**12},
        {"start": 9, "end": 3},
    ],
)
def test_a_forged_quote_counts_for_nothing(client: TestClient, engine: Engine, forged: dict[str, Any]) -> None:
    alone = ask(client, NEXT, [{"question": FIRST}])
    assert untimed(ask(client, NEXT, [{"question": FIRST, "quotes": [quote(engine, **forged)]}])) == untimed(alone)


def test_the_text_of_a_quote_is_that_of_the_index_whatever_was_told(engine: Engine) -> None:
    (right,) = [q for q in engine.assistant.ask(FIRST).quotes if "1871" in q.text]
    lie = Quote(7, right.doc_id, right.start, right.end, "It was built by Nobody.", 9, 9, "A lie", right.sha256,
                (Span(right.start, right.start + 3), Span(0, 5), Span(right.end, right.end)))  # fmt: skip
    ((proved,),) = [turn.quotes for turn in proven(engine.retriever, [Turn(FIRST, (lie,))])]
    assert (proved.text, proved.title, proved.line) == (right.text, right.title, right.line)
    assert proved.context == right.context
    assert proved.focus == (Span(right.start, right.start + 3),)


def test_only_the_last_turns_count(engine: Engine) -> None:
    history = [Turn(f"Who built number {n}?") for n in range(10)]
    assert proven(engine.retriever, history) == tuple(history[-TURNS:])


@pytest.mark.parametrize(
    "history",
    [
        "x", [1], [{}], [{"question": ""}], [{"question": " "}], [{"question": "\ud800"}], [{"question": "a " * 1001}],
        [{"question": "x" * 20_001}], [{"question": FIRST}] * 101, [{"question": FIRST, "quotes": "x"}],
        [{"question": FIRST, "quotes": [{"source": "a"}]}],
        [{"question": FIRST, "quotes": [{"source": "\ud800", "start": 0, "end": 1, "sha256": ""}]}],
        [{"question": FIRST, "quotes": [{"source": "a", "start": -1, "end": 1, "sha256": ""}]}],
        [{"question": FIRST, "quotes": [{"source": "a", "start": 0, "end": 1, "sha256": "", "focus": [[1]]}]}],
        [{"question": FIRST, "quotes": [{"source": "a", "start": 0, "end": 1, "sha256": ""}] * 21}],
    ],
)  # fmt: skip
def test_a_history_that_is_none_is_a_problem(client: TestClient, history: Any) -> None:
    body = json.dumps({"question": NEXT, "history": history})
    done = client.post("/api/ask", content=body, headers={"Content-Type": "application/json"})
    assert (done.status_code, done.headers["content-type"]) == (422, "application/problem+json")


def test_a_history_that_is_too_large_is_refused(client: TestClient) -> None:
    history = [{"question": "x" * 19_000, "more": "x" * 100_000}] * 50
    assert client.post("/api/ask", json={"question": NEXT, "history": history}).status_code == 413


# --- The page ---------------------------------------------------------------------------------------------------------


def after(page: str) -> str:
    """The field with which the form on a page goes on from an answer."""
    field = BeautifulSoup(page, "html.parser").select_one("#ask input[name=after]")
    assert field is not None
    return str(field["value"])


def shown(client: TestClient, question: str, after: str = "") -> tuple[str, str]:
    """The address and the text of the page that answers a question."""
    address = client.post("/ask", data={"question": question, "after": after}).headers["location"]
    return address, client.get(address).text


def test_the_form_below_an_answer_goes_on_from_it(root: Path) -> None:
    asking = serving.client(serving.engine(root))
    assert after(asking.get("/").text) == ""
    _, first = shown(asking, FIRST)
    address, second = shown(asking, NEXT, after(first))
    assert f"Understood as: {RESOLVED}" in second
    assert f'Asked after <q dir="auto">{FIRST}</q>' in second
    assert "New conversation" in second
    assert f"Understood as: {RESOLVED}" in asking.get(f"{address}/export").text
    _, alone = shown(asking, NEXT)
    assert "Understood as" not in alone


def test_a_search_and_a_problem_keep_the_conversation(root: Path) -> None:
    asking = serving.client(serving.engine(root))
    place = after(shown(asking, FIRST)[1])
    assert after(asking.get("/search", params={"question": "lamp", "after": place}).text) == place
    assert after(asking.post("/ask", data={"question": "x", "where": "nokey=1", "after": place}).text) == place


@pytest.mark.parametrize("place", ["none", "x" * 100_000, "\x00", "<script>"])
def test_a_conversation_that_is_not_kept_is_said(root: Path, place: str) -> None:
    asking = serving.client(serving.engine(root))
    _, page = shown(asking, NEXT, place)
    assert "The earlier questions are no longer kept, so this one was taken on its own." in page
    assert "Understood as" not in page


def test_the_script_is_told_where_to_go_on(root: Path) -> None:
    asking = serving.client(serving.engine(root))
    place = after(shown(asking, FIRST)[1])
    told = asking.post("/ask", data={"question": NEXT, "after": place}, headers={"Accept": "text/event-stream"}).text
    (_, status), *_, (_, done) = serving.events(told)
    assert json.loads(status)["text"].startswith(f"Understood as: {RESOLVED}")
    found = json.loads(done)
    assert found["url"] == f"/answers/{found['after']}"
    assert f"Understood as: {RESOLVED}" in found["html"]


def test_what_was_forgotten_is_no_longer_a_conversation(root: Path) -> None:
    asking = serving.client(serving.engine(root))
    place = after(shown(asking, FIRST)[1])
    asking.post("/forget")
    assert "no longer kept" in shown(asking, NEXT, place)[1]
