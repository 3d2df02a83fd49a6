"""Gold quotes in today's documents: the five words, and nothing written down that is not beyond doubt."""

import importlib
import random
import re
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.gold.files import check as checks
from qa.gold.files import documents, sources
from qa.gold.files.cases import Case, GoldQuote, load, locate
from qa.gold.files.check import Checked, anchored, check
from qa.gold.files.documents import Documents
from qa.gold.files.sources import Sources, squeeze
from qa.quotes.anchors import Place
from qa.records import BuildSettings, Span

ROOT = Path(__file__).resolve().parents[4]
QUOTE = "The harbour of Arlen was closed on 5 May after two “heavy” storms."
NEWS = (
    "A headline of the day\n\nThe mayor spoke to the press in the morning. "
    + QUOTE.replace("on 5", "on\n5")
    + " Ferries will run again next week, the port authority said.\n\nThe last  paragraph is about the weather.\n"
)
OTHER = "Another document, about bicycles and the stations where they can be borrowed by visitors.\n"
BARE = GoldQuote("news.txt", QUOTE)
FULL = GoldQuote("news.txt", QUOTE, "spoke to the press in the morning.", "Ferries will run again next week,")


def one(quote: GoldQuote, texts: dict[str, str]) -> Checked:
    return check([case(quote)], Sources(texts))[0]


def case(*quotes: GoldQuote) -> Case:
    return Case("x", "x", "?", "answer", quotes=quotes)


def today(news: str | None = NEWS, name: str = "news.txt", **others: str) -> dict[str, str]:
    return {"other.txt": OTHER} | ({name: news} if news is not None else {}) | others


def words(found: Checked, texts: dict[str, str]) -> str:
    place = found.standing.place
    assert place is not None
    return squeeze(texts[place.doc_id][place.start : place.end])


# --- Where a quote stands ---------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(
    st.text("ab \n\u2003", max_size=30),
    st.text("ab ", min_size=1, max_size=4).filter(str.strip),
    st.text("ab ", max_size=2).map(str.strip),
    st.text("ab ", max_size=2).map(str.strip),
)
def test_the_quick_search_agrees_with_the_definition(source: str, quote: str, before: str, after: str) -> None:
    gold = GoldQuote("s", squeeze(quote), before, after)
    places = Sources({"s": source}).places(gold)
    expected = locate(gold, source)
    if isinstance(expected, Span):
        assert places == [Place("s", expected.start, expected.end)]
    else:
        assert len(places) > 1 if expected == "ambiguous" else places == []


@settings(deadline=None)
@given(st.text("ab \n\t\u2003“", min_size=1, max_size=40), st.data())
def test_places_are_offsets_of_the_text_itself(source: str, data: st.DataObject) -> None:
    runs = source.split()
    if not runs:
        return
    first = data.draw(st.integers(0, len(runs) - 1))
    quote = " ".join(runs[first : data.draw(st.integers(first + 1, len(runs)))])
    places = Sources({"s": source}).places(GoldQuote("s", quote))
    assert places
    for place in places:
        assert squeeze(source[place.start : place.end]) == quote
        assert source[place.start : place.end] == source[place.start : place.end].strip()


@pytest.mark.parametrize("quote", [BARE, FULL])
def test_a_quote_that_stands_once_is_intact_wherever_that_is(quote: GoldQuote) -> None:
    for text in (NEWS, "A new first paragraph.\n\n" + NEWS, NEWS.replace(" ", "\n")):
        found = one(quote, today(text))
        assert (found.standing.state, found.mended) == ("intact", None)
        assert words(found, today(text)) == QUOTE


@pytest.mark.parametrize("quote", [BARE, FULL])
def test_another_typography_is_intact_and_can_be_mended(quote: GoldQuote) -> None:
    found = one(quote, today(NEWS.replace("“", '"').replace("”", '"')))
    assert (found.standing.state, found.standing.style_only) == ("intact", True)
    assert found.mended == replace(quote, text=QUOTE.replace("“", '"').replace("”", '"'))


@pytest.mark.parametrize("quote", [BARE, FULL])
@pytest.mark.parametrize(("old", "new"), [("5 May", "6 May"), ("was closed", "was not closed"), (" heavy", " strong")])
def test_another_wording_is_an_edit_that_is_left_to_people(quote: GoldQuote, old: str, new: str) -> None:
    found = one(quote, today(NEWS.replace("\n5", " 5").replace("“", " ").replace("”", " ").replace(old, new)))
    assert (found.standing.state, found.mended) == ("edited", None)
    assert "".join(step.old for step in found.standing.diff) == QUOTE


