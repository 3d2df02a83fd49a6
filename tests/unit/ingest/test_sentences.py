"""Sentence spans: what a boundary is, what never is one, and what holds for every text."""

import os
import runpy
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qa.ingest import sentences, versions
from qa.ingest.formats.text import reader as plain
from qa.ingest.sentences import MAX_CHARS, Segmenter, split_blocks
from qa.records import Span

ROOT = Path(__file__).resolve().parents[3]
LABELS = sorted((ROOT / "tests" / "data" / "boundaries").glob("*.tsv"))
BENCH = runpy.run_path(str(ROOT / "bench" / "segmenters.py"))
DATA = Path(os.environ.get("QA_BENCH_DATA", ROOT.parent / "shared" / "bench"))


def split(text: str, skipped: Sequence[Span] = (), segment: Segmenter | None = None) -> list[Span]:
    blocks, markup = plain.find(text)
    return [span for span, _ in split_blocks(text, blocks, markup, skipped, segment)]


def shown(text: str, spans: Iterable[Span]) -> str:
    """The characters of the spans that are neither white space nor markup."""
    dark = {place for span in plain.find(text)[1] for place in range(span.start, span.end)}
    places = [place for span in spans for place in range(span.start, span.end)]
    return "".join(text[place] for place in places if place not in dark and not text[place].isspace())


def units(text: str) -> list[str]:
    return [text[span.start : span.end] for span in split(text)]


def seed(name: str) -> str:
    return (ROOT / "seeds" / name).read_bytes().decode()


def marked_anew(marked: str) -> str:
    """The text with a ¦ at every boundary that is found, whatever boundaries it was marked with."""
    return " ¦ ".join(units(marked.replace("¦ ", "")))


def test_the_names_are_exported() -> None:
    assert sentences.__all__ == sorted(sentences.__all__)
    assert all(hasattr(sentences, name) for name in sentences.__all__)


def test_another_version_of_the_segmenter_makes_indexes_stale() -> None:
    assert versions.current()["segmenter"] == f"nupunkt-{version('nupunkt')}"


# -- the sample articles --


@pytest.mark.parametrize("path", LABELS, ids=lambda path: path.stem)
def test_hand_labelled_boundaries_are_found(path: Path) -> None:
    labels = BENCH["read_labels"](path, DATA)
    if labels is None:
        pytest.skip(f"the text of {path.name} is not under {DATA} (set QA_BENCH_DATA)")
    result = BENCH["score"](labels, [span.end for span in split(labels.text)])
    assert result.f1 >= 0.99, f"missed {sorted(result.missed)}, wrong {sorted(result.wrong)}"


@pytest.mark.parametrize("end", ["Biden’s Friday meeting.", "targets in Russia.", "after the US election."])
def test_garbled_stops_in_the_sample_end_sentences(end: str) -> None:
    assert any(unit.endswith(end) for unit in units(seed("004_df59d898a00b8803.txt")))


@pytest.mark.parametrize(
    "inside",
    [
        "as this evolves.” Blinken said",
        "in this campaign.” .",
        "Sen. Ben Cardin of Maryland, and Sen. Jeanne Shaheen",
        "Before the meeting, U.S. officials",
        "a U.S. official said",
    ],
)
def test_stops_in_the_sample_that_end_no_sentence(inside: str) -> None:
    assert any(inside in unit for unit in units(seed("004_df59d898a00b8803.txt")))


def test_saint_petersburg_is_one_name() -> None:
    assert sum("St. Petersburg" in unit for unit in units(seed("000_6f2a8e452271332e.txt"))) == 2


# -- rules --


@pytest.mark.parametrize(
    "marked",
    [
        "Lt. Gen. Bob Smith met Gov. Ann Lee. ¦ Mr. Lee left.",
        "George W. Bush met J. K. Rowling and J.R.R. Tolkien in St. Louis. ¦ They ate.",
        "The U.S. Army came. ¦ He lives in the U.S. ¦ The government knows.",
        "In Smith v. Jones, No. 5, the court cited 42 U.S.C. § 1983 and § 3(a)(1). ¦ It ruled against Foo Inc. too.",
        "Fig. 3 (see p. 5, cf. pp. 6-7, vol. 2) shows e.g. apples, i.e. fruit. ¦ Others vs. pears.",
        "It took 15 min. ¦ To release it, he waited.",
        "Pope Pius X. ¦ His plans failed.",
        "They met in the park. ¦ Putin smiled. ¦ He lives in New York. ¦ Putin left.",
        "John F. Kennedy Jr. spoke at 5 p.m. Monday to Acme Corp. officials, Ph.D. in hand.",
    ],
)
def test_abbreviations(marked: str) -> None:
    assert marked_anew(marked) == marked


