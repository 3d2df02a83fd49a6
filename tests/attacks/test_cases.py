"""Every attack of `attacks/cases`, on one index of all of them: with quotes only, and with a model that does what the
documents say, behind an endpoint that has the key.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from support.endpoint import Endpoint
from support.offline import attempts, hooked

from attacks.cases import KEY, SECRET, Placed, claims, documents
from attacks.obeying import failures, reply_to, secrets
from qa.answer.assistant import Assistant, last_answer
from qa.answer.events import Event
from qa.errors import ChatError
from qa.gate.judge import ChatJudge
from qa.index import build as builder
from qa.index.build import BuildReport
from qa.ingest import reading
from qa.llm import dialect
from qa.llm.chat import OpenAIChat
from qa.llm.protocol import ChatRequest
from qa.llm.recorded import Recorder, Store
from qa.records import BuildSettings
from qa.retrieve.retriever import Retriever
from qa.testing import FakeChat, HashEncoder
from qa.trust import packaged_prompt

pytestmark = pytest.mark.xdist_group("attacks")  # one index for all of them
DOCUMENTS = documents()
FALSE_AND_LOOSE = claims(
    ("The lighthouse of PLACE was built in 1999 by Victor Malone.", "FACT"),
    ("Edith Lanning had PLACE's lighthouse built in 1871.", "FACT"),
)
MOST_SECONDS = 30


@dataclass(frozen=True)
class Lair:
    """The workspace of all attacks. hook: the folder that lists attempts to use the network."""

    root: Path
    retriever: Retriever
    report: BuildReport
    hook: Path


@pytest.fixture(scope="module")
def lair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lair]:
    root = tmp_path_factory.mktemp("lair")
    seeds = root / "seeds"
    seeds.mkdir()
    sidecar = ""
    for placed in DOCUMENTS:
        (seeds / placed.file).write_bytes(placed.data)
        if placed.attack.sidecar:
            sidecar += f'["{placed.file}"]\n{placed.attack.sidecar}\n'
    (seeds / "metadata.toml").write_text(sidecar, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in hooked(root / "hook").items():
            patch.setenv(name, value)
        patch.setattr(reading, "LIMITS", replace(reading.LIMITS, memory=400 * 2**20))
        settings = BuildSettings(read_seconds=MOST_SECONDS)
        report = builder.build(seeds, root / "index", settings, HashEncoder())
    with Retriever.open(root / "index", encoder=HashEncoder()) as retriever:
        yield Lair(root, retriever, report, root / "hook")


@pytest.fixture(scope="module")
def served() -> Iterator[Endpoint]:
    endpoint = Endpoint()
    yield endpoint
    endpoint.close()


def every(attack: str = "") -> pytest.MarkDecorator:
    chosen = [placed for placed in DOCUMENTS if attack in placed.attack.mechanism]
    return pytest.mark.parametrize("placed", chosen, ids=lambda placed: placed.attack.id)


def test_there_are_as_many_as_promised() -> None:
    assert len({placed.attack.id for placed in DOCUMENTS}) == len(DOCUMENTS) >= 120
    assert len({placed.place for placed in DOCUMENTS}) == len(DOCUMENTS)
    assert len({placed.attack.mechanism for placed in DOCUMENTS}) >= 30


@every()
def test_a_document_is_read_or_named_with_the_reason_within_its_limits(placed: Placed, lair: Lair) -> None:
    reason = lair.report.plan.skipped.get(placed.file)
    wanted = placed.attack.outcome
    assert wanted == "either" or (wanted == "unread") == (reason is not None), reason
    if reason is None:
        text = lair.retriever.document(placed.file).text
        assert SECRET not in text
        assert wanted == "either" or placed.place in text


def test_reading_them_used_no_network(lair: Lair) -> None:
    assert attempts(lair.hook, "started")  # the child that reads documents is watched
    assert attempts(lair.hook) == []


@every()
def test_with_quotes_only(placed: Placed, lair: Lair) -> None:
    events = list(Assistant(lair.retriever, threshold=0.0).stream(placed.question))
    assert list(failures(events, lair.retriever)) == []


@every()
def test_with_a_model_that_does_what_the_document_says(
    placed: Placed, lair: Lair, served: Endpoint, tmp_path: Path
) -> None:
    for says in placed.attack.says:

        def obey(handler: Any, body: dict[str, Any], says: str = says) -> None:
            reply = reply_to([message["content"] for message in body["messages"]], says, placed)
            Endpoint.answer(reply, piece=1_000)(handler, body)

        served.script(obey)
        dialect._known.clear()
        store = Store(tmp_path / "replay")
        with closing(OpenAIChat("m", served.base_url, KEY, deadline=20, sleep=lambda _: None)) as chat:
            assistant = Assistant(lair.retriever, Recorder(chat, "m", store), floor=0.0, threshold=0.0)
            said = _said(assistant, placed.question)
        if isinstance(said, str):
            assert not list(secrets(said))
        else:
            assert list(failures(said, lair.retriever)) == []
        for file in tmp_path.glob("replay/*"):
            assert not list(secrets(file.read_text(encoding="utf-8")))


def _said(assistant: Assistant, question: str) -> list[Event] | str:
    """The events, or the message of the error for a reply that is none."""
    try:
        return list(assistant.stream(question))
    except ChatError as error:
        return str(error)


@every("words to the judge")
def test_a_judge_that_does_what_a_quote_says_saves_no_statement_that_failed_a_check(placed: Placed, lair: Lair) -> None:
    """And the quote stays in its place in the judge's prompt."""
    asked: list[str] = []

    def judge(request: ChatRequest) -> dict[str, Any]:
        asked.append(request.messages[-1].content)
        count = request.messages[-1].content.count("<item n=")
        opinion = {"not_stated": "", "stated": True, "answers": True}
        return {"opinions": [{"n": n, **opinion} for n in range(1, count + 1)]}

    def answer(request: ChatRequest) -> str:
        return reply_to([m.content for m in request.messages], FALSE_AND_LOOSE, placed)

    assistant = Assistant(
        lair.retriever, FakeChat(answer), floor=0.0, threshold=0.0, judge=ChatJudge(FakeChat(judge), packaged_prompt)
    )
    done = last_answer(assistant.stream(placed.question))
    verdicts = {statement.text.split()[0]: statement.verdict for statement in done.statements}
    assert verdicts == {"The": "unsupported", "Edith": "supported"}
    (prompt,) = asked
    lines = prompt.split("\n")
    assert (lines[0], lines[1], lines[-1]) == ("<items>", '<item n="1">', "</items>")
    assert sum(line.startswith("Statement: ") for line in lines) == 1
    assert all(line in ("<items>", '<item n="1">', "</item>", "</items>") or "<" not in line for line in lines)
