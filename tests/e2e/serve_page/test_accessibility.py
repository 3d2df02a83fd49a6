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


def nothing(page: Any) -> None:
    """The page is as it comes."""


def everything_open(page: Any) -> None:
    page.run("document.querySelectorAll('details').forEach(one => (one.open = true))")


def answered(page: Any) -> None:
    ask(page)
    everything_open(page)


def source(page: Any) -> None:
    ask(page)
    page.run("document.querySelector('#answer .card a.place').click()")
    until(page, "!document.querySelector('#pane').hidden")


def pdf(page: Any) -> None:
    ask(page, CONTRACT)
    page.run("document.querySelector('a[href*=contract]').click()")
    until(page, "document.querySelector('#pane .place-mark')")


def conversation(page: Any) -> None:
    ask(page)
    start(page, FOLLOW_UP)
    until(page, "document.querySelector('#answer .understood') && document.querySelector('#answer .actions')")


def waiting(page: Any) -> None:
    page.run("window.fetch = () => new Promise(() => {})")
    start(page)


def failed(page: Any) -> None:
    page.run("window.fetch = async () => { throw new TypeError('network') }")
    start(page)
    until(page, "document.querySelector('.notice.bad')")


# What one does, the page on which one does it, and what is there afterwards. With a model only what has statements.
STATES: dict[str, tuple[Callable[[Any], None], str, str]] = {
    "empty": (nothing, "/", "#ask"),
    "filters": (everything_open, "/", "details[open] #where"),
    "answer": (answered, "/", ".statement.unsupported .problems"),
    "quotes": (ask, "/", "#answer .card mark"),
    "source": (source, "/", "#pane mark"),
    "pdf": (pdf, "/", "#pane .place-mark"),
    "conversation": (conversation, "/", "#conversation:not([hidden])"),
    "waiting": (waiting, "/", ".waiting"),
    "failed": (failed, "/", ".notice.bad"),
    "search": (nothing, "/search?question=lighthouse", ".passage"),
    "sources": (nothing, "/sources", ".sources a"),
    "table": (nothing, "/sources/lighthouse.md?start=200&end=233", "table"),
    "api": (nothing, "/docs", ".operation"),
}
VIEWS = pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])


@VIEWS
@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing(
    page: Any, served: tuple[Engine, str], modelled: str, axe: str, state: str, width: int, scheme: str
) -> None:
    go, path, shown = STATES[state]
    page.visit(f"{modelled if state == 'answer' else served[1]}{path}", width, 800, scheme)
    go(page)
    assert page.run(f"Boolean(document.querySelector({shown!r}))")
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
    everything_open(page)
    assert findings(page, axe) == []


@VIEWS
def test_axe_finds_nothing_where_one_signs_in(
    page: Any, served: tuple[Engine, str], axe: str, width: int, scheme: str
) -> None:
    made = Engine(served[0].session)
    made.start(build=False)
    with serving.running(made, Access(token="a token of this test")) as address:
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
    everything_open(page)
    assert findings(page, axe) == []


def test_axe_is_at_work(page: Any, served: tuple[Engine, str], axe: str) -> None:
    page.visit(served[1])
    page.run("document.querySelector('#ask label').remove(); document.querySelector('#question').placeholder = ''")
    assert [one.partition(":")[0] for one in findings(page, axe)] == ["label (critical)"]
