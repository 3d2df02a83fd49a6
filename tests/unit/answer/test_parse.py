"""Whatever a model writes: statements with offered ids, silence that was meant as such, or an error."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from qa.answer.objects import Objects
from qa.answer.parse import MAX_IDS, Claim, Incremental, Parsed, answer_schema, parse
from qa.errors import BadReplyError, ContentRefusedError

IDS = tuple(f"s{n}" for n in range(1, 13))


def claims(text: str, **options: Any) -> list[tuple[str, tuple[str, ...]]]:
    return [(c.text, c.ids) for c in parse(text, IDS, **options).statements]


ONE = {"evidence": ["s1"], "text": "The lamp is red."}
TWO = {"evidence": ["s2", "s3"], "text": "The keeper slept."}
BOTH = [("The lamp is red.", ("s1",)), ("The keeper slept.", ("s2", "s3"))]
ANSWER = json.dumps({"statements": [ONE, TWO]})

SHAPES = {
    "as asked": ANSWER,
    "indented": json.dumps({"statements": [ONE, TWO]}, indent=2),
    "text first": json.dumps({"statements": [dict(reversed(ONE.items())), dict(reversed(TWO.items()))]}),
    "in a fence": f"```json\n{ANSWER}\n```",
    "in a fence without a language": f"```\n{ANSWER}\n```\n",
    "between prose": f"Sure, here is the answer:\n\n{ANSWER}\n\nLet me know if you need more.",
    "after thoughts": f"<think>The lamp [s9] is green. {{}}</think>\n{ANSWER}",
    "after thoughts that the template opened": f"The lamp may be green.\n</think>\n{ANSWER}",
    "a bare list": json.dumps([ONE, TWO]),
    "bare objects": json.dumps(ONE) + "\n" + json.dumps(TWO),
    "wrapped": json.dumps({"answer": {"statements": [ONE, TWO]}, "confidence": 1}),
    "with other names": json.dumps(
        {"claims": [{"claim": ONE["text"], "sources": "s1"}, {"statement": TWO["text"], "ids": "s2, s3"}]}
    ),
    "evidence as objects": json.dumps(
        {
            "statements": [
                {"evidence": [{"id": "s1"}], "text": ONE["text"]},
                {**TWO, "evidence": [{"id": "s2"}, {"id": "s3"}]},
            ]
        }
    ),
    "ids in brackets": json.dumps(
        {"statements": [{**ONE, "evidence": ["[S1]"]}, {**TWO, "evidence": ["[s2]", "(s3)"]}]}
    ),
    "ids without their letter": json.dumps(
        {"statements": [{**ONE, "evidence": [1]}, {**TWO, "evidence": ["2", "[3]"]}]}
    ),
    "markers without their letter": "The lamp is red [1].\nThe keeper slept [2][3].",
    "markers within the texts": json.dumps(
        {"statements": [{"text": "The lamp is red [s1]."}, {"text": "The keeper slept. [s2][s3]"}]}
    ),
    "a list of texts": json.dumps({"statements": ["The lamp is red [s1].", "The keeper slept [s2, s3]."]}),
    "cut off": ANSWER[:-1],
    "cut off in a third": ANSWER[:-2] + ', {"evidence": ["s4"], "text": "The fer',
    "a broken one between": json.dumps({"statements": [ONE]})[:-2] + ', {"text": "He said "no""}, ' + json.dumps(TWO),
    "twice": ANSWER + ANSWER,
    "lines": "The lamp is red [s1].\nThe keeper slept [s2][s3].",
    "a list of lines": "Based on the sources:\n- The lamp is red. [s1]\n- The keeper slept. [s2, s3]\n",
    "numbered lines": "1. The lamp is red. [s1]\n2. The keeper slept. [s2] [s3]",
    "one paragraph": "The lamp is red [s1]. The keeper slept [s2; s3].",
    "round brackets": "The lamp is red (s1). The keeper slept (S2, s3).",
    "markers first": "[s1] The lamp is red.\n[s2, s3] The keeper slept.",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_statements_are_found_in_every_shape(shape: str) -> None:
    assert claims(SHAPES[shape]) == BOTH


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", [1, 3, 50])
def test_streaming_gives_the_same_statements_as_soon_as_they_are_complete(shape: str, size: int) -> None:
    reader, text = Incremental(IDS), SHAPES[shape]
    streamed = [c for i in range(0, len(text), size) for c in reader.feed(text[i : i + size])]
    assert [(c.text, c.ids) for c in reader.finish().statements] == BOTH
    assert [(c.text, c.ids) for c in streamed] == BOTH[: len(streamed)]
    if ANSWER in text:
        assert len(streamed) == 2


def test_a_statement_streams_at_its_closing_brace() -> None:
    reader = Incremental(IDS)
    end = ANSWER.index("}") + 1
    assert reader.feed(ANSWER[: end - 1]) == []
    assert reader.feed(ANSWER[end - 1 : end]) == [Claim("The lamp is red.", ("s1",))]


@pytest.mark.parametrize(
    "text",
    [
        '{"statements": []}',
        '```json\n{"statements": []}\n```',
        "[]",
        '{"statements": []} The sources do not say.',
        '{"statements": [{"evidence": [], "text": "The sources do not mention the lamp."}]}',
        '{"answer": "There is no information about the lamp."}',
        "I cannot find the answer in the provided sources.",
        "I can’t find that.",
        "The passages don't mention who built it.",
        "The provided context does not contain this information.",
        "Not mentioned in the documents.",
        "There is not enough information to answer.",
        "N/A",
        "<think>s1 says nothing</think>The sources do not say.",
    ],
)
def test_silence_that_is_meant_is_no_statements(text: str) -> None:
    assert parse(text, IDS).statements == ()


@pytest.mark.parametrize(
    "text",
    ["", " \n", "{", '{"statements": [', '{"statements": [{"evidence": ["s1"], "text": "The la', "{}", "```json\n```",
     "<think>The sources do not say", '{"foo": 3}', '{"statements": [{"text": ""}]}', '{"statements": []', "...",
     "{" * 5000, "[{}]", '[{"a": [[[[1]]]]}]'],
)  # fmt: skip
def test_what_cannot_be_read_is_an_error_and_never_silence(text: str) -> None:
    with pytest.raises(BadReplyError, match="cannot be read"):
        parse(text, IDS)


def test_an_answer_cut_before_its_first_statement_says_so() -> None:
    with pytest.raises(BadReplyError, match="ran out of tokens"):
        parse('{"statements": [{"evidence"', IDS, cut=True)


@pytest.mark.parametrize(
    "text",
    [
        "The documents do not state the cost.\nHowever, they do say that the",
        '{"statements": [{"evidence": [], "text": "The documents do not state the cost."}]} However, they do',
    ],
)
def test_a_remark_of_an_answer_that_was_cut_off_is_not_silence(text: str) -> None:
    assert claims(text.split("However")[0]) == []
    with pytest.raises(BadReplyError, match="ran out of tokens"):
        parse(text, IDS, cut=True)


def test_an_empty_list_is_silence_though_the_answer_was_cut_off() -> None:
    assert claims('{"statements": []}\nThe documents do not', cut=True) == []


@pytest.mark.parametrize(
    "text",
    ["I'm sorry, but I can't assist with that.", "I cannot help with that request.", "I am unable to discuss weapons."],
)
def test_a_model_that_declines_is_an_error_and_never_silence(text: str) -> None:
    with pytest.raises(ContentRefusedError, match="declined"):
        parse(text, IDS)


def test_a_remark_with_an_id_is_a_statement() -> None:
    assert claims("The report does not say who was behind it [s4].") == [
        ("The report does not say who was behind it.", ("s4",))
    ]


def test_a_remark_beside_statements_is_left_out() -> None:
    parsed = parse("The lamp is red [s1].\nThe sources do not mention the keeper.", IDS)
    assert [c.text for c in parsed.statements] == ["The lamp is red."]


def test_statements_without_ids_are_kept_for_the_gate() -> None:
    assert claims("Die Lampe ist rot.") == [("Die Lampe ist rot.", ())]
    assert claims('{"statements": [{"text": "The lamp is red.", "evidence": []}]}') == [("The lamp is red.", ())]


def test_wrong_and_double_ids_are_dropped() -> None:
    parsed = parse('{"statements": [{"evidence": ["s99", "s2", "s2", 77, null, true, "s1"], "text": "A."}]}', IDS)
    assert parsed.statements == (Claim("A.", ("s2", "s1")),)


def test_a_statement_points_at_three_sentences_at_most() -> None:
    parsed = parse("A [s1][s2][s3][s4].", IDS)
    assert parsed.statements == (Claim("A.", ("s1", "s2", "s3")),)


def test_numeric_ids_work_as_numbers_and_texts() -> None:
    parsed = parse(
        '{"statements": [{"id": 1, "evidence": [2], "text": "A."}, {"evidence": ["3"], "text": "B (1)."}]}', "123"
    )
    assert parsed.statements == (Claim("A.", ("2",)), Claim("B (1).", ("3",)))


def test_brackets_that_are_no_markers_stay() -> None:
    text = 'He said "[sic] it was [the lamp]" in [2022] (S400) [s1].'
    assert claims(text) == [('He said "[sic] it was [the lamp]" in [2022] (S400).', ("s1",))]


def test_abbreviations_do_not_cut_a_statement() -> None:
    assert claims("Mr. Berg of the U.S. [s1] coast guard slept, e.g. at 5 p.m. [s2] He woke. [s3]") == [
        ("Mr. Berg of the U.S. coast guard slept, e.g. at 5 p.m.", ("s1", "s2")),
        ("He woke.", ("s3",)),
    ]


def test_sentences_before_a_marker_belong_to_it() -> None:
    assert claims("They met. They talked [s1].") == [("They met. They talked.", ("s1",))]


def test_a_line_that_was_cut_does_not_count_but_its_complete_statements_do() -> None:
    assert claims("The lamp is red [s1]. The keeper sl", cut=True) == [("The lamp is red.", ("s1",))]
    assert claims("The lamp is red [s1].", cut=True) == [("The lamp is red.", ("s1",))]


def test_lone_surrogates_and_line_breaks_do_not_reach_a_statement() -> None:
    ((text, _),) = claims('{"text": "a\\ud800b\\n c\n d \\ud83d\\ude00", "evidence": ["s1"]}')
    assert text == "a\ufffdb c d 😀"


def test_a_statement_that_is_too_long_is_left_out() -> None:
    parsed = parse(json.dumps({"statements": [{"text": "long " * 1000, "evidence": ["s1"]}, ONE]}), IDS)
    assert [c.text for c in parsed.statements] == ["The lamp is red."]


@pytest.mark.parametrize(
    "text",
    [
        '{"statements":[' + '{"evidence":["s1"],"text":"abc def."},' * 130_000,
        "[" * 5_000_000,
        "{" * 5_000_000,
        '{"a":' * 1_000_000,
        '{"text":' + "[" * 19_000 + "]" * 19_000 + "}",
        '{"text":"' + "\\" * 5_000_000,
        "\n" * 5_000_000,
        " " * 5_000_000,
        "[s1] " * 1_000_000,
        '"[s1]. A' * 600_000,
        "(s1" * 1_600_000,
        "<think>" + "<" * 5_000_000,
    ],
    ids=range(12),
)
def test_five_megabytes_and_deep_nesting_are_read_within_bounds(text: str) -> None:
    with suppress(BadReplyError):
        assert len(parse(text, IDS).statements) <= 50


@pytest.mark.parametrize("order", ["evidence_first", "text_first"])
def test_the_schema_offers_the_ids_in_the_order_asked_for(order: Any) -> None:
    schema = answer_schema(IDS, order)
    statement = schema["properties"]["statements"]["items"]
    names = ["evidence", "text"] if order == "evidence_first" else ["text", "evidence"]
    assert list(statement["properties"]) == statement["required"] == names
    evidence = statement["properties"]["evidence"]
    assert evidence["items"]["enum"] == list(IDS)
    assert evidence["maxItems"] == MAX_IDS
    assert schema["additionalProperties"] is statement["additionalProperties"] is False


def test_a_schema_without_ids_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        answer_schema([])


# ---- hostile models

FRAGMENTS = st.sampled_from(
    ['{"statements": [', '{"evidence": ["s1"], "text": "A b."}', '{"text": "C", "evidence": ["s99", 1]}', "]", "}", "{",
     "[", '"', "\\", ",", ":", "[s1]", "[s99]", " [s2].", "\n", " ", "A fact. ", "```json\n", "```", "<think>",
     "</think>", "The sources do not say.", "\ud800", "\x00", "İ", "null", "1e999", "9" * 50, "[]",
     "I cannot help", "- "]
)  # fmt: skip
HOSTILE = st.lists(FRAGMENTS | st.text(max_size=6), max_size=25).map("".join)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(IDS),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["statements", "text", "evidence", "ids", "answer", "id"]), inner, max_size=4)
    ),
    max_leaves=20,
).map(json.dumps)


def outcome(text: str, sizes: list[int], cut: bool) -> tuple[Parsed | str, list[Claim]]:
    """The end and the stream of a reader that is fed in pieces of these sizes, over and over."""
    reader, streamed, at, turn = Incremental(IDS), [], 0, 0
    while at < len(text):
        size = sizes[turn % len(sizes)]
        streamed += reader.feed(text[at : at + size])
        at, turn = at + size, turn + 1
    try:
        return reader.finish(cut=cut), streamed
    except (BadReplyError, ContentRefusedError) as err:
        return str(err), streamed


@settings(max_examples=250, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(HOSTILE | JSON | st.text(), st.lists(st.integers(1, 9), min_size=1, max_size=5), st.booleans())
@example('x [s1]. {"text": "y", "evidence": ["s2"]}', [1], False)
def test_no_output_breaks_the_reader_and_no_id_is_invented(text: str, sizes: list[int], cut: bool) -> None:
    whole, at_once = outcome(text, [max(len(text), 1)], cut)
    pieces, streamed = outcome(text, sizes, cut)
    assert whole == pieces
    assert at_once == streamed
    if isinstance(whole, str):
        assert streamed == []
        return
    with_ids = [c for c in whole.statements if c.ids]
    assert with_ids[: len(streamed)] == streamed  # the rest stands in a last line that no line break ends
    for claim in whole.statements:
        assert set(claim.ids) <= set(IDS)
        assert len(set(claim.ids)) == len(claim.ids) <= MAX_IDS
        assert claim.text.strip() == claim.text != ""
        claim.text.encode()


def flat_statements(value: object) -> list[str]:
    """The slow twin: every object of a parsed JSON value that has a text, inner ones first."""
    found: list[str] = []
    for inner in value if isinstance(value, list) else value.values() if isinstance(value, dict) else []:
        found += flat_statements(inner)
    if isinstance(value, dict) and isinstance(value.get("text"), str):
        found.append(value["text"])
    return found


STATEMENT = st.fixed_dictionaries(
    {"text": st.text(max_size=20), "evidence": st.lists(st.sampled_from(IDS), max_size=3)}
)
NESTED = st.recursive(
    st.lists(STATEMENT, max_size=3), lambda inner: st.fixed_dictionaries({"x": inner}) | st.lists(inner, max_size=2)
).map(lambda value: {"statements": value})


@settings(max_examples=200, deadline=None)
@given(NESTED, st.sampled_from([None, 2]), st.booleans())
def test_the_scanner_finds_what_a_json_parser_finds(value: object, indent: int | None, plain: bool) -> None:
    found = Objects().feed(json.dumps(value, indent=indent, ensure_ascii=plain))
    assert [part["text"] for part in found if isinstance(part, dict) and "text" in part] == flat_statements(value)
