"""What the terminal shows: every character of a document is visible, none is obeyed, emphasis is style only."""

import io
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa import schema
from qa.cli import jsonio
from qa.cli.blocks import print_blocks
from qa.cli.render import (
    Output,
    context,
    layers,
    line_of,
    line_spans,
    one_line,
    passage_lines,
    place,
    visible,
)
from qa.cli.unread import unread_lines
from qa.ingest.pipeline import prepare
from qa.lines import unread_note
from qa.records import (
    Answer,
    Block,
    Context,
    ContextKind,
    Document,
    Evidence,
    Hit,
    Passage,
    Quote,
    Span,
    Statement,
)

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
                "context": [],
            }
        ],
        "closest": [],
        "missing": [],
        "resolved": "q",
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
        "unread": {"files": 0, "parts": 0},
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


def in_context(text: str, words: str, *pieces: tuple[ContextKind, str], focus: str = "") -> str:
    """What a pipe gets for a quote with these pieces of context, without the title and the place."""

    def at(part: str) -> tuple[int, int]:
        return text.index(part), text.index(part) + len(part)

    context_of_quote = tuple(Context(kind, *at(part), part) for kind, part in pieces)
    answers = (Span(*at(focus)),) if focus else ()
    quote = Quote(1, "a", *at(words), words, 1, None, "t", "00", answers, context_of_quote)
    return printed(io.StringIO(), text, quote).split("\n", 2)[2]


def test_headings_stand_above_a_quote_on_one_line() -> None:
    text = "Our offices\n\nTurku\n\nOpen from eight to four."
    shown = in_context(text, "Open from eight to four.", ("heading", "Our offices"), ("heading", "Turku"))
    assert shown == "      Our offices > Turku\n    | Open from eight to four.\n"


def test_an_item_stands_under_its_lead_in_and_an_answer_under_its_question() -> None:
    text = "It does not cover:\n\n- theft\n\nWho pays?\n\nThe owner."
    assert in_context(text, "- theft", ("lead_in", "It does not cover:")) == (
        "      It does not cover:\n    | - theft\n"
    )
    assert in_context(text, "The owner.", ("question", "Who pays?")) == "      Who pays?\n    | The owner.\n"


def test_a_turn_names_its_speaker_once() -> None:
    assert in_context("Anna\nWe agree.", "We agree.", ("speaker", "Anna")) == "      Anna:\n    | We agree.\n"
    assert in_context("Anna: We agree.", "We agree.", ("speaker", "Anna")) == "      Anna:\n    | We agree.\n"
    assert in_context("Anna: We agree.", "Anna: We agree.", ("speaker", "Anna")) == "    | Anna: We agree.\n"


@pytest.mark.parametrize(
    ("text", "header", "row"),
    [
        ("Room | Seats | Fee\nBlue | 12 | 140 euros", "Room | Seats | Fee", "Blue | 12 | 140 euros"),
        ("|Room|Seats|Fee|\n|---|---|---|\n|Blue|12|140 euros|", "|Room|Seats|Fee|", "|Blue|12|140 euros|"),
        ("Room\tSeats\tFee\nBlue\t12\t140 euros", "Room\tSeats\tFee", "Blue\t12\t140 euros"),
    ],
)
def test_a_table_row_stands_in_columns_under_its_header(text: str, header: str, row: str) -> None:
    assert in_context(text, row, ("header", header), focus="140 euros") == (
        "      Room | Seats | Fee\n    | Blue | 12    | 140 euros\n"
    )


def test_header_cells_may_come_one_by_one() -> None:
    text = "Room | Seats\nBlue | 12"
    assert in_context(text, "Blue | 12", ("header", "Room"), ("header", "Seats")) == (
        "      Room | Seats\n    | Blue | 12\n"
    )


def test_a_row_that_does_not_fit_its_header_is_shown_as_it_is() -> None:
    text = "Room | Seats | Fee\nBlue | 12"
    assert in_context(text, "Blue | 12", ("header", "Room | Seats | Fee")) == (
        "      Room | Seats | Fee\n    | Blue | 12\n"
    )


