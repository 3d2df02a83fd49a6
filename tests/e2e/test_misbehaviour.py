"""Everything that an endpoint or a model can do wrong, through the Assistant (streaming and not) and the command line.

Each time: the right retry, then a right answer, a clear error, or the quotes in place of what was not proven; never
"the sources do not say".
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import qa as library
from qa import errors
from qa.answer.events import Restarted, Stated
from qa.cli.app import app
from qa.llm.chat import OpenAIChat

WHO = "Who built the lighthouse of Marrow Point?"
BUILT = "The lighthouse of Marrow Point was built in 1871 by Edith Lanning."
RIGHT = "Edith Lanning built the lighthouse of Marrow Point in 1871."
GERMAN = "Der Leuchtturm von Marrow Point wurde 1871 von Edith Lanning gebaut."
RUSSIAN = "Маяк Марроу-Пойнт построила Эдит Лэннинг в 1871 году."
KEY = "sk-test-do-not-show-4711"
TRIES = 6  # of what may pass
Script = Callable[[Any], list[Any]]
Says = Callable[..., Any]


@dataclass(frozen=True)
class Case:
    """script: the steps of the endpoint. then: what has to come out, an error's class and words in its message, or
    "answered" or "unproven". requests: how many reach the endpoint. text: the statement of the answer.
    """

    script: Script
    then: str | tuple[type[errors.ChatError], str]
    requests: int
    text: str = RIGHT


def says(endpoint: Any, text: str = RIGHT, ids: tuple[str, ...] = ("RIGHT",), wrap: str = "{}", **options: Any) -> Any:
    """A step that makes one statement; the id RIGHT becomes that of the sentence which proves it."""

    def step(handler: Any, body: dict[str, Any]) -> None:
        right = re.search(r"^\[(s\d+)\] .*1871", body["messages"][-1]["content"], re.M)
        assert right
        found = [right[1] if name == "RIGHT" else name for name in ids]
        answer = json.dumps({"statements": [{"evidence": found, "text": text}]})
        endpoint.answer(wrap.replace("{}", answer), **options)(handler, body)

    return step


def marked(endpoint: Any) -> Any:
    """A step that makes the statement as plain text with its marker."""

    def step(handler: Any, body: dict[str, Any]) -> None:
        right = re.search(r"^\[(s\d+)\] .*1871", body["messages"][-1]["content"], re.M)
        assert right
        endpoint.answer(f"{RIGHT} [{right[1]}]")(handler, body)

    return step


def drops(endpoint: Any) -> Any:
    """A step whose connection breaks after a complete statement."""

    def step(handler: Any, body: dict[str, Any]) -> None:
        right = re.search(r"^\[(s\d+)\] .*1871", body["messages"][-1]["content"], re.M)
        assert right
        statement = json.dumps({"evidence": [right[1]], "text": RIGHT})
        endpoint.dropped(f'{{"statements": [{statement}, ')(handler, body)

    return step


def no_format(endpoint: Any) -> list[Any]:
    no = "Invalid parameter: 'response_format' of type '{}' is not supported with this model."
    return [*(endpoint.error(400, no.format(kind)) for kind in ("json_schema", "json_object")), marked(endpoint)]


def too_long(endpoint: Any) -> Any:
    return endpoint.error(400, "This model's maximum context length is 300 tokens.", code="context_length_exceeded")


CASES = {
    "401": Case(lambda e: [e.error(401, f"Incorrect API key: {KEY}")], (errors.KeyRefusedError, "refused the key"), 1),
    "404 model": Case(
        lambda e: [e.error(404, "The model `m` does not exist", code="model_not_found")],
        (errors.NoSuchModelError, "It offers a, b."),
        1,
    ),
    "no response_format": Case(no_format, "answered", 3),
    "context length": Case(lambda e: [too_long(e), says(e)], "answered", 2),
    "context length again": Case(lambda e: [too_long(e)] * 2, (errors.ContextTooLongError, "make prompt_tokens"), 2),
    "no temperature": Case(lambda e: [e.error(400, "Unsupported parameter: temperature"), says(e)], "answered", 2),
    "429 with Retry-After": Case(lambda e: [e.error(429, "slow", {"retry-after": "0.125"}), says(e)], "answered", 2),
    "429 with a day": Case(
        lambda e: [e.error(429, "slow", {"retry-after": "86400"})], (errors.RateLimitedError, "limits the rate"), 1
    ),
    "500 then success": Case(lambda e: [e.error(500, "oops"), says(e)], "answered", 2),
    "hang": Case(lambda e: [e.hang()], (errors.DeadlineError, "raise the deadline"), 1),
    "dropped": Case(lambda e: [e.dropped('{"statements": [{"evi'), says(e)], "answered", 2),
    "dropped after a statement": Case(lambda e: [drops(e), says(e)], "answered", 2),
    "broken JSON": Case(
        lambda e: [e.answer('{"statements": [{"evidence": ["s1"], "text": "Edith')], (errors.BadReplyError, "read"), 1
    ),
    "JSON that breaks after a statement": Case(lambda e: [says(e, wrap='{}, {"evidence": [')], "answered", 1),
    "code fence": Case(lambda e: [says(e, wrap="Here you are:\n```json\n{}\n```\nGlad to help!")], "answered", 1),
    "a wrong id": Case(lambda e: [says(e, ids=("s99",))], "unproven", 1),
    "wrong and duplicate ids": Case(lambda e: [says(e, ids=("s99", "RIGHT", "RIGHT", "s98"))], "answered", 1),
    "empty choices": Case(
        lambda e: [e.raw(b'{"object": "chat.completion", "model": "m", "choices": []}')],
        (errors.BadReplyError, "an empty answer"),
        1,
    ),
    "refusal": Case(
        lambda e: [e.answer("", refusal="I cannot help with that.")], (errors.ContentRefusedError, "declined"), 1
    ),
    "refusal in words": Case(
        lambda e: [e.answer("I'm sorry, but I can't assist with that.")], (errors.ContentRefusedError, "declined"), 1
    ),
    "content filter": Case(
        lambda e: [says(e, finish="content_filter")], (errors.ContentRefusedError, "content filter"), 1
    ),
    "5 MB": Case(
        lambda e: [e.answer("x" * 5_000_000, piece=100_000)], (errors.BadReplyError, "the rest was not read"), 1
    ),
    "5 MB after a statement": Case(
        lambda e: [says(e, wrap="{}" + " x" * 2_500_000, piece=100_000)],
        (errors.BadReplyError, "the rest was not read"),
        1,
    ),
    "German": Case(lambda e: [says(e, GERMAN)], "answered", 1, GERMAN),
    "Russian": Case(lambda e: [says(e, RUSSIAN)], "answered", 1, RUSSIAN),
    "Chinese without JSON": Case(lambda e: [e.answer("灯塔由伊迪丝·兰宁于1871年建造。")], "unproven", 1),
    "a web page": Case(
        lambda e: [e.raw(b"<html>Welcome</html>", "text/html")] * 2, (errors.EndpointError, "check the base url"), 2
    ),
}
every = pytest.mark.parametrize("name", CASES)


@pytest.fixture(scope="module")
def retriever(indexed: Path) -> Iterator[library.Retriever]:
    with library.Retriever.open(indexed / "index") as opened:
        yield opened


@pytest.fixture
def scripted(endpoint: Any) -> Callable[[str], Case]:
    """Lets the endpoint play a case."""

    def play(name: str) -> Case:
        endpoint.models = ["a", "b"]
        endpoint.script(*CASES[name].script(endpoint))
        return CASES[name]

    return play


@every
def test_through_the_assistant(
    name: str, retriever: library.Retriever, endpoint: Any, scripted: Callable[[str], Case]
) -> None:
    case, naps, stated = scripted(name), list[float](), list[str]()
    deadline = 0.3 if name == "hang" else 20.0
    with OpenAIChat("m", endpoint.base_url, KEY, deadline=deadline, sleep=naps.append, jitter=lambda: 0.0) as chat:
        assistant = library.Assistant(retriever, chat, k=4, threshold=0.0, floor=0.0)
        if isinstance(case.then, tuple):
            with pytest.raises(case.then[0], match=f"(?i){case.then[1].replace('the key', 'the API key')}") as caught:
                assistant.ask(WHO)
            assert KEY not in str(caught.value)
        else:
            for event in assistant.stream(WHO):
                if isinstance(event, Restarted):
                    stated.clear()
                elif isinstance(event, Stated):
                    stated.append(event.statement.text)
            answer = event.answer
            _check(case, answer)
            assert stated == [s.text for s in answer.statements if answer.mode == "llm"]
    assert len(endpoint.requests) == case.requests
    assert naps == {"429 with Retry-After": [0.125], "500 then success": [0.25], "a web page": [0.25]}.get(
        name, [0.25] if "dropped" in name else []
    )


def _check(case: Case, answer: library.Answer) -> None:
    """The one right statement with its quote, or the quotes with what was not proven set apart."""
    assert (answer.status, answer.reason) == ("answered", None)
    if case.then == "answered":
        assert (answer.mode, answer.rejected) == ("llm", ())
        assert [(s.text, s.verdict, s.quotes) for s in answer.statements] == [(case.text, "unconfirmed", (1,))]
        assert [q.text for q in answer.quotes] == [BUILT]
    else:
        assert answer.mode == "quotes"
        assert answer.quotes[0].text == BUILT
        assert [s.verdict for s in answer.rejected] == ["unsupported"]


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.then == "unproven"])
def test_what_is_not_proven_is_not_called_silence_where_the_quotes_are_no_answer_either(
    name: str, retriever: library.Retriever, endpoint: Any, scripted: Callable[[str], Case]
) -> None:
    scripted(name)
    with OpenAIChat("m", endpoint.base_url, KEY) as chat:
        answer = library.Assistant(retriever, chat, threshold=1.01, floor=0.0).ask(WHO)
    assert (answer.status, answer.reason, len(answer.rejected)) == ("abstained", "unsupported", 1)


def test_what_the_endpoint_does_not_take_is_not_sent_again(
    retriever: library.Retriever, endpoint: Any, scripted: Callable[[str], Case]
) -> None:
    sent = {}
    for name in ("no response_format", "no temperature", "context length"):
        scripted(name)
        endpoint.requests.clear()
        with OpenAIChat(name, endpoint.base_url, KEY) as chat:
            library.Assistant(retriever, chat, k=4, floor=0.0).ask(WHO)
        sent[name] = [request.body for request in endpoint.requests]
    forms = [body.get("response_format", {}).get("type") for body in sent["no response_format"]]
    assert forms == ["json_schema", "json_object", None]
    assert ["temperature" in body for body in sent["no temperature"]] == [True, False]
    long, short = (len(body["messages"][1]["content"]) for body in sent["context length"])
    assert short < long


@every
def test_through_the_command_line(
    name: str,
    indexed: Path,
    retriever: library.Retriever,
    endpoint: Any,
    scripted: Callable[[str], Case],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    case = scripted(name)
    monkeypatch.chdir(indexed)
    monkeypatch.setattr("qa.session.Session.retriever", lambda *_, **__: retriever)  # opened once for all cases
    deadline = "1" if name == "hang" else "60"
    for variable, value in {
        "OPENAI_BASE_URL": endpoint.base_url,
        "OPENAI_API_KEY": KEY,
        "QA_DEADLINE": deadline,
    }.items():
        monkeypatch.setenv(variable, value)
    with pytest.raises(SystemExit) as end:
        app(["ask", "--no-build", "--model", "m", WHO])
    out, err = capsys.readouterr()
    assert end.value.code == (1 if isinstance(case.then, tuple) else 0)
    assert "do not say" not in out + err
    assert KEY not in out + err
    assert len(endpoint.requests) == case.requests
    if isinstance(case.then, tuple):
        assert out == ""
        assert re.search(f"(?i){case.then[1].replace('the key', 'the API key')}", err.splitlines()[-1])
    elif case.then == "answered":
        assert out.startswith(f"{case.text} [1] (compare with the quote)\n")
        assert f"    | {BUILT}\n" in out
    else:
        assert out.startswith("The sources support nothing that the model stated. Quotes instead:\n")
        assert RIGHT not in out
        assert "1 statement of the model left out; --explain shows why" in err


def test_what_takes_time_or_comes_incomplete_is_told(
    indexed: Path,
    retriever: library.Retriever,
    endpoint: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    naps: list[float] = []
    monkeypatch.chdir(indexed)
    monkeypatch.setattr("qa.session.Session.retriever", lambda *_, **__: retriever)
    monkeypatch.setattr("qa.llm.named.time.sleep", naps.append)
    slow = endpoint.error(429, "slow", {"retry-after": "7"})
    endpoint.script(slow, too_long(endpoint), says(endpoint, finish="length"))
    with pytest.raises(SystemExit) as end:
        app(["ask", "--no-build", "--model", "m", "--base-url", endpoint.base_url, WHO])
    assert end.value.code == 0
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 4, lines
    first, wait, again, cut = lines
    assert first.startswith("qa: sending the question and ")
    assert wait == "qa: no answer yet; asking again in 7 seconds"
    assert again.startswith("qa: the prompt was too long for the model; sending the question and ")
    assert cut == "qa: the model's answer was cut off; only its complete statements are used"
    assert [round(nap) for nap in naps] == [7]
