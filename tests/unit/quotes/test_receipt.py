"""Stored answers: what is read, what is refused, which surroundings of a quote are used."""

import json
from typing import Any

import pytest

from qa.errors import UsageError
from qa.quotes.anchors import Corpus
from qa.quotes.receipt import locate_all, stored_anchors
from qa.schema import is_json

TEXT = "It rained on Monday. The harbour was closed. It rained on Tuesday. The harbour was closed. Nobody came."
SECOND = TEXT.rindex("The harbour")
QUOTE = {
    "n": 3,
    "text": "The harbour was closed.",
    "source": "a.txt",
    "start": SECOND,
    "end": SECOND + 23,
    "sha256": "x",
}
HIT = {"source": "a.txt", "start": 21, "end": len(TEXT), "text": TEXT[21:]}


def receipt(quotes: Any = None, **fields: Any) -> str:
    return json.dumps({"schema": 1, "quotes": [QUOTE] if quotes is None else quotes, "hits": [HIT], **fields})


def test_a_quote_comes_with_the_words_around_it_from_its_passage() -> None:
    ((n, anchor),) = stored_anchors("\ufeff" + receipt())
    assert (n, anchor.doc_id, anchor.start) == (3, "a.txt", SECOND)
    assert anchor.before == TEXT[SECOND - 40 : SECOND]
    assert anchor.after == " Nobody came."


def test_the_words_around_a_quote_tell_copies_apart_after_an_edit() -> None:
    edited = TEXT.replace("It rained on Monday. ", "It rained all through the night and on Monday. ")
    ((_, anchor),) = stored_anchors(receipt())
    (located,) = locate_all([(3, anchor)], Corpus({"a.txt": edited}))
    assert located.standing.state == "moved"
    assert located.standing.place is not None
    assert located.standing.place.start == edited.rindex("The harbour")


@pytest.mark.parametrize(
    "hits", [None, "x", [None], [{"source": "a.txt"}], [{**HIT, "text": "other"}], [{**HIT, "start": 0}]]
)
def test_passages_that_do_not_hold_the_quote_are_not_used(hits: Any) -> None:
    ((_, anchor),) = stored_anchors(receipt(hits=hits))
    assert (anchor.before, anchor.after) == ("", "")


@pytest.mark.parametrize(
    "text",
    [
        "{",
        '{"schema": 1}',
        receipt(schema=2),
        receipt(quotes="x"),
        receipt(quotes=[None]),
        receipt(quotes=[{**QUOTE, "start": True}]),
        receipt(quotes=[{**QUOTE, "start": 9, "end": 9}]),
        receipt(quotes=[{**QUOTE, "start": -1}]),
        receipt(quotes=[{**QUOTE, "text": " "}]),
        receipt(quotes=[{k: v for k, v in QUOTE.items() if k != "sha256"}]),
        '{"a":' * 100_000,
    ],
    ids=range(11),
)
def test_what_is_no_stored_answer_is_refused(text: str) -> None:
    assert is_json(text)
    with pytest.raises(UsageError, match=r"stored answer|no answer of schema 1"):
        stored_anchors(text)


def test_prose_is_not_taken_for_a_stored_answer() -> None:
    assert not is_json("He said “{”.")
