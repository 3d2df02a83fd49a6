"""The page of `qa serve` in a real browser: every flow, with and without its script, at all widths."""

from pathlib import Path
from typing import Any

import pytest
from support import serving
from support.page import WIDTHS, ask, start, text, until
from support.serving import QUESTION

from qa.serve.engine import Engine
from qa.testing import FakeChat


def test_an_answer_streams_and_its_statements_carry_their_verdicts(page: Any, modelled: str) -> None:
    page.visit(modelled)
    ask(page)
    shown = page.run("[...document.querySelectorAll('.statement')].map(e => e.className + ': ' + e.innerText)")
    assert len(shown) == 2
    assert "compare with the quote" in shown[0]
    assert shown[1].startswith("statement unsupported: Not supported The lighthouse was built in 1872.")
    assert "do not contain the number 1872" in shown[1]
    assert page.run("location.pathname").startswith("/answers/")
    assert page.run("document.querySelector('#answer').hasAttribute('aria-busy')") is False
    assert [url for url in page.requests if url.endswith("/ask")], "the script asked, not the form"


def test_a_number_opens_the_source_beside_the_answer_at_the_quote(page: Any, modelled: str) -> None:
    page.visit(modelled, width=1280)
    ask(page)
    page.run("document.querySelector('a.ref').click()")
    until(page, "!document.querySelector('#pane').hidden")
    assert text(page, "#pane mark") == "The lighthouse of Marrow Point was built in 1871 by Edith Lanning."
    assert page.run("[...document.querySelectorAll('#pane .context')].map(e => e.textContent)") == [
        "Notes from the north",
        "Marrow Point",
    ]
    box = page.run("JSON.parse(JSON.stringify(document.querySelector('#pane mark').getBoundingClientRect()))")
    assert box["left"] > 640
    assert 0 < box["top"] < 900
    page.press("Escape", code=27)
    until(page, "document.querySelector('#pane').hidden")
    assert page.run("document.activeElement.className") == "ref"


def test_a_table_row_is_shown_in_its_table(page: Any, served: tuple[Engine, str]) -> None:
    start = serving.LIGHTHOUSE.index("Ferry to Marrow Point")
    page.visit(f"{served[1]}/sources/lighthouse.md?start={start}&end={start + 33}")
    rows = page.run("[...document.querySelectorAll('table tr')].map(r => [...r.cells].map(c => c.innerText))")
    assert rows == [["Boat", "Price"], ["Ferry to Marrow Point", "14 crowns"], ["Night boat", "20 crowns"]]
    assert page.run("document.querySelectorAll('th').length") == 2


def test_a_quote_of_a_pdf_is_marked_on_its_page(page: Any, served: tuple[Engine, str]) -> None:
    page.visit(served[1], width=1280)
    ask(page, "How many months of notice end the storage agreement?")
    page.run("document.querySelector('a[href*=contract]').click()")
    until(page, "document.querySelector('#pane .place-mark')")
    until(page, "performance.getEntriesByType('resource').some(r => r.name.includes('/pages/1/'))")
    boxes = page.run(
        "[...document.querySelectorAll('.place-mark')].map(r => [+r.getAttribute('x'), +r.getAttribute('width')])"
    )
    assert boxes
    assert all(0 < x < 1000 and width > 20 for x, width in boxes)


def open_contract(page: Any, address: str, width: int) -> dict[str, float]:
    """The mark of the quote on the page of the contract, in CSS pixels of the window."""
    page.visit(address, width, 800)
    ask(page, "How many months of notice end the storage agreement?")
    page.run("document.querySelector('#answer a[href*=contract]').click()")
    until(page, "document.querySelector('#pane .place-mark')")
    return dict(page.run("JSON.parse(JSON.stringify(document.querySelector('.place-mark').getBoundingClientRect()))"))