def test_a_word_that_became_part_of_another_is_an_edit() -> None:
    texts = {"s": "It is unable to reach the port."}
    assert one(GoldQuote("s", "able to reach the port"), texts).standing.state == "edited"
    assert one(GoldQuote("s", "able to reach the port", "It is un", "."), texts).standing.state == "intact"


def test_words_around_a_quote_that_changed_are_brought_up_to_date() -> None:
    text = NEWS.replace("in the morning.", "at noon.")
    found = one(FULL, today(text))
    assert (found.standing.state, found.standing.stands) == ("moved", True)
    after = "Ferries will run again next week, the"
    assert found.mended == replace(FULL, before="The mayor spoke to the press at noon.", after=after)
    assert one(found.mended, today(text)).standing.state == "intact"
    assert one(BARE, today(text)).standing.state == "intact"


def test_a_copy_makes_a_quote_duplicated_unless_the_words_around_it_tell() -> None:
    texts = today(f"{NEWS}\n\n{QUOTE}\n")
    bare = one(BARE, texts)
    assert (bare.standing.state, bare.mended, len(bare.standing.others)) == ("duplicated", None, 2)
    assert one(FULL, texts).standing.state == "intact"
    assert one(FULL, today(NEWS + NEWS)).standing.state == "duplicated"


def test_a_quote_without_its_document_is_gone() -> None:
    for texts in (today(None), today("")):
        found = one(FULL, texts)
        assert (found.standing.state, found.missing, found.mended) == ("gone", True, None)


def test_a_deleted_quote_is_gone_though_another_document_always_had_it() -> None:
    texts = today(NEWS.replace(squeeze(QUOTE).replace("on 5", "on\n5"), ""), **{"b.txt": QUOTE})
    found = one(FULL, texts)
    assert (found.standing.state, found.missing, found.mended) == ("gone", False, None)


def test_a_renamed_document_is_recognised_by_the_words_around_the_quote() -> None:
    for text in (NEWS, "New.\n" + NEWS):
        found = one(FULL, today(text, "2024/news.txt"))
        assert (found.standing.state, found.mended) == ("moved", replace(FULL, source="2024/news.txt"))
        assert one(BARE, today(text, "2024/news.txt")).mended is None


# --- Renamed documents and all of their quotes ------------------------------------------------------------------------


THREE = tuple(GoldQuote("news.txt", text) for text in (QUOTE, "Ferries will run again", "A headline of the day"))


def test_a_renamed_document_is_recognised_by_several_quotes_without_more_words() -> None:
    found = check([case(THREE[0]), case(*THREE[1:])], Sources(today(NEWS, "2024/news.txt")))
    assert [one.mended for one in found] == [replace(quote, source="2024/news.txt") for quote in THREE]
    assert all(one.standing.state == "moved" for one in found)


@pytest.mark.parametrize(
    ("quotes", "texts"),
    [
        (THREE[:2], today(NEWS, "2024/news.txt")),
        ((*THREE[:2], GoldQuote("news.txt", "Ferries")), today(NEWS, "2024/news.txt")),  # a part of another quote
        (THREE, today(NEWS, "2024/news.txt", **{"b.txt": NEWS})),
        (THREE, today(NEWS.replace("A headline", "The headline"), "2024/news.txt")),
        (THREE, today(NEWS + "\n\nFerries will run again", "2024/news.txt")),
        ((*THREE, GoldQuote("2024/news.txt", "The mayor")), today(NEWS, "2024/news.txt")),  # was there already
    ],
)
def test_a_document_is_not_taken_for_renamed_on_less(quotes: tuple[GoldQuote, ...], texts: dict[str, str]) -> None:
    found = check([case(*quotes)], Sources(texts))
    assert [one.mended for one in found] == [None] * len(quotes)


def test_two_documents_are_not_both_renamed_to_one() -> None:
    quotes = [*THREE, *(replace(quote, source="older.txt") for quote in THREE)]
    assert [one.mended for one in check([case(*quotes)], Sources(today(NEWS, "2024/news.txt")))] == [None] * 6


