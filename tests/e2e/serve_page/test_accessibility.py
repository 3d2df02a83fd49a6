"""axe-core finds nothing wrong with the pages of `qa serve`, in any state, light and dark, wide and narrow.

The extra `browser` has axe-core. It is in a package for Playwright, of which nothing else is used.
"""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from support import serving
from support.page import ask, start, text, until
from support.serving import QUESTION

from qa.serve.access import Access
from qa.serve.engine import Engine

FOLLOW_UP = "When was it built?"
CONTRACT = "How many months of notice end the storage agreement?"


@pytest.fixture(scope="session")
def axe() -> str:
    """The script that checks a page."""
    spec = importlib.util.find_spec("axe_playwright_python")
    if spec is None or spec.origin is None:
        pytest.skip("axe-core is not installed: pip install -e '.[browser]'")
    return (Path(spec.origin).parent / "axe.min.js").read_text(encoding="utf-8")


def findings(page: Any, axe: str) -> list[str]:
    """What axe-core finds, with the element: each a rule, how bad it is, and what to do."""
    page.run(f"{axe}; null")
    found = page.run("axe.run(document, { resultTypes: ['violations'] }).then(result => result.violations)")
    return [
        f"{one['id']} ({one['impact']}): {node['html']} {node['failureSummary']}"
        for one in found
        for node in one["nodes"]
    ]


def empty(page: Any, quoting: str, modelled: str) -> None:
    assert page.run("document.activeElement.id") == "question"


def answered(page: Any, quoting: str, modelled: str) -> None:
    page.run(f"location.href = {modelled!r}")
    page.loaded()
    ask(page)
    page.run("document.querySelectorAll('details').forEach(one => (one.open = true))")
    assert page.run("document.querySelectorAll('.statement').length") == 2


def quoted(page: Any, quoting: str, modelled: str) -> None:
    ask(page)
    assert "Edith Lanning" in text(page, "#answer .card blockquote")


def source(page: Any, quoting: str, modelled: str) -> None:
    quoted(page, quoting, modelled)
    page.run("document.querySelector('#answer .card a.place').click()")
    until(page, "document.querySelector('#pane mark')")


def pdf(page: Any, quoting: str, modelled: str) -> None:
    ask(page, CONTRACT)
    page.run("document.querySelector('a[href*=contract]').click()")
    until(page, "document.querySelector('#pane .place-mark')")


def conversation(page: Any, quoting: str, modelled: str) -> None:
    ask(page)
    start(page, FOLLOW_UP)
    until(page, "document.querySelector('#answer .understood') && document.querySelector('#answer .actions')")


def waiting(page: Any, quoting: str, modelled: str) -> None:
    page.run("window.fetch = () => new Promise(() => {})")
    start(page)
    until(page, "document.querySelector('.waiting')")


def failed(page: Any, quoting: str, modelled: str) -> None:
    page.run("window.fetch = async () => { throw new TypeError('network') }")
    start(page)
    until(page, "document.querySelector('.notice.bad')")


def at(path: str, shown: str) -> Callable[[Any, str, str], None]:
    """A page of its own, with what it has to show."""

    def go(page: Any, quoting: str, modelled: str) -> None:
        page.run(f"location.href = {quoting + path!r}")
        page.loaded()
        assert page.run(f"Boolean(document.querySelector({shown!r}))")

    return go


STATES: dict[str, Callable[[Any, str, str], None]] = {
    "empty": empty,
    "answer": answered,
    "quotes": quoted,
    "source": source,
    "pdf": pdf,
    "conversation": conversation,
    "waiting": waiting,
    "failed": failed,
    "sources": at("/sources", ".sources a"),
    "table": at("/sources/lighthouse.md?start=200&end=233", "table"),
    "search": at("/search?question=lighthouse", ".passage"),
    "filters": at("/?where=nothing", ".notice.bad, details"),
    "api": at("/docs", ".operation"),
}
VIEWS = pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])


@VIEWS
@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing(
    page: Any, served: tuple[Engine, str], modelled: str, axe: str, state: str, width: int, scheme: str
) -> None:
    page.visit(served[1], width, 800, scheme)
    STATES[state](page, served[1], modelled)
    assert findings(page, axe) == []


@VIEWS
def test_axe_finds_nothing_in_a_refusal(
    page: Any, served: tuple[Engine, str], axe: str, width: int, scheme: str
) -> None:
    assistant = served[0].assistant
    assistant.threshold, before = 1.1, assistant.threshold
    try:
        page.visit(served[1], width, 800, scheme)
        ask(page)
    finally:
        assistant.threshold = before
    assert "What comes closest" in text(page, "#answer")
    page.run("document.querySelector('.unread').open = true")
    assert findings(page, axe) == []


@VIEWS
def test_axe_finds_nothing_where_one_signs_in(
    page: Any, served: tuple[Engine, str], axe: str, width: int, scheme: str
) -> None:
    with serving.running(served[0], Access(token="a token of this test")) as address:
        page.visit(f"{address}/", width, 800, scheme)
        assert page.run("Boolean(document.querySelector('#token'))")
        assert findings(page, axe) == []
    page.log.clear()  # the browser notes that it was turned away


def test_axe_finds_nothing_in_an_exported_answer(
    page: Any, served: tuple[Engine, str], axe: str, tmp_path: Path
) -> None:
    page.visit(served[1])
    ask(page, CONTRACT)
    exported = httpx2.get(page.run("document.querySelector('.actions a').href")).text
    (tmp_path / "answer.html").write_text(exported, encoding="utf-8")
    page.open(tmp_path / "answer.html")
    page.run("document.querySelectorAll('details').forEach(one => (one.open = true))")
    assert findings(page, axe) == []


def test_axe_is_at_work(page: Any, served: tuple[Engine, str], axe: str) -> None:
    page.visit(served[1])
    page.run(f"document.querySelector('label[for=question]').remove(); {QUESTION!r}")
    page.run("document.querySelector('#question').placeholder = ''")
    assert any("label" in one for one in findings(page, axe))