def test_a_quote_that_is_in_view_is_not_scrolled_to(page: Any, served: tuple[Engine, str]) -> None:
    mark = open_contract(page, served[1], 1280)
    assert mark["bottom"] < 800
    assert page.run("document.querySelector('#pane').scrollTop") == 0


def test_a_page_of_a_pdf_is_large_enough_to_read_on_a_phone(page: Any, served: tuple[Engine, str]) -> None:
    mark = open_contract(page, served[1], 360)
    assert page.run("document.querySelector('.pdf svg').getBoundingClientRect().width") >= 576
    assert 0 < mark["left"] < 40, "the quote begins in view"
    assert 0 < mark["top"] < 800
    assert page.run("document.documentElement.scrollWidth") <= 360


def test_what_the_source_covers_cannot_be_reached(page: Any, served: tuple[Engine, str]) -> None:
    open_contract(page, served[1], 360)
    page.run("document.querySelector('#question').focus()")
    assert page.run("document.activeElement.innerText") == "Close"
    page.press("Escape", code=27)
    assert page.run("document.activeElement.matches('#answer a[href*=contract]')")


def test_a_refusal_shows_what_comes_closest_and_the_unread_files(page: Any, served: tuple[Engine, str]) -> None:
    assistant = served[0].assistant
    assistant.threshold, before = 1.1, assistant.threshold
    try:
        page.visit(served[1])
        ask(page)
    finally:
        assistant.threshold = before
    shown = text(page, "#answer")
    assert "The sources may not say this." in shown
    assert "What comes closest" in shown
    assert page.run("document.querySelector('.unread').textContent").count("broken.pdf") == 1


def test_the_keyboard_is_enough(page: Any, served: tuple[Engine, str]) -> None:
    page.visit(f"{served[1]}/sources")
    page.visit(served[1])
    page.run("document.activeElement.blur()")
    page.press("/", "/", 191)
    assert page.run("document.activeElement.id") == "question"
    for char in "lighthouse of Marrow Point":
        page.press(char, char)
    page.press("Enter", "\r", 13)
    until(page, "document.querySelector('#answer .actions')")
    page.press("ArrowDown", code=40)
    assert page.run("document.activeElement.hasAttribute('data-source')")
    page.press("Enter", "\r", 13)
    until(page, "!document.querySelector('#pane').hidden")
    page.press("Escape", code=27)
    until(page, "document.querySelector('#pane').hidden")
    page.press("ArrowUp", code=38)
    assert page.run("document.activeElement.id") == "question"


