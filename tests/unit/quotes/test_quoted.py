"""Passages in quotation marks: which are found in a text, and how they are checked against the documents."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.quotes.anchors import Corpus, Place
from qa.quotes.quoted import Checked, check_quotation, quotations

DOC = "The keeper said it. “We never slept before the fog lifted,” he wrote, and the ferry didn't sail."


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("He said “a b c” and “d e f.”", ["a b c", "d e f."]),
        ('He said "a b c," and ("d e f").', ["a b c,", "d e f"]),
        ("Il dit « a b c » et «d e f».", [" a b c ", "d e f"]),
        ("Er sagte „a b c“ und »d e f«.", ["a b c", "d e f"]),
        ("It was ‘a b c’ there; don’t say ’tis the ‘90s.", ["a b c"]),
        ("“She said ‘a b c’ to me” was written.", ["She said ‘a b c’ to me"]),
        ("“outer “inner words here” outer”", ["outer “inner words here” outer"]),
        ("“A first paragraph.\n\n“And the second.”", ["A first paragraph.", "And the second."]),
        ('"A first paragraph.\r\n\r\n"And the second."', ["A first paragraph.", "And the second."]),
        ('A board of 6" by 4" and 5\'10" tall.', []),
        ("Nothing quoted, the captains’ letter isn’t.", []),
        ('> He said "a b\n> c" there.', ["a b\n> c"]),
        ("", []),
        ("He said 'a b c' and ‚d e f‘; ‹g h i› or ›j k l‹.", ["a b c", "d e f", "g h i", "j k l"]),
        ("He said ``a b c'', ''d e f'' and \uff02g h i\uff02, ❝j k l❞.", ["a b c", "d e f", "g h i", "j k l"]),
        ("「a b c」『d e f』〝g h i〟｢j k l｣", ["a b c", "d e f", "g h i", "j k l"]),
        ("Han sa ”a b c” och »d e f».", ["a b c", "d e f"]),
        ('said:"a b c" said,"d e f" ="g h i" …"j k l"', ["a b c", "d e f", "g h i", "j k l"]),
        ('x"a b c"y and said”d e f”, 5"g h i"', ["a b c", "d e f", "g h i"]),
        ('他说"一二三四五六七八九十甲乙"他', ["一二三四五六七八九十甲乙"]),
        ('"A first paragraph.\n\nAnd its last words."', ["A first paragraph.", "And its last words."]),
        ("'The captains' letter is lost' is 'the dogs' tale.", ["The captains' letter is lost", "the dogs"]),
        ("Rock 'n' roll of the '90s, ``code in here`` and `code`.", ["n"]),
        (
            "words that stand before” and “words that stand behind",
            ["words that stand before", "words that stand behind"],
        ),
    ],
)
def test_what_stands_between_quotation_marks(text: str, found: list[str]) -> None:
    assert [quotation.text for quotation in quotations(text)] == found


def test_a_quotation_knows_its_line_and_its_words() -> None:
    (quotation,) = quotations("One.\nTwo “don’t go, 17 men”.")
    assert (quotation.line, quotation.words) == (2, 4)


@pytest.mark.parametrize(
    ("said", "is_long"),
    [
        ("a b c", True),
        ("a b", False),
        ("a_b_c", True),
        ("一二三四五六七八九十甲乙", True),
        ("一二三", False),
        ("นายกเทศมนตรีรับสินบน", True),
    ],
)
def test_what_is_long_enough_is_looked_up(said: str, is_long: bool) -> None:
    (quotation,) = quotations(f"“{said}”")
    assert quotation.is_long is is_long


@given(st.text(alphabet="ab “”‘’„\"«»'`\n.", max_size=60))
def test_offsets_are_those_of_the_text_and_quotations_are_disjoint(text: str) -> None:
    end = -1
    for quotation in quotations(text):
        assert text[quotation.start : quotation.end] == quotation.text
        assert end < quotation.start <= quotation.end
        end = quotation.end


def checked(text: str, **documents: str) -> Checked:
    (quotation,) = quotations(text)
    return check_quotation(quotation, Corpus(documents or {"a": DOC}))


@pytest.mark.parametrize(
    "text",
    ['"We never slept before the fog lifted."', "“we never slept\nbefore the fog lifted”", '"the ferry didn’t sail"'],
)
def test_typography_is_forgiven(text: str) -> None:
    (place,) = checked(text).places
    assert place.doc_id == "a"


@pytest.mark.parametrize("text", ['"We slept before the fog lifted."', '"We never slept before the frog lifted"'])
def test_another_wording_does_not_stand(text: str) -> None:
    assert not checked(text).stands


def test_every_place_is_told_and_a_literal_one_goes_before_a_folded_one() -> None:
    text = "We never slept."
    found = checked(f"“{text}”", a=f"{text} {text}", b="we never slept!", c=f"Yes. {text}")
    assert found.places == (Place("a", 0, 15), Place("a", 16, 31), Place("c", 5, 20))


class Counted(str):
    """A text that counts how often one of its characters is read."""

    reads = 0

    def __getitem__(self, index):
        type(self).reads += 1
        return super().__getitem__(index)


@pytest.mark.parametrize("unit", ["‘a ", "« a", "‹a", "„a ", "“a ", ' "a', "“a” ", "»a ", "‘a“b «c "])
def test_the_work_grows_with_the_text_and_not_faster(unit: str) -> None:
    def reads(times: int) -> int:
        Counted.reads = 0
        quotations(Counted(unit * times))
        return Counted.reads

    assert reads(2000) < 2.2 * reads(1000)
