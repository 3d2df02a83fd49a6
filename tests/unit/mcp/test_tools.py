"""The tools over a session: what they do beside the server that offers them."""

import json
import threading

import anyio
import pytest
from support import serving

from qa.gate import exam
from qa.mcp import Tools
from qa.retrieve.retriever import Retriever
from qa.session import Session
from qa.testing import FakeChat, HashEncoder


@pytest.fixture
def session(tmp_path, monkeypatch):
    monkeypatch.setenv("QA_SECOND_OPINION", "doubtful")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    root = serving.workspace(tmp_path / "work")
    with Session.open(root) as opened:
        opened._retriever = Retriever.build(root / "seeds", root / "index", encoder=HashEncoder())
        yield opened


def test_the_model_sits_its_exam_once_after_its_first_answer(session):
    def reply(request):
        asked.append(request.purpose)
        return serving.said(request) if request.purpose == "answer" else {"opinions": []}

    asked = []
    tools = Tools(session, FakeChat(reply))
    for _ in range(2):
        assert anyio.run(tools.ask, serving.QUESTION)["mode"] == "llm"
        for thread in threading.enumerate():
            if thread.name == "qa-exam":
                thread.join(30)
    assert asked[0] == "answer"
    assert asked.count("answer") == 2
    assert 1 <= len(asked) - 2 <= exam.REQUESTS
    assert session.examiner.result() is not None
    json.dumps(tools.status())
