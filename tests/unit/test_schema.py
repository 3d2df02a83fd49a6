"""Schema 1 is read back as it was written."""

import json
from dataclasses import replace

import pytest

from qa import schema
from qa.errors import UsageError
from qa.records import Answer, Evidence, Hit, Passage, Quote, Span, Statement

QUOTE = Quote(1, "a.txt", 4, 11, "is here", 1, 2, "A title", "0" * 64, (Span(4, 6),))
HIT = Hit(Passage("", "a.txt", 0, 12, schema.UNKNOWN, schema.UNKNOWN), "It is here.\n", 0.5, 1, 0.25, 3.5)
ANSWER = Answer(
    question="Where is it?",
    status="answered",
    reason=None,
    mode="llm",
    statements=(Statement("It is here.", (1,)), Statement("Or not.", (), "unsupported", ("no quote",))),
    rejected=(Statement("It left.", (1,), "unsupported", ("a problem",)),),
    quotes=(QUOTE, replace(QUOTE, n=2, page=None, focus=())),
    hits=(HIT,),
    answerability=0.75,
    model="m",
    prompt_sha256=None,
    index={"generation": "gen-1", "model": "e"},
    usage={"prompt_tokens": 10, "completion_tokens": 2},
    timings_ms={"open": 1.0, "retrieve": 2.5, "llm": 3.0, "total": 6.5},
    unread={"files": 2, "parts": 1},
)


def test_an_answer_is_read_back_as_it_was_written() -> None:
    assert schema.read_answer(json.dumps(schema.answer(ANSWER, cost=0.5))) == ANSWER


def test_how_a_question_was_understood_is_part_of_an_answer_and_is_the_question_where_nothing_was_changed() -> None:
    understood = replace(ANSWER, resolved="Where is the harbour?")
    assert schema.answer(understood)["resolved"] == "Where is the harbour?"
    assert schema.read_answer(json.dumps(schema.answer(understood))) == understood
    older = {name: value for name, value in schema.answer(ANSWER).items() if name != "resolved"}
    assert schema.read_answer(json.dumps(older)).resolved == ANSWER.question


def test_a_search_is_read_back_as_it_was_written() -> None:
    evidence = Evidence((QUOTE,), 0.5, {})
    written = json.dumps(schema.search("here", [HIT], evidence))
    assert schema.read_search(written) == ("here", (HIT,), evidence)


def test_fields_of_a_later_version_are_ignored_and_optional_ones_have_defaults() -> None:
    value = {**schema.answer(ANSWER), "later": 1}
    value["quotes"] = [
        {k: v for k, v in q.items() if k not in ("line", "page", "title", "focus")} for q in value["quotes"]
    ]
    (first, _) = schema.read_answer(json.dumps(value)).quotes
    assert first == replace(QUOTE, line=1, page=None, title="", focus=())


@pytest.mark.parametrize("lost", ["question", "status", "statements", "index", "timings_ms", "hits"])
def test_an_incomplete_answer_is_refused(lost: str) -> None:
    value = schema.answer(ANSWER)
    del value[lost]
    with pytest.raises(UsageError, match="incomplete or damaged"):
        schema.read_answer(json.dumps(value))


@pytest.mark.parametrize("text", ["[]", "{}", '{"schema": 2, "quotes": []}', "{"])
def test_anything_else_is_refused(text: str) -> None:
    for read in (schema.read_answer, schema.read_search):
        with pytest.raises(UsageError, match=r"stored answer|no answer of schema 1"):
            read(text)


def test_an_answer_without_its_index_is_refused_when_it_is_read_not_when_it_is_written_again() -> None:
    written = schema.answer(ANSWER) | {"index": {"generation": "gen-1"}}
    with pytest.raises(UsageError, match="incomplete or damaged"):
        schema.read_answer(json.dumps(written))
