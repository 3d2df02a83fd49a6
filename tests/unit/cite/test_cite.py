"""Each sentence of a draft gets the quotes that prove it, or that contradict it, or none; proofs are strict."""

import html
import io
import json
import re
import zipfile
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import qa
from qa.cite import Citer, Claim, evidence, read_draft
from qa.cite.markdown import markdown
from qa.cite.record import as_json, summary
from qa.cite.word import word
from qa.cite.wording import read_wording, window
from qa.errors import UsageError
from qa.gate import around
from qa.gate.judge import ChatJudge
from qa.testing import FakeChat, HashEncoder
from qa.text import in_markdown, one_line
from qa.trust import packaged_prompt

TEXT = """# Harbour rules

The harbour of Elling was opened in 1904 by the engineer Ada Holm.
Fishing boats pay a yearly fee of 300 crowns for a berth.
Visitors may stay in the harbour for two nights if a berth is free.
Dogs are not allowed on the eastern pier.
Night lights are enabled on the pier by default.
Ada Holm sued Tom Berg over the eastern pier.

```
berth night light pier default harbour crane
```
"""


@pytest.fixture(scope="module")
def retriever(tmp_path_factory):
    root = tmp_path_factory.mktemp("harbour")
    (root / "seeds").mkdir()
    (root / "seeds" / "rules.md").write_text(TEXT)
    (root / "seeds" / "other.txt").write_text("Weather\n\nIt rained. The wind was strong on Tuesday.\n")
    with qa.Retriever.build(root / "seeds", root / "index", encoder=HashEncoder()) as made:
        yield made


def cite(retriever, *sentences, judge=None):
    return Citer(retriever, judge).cite([Claim(text, 0, len(text), 1) for text in sentences])


def one(retriever, sentence):
    (cited,) = cite(retriever, sentence)
    return cited


def test_a_copy_is_proven(retriever):
    cited = one(retriever, "The harbour of Elling was opened in 1904 by the engineer Ada Holm.")
    assert (cited.state, cited.level) == ("proven", "copied")
    assert all(TEXT[quote.start : quote.end] == quote.text for quote in cited.quotes)


@pytest.mark.parametrize(
    "sentence",
    [
        "In 1904, the harbour of Elling was opened by the engineer Ada Holm.",
        "The yearly fee of fishing boats for a berth is 300 crowns; they pay it.",
        "On the eastern pier, dogs are not allowed.",
    ],
)
def test_the_same_words_in_another_order_are_not_confirmed(retriever, sentence):
    cited = one(retriever, sentence)
    assert (cited.state, cited.level, cited.missing) == ("unconfirmed", "", ())
    assert cited.quotes


@pytest.mark.parametrize(
    ("sentence", "problem"),
    [
        ("The harbour of Elling was opened in 1914 by the engineer Ada Holm.", "1904"),
        ("The harbour of Elling was opened in 1904 by the engineer Tom Brandt.", "Ada Holm"),
        ("Fishing boats pay a yearly fee of 450 crowns for a berth.", "300"),
        ("Dogs are allowed on the eastern pier.", "not"),
    ],
)
def test_another_number_name_or_negation_is_contradicted(retriever, sentence, problem):
    cited = one(retriever, sentence)
    assert cited.state == "contradicted"
    assert problem in " ".join(cited.problems)
    assert cited.quotes


@pytest.mark.parametrize(
    "sentence",
    [
        "Visitors may stay in the harbour for two nights.",  # a condition is left out
        "Visitors stay in the harbour for two nights if a berth is free.",  # `may` is left out
        "Tom Berg sued Ada Holm over the eastern pier.",  # who did it to whom
        "The eastern pier of the harbour belongs to fishing boats.",
        "Dogs on the eastern pier are not allowed on the eastern pier of dogs.",  # words that the quote has once
        "The annual fee of fishing boats for a berth is 300 crowns; they pay it.",  # a word of much the same meaning
        "A berth has a night light on the pier by default in the harbour.",  # words of a block of code
    ],
)
def test_the_same_words_that_commit_to_more_are_not_proven(retriever, sentence):
    assert one(retriever, sentence).state != "proven"


def test_a_word_with_another_meaning_alone_contradicts_nothing(retriever):
    assert one(retriever, "Night lights are disabled on the pier by default.").state == "unconfirmed"


def test_what_the_documents_do_not_speak_of_has_no_source(retriever):
    cited = one(retriever, "The mayor of Northpoint resigned after the election.")
    assert (cited.state, cited.quotes, cited.problems) == ("no source", (), ())


def test_an_unconfirmed_sentence_names_the_words_that_are_not_in_the_quote(retriever):
    cited = one(retriever, "Noisy dogs are not allowed on the eastern pier.")
    assert (cited.state, cited.missing) == ("unconfirmed", ("noisi",))


