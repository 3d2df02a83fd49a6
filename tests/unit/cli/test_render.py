"""What the terminal shows: every character of a document is visible, none is obeyed, emphasis is style only."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa import schema
from qa.cli import jsonio
from qa.cli.render import Output, context, layers, line_of, line_spans, one_line, place, visible
from qa.records import Answer, Document, Evidence, Hit, Passage, Quote, Span, Statement

TEXT = "First line.\nAlpha beta. The jets fire missiles. Gamma delta.\n\nLast line."
START, END = TEXT.index("The jets"), TEXT.index(" Gamma")
FOCUS = Span(TEXT.index("missiles"), TEXT.index("missiles") + 8)
QUOTE = Quote(1, "news/a.txt", START, END, TEXT[START:END], 2, None, "A title", "ab" * 32, (FOCUS,))
HIT = Hit(Passage("news/a.txt:0-11", "news/a.txt", 0, 11, 0, 0), "First line.", 1.5, 1, 0.25, 3.0)
ESCAPE = "\x1b]0;owned\x07\x1b[31mred\u202e\u2066\x9b2J\x7f\u200b\ufeff"


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")


def test_escape_sequences_become_pictures() -> None:
    assert visible("\x1b[31m") == "␛[31m"
    assert visible("\x00\x07\x7f") == "␀␇␡"


def test_c1_and_bidi_controls_and_invisible_characters_are_named() -> None:
    assert visible("\x9b\u202e\u2066\u200b\ufeff\u2028") == "<U+009B><U+202E><U+2066><U+200B><U+FEFF><U+2028>"


def test_ordinary_text_is_left_alone() -> None:
    ordinary = "Müller “said” 東京\u00a0naïve 👩\u200d🚀 می\u200cخواهم so\u00adft\n\ttab"
    assert visible(ordinary) == ordinary


def test_a_windows_line_end_is_a_line_end() -> None:
    assert visible("one\r\ntwo\rthree") == "one\ntwo␍three"


def test_half_a_character_of_a_file_name_is_named() -> None:
    assert visible("a\udcff.txt") == "a<U+DCFF>.txt"


@given(st.text())
def test_nothing_that_a_terminal_obeys_survives(text: str) -> None:
    shown = visible(text)
    assert not any((ord(c) < 32 and c not in "\n\t") or 0x7F <= ord(c) < 0xA0 for c in shown)
    assert not any(c in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c" for c in shown)
    assert "\n" not in one_line(text)


@given(st.integers(0, 30), st.integers(0, 30), st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=4))
def test_layers_cover_the_range_without_gap_or_overlap(a: int, b: int, pairs: list[tuple[int, int]]) -> None:
    start, end = sorted((a, b))
    spans = [(Span(*sorted(pair)), str(number)) for number, pair in enumerate(pairs, 1)]
    pieces = layers(start, end, spans)
    styles = {offset: style for left, right, style in pieces for offset in range(left, right)}
    expected = {o: max((n for s, n in spans if s.start <= o < s.end), default="") for o in range(start, end)}
    assert styles == expected
    assert "".join(str(list(range(left, right))) for left, right, _ in pieces).count("[") == len(pieces)


def test_a_place_is_a_line_or_a_page() -> None:
    assert place("news/a.txt", 2, None) == "seeds/news/a.txt:2"
    assert place("b\x1b.pdf", 1, 3) == "seeds/b␛.pdf, page 3"


def test_context_stays_in_the_paragraph_and_is_cut_between_words() -> None:
    assert context(TEXT, START, END) == ("Alpha beta.", "Gamma delta.")
    assert context("one two three QUOTE four five six", 14, 19, chars=8) == ("… three", "four …")
    assert context("QUOTE", 0, 5) == ("", "")


def test_lines_are_counted_as_quotes_count_them() -> None:
    text = "one\r\ntwo\n\nfour\rfive\n"
    assert [text[a:b] for a, b in line_spans(text)] == ["one", "two", "", "four", "five"]
    assert [line_of(text, text.index(w)) for w in ("one", "two", "four", "five")] == [1, 2, 4, 5]


def printed(stream: io.StringIO, text: str = TEXT, quote: Quote = QUOTE) -> str:
    Output(stream).quotes([quote], {quote.doc_id: Document(quote.doc_id, text, "00", "t")})
    return stream.getvalue()


def test_a_quote_in_a_pipe_is_plain_and_unwrapped() -> None:
    assert printed(io.StringIO()) == (
        "[1] A title\n    seeds/news/a.txt:2\n      Alpha beta.\n    | The jets fire missiles.\n      Gamma delta.\n"
    )


def test_a_quote_on_a_terminal_is_styled_and_its_characters_are_the_same() -> None:
    import re

    styled = printed(Terminal())
    assert "\x1b[1mThe jets fire \x1b[0m" in styled
    assert "\x1b[1;33mmissiles\x1b[0m" in styled
    assert re.sub(r"\x1b\[[0-9;]*m", "", styled) == printed(io.StringIO())


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_no_color_and_dumb_terminals_get_no_escapes(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    assert printed(Terminal()) == printed(io.StringIO())


def test_a_terminal_is_wrapped_at_its_width() -> None:
    text = "word " * 60 + "end."
    stream = Terminal()
    printed(stream, text, Quote(1, "a", 0, len(text), text, 1, None, "t", "00"))
    lines = stream.getvalue().splitlines()
    assert len(lines) > 4
    assert max(map(len, lines)) <= 80 + len("\x1b[1m\x1b[0m")


def test_markup_and_escapes_in_a_document_are_shown_not_obeyed() -> None:
    text = f"[bold red]x[/] :smile: {ESCAPE} https://example.org"
    quote = Quote(1, "[red]a.txt", 0, len(text), text, 1, None, f"[blue]{ESCAPE}", "00")
    shown = printed(io.StringIO(), text, quote)
    assert "[bold red]x[/] :smile: ␛]0;owned␇␛[31mred<U+202E><U+2066><U+009B>2J␡<U+200B><U+FEFF> https" in shown
    assert "seeds/[red]a.txt:1" in shown
    assert "\x1b" not in shown


def test_a_source_has_line_numbers_and_a_gutter() -> None:
    document = Document(
        "a.txt", TEXT, "00", "t", skipped=(Span(0, 11), Span(TEXT.index("Last"), TEXT.index("Last") + 4))
    )
    stream = io.StringIO()
    Output(stream).source(document, 1, 4, Span(START, END))
    assert stream.getvalue().splitlines() == [
        "1 ~ First line.",
        "2 | Alpha beta. The jets fire missiles. Gamma delta.",
        "3",
        "4 - Last line.",
    ]


def test_a_passage_has_its_line_or_its_page() -> None:
    for pages, expected in (((), "1. seeds/news/a.txt:1"), ((0, 11), "1. seeds/news/a.txt, page 1")):
        stream = io.StringIO()
        Output(stream).hits([HIT], {"news/a.txt": Document("news/a.txt", TEXT, "00", "t", pages=pages)})
        assert stream.getvalue() == f"{expected}\n   First line.\n"


ANSWER = Answer(
    question="q",
    status="answered",
    reason=None,
    mode="quotes",
    statements=(Statement("The jets fire missiles.", (1,)),),
    rejected=(),
    quotes=(QUOTE,),
    hits=(HIT,),
    answerability=0.9,
    model=None,
    prompt_sha256=None,
    index={"generation": "gen-1", "model": "m"},
    usage={},
    timings_ms={"open": 1.23456},
)


def test_json_of_an_answer_is_schema_1() -> None:
    assert schema.answer(ANSWER) == {
        "schema": 1,
        "question": "q",
        "status": "answered",
        "reason": None,
        "mode": "quotes",
        "model": None,
        "answer": "The jets fire missiles. [1]",
        "answerability": 0.9,
        "statements": [
            {"text": "The jets fire missiles.", "quotes": [1], "verdict": "supported", "problems": []},
        ],
        "rejected": [],
        "quotes": [
            {
                "n": 1,
                "text": "The jets fire missiles.",
                "source": "news/a.txt",
                "title": "A title",
                "start": START,
                "end": END,
                "line": 2,
                "page": None,
                "focus": [[FOCUS.start, FOCUS.end]],
                "sha256": "ab" * 32,
            }
        ],
        "closest": [],
        "hits": [
            {
                "source": "news/a.txt",
                "start": 0,
                "end": 11,
                "text": "First line.",
                "score": 1.5,
                "rank": 1,
                "dense": 0.25,
                "lexical": 3.0,
            }
        ],
        "index": {"generation": "gen-1", "model": "m"},
        "usage": {"prompt_tokens": 0, "completion_tokens": 0},
        "timings_ms": {"open": 1.235, "retrieve": 0, "llm": 0, "total": 0},
    }


def test_json_of_a_search_has_the_same_shapes() -> None:
    value = schema.search("q", [HIT], Evidence((QUOTE,), 0.5, {}))
    answered = schema.answer(ANSWER)
    assert list(value) == ["schema", "query", "hits", "quotes", "answerability"]
    assert (value["hits"], value["quotes"]) == (answered["hits"], answered["quotes"])


@given(st.text())
def test_written_json_reads_back_and_holds_nothing_a_terminal_obeys(text: str) -> None:
    for encoding in ("utf-8", "ascii"):
        data = io.BytesIO()
        stream = io.TextIOWrapper(data, encoding=encoding)
        jsonio.write({"text": text}, stream)
        stream.flush()
        written = data.getvalue().decode(encoding)
        assert json.loads(written) == {"text": text}
        assert all(c.isprintable() or c == "\n" for c in written)


def test_written_json_keeps_readable_letters_where_the_stream_can_carry_them() -> None:
    data = io.BytesIO()
    stream = io.TextIOWrapper(data, encoding="utf-8")
    jsonio.write({"text": "“Zürich”"}, stream)
    stream.flush()
    assert "“Zürich”" in data.getvalue().decode()