@pytest.mark.parametrize(
    "marked",
    [
        "“Why?” asked Tom. ¦ “Because!” she said. ¦ “No.” ¦ He left.",
        "“It is over.” Peter Smith said on Monday. ¦ “Is it?” Mary asked.",
        "“It is over.” ¦ Peter said he would leave.",
        "He shouted “Stop!” and ran. ¦ “One. ¦ Two.” ¦ Three.",
        "« Bonjour ! » dit-il. ¦ Il partit.",
        "Sie sagte: „Das ist gut.“ ¦ Er ging.",
        "“...and then.” . ¦ He left.",
    ],
)
def test_quotations(marked: str) -> None:
    assert marked_anew(marked) == marked


@pytest.mark.parametrize(
    "marked",
    [
        "Pi is 3.14. ¦ See https://example.com/a.b?c=d. ¦ Write to bob.smith@example.com. ¦ Thanks!",
        "Really?! ¦ Yes!!! ¦ Wait... ¦ He left.",
        "It works.[2] ¦ They came.[3, 4] ¦ Good.",
        "1. Mix it. ¦ 2. Heat it. ¦ Figure 3. A pot.",
        "Great 😀! ¦ Sure.",
        "Am 3. Oktober kam Dr. Müller. ¦ Das war z. B. im 19. Jahrhundert so.",
    ],
)
def test_numbers_addresses_and_marks(marked: str) -> None:
    assert marked_anew(marked) == marked


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("今天好。我们去！", ["今天好。", "我们去！"]),
        ("彼は「はい。」と言った。次。", ["彼は「はい。」と言った。", "次。"]),
        ("यह एक है। यह दूसरा है।", ["यह एक है।", "यह दूसरा है।"]),
        ("هل هذه جملة؟ نعم.", ["هل هذه جملة؟", "نعم."]),
    ],
)
def test_stops_of_other_scripts(text: str, expected: list[str]) -> None:
    assert units(text) == expected


# -- layout --


def test_headings_items_and_table_rows_are_units() -> None:
    text = (
        "# A title, e.g. this\nText one. Text two.\n- an item. More\n- last\n\n| a. B | 1 |\n|---|---|\nx\ty\tz\n\nEnd"
    )
    assert units(text) == [
        "# A title, e.g. this",
        "Text one.",
        "Text two.",
        "- an item.",
        "More",
        "- last",
        "a. B | 1",
        "x\ty\tz",
        "End",
    ]


def test_a_tab_in_prose_makes_no_table_row() -> None:
    text = "One sentence of some length about the bridge, which stands here. " * 6 + "Another one\tcame."
    assert len(units(text)) == 7
    assert units("Name\tJohn Smith. Esq. Jr.\t5") == ["Name\tJohn Smith. Esq. Jr.\t5"]


def test_lines_of_code_are_units() -> None:
    assert units("```\nfoo run. Then bar.\n\n- x\n```\nDone.") == ["```", "foo run. Then bar.", "- x", "```", "Done."]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_line_end_alone_is_no_boundary(newline: str) -> None:
    address = newline.join(["Kestrel Works", "Pier Street 4", "Oslo"])
    verse = newline.join(["The fog comes", "on little cat feet."])
    assert units(newline.join([address, "", "LEAVE A REPLY", "", verse])) == [address, "LEAVE A REPLY", verse]


def test_lines_broken_at_a_width_are_joined() -> None:
    text = (
        "A HEADING\nThe bridge was begun in 1821 by Mr. John\nSmith, an engineer of the U.S.\nArmy who had studied it,"
        "\nand he ended it in 1830. The cost was not\nas high as one had feared."
    )
    assert units(text) == [
        "A HEADING",
        "The bridge was begun in 1821 by Mr. John\nSmith, an engineer of the U.S.\nArmy who had studied it,\n"
        "and he ended it in 1830.",
        "The cost was not\nas high as one had feared.",
    ]


