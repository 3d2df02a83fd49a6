"""Quotes and documents that are made to cost time: what is compared has a limit."""

from difflib import SequenceMatcher

import pytest

from qa.quotes import match, nearest
from qa.quotes.folding import Folded
from qa.quotes.nearest import WordIndex, likeness, word_diff

SAME = " ".join(["a"] * 3000)
THIRD = " ".join("b" if n % 3 == 1 else "a" for n in range(3000))


def test_only_short_texts_are_compared_word_for_word(monkeypatch: pytest.MonkeyPatch) -> None:
    def counting(junk, a, b, autojunk):
        pairs.append(len(a) * len(b))
        return SequenceMatcher(junk, a, b, autojunk)

    pairs = []
    monkeypatch.setattr(nearest, "SequenceMatcher", counting)
    steps = word_diff(SAME, THIRD)
    assert [step.kind for step in steps] == ["same", "changed", "same"]
    assert ("".join(s.old for s in steps), "".join(s.new for s in steps)) == (SAME, THIRD)
    assert 0 < likeness(SAME, THIRD) < 1
    WordIndex(f"Here. {THIRD} there.").nearest(SAME)
    assert all(n <= nearest._MOST_PAIRS for n in pairs)


def test_a_long_text_is_compared_by_the_words_that_it_has_once() -> None:
    words = [f"word{n} " if n % 7 else "the " for n in range(3000)]
    edited = [*words[:100], "another ", *words[101:1500], *words[1510:2000], "two ", "more ", *words[2000:]]
    steps = word_diff("".join(words), "".join(edited))
    assert ("".join(s.old for s in steps), "".join(s.new for s in steps)) == ("".join(words), "".join(edited))
    assert [step.kind for step in steps if step.kind != "same"] == ["changed", "deleted", "inserted"]
    assert likeness("".join(words), "".join(edited)) > 0.99
    (best, *_) = WordIndex(f"{'Before it. ' * 50}{''.join(edited)}").nearest("".join(words))
    assert (best.start, best.likeness > 0.99) == (550, True)


def test_a_quote_is_left_at_the_first_difference_of_case_that_counts() -> None:
    class Counted(str):
        def __iter__(self):
            for char in str.__iter__(self):
                read.append(char)
                yield char

    read: list[str] = []
    quote, doc = "b A" + " a" * 5000, Folded("b a" + " a" * 9000)
    assert not match._same_detail(Counted(quote), False, doc, 0)
    assert len(read) < 10


@pytest.mark.parametrize(("quote", "text"), [("A" + " A" * 9000 + " a", "a "), ("a" + " a" * 9000, "A ")])
def test_a_quote_is_compared_with_a_limited_number_of_places(quote, text, monkeypatch: pytest.MonkeyPatch) -> None:
    def counting(*given):
        starts.append(given)
        return clean(*given)

    starts, clean = [], match.clean_edges
    monkeypatch.setattr(match, "clean_edges", counting)
    match.find(quote, text * 20_000)
    assert 0 < len(starts) * len(quote) <= match._MOST_COMPARED
