"""An answer as one file: it needs nothing else, holds no foreign markup, and is verified again."""

import json

from bs4 import BeautifulSoup
from starlette.testclient import TestClient
from support import serving

from qa import schema
from qa.quotes import verification
from qa.serve.engine import Engine


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
    stored = schema.embedded(page)
    assert stored is not None
    answer = schema.read_answer(stored)
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
    assert schema.embedded("<!doctype html><p>“one two three”</p>") is None
    assert schema.embedded('text <script type="application/json" id="qa-answer">{}</script>') is None


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
