"""What of a draft is taken for a citation, and that nothing else is left out of what is checked."""

import json
import time

import pytest

import qa
from qa.cite import Claim, Draft
from qa.errors import UsageError
from qa.mcp import Tools
from qa.mcp.drafts import verified
from qa.mcp.unchecked import odd_fields
from qa.session import Session
from qa.testing import HashEncoder

LISTS = "[1] notes/a.txt\n" * 11_000
FACT = "The light of Elling opened in 1871."
QUOTE = {"n": 1, "text": FACT, "source": "notes/a.txt", "start": 0, "end": len(FACT), "sha256": "x"}
NAMES = ("notes/a.txt", "My notes.txt", "old, new.txt", "light [old].txt", "light (new).txt")


@pytest.fixture(autouse=True)
def hashed(monkeypatch):
    """The embedding model of every index is the one of `qa.testing`."""
    monkeypatch.setattr("qa.embed.encoder.load", lambda *given, **options: HashEncoder())


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    root = tmp_path_factory.mktemp("drafts")
    for name in NAMES:
        (root / "seeds" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "seeds" / name).write_text(f"{FACT}\n")
    (root / "seeds" / "web.md").write_text(f"---\nurl: https://elling.example/light\n---\n\n# Light\n\n{FACT}\n")
    qa.Retriever.build(root / "seeds", root / "index", encoder=HashEncoder()).close()
    with Session.open(root) as opened:
        yield opened


def statements(session, text):
    return verified(text, session, session.retriever(build=False).snapshot())["statements"]


@pytest.mark.parametrize(
    "sentence",
    [
        "The light of Elling opened in 1871 (and burned down in 1900) [notes/a.txt].",
        "The light of Elling opened in 1871 (and burned down in 1900, notes/a.txt).",
        "The light of Elling opened in 1871 [for the third time] [notes/a.txt].",
        "The light of Elling opened in 1871 [and in 1900](qa://documents/notes/a.txt).",
    ],
)
def test_brackets_that_are_no_citation_are_checked(session, sentence):
    (found,) = statements(session, sentence)
    assert "third time" in found["text"] or "1900" in found["text"]
    assert found["state"] != "supported"


@pytest.mark.parametrize(
    "link", ["http://evil.example/pay", "But-this-is-FALSE", "!!!", "https://elling.example/light/no"]
)
@pytest.mark.parametrize("form", ["[notes/a.txt]({})", "[1]({})", "[light]({}) [notes/a.txt]", "[web.md]({},web.md)"])
def test_a_link_that_leads_to_no_document_is_checked_with_the_sentence(session, link, form):
    for draft in (f"{FACT} {form.format(link)}", f"{FACT[:-1]} {form.format(link)}."):
        found = Tools(session).verify_quotes(f"{draft}\n\n[1] notes/a.txt\n")
        assert found["stands"] is False
        assert any(link in one["text"] for one in (*found["results"], *found["unchecked"]))


@pytest.mark.parametrize("link", ["https://elling.example/light", "qa://documents/web.md", "web.md:1", ""])
def test_a_link_may_lead_to_the_address_of_a_document(session, link):
    (found,) = statements(session, f"{FACT} [web.md]({link})")
    assert (found["cites"], found["state"]) == (["web.md"], "supported")


@pytest.mark.parametrize("label", ["never", "No", "Nobody", "ex", "⁴"])
@pytest.mark.parametrize("colon", ["", ":"])
def test_a_word_in_brackets_is_no_citation_whatever_a_list_of_sources_says(session, label, colon):
    listed = f"\n\n[{label}]{colon} notes/a.txt\n[1]{colon} notes/a.txt\n"
    for sentence in (f"The light of Elling [{label}] opened in 1871 [1].", f"[{label}] {FACT} [1]"):
        found = Tools(session).verify_quotes(sentence + listed)
        assert found["stands"] is False
        assert all(label in one["text"] and one["state"] != "supported" for one in found["results"])


