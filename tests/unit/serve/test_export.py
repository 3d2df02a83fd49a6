"""An answer as one file: it needs nothing else, holds no foreign markup, and is verified again."""

import json
import re
from collections.abc import Callable
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
from qa.quotes import verification
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
    assert read_page('text <script type="application/json" id="qa-answer">{}</script>') is None


FORGED = "The lighthouse was built in 1971 by Olga Petrov."


def test_a_page_that_shows_other_quotes_than_its_answer_does_not_stand(client: TestClient, engine: Engine) -> None:
    def report(text: str) -> dict:
        return verification.verify(verification.claims(text), engine.retriever, engine.session.sources, print)

    page = exported(client, serving.QUESTION)
    whole = report(page)
    assert (whole["stands"], whole["page"]["altered"]) == (True, [])
    assert whole["page"]["compared"] == page.count("<blockquote") > 0
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
        f"<!doctype html>{quoted}<textarea>{script}</textarea>",
    ):
        found = report(forged)
        assert found["stands"] is False, forged[-300:]
        assert not any(record["stands"] for record in found["quotes"] if "1971" in record["text"])


def report_of(text: str, engine: Engine) -> dict:
    return verification.verify(verification.claims(text), engine.retriever, engine.session.sources, print)


PDF = PageView(3, 1100, ((10, 20, 300, 40),), "its words are drawn")


class Pictures:
    """Gives each quote of a document the same picture of a page."""

    def view(self, *_: object) -> PageView:
        return PDF

    def picture(self, *_: object) -> bytes:
        return b"\x89PNG"


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
    answer = replace(
        assistant.ask(serving.QUESTION), mode="llm", statements=statements, quotes=(quote,), closest=(quote,), **changes
    )
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
    ],
)
def test_a_page_with_everything_is_one_that_qa_made(engine: Engine, changes: dict[str, Any]) -> None:
    text = full(engine, **changes)
    page = read_page(text)
    assert page is not None
    assert page.foreign == ""
    assert schema.parse(page.answer)["question"]
    assert ("<svg" in text, "Understood as" in text, "may not say: the boats" in text) == (True, True, True)
    answered = "status" not in changes
    said = ("Edith Lanning <built> & 'lit' it.", "In 1871.", "In 1971.") if answered else ()
    assert tuple(text for _, text in page.statements) == said
    assert not verification.claims(text).foreign


def test_a_page_of_an_unfinished_index_is_one_that_qa_made(engine: Engine) -> None:
    for line in (
        "only words can be searched: the index is still being built (8% done)",
        "only words can be searched: the index was not finished (50% done); run: qa index",
    ):
        text = full(
            engine,
            status="abstained",
            reason="uncertain",
            rejected=(),
            index={"generation": "gen-1-000000000000", "model": "m", "unfinished": line},
        )
        assert f"{line[:1].upper()}{line[1:]}." in text
        assert not verification.claims(text).foreign


CSP = re.compile(r"<meta http-equiv.*\n")
FORGERIES = {
    "a style of its own": lambda page: page.replace("<style>", "<style>blockquote{font-size:0}"),
    "another style, allowed by its policy": lambda page: CSP.sub("", page).replace("<style>", "<style>a{}"),
    "no policy": lambda page: CSP.sub("", page),
    "a second policy": lambda page: page.replace("<title>", CSP.search(page)[0] + "<title>", 1),
    "a style attribute": lambda page: page.replace("<blockquote", '<blockquote style="display:none"'),
    "a hidden quote": lambda page: page.replace("<blockquote", "<blockquote hidden"),
    "a handler": lambda page: page.replace("<body>", '<body onload="x()">'),
    "a picture of words": lambda page: page.replace(
        "</blockquote>", '<svg><image href="data:image/svg+xml,x" width="1" height="1"/></svg></blockquote>', 1
    ),
    "an SVG for a PNG": lambda page: page.replace("data:image/png;base64,", "data:image/svg+xml;base64,"),
    "another class": lambda page: page.replace('class="card"', 'class="skip"'),
    "a quote in what is closed": lambda page: page.replace(
        '<article class="card"', '<details><article class="card"', 1
    ),
    "words beside the quotes": lambda page: page.replace("</main>", f"{FORGED}</main>"),
    "a paragraph": lambda page: page.replace("</main>", f"<p>{FORGED}</p></main>"),
    "a line as of qa": lambda page: page.replace("</main>", f'<p class="headline">{FORGED}</p></main>'),
    "a hint": lambda page: page.replace("</main>", f'<p class="hint">{FORGED}</p></main>'),
    "a statement": lambda page: page.replace('<p dir="auto">', f'<p dir="auto">{FORGED}', 1),
    "another verdict": lambda page: page.replace('class="statement unsupported"', 'class="statement supported"'),
    "another reading": lambda page: page.replace("Understood as: ", f"Understood as: {FORGED} "),
    "another question": lambda page: re.sub("(<h1[^>]*>)", rf"\1{FORGED}", page),
    "an open element": lambda page: page.replace("</html>", ""),
    "a comment": lambda page: page.replace("<main>", "<main><!-- -->"),
    "a base": lambda page: page.replace("<title>", '<base href="x"><title>'),
    "an open tag": lambda page: f"{page}<a",
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
def test_a_page_that_qa_did_not_write_like_this_is_not_verified(
    forge: Callable[[str], str], engine: Engine, client: TestClient
) -> None:
    page = full(engine)
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
    ],
)
def test_of_a_page_without_an_answer_only_plain_words_are_verified(beside: str, engine: Engine) -> None:
    page = '<!doctype html><html lang="en"><p>“The lighthouse of Marrow Point was built in 1871”</p><!-- x -->'
    assert report_of(page, engine)["stands"] is True
    report = report_of(page + beside, engine)
    assert (report["stands"], report["page"]["foreign"]) == (False, beside.partition(">")[0] + ">")


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