def test_everything_but_streaming_works_without_the_script(page: Any, modelled: str) -> None:
    page.visit(modelled, script=False)
    root = page.call("DOM.getDocument")["root"]["nodeId"]

    def node(selector: str) -> int:
        return int(page.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"])

    page.call("DOM.focus", nodeId=node("#question"))
    page.call("Input.insertText", text=QUESTION)
    page.press("Enter", "\r", 13)
    page.loaded()
    assert page.run("location.pathname").startswith("/answers/")
    assert page.run("document.querySelectorAll('.statement').length") == 2
    answer = page.run("location.href")
    page.visit(page.run("document.querySelector('a.ref').href"), script=False)
    assert text(page, "mark").startswith("The lighthouse of Marrow Point")
    page.visit(modelled, script=False)
    assert page.run("document.querySelector('.history a').href") == answer
    page.visit(f"{modelled}/search?question=lighthouse", script=False)
    assert page.run("document.querySelectorAll('.card').length") > 1


def test_a_server_that_is_gone_and_a_model_that_fails_are_said(page: Any, served: tuple[Engine, str]) -> None:
    from qa.errors import EndpointError

    made = Engine(served[0].session, FakeChat(lambda _: EndpointError("the endpoint is down. Start it.")))
    made.start(build=False)
    with serving.running(made) as address:
        page.visit(address)
        page.run(
            f"document.querySelector('#question').value = {QUESTION!r}; document.querySelector('#ask button').click()"
        )
        until(page, "document.querySelector('.notice.bad')")
        assert text(page, ".notice.bad") == "The endpoint is down. Start it."
        page.visit(address)
        assert "The language model does not answer." in text(page, ".notice.warn")
    start(page)
    until(page, "document.querySelector('.notice.bad')")
    assert text(page, ".notice.bad") == "The server does not answer. Is it still running?"
    page.log.clear()  # the browser itself notes that the connection was refused


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_cut_off_at_any_width(page: Any, modelled: str, width: int, scheme: str) -> None:
    page.visit(modelled, width, 800, scheme)
    ask(page)
    for _ in range(2):
        assert page.run("document.documentElement.scrollWidth") <= width
        page.run("document.querySelector('a.ref').click()")
        until(page, "!document.querySelector('#pane').hidden")
    dark = page.run("getComputedStyle(document.body).backgroundColor") == "rgb(23, 23, 22)"
    assert dark is (scheme == "dark")


def test_roles_names_and_live_regions_are_there(page: Any, modelled: str) -> None:
    page.visit(modelled)
    ask(page)
    nodes = page.call("Accessibility.getFullAXTree")["nodes"]
    named = {(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if not node["ignored"]}
    for wanted in [("main", ""), ("navigation", "Main"), ("searchbox", "Question"), ("button", "Ask"),
                   ("link", "Quote 1: Notes from the north"), ("article", "Quote 1")]:  # fmt: skip
        assert wanted in named, wanted
    assert page.run("[...document.querySelectorAll('[aria-live]')].map(e => e.id)") == ["notices", "answer"]
    unnamed = [node for node in nodes if not node["ignored"] and node["role"]["value"] in ("link", "button", "textbox")
               and not node.get("name", {}).get("value")]  # fmt: skip
    assert not unnamed


def test_the_first_paint_is_light(page: Any, served: tuple[Engine, str]) -> None:
    page.visit(served[1])
    size = page.run(
        "performance.getEntriesByType('navigation')[0].transferSize"
        " + performance.getEntriesByType('resource').reduce((sum, r) => sum + r.transferSize, 0)"
    )
    assert 0 < size < 60_000


def test_an_exported_answer_stands_alone(page: Any, served: tuple[Engine, str], tmp_path: Path) -> None:
    import httpx2

    page.visit(served[1])
    ask(page, "How many months of notice end the storage agreement?")
    exported = httpx2.get(page.run("document.querySelector('.actions a').href")).text
    (tmp_path / "answer.html").write_text(exported, encoding="utf-8")
    page.requests.clear()
    page.open(tmp_path / "answer.html")
    assert [url for url in page.requests if not url.startswith(("file:", "data:"))] == []
    assert page.run("document.querySelector('.card blockquote').innerText").startswith("2.2 Either party")
    assert page.run("document.querySelectorAll('rect.place-mark').length") >= 1
    assert page.run("document.querySelector('svg image').getAttribute('href').slice(0, 22)") == "data:image/png;base64,"


FOLLOW_UP = "When was it built?"


def test_a_question_goes_on_from_the_last_answer_until_a_new_conversation(
    page: Any, served: tuple[Engine, str]
) -> None:
    page.visit(served[1])
    assert page.run("document.querySelector('#conversation').hidden")
    ask(page)
    first = page.run("location.pathname")
    start(page, FOLLOW_UP)
    until(page, "document.querySelector('#answer .understood') && document.querySelector('#answer .actions')")
    assert text(page, "#answer .understood").startswith("Understood as: When was it built? (lighthouse")
    assert "1871" in text(page, "#answer .card blockquote")
    assert QUESTION in text(page, "#answer q")
    assert page.run("document.title") == f"{FOLLOW_UP} | qa"
    page.run("history.back()")
    page.loaded()
    assert page.run("location.pathname") == first
    assert page.run("document.querySelector('#ask').elements.after.value") == first.removeprefix("/answers/")
    page.run("document.querySelector('#conversation button').click()")
    page.loaded()
    ask(page, FOLLOW_UP)
    assert page.run("document.querySelector('.understood')") is None


def test_a_question_goes_on_without_the_script_too(page: Any, served: tuple[Engine, str]) -> None:
    def enter(question: str) -> None:
        root = page.call("DOM.getDocument")["root"]["nodeId"]
        node = page.call("DOM.querySelector", nodeId=root, selector="#question")["nodeId"]
        page.run("document.querySelector('#question').value = ''")
        page.call("DOM.focus", nodeId=node)
        page.call("Input.insertText", text=question)
        page.press("Enter", "\r", 13)
        page.loaded()

    page.visit(served[1], script=False)
    until(page, "document.activeElement.id === 'question'")  # the browser moves there by itself
    enter(QUESTION)
    enter(FOLLOW_UP)
    assert text(page, ".understood").startswith("Understood as: When was it built? (lighthouse")


def test_of_two_questions_the_later_one_is_shown(page: Any, served: tuple[Engine, str]) -> None:
    """The first answer comes late, when it has been given up."""
    page.visit(served[1])
    page.run("""
        window.real = window.fetch;
        window.fetch = async (url, options) => {
          window.fetch = window.real;
          return new Response(new ReadableStream({ start(controller) { window.late = controller } }));
        };
    """)
    start(page, "The first question?")
    until(page, "window.late")
    ask(page)
    told = 'event: done\ndata: {"html": "<p>too late</p>", "url": "/late", "after": ""}\n\n'
    page.run(f"window.late.enqueue(new TextEncoder().encode({told!r})); window.late.close()")
    page.run("new Promise(done => setTimeout(done, 100))")
    assert text(page, "#answer .question") == QUESTION
    assert "too late" not in text(page, "#answer")


def test_an_answer_that_breaks_off_is_said(page: Any, served: tuple[Engine, str]) -> None:
    page.visit(served[1])
    page.run(r"""window.fetch = async () => new Response('event: status\ndata: {"text": "Asking"}\n\n')""")
    start(page)
    until(page, "document.querySelector('.notice.bad')")
    assert text(page, ".notice.bad") == "The answer broke off. Ask again."
    page.run("window.fetch = async () => new Response('<h1>Bad gateway</h1>', { status: 502 })")
    start(page)
    until(page, "document.querySelector('.notice.bad')?.innerText.includes('502')")


def test_the_source_that_was_opened_last_is_shown(page: Any, modelled: str) -> None:
    page.visit(modelled, width=1280)
    ask(page)
    page.run("""
        window.real = window.fetch;
        window.fetch = async (url, options) => {
          window.fetch = window.real;
          await new Promise((done) => (window.go = done));
          return new Response('<p>the slow source</p>');
        };
        document.querySelector('.card a.place').click();
        document.querySelector('a.ref').click();
    """)
    until(page, "!document.querySelector('#pane').hidden")
    page.run("window.go(); new Promise(done => setTimeout(done, 100))")
    assert "the slow source" not in text(page, "#pane")


def test_another_part_of_the_page_is_no_other_page(page: Any, modelled: str) -> None:
    page.visit(modelled)
    ask(page)
    page.run("window.here = true; location.hash = '#main'; history.back()")
    page.run("new Promise(done => setTimeout(done, 500))")
    assert page.run("window.here") is True


def test_a_source_that_cannot_be_fetched_is_opened_as_a_page(page: Any, modelled: str) -> None:
    page.visit(modelled)
    ask(page)
    page.run("window.fetch = async () => { throw new TypeError('network') }")
    page.run("document.querySelector('a.ref').click()")
    page.loaded()
    assert page.run("location.pathname") == "/sources/lighthouse.md"


def test_a_new_generation_is_announced(page: Any, served: tuple[Engine, str]) -> None:
    page.visit(served[1])
    page.run("generation = 'an-older-one'")
    until(page, "document.querySelector('#notices').innerText.includes('The index was updated.')")
    assert page.run("generation") != "an-older-one"
