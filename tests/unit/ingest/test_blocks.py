"""Blocks: what is done with those that a reader got wrong."""

from hypothesis import given
from hypothesis import strategies as st

from qa.ingest.blocks import problems, sound
from qa.records import Block, Span

TEXT = "Prices\n\nRye is two euros.  Spelt is three.\n"


def test_sound_blocks_stay_as_they_are() -> None:
    blocks = (Block("heading", 0, 6, level=1), Block("paragraph", 8, 42, parent=0))
    assert sound(TEXT, blocks) == blocks


def test_overlaps_are_cut_off_and_lost_text_becomes_a_paragraph() -> None:
    blocks = (Block("heading", 0, 6, level=1), Block("item", 3, 24, parent=0), Block("item", 20, 99, parent=7))
    assert [(b.kind, TEXT[b.start : b.end], b.parent) for b in sound(TEXT, blocks)] == [
        ("heading", "Prices", None),
        ("item", "Rye is two euros", 0),
        ("item", ".  Spelt is three.", None),
    ]
    (heading, rest) = sound(TEXT, blocks[:1])
    assert (rest.kind, TEXT[rest.start : rest.end]) == ("paragraph", "Rye is two euros.  Spelt is three.")
    assert heading == blocks[0]


@given(
    st.text("ab \n", max_size=40),
    st.lists(st.tuples(st.integers(0, 45), st.integers(0, 45), st.integers(-1, 6), st.integers(0, 50)), max_size=6),
)
def test_whatever_a_reader_gives_the_result_has_no_problems(text: str, rows: list[tuple[int, int, int, int]]) -> None:
    blocks = [Block("row", a, b, None if parent < 0 else parent, cells=(Span(0, cell),)) for a, b, parent, cell in rows]
    assert list(problems(text, sound(text, blocks))) == []