def test_an_escaped_bar_is_no_border_and_a_merged_label_stands_above() -> None:
    text = "North\nA \\| B | C\nx | y"
    assert in_context(text, "x | y", ("row_label", "North"), ("header", "A \\| B | C")) == (
        "      North\n      A \\| B | C\n    | x      | y\n"
    )


def test_nothing_in_context_is_obeyed() -> None:
    text = f"{ESCAPE} | b\n1 | 2\n[red]h[/]"
    shown = in_context(text, "1 | 2", ("header", f"{ESCAPE} | b"), ("heading", "[red]h[/]"))
    assert "[red]h[/]" in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_blocks_are_listed_with_level_and_parent(capsys: pytest.CaptureFixture[str]) -> None:
    text = "Fees\n\nIt is 40 euros."
    blocks = (Block("heading", 0, 4, level=1), Block("paragraph", 6, len(text), parent=0))
    document = Document("a.txt", text, "00", "Fees", blocks=blocks)
    print_blocks(document, None, False, "seeds/")
    assert capsys.readouterr().out.splitlines()[3:] == [
        "0  heading 1        Fees",
        "1  paragraph  in 0  It is 40 euros.",
    ]
    print_blocks(document, Span(6, 8), True, "seeds/")
    listed = json.loads(capsys.readouterr().out)
    assert [(b["n"], b["kind"], b["parent"], b["text"]) for b in listed["blocks"]] == [
        (1, "paragraph", 0, "It is 40 euros.")
    ]


def test_context_and_unread_survive_json() -> None:
    quote = replace(QUOTE, context=(Context("heading", 0, 11, "First line."),))
    answer = replace(ANSWER, quotes=(quote,), unread={"files": 3, "parts": 2}, prompt_sha256=None, hits=())
    written = json.loads(json.dumps(schema.answer(answer)))
    read = schema.read_answer(json.dumps(written))
    assert read.quotes == (quote,)
    assert read.unread == {"files": 3, "parts": 2}
    del written["unread"], written["quotes"][0]["context"]
    old = schema.read_answer(json.dumps(written))
    assert old.quotes == (QUOTE,)
    assert old.unread == {}


def test_context_of_a_kind_that_came_later_is_left_out() -> None:
    written = schema.answer(replace(ANSWER, quotes=(QUOTE,)))
    written["quotes"][0]["context"] = [{"kind": "later", "start": 0, "end": 5, "text": "First"}, None]
    assert schema.read_answer(json.dumps(written)).quotes == (QUOTE,)


@pytest.mark.parametrize(
    ("unread", "note"),
    [
        ({}, ""),
        ({"files": 0, "parts": 0}, ""),
        ({"files": 3, "parts": 2}, "3 files and 2 parts of files could not be read; run: qa status"),
        ({"files": 0, "parts": 1}, "1 part of a file could not be read; run: qa status"),
    ],
)
def test_a_refusal_counts_what_could_not_be_read(unread: dict[str, int], note: str) -> None:
    assert unread_note(replace(ANSWER, unread=unread)) == note


def test_unread_parts_are_listed_with_their_reasons() -> None:
    assert list(unread_lines({"a\n.pdf": ("page 3: no text\x1b",)})) == ["unread    a␊.pdf: page 3: no text␛"]


def test_a_line_is_that_of_the_file_or_said_to_be_that_of_its_text() -> None:
    assert place("a.md", 14, None) == "seeds/a.md:14"
    assert place("a.html", 14, None) == "seeds/a.html, line 14 of its text"
    assert place("a.pdf", 14, 3) == "seeds/a.pdf, page 3"


def test_bars_of_a_table_are_no_context() -> None:
    row = "| Towel | 5 | for two days |"
    assert context(row, 2, len(row) - 2) == ("", "")
    assert context("He said: it rained. So be it.", 9, 19) == ("He said:", "So be it.")


def test_headings_and_paragraphs_of_a_passage_stand_on_lines_of_their_own() -> None:
    document = prepare("a.md", b"# Hours\n\nWe open at nine.\nOn Sundays at ten.\n\n- Ring the bell.\n").document
    assert passage_lines(document, 0, len(document.text)) == [
        "# Hours",
        "We open at nine. On Sundays at ten.",
        "- Ring the bell.",
    ]