def test_a_document_that_is_not_indexed_because_it_is_another_ones_twin(tmp_path: Path) -> None:
    for name in ("a.txt", "news.txt"):
        (tmp_path / "seeds").mkdir(exist_ok=True)
        (tmp_path / "seeds" / name).write_text(NEWS, "utf-8")
    read = Documents(tmp_path / "seeds", BuildSettings())
    found = check([case(BARE)], Sources(read), read.twins)
    assert (list(read), read.twins) == (["a.txt"], {"news.txt": "a.txt"})
    assert (found[0].missing, found[0].mended) == (True, replace(BARE, source="a.txt"))


def test_documents_are_read_when_they_are_asked_for(tmp_path: Path) -> None:
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "news.txt").write_bytes(NEWS.encode())
    (tmp_path / "seeds" / "broken.docx").write_bytes(b"no document")
    (tmp_path / "seeds" / "empty.txt").write_bytes(b"")
    read = Documents(tmp_path / "seeds", BuildSettings())
    assert (read["news.txt"], read.page("news.txt", 5), len(read)) == (NEWS, None, 2)
    assert (read.absent, "empty.txt" in read) == ({"empty.txt": "empty"}, False)
    assert read["broken.docx"] == ""
    assert set(read.absent) == {"empty.txt", "broken.docx"}


# --- The words around a quote -----------------------------------------------------------------------------------------


def test_the_words_around_a_quote_are_whole_and_as_many_as_it_takes() -> None:
    text = "alpha beta " * 30 + "The quote. " + "gamma delta " * 30
    start = text.index("The quote.")
    gold = anchored(GoldQuote("s", "The quote."), Place("s", start, start + 10), Sources({"s": text}))
    assert (gold.before, gold.after) == ("beta alpha beta alpha beta alpha beta", "gamma delta gamma delta gamma delta")
    near = text.replace("alpha beta The", "alpha bet The", 1)
    copies = near + "\n\n" + text[start - 60 : start + 60]
    gold = anchored(GoldQuote("s", "The quote."), Place("s", start - 1, start + 9), Sources({"s": copies}))
    assert gold.before.endswith("alpha bet")
    assert Sources({"s": copies}).standing(gold).state == "intact"
    assert anchored(GoldQuote("s", "One"), Place("s", 0, 3), Sources({"s": "One two"})) == GoldQuote(
        "s", "One", "", "two"
    )


# --- Scripted edits ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    folder = str(ROOT / "bench")
    if folder not in sys.path:
        sys.path.insert(0, folder)
    return importlib.import_module("gold_check")


def corpus() -> dict[str, str]:
    """The sample articles, and a generated text of which two sentences stand twice."""
    rng = random.Random(7)
    words = ["".join(rng.choices("bdfklmnprstv", k=3)) + rng.choice(("a", "en", "o", "ish")) for _ in range(400)]
    lines = [" ".join(rng.choices(words, k=14)).capitalize() + f" and {rng.randrange(900)} “more”." for _ in range(40)]
    lines[25], lines[33] = lines[5], lines[6]
    articles = {path.name: path.read_bytes().decode() for path in sorted((ROOT / "seeds").glob("*.txt"))}
    return articles | {"generated.txt": "\n\n".join(" ".join(lines[n : n + 4]) for n in range(0, 40, 4)) + "\n"}


def test_scripted_edits_are_classified_right_and_none_is_mended_wrongly(bench: ModuleType) -> None:
    docs = corpus()
    quotes = [
        bench.Quote(name, match.start(), match.end())
        for name, text in docs.items()
        for match in re.finditer(r"[“A-Z][^\n.]{30,300}\.(?=\s)", text)
    ]
    tried, wrong, false = 0, [], []
    for name, full, few, outcome in bench.scripted(docs, quotes, 4):
        found = bench.checked(full, outcome.docs)
        tried += 1
        wrong += [name] * (not bench.is_right(found, outcome, full))
        false += [name] * bench.is_false(found, outcome, full)
        false += [name] * bench.is_false(bench.checked(few, outcome.docs), outcome, few)
    assert tried >= 100
    assert (false, wrong) == ([], [])


def test_the_sample_gold_stands() -> None:
    texts = {path.name: path.read_bytes().decode() for path in (ROOT / "seeds").glob("*.txt")}
    found = check(load(ROOT / "tests" / "gold" / "seeds.yaml"), Sources(texts))
    assert {one.standing.state for one in found} == {"intact"}
    assert all(one.mended is None and not one.missing for one in found)


def test_modules_say_what_is_public() -> None:
    for module in (checks, documents, sources):
        assert module.__all__ == sorted(module.__all__)
        assert all(hasattr(module, name) for name in module.__all__)
