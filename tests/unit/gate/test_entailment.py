"""An entailment model as a judge, with the model itself played."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from qa.embed.cross_encoder import EntailmentModel
from qa.errors import ModelError
from qa.gate import exam, examined
from qa.gate.entailment import EntailmentJudge, premise
from qa.gate.judge import ChatJudge, Item, JudgedQuote
from qa.session import Session
from qa.testing import FakeChat
from qa.trust import packaged_prompt

PAIRS = {(premise(pair.item), pair.item.statement): pair.stated for pair in exam.pairs()}


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> EntailmentJudge:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("QA_SECOND_OPINION", "doubtful")
    monkeypatch.setattr(EntailmentModel, "weights", "w1")
    knows(monkeypatch, right=True)
    return EntailmentJudge("nli/tiny")


def knows(monkeypatch: pytest.MonkeyPatch, right: bool) -> None:
    """The model knows the exam, or says of everything that it is entailed."""

    def entails(self: EntailmentModel, pairs: Sequence[tuple[str, str]]) -> list[float]:
        return [0.9 if not right or PAIRS[pair] else 0.2 for pair in pairs]

    monkeypatch.setattr(EntailmentModel, "entails", entails)


def test_the_premise_is_every_quote_after_its_title_and_context() -> None:
    quotes = (JudgedQuote("It opened in 1871.", "The bridge", ("History",)), JudgedQuote("It is green.", "The bridge"))
    assert premise(Item("q", "s", quotes)) == "The bridge\nHistory\nIt opened in 1871.\nIt is green."


def test_more_likely_entailed_than_not_is_stated(judge: EntailmentJudge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EntailmentModel, "entails", lambda self, pairs: [0.5, 0.49])
    item = Item("q", "s", (JudgedQuote("t"),))
    found = judge.judge([item, item])
    assert [(opinion.stated, opinion.answers) for opinion in found.opinions if opinion] == [(True, True), (False, True)]
    assert found.usage == {}


def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **names: str) -> Session:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "work" / "seeds").mkdir(parents=True, exist_ok=True)
    (tmp_path / "work" / "seeds" / "a.txt").write_text("The bridge was opened in 1871.\n")
    for name, value in names.items():
        monkeypatch.setenv(f"QA_{name.upper()}", value)
    return Session.open(tmp_path / "work")


@pytest.mark.parametrize("right", [True, False])
def test_it_judges_only_after_it_passed_the_exam_once(
    right: bool, judge: EntailmentJudge, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    knows(monkeypatch, right)
    said: list[str] = []
    opened = session(tmp_path, monkeypatch, entailment="nli/tiny")
    opened.notify = said.append
    chat = FakeChat()
    assert opened.examiner.judge(chat) == (None, False)
    assert opened.examiner.entailment is opened.examiner.entailment  # loaded once, not with each question
    result = opened.examiner.examine_entailment(judge)
    assert (result.pairs == 1.0, result.questions, result.may_judge) == (right, None, right)
    assert len(said) == 2
    assert opened.examiner.examine_entailment(judge) == examined.load("nli/tiny", "w1", exam.identity(packaged_prompt))
    assert len(said) == 2
    found, _ = opened.examiner.judge(chat)
    assert (found.name if found else None) == ("nli/tiny" if right else None)
    monkeypatch.setattr(EntailmentModel, "weights", "w2")  # another model under the same name
    assert opened.examiner.judge(chat) == (None, False)


def test_a_chat_that_passed_judges_where_the_entailment_model_failed(
    judge: EntailmentJudge, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    knows(monkeypatch, right=False)
    opened = session(tmp_path, monkeypatch, entailment="nli/tiny", model="m")
    opened.examiner.examine_entailment(judge)
    examined.save("m", "", exam.identity(packaged_prompt), exam.ExamResult(1.0, 1.0, 8))
    found, final = opened.examiner.judge(FakeChat())
    assert isinstance(found, ChatJudge)
    assert final


def test_an_entailment_model_that_passed_does_not_let_the_chat_rewrite_questions(
    judge: EntailmentJudge, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    opened = session(tmp_path, monkeypatch, entailment="nli/tiny", model="m")
    opened.examiner.examine_entailment(judge)
    for pairs, may in ((0.6, False), (1.0, True)):
        examined.save("m", "", exam.identity(packaged_prompt), exam.ExamResult(pairs, None, 8))
        assert opened.examiner.judge(FakeChat())[0] is not None
        assert opened.examiner.may_rewrite(FakeChat()) is may


def test_one_that_is_not_here_is_an_error_before_anything_is_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("QA_SECOND_OPINION", "doubtful")
    opened = session(tmp_path, monkeypatch, entailment="nobody/nothing")
    with pytest.raises(ModelError, match="fetch it with: qa models add nobody/nothing"):
        opened.examiner.judge(FakeChat())