@pytest.mark.parametrize("sign", ["≠", "✗", "❌", "!=", "<>", "?", "~", "-", "\u202e", "½", "⁰"])
@pytest.mark.parametrize("form", ["({} notes/a.txt)", "[notes/a.txt {}]", "[{}, notes/a.txt]", "(notes/a.txt; {})"])
def test_a_sign_beside_the_name_of_a_document_is_not_dropped(session, sign, form):
    marker = form.format(sign)
    sentence = f"The light of Elling opened in 1871 {marker}."
    for draft in (sentence, f"{FACT} {marker}", f"{FACT} [1]\n\n[1] {marker}\n"):
        assert Tools(session).verify_quotes(draft)["stands"] is False, draft
    assert all(found["state"] != "supported" for found in statements(session, sentence))


@pytest.mark.parametrize(
    ("marker", "source"),
    [
        ("[<notes/a.txt>]", "notes/a.txt"),
        ("(source: <qa://documents/notes/a.txt> – line 3)", "notes/a.txt"),
        ("(cf. notes/a.txt, pp. 3–4.)", "notes/a.txt"),
        ("[notes/a.txt]", "notes/a.txt"),
        ("(see notes/a.txt, line 3)", "notes/a.txt"),
        ("(My notes.txt, chapter 2)", "My notes.txt"),
        ("[notes/a.txt:1](qa://documents/notes/a.txt)", "notes/a.txt"),
        ("[My notes.txt]", "My notes.txt"),
        ("(My notes.txt:1)", "My notes.txt"),
        ("(qa://documents/My%20notes.txt)", "My notes.txt"),
        ("[old, new.txt]", "old, new.txt"),
        ("[light [old].txt]", "light [old].txt"),
        ("(light (new).txt:1)", "light (new).txt"),
        ("[light [old].txt](qa://documents/light%20%5Bold%5D.txt)", "light [old].txt"),
    ],
)
def test_a_citation_names_a_document_whatever_its_name(session, marker, source):
    for text in (f"The light of Elling opened in 1871 {marker}.", f"{FACT} {marker}", f"{FACT}\n{marker}\n"):
        (found,) = statements(session, text)
        assert (found["cites"], found["state"]) == ([source], "supported"), text


def test_two_documents_are_cited_in_one_bracket(session):
    (found,) = statements(session, "The light of Elling opened in 1871 (notes/a.txt; My notes.txt).")
    assert (found["cites"], found["state"]) == (["notes/a.txt", "My notes.txt"], "supported")


def test_a_list_of_sources_is_no_statement_but_a_sentence_after_a_number_is(session):
    listed = (
        f"{FACT} [1]\n\n[1] The light of Elling, My notes.txt.\n[2]: [Notes of the light](qa://documents/notes/a.txt)"
    )
    (found,) = statements(session, listed)
    assert (found["cites"], found["state"]) == (["My notes.txt"], "supported")
    first, second = statements(
        session, f"{FACT} [1]\n\n[2] The light of Elling opened in 1900 [notes/a.txt].\n\n[1] My notes.txt\n"
    )
    assert (first["state"], second["state"]) == ("supported", "unsupported")


def test_the_last_sentence_does_not_cite_the_list_below_it(session):
    assert statements(session, f"{FACT}\n[1] notes/a.txt\n") == []


def test_a_bracket_that_begins_the_next_sentence_stays_in_it(session):
    (found,) = statements(session, f"{FACT} [notes/a.txt] (It burned down in 1900.) Nobody knows who lit it.")
    assert (found["text"], found["state"]) == (FACT, "supported")


@pytest.mark.parametrize(
    "text", ["\n" * 100_000, " " * 180_000, "[1] " * 20_000, "[1]\n" * 20_000, " \n" * 90_000, "[a" * 90_000, LISTS]
)
def test_a_draft_of_nothing_but_brackets_or_spaces_is_read_in_linear_time(text):
    from qa.mcp.drafts import _Citations

    started = time.process_time()
    citations = _Citations(text, NAMES, {})
    citations.apart(text)
    list(citations.whole(Draft("draft.md", text, (), (Claim(text[:40], 0, 40, 1),))))
    assert time.process_time() - started < 2


