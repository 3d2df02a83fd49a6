"""What the script of the page is told, and what the server keeps for it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from starlette.testclient import TestClient
from support import serving
from support.serving import QUESTION, said

from qa import schema
from qa.answer.events import Done, Judged, Restarted, Retrieved, Stated
from qa.records import Answer, Evidence, Quote, Statement
from qa.serve.answers import Answers
from qa.serve.sse import data_of
from qa.testing import FakeChat

EVENTS = {"Accept": "text/event-stream"}
QUOTE = Quote(1, "a.txt", 0, 4, "Here", 1, None, "A <b>", "0" * 64)
GOOD = Statement("Here <b>it</b> is.", (1,), "unconfirmed")
BAD = Statement("Here <b>it</b> is.", (1,), "unsupported", ("a judge said no",))


def answer(question: str) -> Answer:
    index = {"generation": "g", "model": "m"}
    return Answer(question, "answered", None, "llm", (BAD,), (), (QUOTE,), (), 0.5, "m", "0", index, {}, {})


def scripted(engine: Any, *events: Any) -> Any:
    """An engine whose answer has these events."""

    async def stream(*_: Any) -> Any:
        for event in events:
            yield event

    engine.stream = stream
    return serving.client(engine)


def test_every_event_is_told_to_the_script(root: Path) -> None:
    told = scripted(
        serving.engine(root), Retrieved((), Evidence((), 0.0, {}), 0.0), Stated(GOOD, (QUOTE,)), Restarted(),
        Stated(GOOD, (QUOTE,)), Judged(1, BAD), Done(answer("q")),
    ).post("/ask", data={"question": "q"}, headers=EVENTS)  # fmt: skip
    found = [(name, json.loads(data)) for name, data in serving.events(told.text)]
    names = [name for name, _ in found]
    assert names == ["status", "statement", "restarted", "statement", "judged", "done"]
    assert [data["number"] for name, data in found if name in ("statement", "judged")] == [1, 1, 1]
    judged = found[4][1]["html"]
    assert 'id="statement-1"' in judged
    assert "a judge said no" in judged
    assert "&lt;b&gt;it&lt;/b&gt;" in judged
    assert "<b>" not in judged
    assert found[5][1]["url"].startswith("/answers/")


def test_after_a_restart_numbers_lead_to_the_new_quotes(root: Path) -> None:
    other = replace(QUOTE, start=50, end=54)
    told = scripted(
        serving.engine(root), Stated(GOOD, (QUOTE,)), Restarted(), Stated(GOOD, (other,)), Done(answer("q"))
    ).post("/ask", data={"question": "q"}, headers=EVENTS)  # fmt: skip
    first, second = (json.loads(data)["html"] for name, data in serving.events(told.text) if name == "statement")
    assert "start=0&amp;end=4" in first
    assert "start=50&amp;end=54" in second
    assert "start=0&amp;end=4" not in second


def test_parts_of_a_question_that_are_not_answered_are_named_on_the_page_and_in_the_export(root: Path) -> None:
    two = "Who built the lighthouse of Marrow Point? Which zebra composed the quartet of Vienna?"
    made = serving.engine(root)
    made.assistant.threshold = 0.5
    asking = serving.client(made)
    page = asking.post("/ask", data={"question": two}).headers["location"]
    missing = asking.get(f"{page}/json").json()["missing"]
    assert missing
    for path in (page, f"{page}/export"):
        text = BeautifulSoup(asking.get(path).text, "html.parser").get_text()
        assert f"The sources may not say: {missing[0]}" in text, path


def test_the_number_of_a_quote_leads_to_its_source(client: TestClient) -> None:
    page = client.get(client.post("/ask", data={"question": QUESTION}).headers["location"]).text
    number = BeautifulSoup(page, "html.parser").select_one("#quote-1 .number")
    assert number is not None
    assert str(number["href"]).startswith("/sources/lighthouse.md?start=")


@pytest.mark.parametrize(
    ("event", "name"), [(Restarted(), "restarted"), (Judged(2, BAD), "judged"), (Done(answer("q"), (), "none"), "done")]
)
def test_events_of_the_api_say_the_same(event: Any, name: str) -> None:
    told, data = data_of(event, "q", schema.answer)
    assert told == name
    assert data.get("notice", "none") == "none"
    assert data.get("number", 2) == 2


def test_an_error_in_the_middle_is_told_and_a_bug_without_details(root: Path) -> None:
    made = serving.engine(root)

    async def stream(*_: Any) -> Any:
        yield Stated(GOOD, (QUOTE,))
        raise ZeroDivisionError("a secret of the code")

    made.stream = stream  # type: ignore[method-assign]
    asking = serving.client(made)
    for path, body in (("/ask", {"data": {"question": "q"}}), ("/api/ask", {"json": {"question": "q"}})):
        text = asking.post(path, **body, headers=EVENTS).text  # type: ignore[arg-type]
        assert serving.events(text)[-1][0] == "error"
        assert "secret" not in text


def test_an_answer_has_a_page_and_the_history_lists_it_for_its_browser_only(root: Path) -> None:
    made = serving.engine(root, FakeChat(said))
    mine = serving.client(made)
    page = mine.post("/ask", data={"question": QUESTION, "where": "path=light*\n"})
    assert page.status_code == 303
    shown = mine.get(page.headers["location"]).text
    assert "Only sources with path=light*" in shown
    assert f'href="{page.headers["location"]}"' in mine.get("/").text
    other = TestClient(mine.app, base_url="http://localhost:8765")
    assert QUESTION not in other.get("/").text
    mine.post("/forget")
    assert mine.get(page.headers["location"]).status_code == 404


def test_reloading_an_answer_asks_nothing_again(root: Path) -> None:
    chat = FakeChat(said)
    asking = serving.client(serving.engine(root, chat))
    page = asking.post("/ask", data={"question": QUESTION}).headers["location"]
    assert asking.get(page).text == asking.get(page).text
    assert asking.get(f"{page}/json").json()["question"] == QUESTION
    assert len(chat.requests) == 1


def test_a_wrong_question_is_said_on_the_page(client: TestClient) -> None:
    done = client.post("/ask", data={"question": "x", "where": "nokey=1"})
    assert done.status_code == 422
    assert "nokey" in done.text
    assert client.post("/ask", data={"question": "x", "where": "a=1\n" * 21}).status_code == 422
    assert client.get("/search?question=").status_code == 422


def test_a_link_that_leads_nowhere_is_a_page_for_people_and_a_problem_for_programs(client: TestClient) -> None:
    for path in ("/answers/none", "/sources/none.txt", "/none"):
        done = client.get(path, headers={"Accept": "text/html"})
        assert (done.status_code, done.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert client.get(path).headers["content-type"] == "application/problem+json"


def test_sources_are_filtered_and_shown(client: TestClient) -> None:
    page = client.get("/sources?filter=LIGHT").text
    assert "lighthouse.md" in page
    assert "travel/" not in page
    fragment = client.get("/sources/lighthouse.md", headers={"X-QA-Fragment": "1"}).text
    assert fragment.startswith("<article")


def test_the_oldest_answers_are_dropped() -> None:
    answers = Answers(2)
    kept = [answers.add("me", (), answer(str(number))) for number in range(3)]
    assert answers.get(kept[0].id) is None
    assert [old.answer.question for old in answers.of("me")] == ["2", "1"]
    answers.add("you", (), answer("4"))
    answers.forget("me")
    assert answers.of("me") == []
    assert [old.answer.question for old in answers.of("you")] == ["4"]


def test_the_state_of_an_empty_folder_is_said_on_every_page(tmp_path: Path) -> None:
    (tmp_path / "seeds").mkdir()
    asking = serving.client(serving.engine(tmp_path, build=False))
    for path in ("/", "/sources", "/search?question=x"):
        text = asking.get(path).text
        assert "There is no index yet." in text, path
        assert "put files there" in text
    assert asking.get("/state").json()["index"] == "missing"


def test_the_description_is_a_page_without_anything_from_elsewhere(client: TestClient) -> None:
    page = client.get("/docs").text
    assert "POST /api/ask" in page
    assert "<code>Accept: text/event-stream</code>" in page
    assert "http://" not in page
    assert "https://" not in page