def test_a_skipped_span_is_a_boundary() -> None:
    text = "(CNN) – One goes\non Read more and on."
    assert split(text, [Span(0, 7), Span(20, 29)]) == [Span(8, 19), Span(30, 37)]


# -- cuts --


def test_a_long_sentence_is_cut_at_clauses() -> None:
    clause = "and so it went on for a while without an end, "
    text = (clause * 40).rstrip()
    pieces = units(text)
    assert " ".join(pieces) == text
    assert all(len(piece) <= MAX_CHARS and piece.endswith(("end,", "without an end")) for piece in pieces)


def test_without_clauses_a_long_sentence_is_cut_at_words() -> None:
    pieces = units("word " * 1000)
    assert all(len(piece) <= MAX_CHARS and set(piece.split()) == {"word"} for piece in pieces)


def test_without_words_a_cut_keeps_combining_marks_with_their_letter() -> None:
    text = "x" * (MAX_CHARS - 1) + "e\u0301\u0302" + "👩\u200d👩" * 400
    pieces = units(text)
    assert "".join(pieces) == text
    assert pieces[0] == "x" * (MAX_CHARS - 1)
    assert not any(piece.startswith(("\u0301", "\u0302", "\u200d")) for piece in pieces)


# -- every text --

ATOMS = [
    *".!?…。！？,;:'\"“”‘’„«»()[]{}*_-—–|>#`~@§$ \t\n\r\v\f\0\u2028\u0301\u200d\u200b\ufeff",
    *("\ud800", "😀", "\r\n", "\n\n", "```\n", "~~~", " | ", "- ", "1. ", "(a) ", "word ", "Word ", "words go here. "),
    *("Mr. ", "U.S. ", "St. ", "No. 5 ", "e.g. ", "v. ", "said ", "” Blinken said.", "[1]", "你好", "3.14", "x" * 300),
]
TEXTS = st.one_of(st.lists(st.sampled_from(ATOMS), max_size=80).map("".join), st.text(max_size=200))


@st.composite
def texts_and_skipped(draw: st.DrawFn) -> tuple[str, list[Span]]:
    text = draw(TEXTS)
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=6)))
    return text, [Span(start, end) for start, end in zip(cuts[::2], cuts[1::2], strict=False)]


@settings(deadline=None)
@given(texts_and_skipped())
@example(("a\n" * 2000, []))
@example(("x" * 5000 + " " * 2000 + "y" * 801, []))
@example(("é.\ud83d" * 1000, [Span(5, 5), Span(7, 9)]))
def test_sentences_are_trimmed_disjoint_ordered_short_and_cover_the_text(case: tuple[str, list[Span]]) -> None:
    text, skipped = case
    covered = [0] * len(text)
    end = 0
    for span in split(text, skipped):
        assert end <= span.start < span.end <= len(text)
        assert span.end - span.start <= MAX_CHARS
        assert text[span.start : span.end] == text[span.start : span.end].strip()
        covered[span.start : span.end] = [1] * (span.end - span.start)
        end = span.end
    hidden = {place for span in skipped for place in range(span.start, span.end)}
    dark = {place for span in plain.find(text)[1] for place in range(span.start, span.end)}
    for place, char in enumerate(text):
        if place in hidden:
            assert not covered[place]
        elif not char.isspace() and place not in dark:
            assert covered[place]


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_what_was_split_before_does_not_matter(text: str, other: str) -> None:
    first = split(text)
    split(other)
    assert split(text) == first


@settings(deadline=None)
@given(TEXTS)
def test_a_segmenter_that_finds_nothing_or_everything_breaks_no_promise(text: str) -> None:
    for segment in (lambda prose: [], lambda prose: range(len(prose) + 1)):
        spans = split(text, segment=segment)
        assert shown(text, spans) == shown(text, [Span(0, len(text))])
        assert all(s.end - s.start <= MAX_CHARS for s in spans)


def test_initials_joined_to_a_word_are_no_end() -> None:
    marked = "We keep to the EU-U.S. DPF Principles. ¦ The UK does so too."
    assert marked_anew(marked) == marked
    marked = "It left the EU-U.S. ¦ The rest stayed."
    assert marked_anew(marked) == marked


def test_a_mark_that_is_named_ends_nothing() -> None:
    marked = "Add an ! after the name. ¦ Then go on."
    assert marked_anew(marked) == marked
    marked = "Wait! ¦ Then go on."
    assert marked_anew(marked) == marked