def test_one_call_stays_on_one_generation(session, tmp_path, monkeypatch):
    """Between the search and the reading of its hits, the index is built anew without the document."""
    for name in ("a.txt", "b.txt"):
        (tmp_path / "seeds").mkdir(exist_ok=True)
        (tmp_path / "seeds" / name).write_text(f"{FACT}\n")
    qa.Retriever.build(tmp_path / "seeds", tmp_path / "index", encoder=HashEncoder()).close()
    with Session.open(tmp_path) as opened:
        shared = opened.retriever(build=False)

        def rebuild():
            (tmp_path / "seeds" / "a.txt").unlink(missing_ok=True)
            qa.Retriever.build(tmp_path / "seeds", tmp_path / "index", encoder=HashEncoder()).close()
            shared.refresh()

        original = qa.Retriever.search_many

        def search_many(self, *given):
            found = original(self, *given)
            rebuild()
            return found

        tools = Tools(opened)
        monkeypatch.setattr(qa.Retriever, "search_many", search_many)
        (found,) = tools.verify_quotes(f"{FACT} [a.txt]")["results"]
        assert found["state"] == "supported"
        assert [i["id"] for i in tools.sources()["sources"]] == ["b.txt"]


def stored(**fields):
    return json.dumps({"schema": 1, "quotes": [QUOTE], "hits": [], **fields})


@pytest.mark.parametrize(
    ("said", "numbers", "state"),
    [
        (FACT, [1], "supported"),
        ("The light of Elling opened in 1971.", [1], "unsupported"),
        (FACT, [], "unsupported"),
        (FACT, [2], "unsupported"),
        (FACT.replace("1871", "\u202e1781\u202c"), [1], "unsupported"),
    ],
)
def test_the_statements_of_an_answer_are_checked(session, said, numbers, state):
    marks = "".join(f"[{n}]" for n in numbers)
    text = stored(statements=[{"text": said, "quotes": numbers}], answer=f"{said} {marks}".strip())
    (found,) = statements(session, text)
    assert found["state"] == state
    assert Tools(session).verify_quotes(text)["stands"] is (state == "supported")


def test_an_answer_that_says_more_than_its_statements_is_checked_too(session):
    text = stored(statements=[], answer="The light of Elling opened in 1971.")
    assert [found["state"] for found in statements(session, text)] == ["unsupported"]
    assert Tools(session).verify_quotes(text)["stands"] is False
    assert statements(session, stored(statements="x", answer=None)) == []


def test_the_visible_text_of_a_page_is_checked_as_any_draft(session):
    said = "The light of Elling opened in 1971 [notes/a.txt]."
    hidden = f'<!-- <script type="application/json" id="qa-answer">{stored()}</script> -->'
    found = Tools(session).verify_quotes(f"<!doctype html><p>{said}</p><blockquote>{FACT}</blockquote>{hidden}")
    assert [(item["kind"], item["state"]) for item in found["results"]] == [
        ("quote", "intact"),
        ("statement", "unsupported"),
    ]


def test_a_text_in_which_nothing_was_checked_does_not_stand(session: Session) -> None:
    found = Tools(session).verify_quotes("A draft without a quotation or a citation.")
    assert (found["stands"], found["checked"]) == (False, 0)
    assert found["hint"].startswith("Nothing was checked")


def test_a_page_that_may_show_other_words_does_not_stand(session):
    plain = Tools(session).verify_quotes(f"<!doctype html><blockquote>{FACT}</blockquote>")
    assert plain["stands"] is True
    styled = Tools(session).verify_quotes(f"<!doctype html><style>p{{}}</style><blockquote>{FACT}</blockquote>")
    assert (styled["stands"], styled["page"]["foreign"]) == (False, "<style>")


def test_hidden_direction_marks_are_shown_and_no_quotation_stands_with_them(session):
    disguised = FACT.replace("1871", "\u202e1871\u202c")
    found = Tools(session).verify_quotes(f"“{disguised}”")
    (item,) = found["results"]
    assert (found["stands"], item["state"]) == (False, "altered")
    assert "direction marks" in item["reason"]
    assert "<U+202E>1871<U+202C>" in item["text"]
    assert "\u202e" not in json.dumps(found, ensure_ascii=False)