def test_a_judge_decides_what_code_cannot_and_nothing_else(retriever):
    opinions = {"opinions": [{"n": 1, "stated": True}, {"n": 2, "stated": False}]}
    chat = FakeChat(opinions)
    sentences = (
        "Noisy dogs are not allowed on the eastern pier.",
        "Small dogs are not allowed on the eastern pier.",
        "Fishing boats pay a yearly fee of 450 crowns for a berth.",
        "Dogs are not allowed on the eastern pier.",
    )
    found = cite(retriever, *sentences, judge=ChatJudge(chat, packaged_prompt))
    assert [(c.state, c.level) for c in found] == [
        ("proven", "judged"),
        ("no source", ""),
        ("contradicted", ""),
        ("proven", "copied"),
    ]
    (request,) = chat.requests
    assert "450" not in request.messages[1].content


def test_only_documents_that_meet_the_conditions_prove(retriever):
    claim = Claim("Dogs are not allowed on the eastern pier.", 0, 41, 1)
    assert Citer(retriever).cite([claim], ["path=other.txt"])[0].state == "no source"


def test_the_window_ends_at_punctuation_and_holds_all_shared_words():
    text = "Before that, the old pier was closed; the new pier was never opened, it is said."
    assert window(read_wording("A new pier opened."), text).strip() == "the new pier was never opened"
    assert window(read_wording("nothing shared"), text) == ""


FALSEHOODS = [  # what a document says, and what it does not say
    (
        "The council will approve the sale of the pier to the railway company.",
        "The council approved the sale of the pier to the railway company.",
    ),
    (
        "The pump of the engine room was switched off by the night keeper.",
        "The pump of the engine room was switched on by the night keeper.",
    ),
    (
        "The board discussed whether the mayor embezzled the money of the orphanage.",
        "The mayor embezzled the money of the orphanage.",
    ),
    (
        "Did the bishop poison the well of the monastery?",
        "The bishop poisoned the well of the monastery.",
    ),
    (
        "It is a myth that the vaccine damaged the kidneys of the children.",
        "The vaccine damaged the kidneys of the children.",
    ),
    (
        "The doctor tried to kill the patient with arsenic.",
        "The doctor killed the patient with arsenic.",
    ),
    (
        "The tenant pays the landlord a deposit of three months.",
        "The landlord pays the tenant a deposit of three months.",
    ),
    (
        "Water is heavier than oil in the tank of the engine.",
        "Oil is heavier than water in the tank of the engine.",
    ),
    (
        "The inquiry found no evidence that Rev. Brennan signed the letter of resignation.",
        "Brennan signed the letter of resignation.",
    ),
    (
        "The forger lied: “I saw it all. The clerk sealed the box. I swear it.”",
        "The clerk sealed the box.",
    ),
    (
        "The captain burned the boat house？",
        "The captain burned the boat house.",
    ),
    (
        "These are lies:\n\n- The nurse sold the keys of the pharmacy.\n",
        "The nurse sold the keys of the pharmacy.",
    ),
    (
        "Which is true?\n\n- The cook stole the silver spoons.\n",
        "The cook stole the silver spoons.",
    ),
]


@pytest.fixture(scope="module")
def falsehoods(tmp_path_factory):
    root = tmp_path_factory.mktemp("falsehoods")
    (root / "seeds").mkdir()
    (root / "seeds" / "all.md").write_text("# Handbook\n\n" + "\n\n".join(text for text, _ in FALSEHOODS))
    with qa.Retriever.build(root / "seeds", root / "index", encoder=HashEncoder()) as made:
        yield made


@pytest.mark.parametrize(("text", "sentence"), FALSEHOODS)
def test_what_the_documents_do_not_state_is_not_proven(falsehoods, text, sentence):
    assert one(falsehoods, sentence).state != "proven", text


# The draft


def test_only_the_nearest_sentences_are_read_with_the_paragraphs_around_them(falsehoods, monkeypatch):
    read = []
    setting = around._setting
    monkeypatch.setattr(around, "_setting", lambda *rest: read.append(rest[1]) or setting(*rest))
    cite(falsehoods, "Brennan signed the letter of resignation.")
    assert 0 < len(set(read)) <= evidence.CHECKED + evidence.JOINED


def test_headings_questions_and_code_of_a_draft_are_not_checked():
    draft = read_draft(
        "a.md", b"# A long heading here\n\nIs this a question?\n\n```\ncode is not prose\n```\n\nIt rained all day.\n"
    )
    assert [(claim.text, claim.line) for claim in draft.claims] == [("It rained all day.", 9)]
    (claim,) = draft.claims
    assert draft.text[claim.start : claim.end] == claim.text


def test_a_draft_in_another_format_is_refused():
    with pytest.raises(UsageError, match=r"a draft is a \.txt, \.md or \.docx file"):
        read_draft("a.pdf", b"%PDF")
    with pytest.raises(UsageError, match="cannot be read"):
        read_draft("a.docx", b"no Word file")


# The reports

DRAFT = b"# On <b>dogs</b>\n\nDogs are allowed on the eastern pier. It rained [hard](http://x.example) in Northpoint.\n"


@pytest.fixture(scope="module")
def found(retriever):
    draft = read_draft("dogs.md", DRAFT)
    return draft, Citer(retriever).cite(draft.claims)


