"""An answer as one file: it needs nothing else, holds no foreign markup, and is verified again."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from starlette.testclient import TestClient
from support import serving

from qa import schema
from qa.answer.assistant import Assistant
from qa.errors import UsageError
from qa.quotes import exported as exported_pages
from qa.quotes import verification
from qa.quotes.drawing import draw
from qa.quotes.markup import tokens
from qa.quotes.page import read_page
from qa.records import Context, Statement
from qa.serve.answers import Kept
from qa.serve.engine import Engine
from qa.serve.export import export
from qa.serve.pdfview import PageView


def exported(client: TestClient, question: str) -> str:
    answer = client.post("/ask", data={"question": question}).headers["location"]
    done = client.get(f"{answer}/export")
    assert done.headers["content-disposition"] == 'attachment; filename="answer.html"'
    return str(done.text)


def test_verify_reads_the_file_again(client: TestClient, engine: Engine) -> None:
    page = exported(client, serving.QUESTION)
    retriever, sources = engine.retriever, engine.session.sources
    report = verification.verify(verification.claims(page), retriever, sources, lambda _: None)
    assert (report["kind"], report["stands"]) == ("answer", True)
    forged = page.replace("1871", "1971")
    report = verification.verify(verification.claims(forged), retriever, sources, lambda _: None)
    assert (report["stands"], report["quotes"][0]["state"]) == (False, "edited")
    assert client.post("/api/verify", json={"text": page}).json()["stands"] is True


def test_the_file_holds_the_whole_answer_and_its_hashes(client: TestClient, engine: Engine) -> None:
    page = exported(client, serving.QUESTION)
    answer = schema.read_answer(read_page(page).answer)
    assert answer.question == serving.QUESTION
    assert engine.retriever.info("lighthouse.md").sha256 in BeautifulSoup(page, "html.parser").get_text()


def test_the_file_loads_nothing_and_no_document_can_end_its_data(client: TestClient) -> None:
    page = exported(client, "What did the keeper write on the wall of the mill at Dunmore?")
    soup = BeautifulSoup(page, "html.parser")
    assert not soup.find_all(["link", "iframe", "img", "object"])
    (script,) = soup.find_all("script")
    assert "alert(1)" in json.dumps(json.loads(script.string))
    assert "default-src 'none'" in soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    assert page.startswith("<!doctype html>")


def test_a_page_of_any_other_kind_holds_no_answer() -> None:
    assert read_page("<!doctype html><p>“one two three”</p>").answer is None
    assert read_page('text <script type="application/json" id="qa-answer">{}</script>').answer is None
    assert read_page('{"schema": 1, "question": "<p>"}') is None
    assert read_page("If a <n and c> d, List<String> & <https://a.org> stay as they are.") is None


FORGED = "The lighthouse was built in 1971 by Olga Petrov."


def test_a_page_that_shows_other_quotes_than_its_answer_does_not_stand(client: TestClient, engine: Engine) -> None:
    page = exported(client, serving.QUESTION)
    script = page[page.index("<script") : page.index("</script>") + 9]
    quoted = f"<blockquote>{FORGED}</blockquote>"
    for forged in (
        page.replace("</main>", f"{quoted}</main>"),
        page.replace("<blockquote dir", f"{quoted}<blockquote dir", 1),
        page.replace("</main>", f"<p>They say: “{FORGED}”</p></main>"),
        page.replace("</main>", f"<h1>“{FORGED}”</h1></main>"),
        page.replace("</main>", f"<!--> {quoted} --></main>"),
        page.replace("<body>", f"<body><svg><style>{quoted}</style></svg>“{FORGED}”"),
        f"<!doctype html><p>“{FORGED}”</p><!-- {script} -->",
        f"<!doctype html><p>“{FORGED}”</p>{script}</body></html>",
        f"<!doctype html><p>“{FORGED}”</p>{script}\n</body>\n</html>",
        f"<!doctype html>{quoted}<textarea>{script}</textarea>",
    ):
        found = report_of(forged, engine)
        assert found["stands"] is False, forged[-300:]
        assert not any(record["stands"] for record in found["quotes"] if "1971" in record["text"])


def report_of(text: str, engine: Engine) -> dict:
    return verification.verify(verification.claims(text), engine.retriever, engine.session.sources, print)


PDF = PageView(3, 1100, ((10, 20, 300, 40), (5, 60, 30, 40)))
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x03\xe8\x00\x00\x04\x4c" + bytes(range(7))


class Pictures:
    """Gives each quote of a document the same picture of a page."""

    def view(self, *_: object) -> PageView:
        return PDF

    def picture(self, *_: object) -> bytes:
        return PNG


def full(engine: Engine, **changes: Any) -> str:
    """An exported page with everything that one can have."""
    retriever = engine.retriever
    _, evidence = retriever.retrieve(serving.QUESTION, 5)
    quote = replace(evidence.quotes[0], page=3, context=(*evidence.quotes[0].context, Context("lead_in", 0, 9, "A")))
    statements = (
        Statement("Edith Lanning <built> & 'lit' it.", (1,), "supported"),
        Statement("In 1871.", (1,), "unconfirmed"),
        Statement("In\n1971.", (1,), "unsupported", ("no quote has 1971", "b")),
    )
    assistant = Assistant(retriever, threshold=0.0)
    made = {"mode": "llm", "statements": statements, "quotes": (quote,), "closest": (quote,)} | changes
    answer = replace(assistant.ask(serving.QUESTION), **made)
    kept = Kept("id", "visitor", ("source:*.md",), answer)
    infos = SimpleNamespace(info=lambda _: SimpleNamespace(pages=(0, 1, 2, 3)))
    pictured = replace(quote, doc_id="a.pdf")
    answer = replace(answer, quotes=(quote, replace(pictured, n=2)), resolved="Who built it?", missing=("the boats",))
    return export(replace(kept, answer=answer), schema.answer(answer), infos, Pictures())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [
        {"model": "m <1>", "prompt_sha256": "0"},
        {"status": "abstained", "reason": "unsupported", "prompt_sha256": "0"},
        {"status": "abstained", "reason": "uncertain", "rejected": ()},
        {"mode": "quotes", "model": "m", "prompt_sha256": "0", "rejected": (Statement("x \u202e", ()),)},
    ],
)
def test_a_page_with_everything_is_one_that_qa_made(engine: Engine, changes: dict[str, Any]) -> None:
    text = full(engine, **changes)
    page = read_page(text)
    assert page is not None
    assert page.foreign == ""
    assert schema.parse(page.answer)["question"]
    assert ("<svg" in text, "Understood as" in text, "may not say: the boats" in text) == (True, True, True)
    assert "Only sources with source:*.md" in text
    quotes = report_of(text, engine)["quotes"]
    assert len(quotes) == (2 if "status" not in changes else 3)  # where it abstained, the closest quote is shown


def test_a_page_of_an_unfinished_index_is_one_that_qa_made(engine: Engine) -> None:
    line = "only words can be searched: the index is still being built (8% done)"
    about = {"generation": "gen-1-000000000000", "model": "m", "unfinished": line}
    text = full(engine, status="abstained", reason="uncertain", rejected=(), index=about)
    assert "Only words can be searched: the index is still being built (8% done)." in text
    assert not verification.claims(text).foreign


def instead(old: str, new: str) -> Callable[[str], str]:
    return lambda page: page.replace(old, new, 1)


def before(old: str, new: str) -> Callable[[str], str]:
    return instead(old, new + old)


def behind(old: str, new: str) -> Callable[[str], str]:
    return instead(old, old + new)


CSP = re.compile(r"<meta http-equiv.*\n")
FORGERIES = {
    "a style of its own": behind("<style>", "blockquote{font-size:0}"),
    "another style, allowed by its policy": lambda page: CSP.sub("", page).replace("<style>", "<style>a{}"),
    "no policy": lambda page: CSP.sub("", page),
    "a second policy": lambda page: page.replace("<title>", CSP.search(page)[0] + "<title>", 1),
    "a style attribute": instead("<blockquote", '<blockquote style="display:none"'),
    "a handler": instead("<body>", '<body onload="x()">'),
    "a picture of words": before("</blockquote>", '<svg><image href="data:image/svg+xml,x"/></svg>'),
    "an SVG for a PNG": instead("data:image/png;base64,", "data:image/svg+xml;base64,"),
    "no PNG": instead("base64,iVBORw0", "base64,aVBORw0"),
    "another height than that of the PNG": lambda page: page.replace("1100", "1101"),
    "words beside a mark on a picture": behind('height="44"/>', f"<text>{FORGED}</text>"),
    "another page": instead("<summary>Page 3", f"<summary>Page 3: {FORGED}"),
    "another class": instead('class="card"', 'class="skip"'),
    "a quote in what is closed": before('<article class="card"', "<details>"),
    "words beside the quotes": before("</main>", FORGED),
    "a line as of qa": before("</main>", '<p class="headline">The sources do not say.</p>'),
    "a filter": before("<ol", f'<p class="hint">Only sources with {FORGED}</p>'),
    "another filter": behind("Only sources with ", FORGED),
    "another date": instead('<p class="hint">Saved ', f'<p class="hint">Saved {FORGED}'),
    "words behind the date": instead(" UTC", f" UTC. {FORGED}"),
    "what is missing": behind("The sources may not say: ", FORGED),
    "a statement": behind('<p dir="auto">', FORGED),
    "no statement": lambda page: re.sub(r"<li class=.statement unsupported.*\n", "", page),
    "another verdict": instead('class="statement unsupported"', 'class="statement supported"'),
    "a mark in a statement": behind("lit&#39; it.", f'<strong class="mark">{FORGED}</strong>'),
    "a hint in a statement": behind("lit&#39; it.", f'<span class="hint">{FORGED}</span>'),
    "words for the number of a quote": instead('href="#quote-1">1', f'href="#quote-1">{FORGED}'),
    "no request to compare": instead(' <span class="hint">compare with the quote</span>', ""),
    "a problem": behind('<ul class="problems">', f"<li>{FORGED}</li>"),
    "another reading": behind("Understood as: ", FORGED),
    "another question": lambda page: re.sub("(<h1[^>]*>)", rf"\1{FORGED}", page),
    "another title of the page": behind("<title>", FORGED),
    "a heading": before("<article", f"<h2>{FORGED}</h2>"),
    "another title of a source": behind('<span class="title">', FORGED),
    "another place": behind('<span class="place">', FORGED),
    "more context": before("<blockquote", f'<p class="context">{FORGED}</p>'),
    "other words marked": instead("<mark>", "<mark> "),
    "another hash": instead("SHA-256 <code>", "SHA-256 <code>0"),
    "an open element": instead("</html>", ""),
    "a comment": behind("<main>", "<!-- -->"),
    "an open tag": lambda page: f"{page}<a",
    "a second answer": before("<script", '<script type="application/json" id="qa-answer">{}</script>'),
    "an answer that is none": lambda page: re.sub(r'(?s)(id="qa-answer">).*(</script>)', r'\1{"schema": 2}\2', page),
    "an answer of odd values": instead('"page": 3', '"page": "x"'),
    "markup in the answer": instead('"schema"', '"x": "<!--<script>", "schema"'),
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
def test_a_page_that_qa_did_not_write_like_this_is_not_verified(
    forge: Callable[[str], str], engine: Engine, client: TestClient
) -> None:
    page = full(engine, model="m")
    assert report_of(page, engine)["page"]["foreign"] == ""
    forged = forge(page)
    assert forged != page
    report = report_of(forged, engine)
    assert report["stands"] is False
    assert report["page"]["foreign"]
    assert client.post("/api/verify", json={"text": forged}).json()["stands"] is False


@pytest.mark.parametrize(
    "beside",
    [
        "<style>p{}</style>",
        "<p hidden>x</p>",
        "<p onclick=x>x</p>",
        "<img src=x>",
        "<svg></svg>",
        "<details>x</details>",
        "<?xml version='1.0'?>",
        "<x style=display:none>x</x>",
    ],
)
def test_of_a_page_without_an_answer_only_plain_words_are_verified(beside: str, engine: Engine) -> None:
    said = "“The lighthouse of Marrow Point was built in 1871”"
    for page in (f'<!doctype html><html lang="en"><p>{said}</p><!-- x -->', f"<!-- x -->{said}", f"A {said}\n"):
        assert report_of(page, engine)["stands"] is True
        report = report_of(page + beside, engine)
        assert (report["stands"], report["page"]["foreign"]) == (False, beside.partition(">")[0] + ">")


def test_a_quotation_in_a_comment_is_looked_up_where_the_text_does_not_say_that_it_is_html(engine: Engine) -> None:
    beside = "<!-- “The lighthouse was built in 1971” -->"
    said = "“The lighthouse of Marrow Point was built in 1871”"
    assert report_of(f"{said} {beside}", engine)["stands"] is False
    assert report_of(f'<!doctype html><html lang="en"><p>{said}</p>{beside}', engine)["stands"] is True


@pytest.mark.parametrize(
    "beside",
    [
        "&ldquo;The lighthouse was built in 1971&rdquo;",
        "<q>The lighthouse was built in 1971</q>",
        "“was built in 18<sup>71”",
    ],
)
def test_what_html_shows_in_quotation_marks_is_looked_up(beside: str, engine: Engine) -> None:
    text = f"“The lighthouse of Marrow Point was built in 1871” {beside}"
    assert [record["stands"] for record in report_of(text, engine)["quotes"]] == [True, False]


def test_a_page_is_drawn_only_as_far_as_it_is_the_same(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    page, pieces = full(engine), 0

    def counting(*given: Any) -> Iterator[str]:
        nonlocal pieces
        for piece in draw(*given):
            pieces += 1
            yield piece

    monkeypatch.setattr(exported_pages, "draw", counting)
    assert verification.claims(page).stored
    every, pieces = pieces, 0
    assert verification.claims(page.replace("<h1", "<h1 hidden")).foreign
    assert 0 < pieces < every / 2
    long = page.replace('"schema"', f'"x": "{"y" * 2_000_000}", "schema"')
    assert (verification.claims(long).foreign, pieces < every / 2) == ("an answer that qa did not write", True)


UNITS = [
    "<a/",
    "<a ",
    "<a b=",
    '<a "',
    '<a b="',
    "<a b='",
    "<!--",
    "<!",
    "</",
    "<script",
    "<script>",
    "<",
    "&#",
    "x<y=",
]


@pytest.mark.parametrize("unit", [*UNITS, "</script", '<script type="application/json" id="qa-answer">', "<a>"])
def test_a_page_of_megabytes_is_read_in_passing(unit: str) -> None:
    """Python's own parser needs hours for some of these."""
    text = "<!doctype html>" + unit * (2_000_000 // len(unit))
    assert "".join(token.written for token in tokens(text)) == text
    with suppress(UsageError):
        verification.bounded_claims(text)


def test_a_page_that_is_too_large_is_refused_before_it_is_read() -> None:
    with pytest.raises(UsageError, match="a page may have 8,000,000"):
        verification.bounded_claims("<!doctype html>" + "x" * 8_000_000)
    with pytest.raises(UsageError, match="check at most 200,000"):
        verification.bounded_claims("<!doctype html><h1>" + "one two three " * 20_000)
    with pytest.raises(UsageError, match="over 100,000 tags"):
        verification.claims("<!doctype html>" + "<p>" * 200_001)
    long = verification.claims(f"<!doctype html>“one two three &#{'9' * 5000};”")
    assert long.quotations[0].text == "one two three \ufffd"