SOURCE = (
    "The keeper rejected the plan of the council.\n\nDid the bishop poison the well of the monastery?\n\n"
    "The inquiry found no evidence that Rev. Brennan signed the letter of resignation.\n\n"
    "The forger lied: “I saw it all. The clerk sealed the box with wax. I swear it.”\n"
)


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("The keeper rejected the plan of the council", "supported"),
        ("The council rejected the plan of the keeper", "unconfirmed"),
        ("The bishop poisoned the well of the monastery", "unconfirmed"),
        ("Brennan signed the letter of resignation", "unconfirmed"),
        ("The clerk sealed the box with wax", "unconfirmed"),
    ],
)
def test_only_a_whole_sentence_that_the_document_states_supports_a_statement(tmp_path, said, state):
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "harbour.txt").write_text(f"{FACT}\n\n{SOURCE}")
    qa.Retriever.build(tmp_path / "seeds", tmp_path / "index", encoder=HashEncoder()).close()
    with Session.open(tmp_path) as opened:
        found = Tools(opened).verify_quotes(f"{said} [harbour.txt].")
    assert [item["state"] for item in found["results"]] == [state]
    assert found["stands"] is (state == "supported")


SAID = "The light of Elling burned down in 1900"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_comment_in_a_draft_may_not_be_overlooked(session, order):
    texts = (f"{FACT} [notes/a.txt]", f"<!-- {SAID} -->")
    found = Tools(session).verify_quotes("\n\n".join(texts[n] for n in order))
    assert found["stands"] is False
    assert SAID in found["unchecked"][0]["text"]


@pytest.mark.parametrize(
    "rest",
    [
        f"{SAID}.",
        f"{SAID}.[^1]\n\n[^1]: notes/a.txt",
        f"{SAID} [notes/a.txt#L3].",
        f"{SAID} 【notes/a.txt】.",
        f"{SAID} [seeds/notes/a.txt].",
        f"{SAID} `notes/a.txt`.",
        f"{SAID} ¹.\n\n¹ notes/a.txt",
        f"According to notes/a.txt, {SAID}.",
        f"# {SAID} [notes/a.txt]",
        f"| {SAID} [notes/a.txt] |\n|---|\n| x |",
        f"{SAID} [notes/a.txt]?",
        f"---\ntitle: {SAID}\n---",
        f"[1] {SAID}: notes/a.txt",
        "Burned down [notes/a.txt]? Yes.",
        "埃灵的灯塔在1900年烧毁了。",
        "It is a “burned light”.",
        f"She lied: “{FACT}”",
        "🅽🅾🆃 ⤵",
        "\u202e",
    ],
)
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_text_of_which_a_part_was_not_checked_does_not_stand(session, rest, order):
    checked = f"{FACT} [notes/a.txt]"
    found = Tools(session).verify_quotes("\n\n".join((checked, rest)[n] for n in order))
    assert (found["stands"], found["checked"] == found["good"]) == (False, True)
    assert found["unchecked"]
    assert all(set(piece) == {"line", "text"} for piece in found["unchecked"])
    assert "three words or more" in found["hint"]


@pytest.mark.parametrize(
    "text",
    [
        f"{FACT} [notes/a.txt]",
        f"- {FACT} [notes/a.txt]\n- “{FACT}”\n\n---\n",
        f"\ufeff> {FACT} [1]\n\n[1] notes/a.txt:1\n[2]: see notes/a.txt, page 3\n",
        f"“{FACT}” («{FACT}») …",
        f"<!doctype html><blockquote>{FACT}</blockquote><p>“{FACT}”</p><blockquote>{FACT}</blockquote>",
    ],
)
def test_a_text_of_which_all_was_checked_stands(session, text):
    found = Tools(session).verify_quotes(text)
    assert (found["unchecked"], found["stands"], "hint" in found) == ([], True, False)


