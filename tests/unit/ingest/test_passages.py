"""Passages hold whole sentences, every one once, and no text that was skipped."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.ingest import passages
from qa.ingest.passages import pack, sections
from qa.records import Block, Passage, Sentence


def numbered(doc_id: str, spans: list[tuple[int, int]]) -> list[Sentence]:
    return [Sentence(doc_id, number, start, end) for number, (start, end) in enumerate(spans)]


def words(text: str) -> list[Sentence]:
    """Every word is a sentence here; `#` stands for skipped text."""
    return numbered("d", [found.span() for found in re.finditer(r"[^\s#]+", text)])


def slow_pack(text: str, sentences: list[Sentence], limit: int) -> list[tuple[int, int]]:
    """The obvious twin: the longest run from here that fits, then the next."""
    runs, here = [], 0
    while here < len(sentences):
        length = 1
        for count in range(2, len(sentences) - here + 1):
            run = sentences[here : here + count]
            if run[-1].end - run[0].start <= limit and "#" not in text[run[0].start : run[-1].end]:
                length = count
        runs.append((here, here + length - 1))
        here += length
    return runs


def test_the_names_are_exported() -> None:
    assert passages.__all__ == sorted(passages.__all__)


def test_whole_sentences_are_packed_up_to_the_limit() -> None:
    text = "aaa bbb ccc ddd"
    assert pack("a/b.txt", text, words(text), limit=7) == [
        Passage("a/b.txt:0-7", "a/b.txt", 0, 7, 0, 1),
        Passage("a/b.txt:8-15", "a/b.txt", 8, 15, 2, 3),
    ]


def test_no_sentences_make_no_passages() -> None:
    assert pack("d", " \n ", []) == []


def test_a_sentence_over_the_limit_stands_alone() -> None:
    text = "a bbbbbbbbbb c"
    assert [(p.start, p.end) for p in pack("d", text, words(text), limit=4)] == [(0, 1), (2, 12), (13, 14)]


def test_no_passage_runs_over_skipped_text() -> None:
    text = "one two # three four"
    assert [text[p.start : p.end] for p in pack("d", text, words(text))] == ["one two", "three four"]


def test_a_section_with_enough_text_begins_a_passage() -> None:
    text = "aaa bbb Head ccc ddd"
    sentences, starts = words(text), {2}
    assert [(p.start, p.end) for p in pack("d", text, sentences, 100, starts)] == [(0, 7), (8, 20)]
    assert [(p.start, p.end) for p in pack("d", text, sentences, 100)] == [(0, 20)]


def test_short_sections_share_a_passage() -> None:
    blocks = [Block("heading", 0, 4), Block("paragraph", 5, 9), Block("heading", 10, 14), Block("paragraph", 15, 60)]
    cut = [Sentence("d", n, block.start, block.end, n) for n, block in enumerate(blocks)]
    assert sections(cut, blocks, 40) == {2}
    assert sections(cut, blocks, 200) == set()
    assert sections([], [], 200) == set()


def test_repeated_sentences_keep_their_own_offsets() -> None:
    text = "same same same same"
    assert [(p.start, p.end) for p in pack("d", text, words(text), limit=9)] == [(0, 9), (10, 19)]


def test_a_limit_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        pack("d", "a", words("a"), limit=0)


@settings(deadline=None)
@given(st.text(alphabet="ab #\n", max_size=60), st.integers(1, 30))
def test_every_sentence_is_in_exactly_one_passage_and_the_limit_holds(text: str, limit: int) -> None:
    sentences = words(text)
    packed = pack("d", text, sentences, limit)
    covered = [n for p in packed for n in range(p.first_sentence, p.last_sentence + 1)]
    assert covered == list(range(len(sentences)))
    for p in packed:
        assert (p.start, p.end) == (sentences[p.first_sentence].start, sentences[p.last_sentence].end)
        assert p.end - p.start <= limit or p.first_sentence == p.last_sentence
        assert p.id == f"d:{p.start}-{p.end}"


@settings(deadline=None)
@given(st.text(alphabet="ab #\n", max_size=40), st.integers(1, 20))
def test_packing_equals_the_slow_obvious_way(text: str, limit: int) -> None:
    sentences = words(text)
    packed = [(p.first_sentence, p.last_sentence) for p in pack("d", text, sentences, limit)]
    assert packed == slow_pack(text, sentences, limit)
