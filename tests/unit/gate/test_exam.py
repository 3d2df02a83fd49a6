"""The exam: a model that knows passes, one that guesses is stopped early, and a session lets each model sit it once."""

import re
from pathlib import Path
from typing import Any

import pytest

from qa.errors import EndpointError
from qa.gate import exam
from qa.gate.judge import ChatJudge
from qa.llm.protocol import ChatRequest
from qa.llm.templates import neutral
from qa.session import Session
from qa.testing import FakeChat
from qa.trust import packaged_prompt

STATED = {neutral(pair.item.statement): pair.stated for pair in exam.pairs()}
ANSWERS = {neutral(one.question): one.answers for one in exam.questions()}


def knows(request: ChatRequest) -> Any:
    """The right reply to any request of the exam."""
    user = request.messages[1].content
    if request.purpose == "second opinion":
        statements = re.findall(r"^Statement: (.*)$", user, re.M)
        opinions = [
            {"n": n, "not_stated": "", "stated": STATED[s], "answers": True} for n, s in enumerate(statements, 1)
        ]
        return {"opinions": opinions}
    asked = re.findall(r"^Question: (.*)$", user, re.M)
    return {"answers": [{"n": n, "evidence": [f"s{k + 1}" for k in ANSWERS[q]]} for n, q in enumerate(asked, 1)]}


def agrees(request: ChatRequest) -> Any:
    """Everything is stated."""
    count = len(re.findall(r"^Statement: ", request.messages[1].content, re.M))
    return {"opinions": [{"n": n, "not_stated": "", "stated": True, "answers": True} for n in range(1, count + 1)]}


def never_silent(request: ChatRequest) -> Any:
    """Judges statements rightly, and names a sentence for every question."""
    if request.purpose == "second opinion":
        return knows(request)
    count = len(re.findall(r"^Question: ", request.messages[1].content, re.M))
    return {"answers": [{"n": n, "evidence": ["s1"]} for n in range(1, count + 1)]}


def sit(reply: Any) -> tuple[exam.ExamResult, FakeChat]:
    chat = FakeChat(reply)
    return exam.sit(ChatJudge(chat, packaged_prompt), chat, packaged_prompt), chat


def test_the_exam_is_half_right_and_half_wrong_and_no_item_stands_in_a_prompt() -> None:
    assert len(exam.pairs()) == 60
    assert sum(pair.stated for pair in exam.pairs()) == 30
    assert len(exam.questions()) == 20
    assert sum(bool(one.answers) for one in exam.questions()) == 10
    prompts = "".join(packaged_prompt(name) for name in ("answer.j2", "second_opinion.j2", "exam_questions.j2"))
    assert not [pair for pair in exam.pairs() if pair.item.statement in prompts]


def test_who_knows_passes_within_the_requests_that_are_announced() -> None:
    result, chat = sit(knows)
    assert (result.pairs, result.questions) == (1.0, 1.0)
    assert result.may_judge
    assert result.may_refuse
    assert result.requests == len(chat.requests) <= exam.REQUESTS


def test_who_agrees_with_everything_fails_and_is_not_asked_to_the_end() -> None:
    result, chat = sit(agrees)
    assert not result.may_judge
    assert result.questions is None
    assert len(chat.requests) < exam.REQUESTS / 2


def test_who_always_finds_an_answer_may_judge_but_its_silence_is_not_final() -> None:
    result, _ = sit(never_silent)
    assert result.may_judge
    assert not result.may_refuse


@pytest.mark.parametrize("reply", ["", "yes", '{"opinions": 3}', '{"opinions": []}', "[" * 100_000])
def test_a_reply_that_cannot_be_read_is_a_wrong_one(reply: str) -> None:
    result, _ = sit(lambda _: reply)
    assert not result.may_judge


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    for variable in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(variable, str(tmp_path / variable))
    (tmp_path / "work" / "seeds").mkdir(parents=True)
    session = Session.open(tmp_path / "work", {"model": "m", "second_opinion": "doubtful"})
    session.notify = notices.append
    notices.clear()
    return session


notices: list[str] = []


def test_a_session_lets_a_model_sit_the_exam_once_and_says_how_it_did(session: Session) -> None:
    chat = FakeChat(knows, model="m")
    result = session.examiner.examine(chat)
    assert result is not None
    assert result.may_judge
    assert "nothing of your documents is sent" in notices[0]
    assert "m gives second opinions: it judged 100% correctly" in notices[1]
    asked = len(chat.requests)
    again = session.examiner.examine(chat)
    assert again is not None
    assert again.may_judge
    assert (len(chat.requests), len(notices)) == (asked, 2)
    judge, final = session.examiner.judge(chat)
    assert isinstance(judge, ChatJudge)
    assert final


def test_a_model_that_failed_is_no_judge_and_not_examined_again(session: Session) -> None:
    chat = FakeChat(agrees, model="m")
    session.examiner.examine(chat)
    assert "m gives no second opinions" in notices[1]
    asked = len(chat.requests)
    session.examiner.examine(chat)
    assert len(chat.requests) == asked
    assert session.examiner.judge(chat) == (None, False)


def test_an_exam_that_breaks_off_is_made_again(session: Session) -> None:
    assert session.examiner.examine(FakeChat(EndpointError("down"), model="m")) is None
    assert notices[-1] == "the check broke off and is made again next time: down"
    result = session.examiner.examine(FakeChat(knows, model="m"))
    assert result is not None
    assert result.may_judge


def test_another_prompt_needs_another_exam(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    session.examiner.examine(FakeChat(knows, model="m"))
    before = exam.identity(packaged_prompt)
    assert exam.identity(lambda name: packaged_prompt(name) + " ") != before
    assert exam.identity(packaged_prompt) == before
    monkeypatch.setattr(exam, "identity", lambda template: "another")
    assert session.examiner.result() is None


def test_nobody_is_examined_where_no_second_opinion_is_wanted(tmp_path: Path) -> None:
    (tmp_path / "seeds").mkdir()
    session = Session.open(tmp_path, {"model": "m", "second_opinion": "off"})
    assert session.examiner.examine(FakeChat(model="m")) is None


@pytest.mark.parametrize(
    "answers",
    [
        '[{"n": 1e999, "evidence": ["s1"]}]',
        f'[{{"n": 1, "evidence": ["s{"9" * 5000}"]}}]',
        '[{"n": 1, "evidence": [["s1"]]}]',
        '[{"n": 1, "evidence": 7}]',
        '{"n": 1}',
        "[3]",
    ],
)
def test_an_answer_of_another_shape_is_a_wrong_one(answers: str) -> None:
    def odd(request: ChatRequest) -> Any:
        return knows(request) if request.purpose == "second opinion" else f'{{"answers": {answers}}}'

    result, _ = sit(odd)
    assert result.may_judge
    assert not result.may_refuse