def test_what_was_not_checked_is_shown_with_its_line_and_shortened(session):
    found = Tools(session).verify_quotes(
        f"{FACT} [notes/a.txt]\n\n\n  Mind\r\nthe gap. “{FACT}” {'word ' * 90}\n\nEnd."
    )
    first, second, third = found["unchecked"]
    assert (first, third) == ({"line": 4, "text": "Mind the gap. “"}, {"line": 7, "text": "End."})
    assert (second["line"], "…" in second["text"], len(second["text"]) <= 100) == (5, True, True)
    many = Tools(session).verify_quotes("Well.\n\n" * 20_000)
    assert (len(many["unchecked"]), many["checked"]) == (20, 0)


@pytest.mark.parametrize("text", ["", " \n", "“so it”", "It is “a term”.", "[notes/a.txt]", "?"])
def test_a_text_with_nothing_to_check_does_not_stand(session, text):
    found = Tools(session).verify_quotes(text)
    assert found["stands"] is False
    assert "three words or more" in found["hint"]


STATEMENT = {"text": FACT, "quotes": [1]}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"statements": {"0": {"text": SAID, "quotes": [1]}}}, "statements"),
        ({"statements": [STATEMENT, [SAID, [1]]]}, "statements[1]"),
        ({"statements": [STATEMENT, {"text": {"text": SAID}, "quotes": [1]}]}, "statements[1]"),
        ({"statements": [STATEMENT, {"text": FACT, "quotes": [[1]]}]}, "statements[1]"),
        ({"statements": [STATEMENT | {"more": SAID}]}, "statements[0]"),
        ({"answer": [SAID]}, "answer"),
        ({"answer": "Burned down."}, "answer"),
        ({"answer": f"# {SAID}"}, "answer"),
        ({"answer": f"<!-- {SAID} -->"}, "answer"),
        ({"answer": f"Did you know that {SAID}?"}, "answer"),
        ({"closest": [QUOTE | {"text": SAID}]}, "closest[0]"),
        ({"closest": [QUOTE | {"title": SAID}]}, "closest[0]"),
        ({"closest": SAID}, "closest"),
        ({"hits": [{"source": "notes/a.txt", "start": 0, "text": SAID}]}, "hits[0]"),
        ({"quotes": [QUOTE | {"context": [{"kind": "heading", "start": 0, "end": 5, "text": SAID}]}]}, "quotes[0]"),
        ({"quotes": [QUOTE | {"page": SAID}]}, "quotes[0]"),
        ({"summary": SAID}, "summary"),
    ],
)
def test_an_answer_with_a_field_that_was_not_checked_does_not_stand(session, fields, field):
    found = Tools(session).verify_quotes(stored(**{"statements": [STATEMENT], "answer": "", **fields}))
    assert found["stands"] is False
    assert found["checked"] == found["good"]
    assert [piece["field"] for piece in found["unchecked"]] == [field]


def test_an_answer_in_chinese_is_checked(session):
    text = stored(statements=[], answer="埃灵的灯塔在1900年烧毁了。")
    assert [found["state"] for found in statements(session, text)] == ["unsupported"]


def test_a_field_that_is_there_twice_is_not_checked(session):
    text = stored(statements=[STATEMENT])
    found = Tools(session).verify_quotes(f'{{"answer": "{SAID}.", "answer": null, {text[1:]}')
    assert (found["stands"], found["unchecked"]) == (False, [{"field": "answer", "text": "is there twice"}])


def test_an_answer_as_qa_writes_it_stands(session):
    hit = {"source": "notes/a.txt", "start": 0, "end": len(FACT), "text": FACT, "score": 0.5, "rank": 1}
    about = {"question": "When?", "status": "answered", "rejected": [{"text": SAID}], "usage": {"cost": 1}}
    text = stored(statements=[STATEMENT], answer=f"{FACT} [1]", closest=[QUOTE | {"context": []}], hits=[hit], **about)
    found = Tools(session).verify_quotes(text)
    assert (found["unchecked"], found["stands"]) == ([], True)


def test_an_answer_that_is_nested_too_deeply_is_an_error_in_words(session):
    deep = stored(more=None).replace("null", "[" * 5000 + "]" * 5000)
    with pytest.raises(UsageError, match="nested too deeply"):
        odd_fields(deep, session.retriever(build=False).snapshot())
