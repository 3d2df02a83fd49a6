"""A prompt template of a trusted workspace may still be wrong: it must end, and the message must name it."""

import os
import signal

import pytest

from qa.errors import SettingError
from qa.llm import templates as rendering
from qa.llm.templates import render
from qa.trust import packaged_prompt

END = "{% endblock %}{% block user %}x{% endblock %}"
LOOPS = "{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %}"
VARIABLES = {
    "question": "Who?",
    "documents": [{"title": "T", "about": [("author", "A")], "sentences": []}],
    "has_context": False,
}


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(rendering, "SECONDS", 2.0)
    yield
    rendering._child.close()


@pytest.mark.parametrize("attack", [LOOPS, "{{ 9 ** (9 ** 9) }}"], ids=["loops", "power"])
def test_a_template_that_does_not_end_is_stopped(attack):
    with pytest.raises(SettingError, match=r"^the prompt template mine\.j2 takes longer than 2 seconds to render"):
        render("mine.j2", "{% block system %}" + attack + END, VARIABLES)
    assert render("mine.j2", "{% block system %}{{ question }}" + END, VARIABLES) == ("Who?", "x")


@pytest.mark.parametrize("attack", ["{{ 'x' * 10**10 }}", "{{ 'x'.ljust(10**10) }}"])
def test_a_template_that_fills_the_memory_is_stopped(attack):
    with pytest.raises(SettingError, match=r"^the prompt template mine\.j2 needs more than 512 MB of memory"):
        render("mine.j2", "{% block system %}" + attack + END, VARIABLES)


def test_a_template_that_writes_too_much_is_refused():
    with pytest.raises(SettingError, match=r"^the prompt template mine\.j2 writes more than 4,000,000 characters"):
        render("mine.j2", "{% block system %}{{ 'x' * 5000000 }}" + END, VARIABLES)


def test_a_child_that_was_ended_from_outside_is_replaced():
    source = "{% block system %}{{ question }}" + END
    render("mine.j2", source, VARIABLES)
    os.kill(rendering._child._worker.pid, signal.SIGKILL)
    assert render("mine.j2", source, VARIABLES) == ("Who?", "x")


@pytest.mark.parametrize("name", ["answer.j2", "answer_markers.j2"])
def test_a_template_gives_the_same_text_in_a_child(name):
    source = packaged_prompt(name)
    assert render("mine.j2", source, VARIABLES) == render(name, source, VARIABLES)


def test_a_packaged_template_needs_no_child():
    render("answer.j2", packaged_prompt("answer.j2"), VARIABLES)
    assert rendering._child._worker is None