def test_markdown_has_every_sentence_with_its_quotes_and_no_markup_of_its_own(found):
    text = markdown(*found)
    assert "Dogs are allowed on the eastern pier.\n\n- **Contradicted.**" in text
    assert "- > Dogs are not allowed on the eastern pier.\n  > — rules.md:6, Harbour rules" in text
    assert "- **No source.**" in text
    assert "<b>" not in text.replace("\\<", "")
    assert "\\[hard\\](http" in text


def test_a_word_document_has_a_footnote_behind_each_sentence(found):
    data = word(*found)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: ElementTree.fromstring(archive.read(name)) for name in archive.namelist() if name[:4] == "word"}
    main = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    references = [node.get(f"{main}id") for node in parts["word/document.xml"].iter(f"{main}footnoteReference")]
    notes = {node.get(f"{main}id"): "".join(node.itertext()) for node in parts["word/footnotes.xml"]}
    assert references == ["1", "2"]
    assert notes["1"].startswith(" Contradicted.")
    assert "“Dogs are not allowed on the eastern pier.” (Harbour rules, rules.md:6)." in notes["1"]
    assert notes["2"] == " No source."
    assert data == word(*found)


def test_the_word_document_opens_in_another_library(found):
    docx = pytest.importorskip("docx", reason="the extra formats is not installed")
    paragraphs = [(p.style.name, p.text) for p in docx.Document(io.BytesIO(word(*found))).paragraphs]
    assert paragraphs[0][0] == "Heading 1"
    assert "Dogs are allowed on the eastern pier." in paragraphs[1][1]


def test_json_counts_every_state(found):
    record = json.loads(json.dumps(as_json(*found)))
    assert record["counts"] == {"proven": 0, "unconfirmed": 0, "contradicted": 1, "no source": 1}
    assert record["sentences"][0]["quotes"][0]["source"] == "rules.md"
    assert summary(*found) == "2 sentences: 1 contradicted, 1 without a source. Not checked: 1 piece."


@given(st.text(st.sampled_from("a1.)-+=#*_`~|<>[]()!&@$\\/:w \n\u202e😀") | st.characters(exclude_categories=())))
def test_no_text_is_markup(text):
    """The page says what the text says, and holds nothing but paragraphs."""
    page = MarkdownIt().enable("table").render(in_markdown(text))
    words = re.sub(r"\A<p>|</p>\Z|<!-- -->", "", page.strip())
    assert html.unescape(words) == one_line(text)


@pytest.mark.parametrize(
    "text", ["https://evil.example", "www.evil.example", "ftp://a.example", "a@b.example", "1986. It rained.", "- It."]
)
def test_addresses_and_lists_are_only_text(text):
    """Also to readers that look for addresses once the escapes are gone, as remark-gfm does in each piece of text."""
    shown = in_markdown(text)
    assert shown.replace("<!-- -->", "").replace("\\", "") == text
    assert shown != text
    pieces = shown.replace("\\", "").split("<!-- -->")
    assert not any(re.search(r"\w://|www\.|\w@\w", piece, re.I) for piece in pieces)


def test_json_names_the_words_that_are_missing(retriever):
    draft = read_draft("a.md", b"The old harbour of Elling was opened in 1904 by the engineer Ada Holm.\n")
    (sentence,) = as_json(draft, Citer(retriever).cite(draft.claims))["sentences"]
    assert (sentence["state"], sentence["missing"]) == ("unconfirmed", ["old"])


LEFT_OUT = """# The mayor took bribes

| Berth | Fee |
|---|---|
| nine | 300 |

Dogs are not allowed on the eastern pier. Thank you.

<!-- Tom Berg won. -->
"""


def test_what_is_no_sentence_to_check_is_listed_in_every_output(retriever):
    draft = read_draft("draft.md", LEFT_OUT.encode())
    found = Citer(retriever).cite(draft.claims)
    pieces = [(piece["line"], piece["text"]) for piece in as_json(draft, found)["unchecked"]]
    assert pieces[0] == (1, "# The mayor took bribes")
    assert pieces[1][1].startswith("| Berth | Fee |")
    assert pieces[2:] == [(7, "Thank you."), (9, "<!-- Tom Berg won. -->")]
    assert summary(draft, found) == "1 sentence: 1 proven. Not checked: 4 pieces."
    report = markdown(draft, found)
    assert "Not checked: 4 pieces." in report
    assert "- line 7: Thank you." in report.partition("## Not checked")[2]
    whole = read_draft("draft.md", b"Dogs are not allowed on the eastern pier.")
    assert as_json(whole, found)["unchecked"] == []
    assert "Not checked" not in markdown(whole, found)


@pytest.mark.parametrize("sentence", ["市长多年来一直收受贿赂。", "市長は賄賂を受け取った。", "นายกเทศมนตรีรับสินบนมาสิบปี"])
def test_a_sentence_of_a_script_without_spaces_is_one_to_check(sentence):
    assert [claim.text for claim in read_draft("draft.md", sentence.encode()).claims] == [sentence]
