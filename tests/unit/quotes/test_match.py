"""The strict matcher: no change of meaning passes, harmless differences do; offsets are those of the original text."""

import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.english import quoting
from qa.quotes import edges, elision, folding, match
from qa.quotes.elision import gap_is_harmless, sentence_ends
from qa.quotes.folding import Dash, Folded
from qa.quotes.match import Match, find
from qa.records import Span

CHANGED = Path(__file__).parents[2] / "data" / "matching" / "changed.tsv"
TEXT = (
    "“We’re figuring that out right now,” Biden said when asked. The army — backed by 1,200 tanks — left on May 5. "
    "It fell to −5 degrees, a record for the café, in the north of the country. Is it over? The oﬃcial did not say."
)


def changed() -> list[tuple[str, str]]:
    rows = [line.split("\t") for line in CHANGED.read_text(encoding="utf-8").splitlines()[1:]]
    return [(text, quote) for _, text, quote in rows]


@pytest.mark.parametrize(
    "divided",
    [
        "un-\nlawful",
        "un-\r\n  lawful",
        "un- lawful",
        "un\u2010\nlawful",
        "un\u00ad\nlawful",
        "un\u00adlawful",
        "un\u200blawful",
        "un-\n> lawful",
        "une\u0301lawful",
        "Non-\nlawful",
        "2-\nlawful",
        "un-\nLawful",
    ],
)
def test_half_of_a_divided_word_does_not_stand(divided: str) -> None:
    text = f"It is {divided} to enter it."
    half, other = divided[-6:], divided[:-6].rstrip("-\u2010\u00ad \r\n>")
    for quote in (f"{half} to enter it.", f"-{half} to enter it", f"It is {other}", f"It is {other}-"):
        assert find(quote, text) == []
    assert find(f"{half} to enter it.", f"It is {half} to enter it.")
    assert find("and long terms", "short-\nand long terms") != []


NUMBERS = """10 000|10\u00a0000|10\u202f000|10\u2009000 000|10 ½|10 1/2|10 1⁄2|10 × 10^6|10^6|10·5|10×20|10 x 20|10*5
10…20|10...20|10 – 20|10 − 5|10+5|10/20|10 lakh|10 crores|10 €|10\u2009€|10 € 20|10\u202f₽|10¢|10″"""


@pytest.mark.parametrize("number", re.split(r"[|\n]", NUMBERS), ids=ascii)
def test_a_part_of_a_number_does_not_stand(number: str) -> None:
    first, rest = re.fullmatch(r"(10)\s?(.+)", number).groups()  # type: ignore[union-attr]
    text = f"The fee for members is {number} in all, they say."
    assert find(f"The fee for members is {first}", text) == []
    assert find(f"{rest} in all, they say.", text) == [] or not rest[0].isdigit()
    assert find(f"for members is {number} in all", text)


@pytest.mark.parametrize(
    "text",
    [
        "In 2020 500 people came.",
        "It has 10 rooms.",
        "The fee is 10\n\n200 came.",
        "The fee is 10\n- 200 came.",
        "费用是10元。",
    ],
)
def test_a_number_that_another_one_follows_is_whole(text: str) -> None:
    assert find(re.match(r"\D+\d+", text)[0], text)  # type: ignore[index]


AFTER_10 = [
    "\nmillion euros",
    "\n% this year",
    "\n000 euros",
    "\n> million",
    "\n×\n10^6",
    "\r\n€",
    " mg a day",
    " Mio. Euro",
]
AFTER_10 += [
    " tn",
    " pct",
    " pp. more",
    " per mille",
    " thousandths",
    " e6",
    " m^2",
    " ٪",
    "&percnt;",
    "\u0336 6",
    "\u20de",
]


@pytest.mark.parametrize("after", AFTER_10, ids=ascii)
def test_a_number_without_what_it_counts_does_not_stand(after: str) -> None:
    assert find("the sum rose by 10", f"They say the sum rose by 10{after}") == []


def test_a_unit_without_its_power_does_not_stand() -> None:
    assert find("a room of 10 m", "It is a room of 10 m^2 in all.") == []
    assert find("a room for 10 men", "It is a room for 10 men, they say.")


@pytest.mark.parametrize(
    ("quote", "number"),
    [
        ("They lost five", "five hundred"),
        ("hundred men there", "two hundred"),
        ("million men there", "5 million"),
        ("50 men there", "1 in 50"),
        ("They lost two", "two out of five"),
        ("five men there", "twenty five"),
        ("They lost three hundred", "three hundred and six"),
    ],
)
def test_a_part_of_a_number_in_words_does_not_stand(quote: str, number: str) -> None:
    text = f"They lost {number} men there."
    assert find(quote, text) == []
    assert find(text, text)


@pytest.mark.parametrize("before", ["un\u2043", "un\u2012\n", "un\u2013\n", "un&shy;", "un\u20de", "5\n"], ids=ascii)
def test_a_word_without_its_beginning_does_not_stand(before: str) -> None:
    rest = "million came to it" if before[0] == "5" else "likely to win it"
    assert find(rest, f"It is {before}{rest}.") == []


def test_a_currency_sign_belongs_to_the_number_that_it_touches() -> None:
    text = "In 2019 $5 million was spent."
    assert find("In 2019", text)
    assert find("$5 million was spent.", text)
    assert find("5 million was spent.", text) == []


def test_half_of_a_number_in_numerals_does_not_stand() -> None:
    text = "会员每年的费用是10万元，期限是三十年。"
    assert [find(quote, text) for quote in ("会员每年的费用是10", "期限是三", "十年。")] == [[], [], []]
    assert find("会员每年的费用是10万", text)


@pytest.mark.parametrize(
    "mark", ["?", "？", "؟", "⁇", "‽", "⁉", " ?", "\u00a0？", "…？", " (?)", "”؟", "**?"], ids=ascii
)
def test_a_question_mark_is_never_dropped(mark: str) -> None:
    assert find("he is guilty of it", f"They say he is guilty of it{mark} Nobody knows.") == []
    assert find("es culpable de esto", "Dice que es culpable de esto. ¿Quién?")


@pytest.mark.parametrize("between", [" | ", "\t", "\n"], ids=ascii)
def test_a_question_mark_in_the_next_cell_says_nothing_about_this_one(between: str) -> None:
    assert find("The harbour office", f"The harbour office{between}?{between}12")


@pytest.mark.parametrize(("text", "quote"), changed())
def test_an_edit_that_changes_the_meaning_is_absent(text: str, quote: str) -> None:
    assert find(quote, text) == []


@pytest.mark.parametrize(
    "quote",
    [
        "Biden said when asked.",
        "Biden said when asked,",
        "We're figuring that out right now",
        '"We\'re figuring that out right now," Biden said',
        "'We're figuring that out right now,' Biden said",
        "“We’re figuring that out right now.”",
        "the army - backed by 1,200 tanks - left on May 5.",
        "The army—backed by 1,200 tanks—left on May 5.",
        "The\u00a0army -- backed\nby  1,200 tanks -- left",
        "[t]he army — backed by 1,200 tanks",
        "“The army — backed by 1,200 tanks”",
        "It fell to -5 degrees",
        "It fell to \u22125 de\u00adgrees",
        "-5 degrees",
        "It fell to −5 degrees, a record for the cafe\u0301, in the north",
        "It fell to −5 degrees ... in the north of the country.",
        "It fell to −5 degrees, … in the north",
        "... a record for the café [...]",
        "Is it over?",
        "... is it over?",
        "The official did not say",
        "The of\ufb01cial did not say.",
    ],
)
def test_a_harmless_variant_is_found(quote: str) -> None:
    (found,) = find(quote, TEXT)
    assert found.kind == "folded" or TEXT[found.start : found.end] == quote


@pytest.mark.parametrize(
    "rest",
    [
        ", in mice.",
        " (in mice).",
        " — in mice.",
        "; in mice.",
        ", in a dream.",
        ", wrote Bob.",
        " [disputed].",
        " in mice.",
    ],
)
def test_a_full_stop_stands_for_no_words(rest: str) -> None:
    text = f"The doctors say that the drug cures cancer{rest} Nobody asked them."
    assert find("the drug cures cancer.", text) == []
    assert find("the drug cures cancer", text) != []


def test_a_verbatim_quote_is_exact_wherever_it_stands() -> None:
    assert find("the sea", "By the sea, at the sea.") == [Match(3, 10, "exact"), Match(15, 22, "exact")]


def test_copies_in_another_typography_are_told_apart() -> None:
    assert find("the “sea”", 'the "sea" and the “sea”.') == [Match(0, 9, "folded"), Match(14, 23, "exact")]


def test_offsets_are_those_of_the_original_text() -> None:
    text = "One\r\n  two\u00ad three — four 10,000 ﬁve… end."
    (found,) = find("two three -- four 10,000 five", text)
    assert text[found.start : found.end] == "two\u00ad three — four 10,000 ﬁve"


def test_an_elision_names_what_it_leaves_out() -> None:
    text = "Keir Starmer, who is prime minister, met Biden."
    assert find("Keir Starmer ... met Biden.", text) == [Match(0, 47, "folded", (Span(12, 37),))]


def test_an_elision_takes_the_nearest_beginning() -> None:
    text = "The north side is shut. The north side, the old one, was shut."
    (found,) = find("The north side ... was shut.", text)
    assert found.start == 24


def test_nothing_but_punctuation_is_absent() -> None:
    for quote in ("", "  ", "...", "“”", "—", "[...]", "?"):
        assert find(quote, TEXT) == []
    assert find("words", "") == []


def test_white_space_around_the_quote_is_not_part_of_it() -> None:
    assert find("  on May 5. \n", TEXT)[0].kind == "exact"


def test_headings_in_capitals_match_but_not_words_that_are_others_in_capitals() -> None:
    assert find("Talks resume in Geneva", "TALKS RESUME IN GENEVA") == []  # IN is not in: Indiana, an acronym
    assert find("Talks resume near Geneva", "TALKS RESUME NEAR GENEVA\n\nText.")
    assert not find("Talks with us resume", "TALKS WITH US RESUME")


def test_a_word_that_the_text_uses_as_a_name_too_keeps_its_capital() -> None:
    text = "Reformers won. The party of Reformers has few reformers."
    assert find("reformers won", text) == []
    assert find("dockers won", "Dockers won.")


def test_scripts_without_spaces_match_anywhere() -> None:
    assert find("大統領は", "昨日、大統領は述べた。")


def test_a_quote_may_be_very_long_or_very_repeated() -> None:
    text = "never again " * 2_000
    assert len(find("never again", text)) == 2_000
    assert find(text, text)[0].kind == "exact"
    assert len(find(" ... ".join(["never again"] * 5), text)) == 2_000 - 4  # nothing is left out
    assert find(" ... ".join(["never again"] * 50), text) == []
    for hostile in (". . " * 30_000, "x" + " ." * 50_000, "x" + " " * 50_000 + "y", "..." * 30_000 + "x", "“" * 50_000):
        assert find(hostile, text) == []
    assert find(" " * 50_000 + "a-" * 20_000, "-" * 50_000) == []


@pytest.mark.parametrize(
    ("left", "gap", "right", "harmless"),
    [
        ("the army", ", the largest of the region, ", "left", True),
        ("the army", ", not the navy, ", "left", False),
        ("the army", " with the king ", "left the city", False),
        ("the army", " fought and the navy ", "left the city", False),
        ("the matter with", " the ", "city of the king", False),
        ("He came to the city", ". The city was old. ", "The king came by sea.", True),
        ("He came to the city", ". … ", "The king came by sea.", True),
        ("He came to the city", ". The city was old. ", "It was of stone.", False),
        ("He came to the city", ". The city was old.\n\n", "The king came by sea.", False),
        ("He came to the city", ". The city was old. The king came by sea. ", "The city was of stone.", False),
        ("He came", " to the city. ", "The king came by sea.", False),
        ("He came to the city", ". The city was old ", "of stone", False),
        ("He came to Dr", ". The city was old. ", "The king came by sea.", False),
        ("the army of", " " + "the king, " * 40, "left", False),
    ],
)
def test_a_gap_is_one_of_two_shapes(left: str, gap: str, right: str, harmless: bool) -> None:
    assert gap_is_harmless(left, gap, right) is harmless


def test_an_abbreviation_ends_no_sentence() -> None:
    assert sentence_ends("The U.S. Army left. Mr. Smith stayed.") == [19, 37]


# --- slow twins ---------------------------------------------------------------------------------------------------

ALPHABET = "aB é1,.…-–—−\"'“”‘’«»\n\t\u00a0\u00ad\u200bﬁ\u0301"


def twin_units(text: str) -> list[tuple[str, int, int]]:
    """The detail of a text, character by character, with the offsets each came from: slow and obvious."""
    units: list[tuple[str, int, int]] = []
    blank, dashes = " \n\t\u00a0\u00ad\u200b", "-–—−"
    i = 0

    def run(start: int, chars: str) -> int:
        while start < len(text) and text[start] in chars:
            start += 1
        return start

    while i < len(text):
        if text[i] in blank or text[i] in dashes or text[i] in "«»":
            first = run(i, blank)
            dash = first < len(text) and text[first] in dashes
            if dash:
                last = run(first, "-") if text[first] == "-" else first + 1
                end = run(last, blank)
                left = first == 0 or i == 0 or any(c.isspace() for c in text[i:first]) or text[i - 1].isspace()
                right = end == len(text) or any(c.isspace() for c in text[last:end])
                body = text[first:last]
                if left and right:
                    new = Dash.SPACED
                elif body in "-−" or (body == "–" and left and text[end].isdigit()):
                    lead = any(c.isspace() for c in text[i:first]) or (left and i < first)
                    new = (
                        (" " if left and lead else "")
                        + (Dash.SIGN if left else Dash.HYPHEN)
                        + (" " if any(c.isspace() for c in text[last:end]) else "")
                    )
                elif left or right:
                    new = Dash.SPACED
                else:
                    new = Dash.EN if body == "–" else Dash.EM
            elif first < len(text) and text[first] == "»":
                end, new = first + 1, '"'
            elif first == i:  # an opening guillemet
                end = i + 1
                while end < len(text) and text[end].isspace():
                    end += 1
                new = '"'
            else:
                end, new = first, " " if any(c.isspace() for c in text[i:first]) else ""
        elif text[i] == "…" or text[i : i + 3] == "...":
            end = i + 1 if text[i] == "…" else run(i, ".")
            new = "..."
        elif re.match(r"\.\s\.\s\.", text[i:]):
            end, new = i + 5, "..."
        elif re.match("['‘’]['‘’]", text[i:]):
            end, new = i + 2, '"'
        elif text[i] == "\u0301" or text[i + 1 : i + 2] == "\u0301":
            end = run(i + 1, "\u0301")
            new = unicodedata.normalize("NFC", text[i:end])
        elif (
            text[i] == ","
            and re.search(r"(?<![\d,])\d{1,3}(,\d{3})*$", text[:i])
            and re.match(r",\d{3}(?!\d)", text[i:])
        ):
            end, new = i + 1, ""
        else:
            end = i + 1
            new = {"ﬁ": "fi"}.get(text[i]) or ("'" if text[i] in "'‘’" else '"' if text[i] in '"“”' else text[i])
        same = new == text[i:end]  # what folding leaves alone keeps an offset for every character
        units += [(c, i + k, i + k + 1) if same else (c, i, end) for k, c in enumerate(new)]
        i = end
    return units


def settled(text: str) -> str:
    """Without accents in places where no letter carries them: those are nobody's text."""
    return re.sub(r"(?<![aBé])\u0301+", "", text)


@settings(max_examples=600, deadline=None)
@given(st.text(ALPHABET, max_size=30).map(settled))
def test_folding_equals_its_slow_twin(text: str) -> None:
    folded, units = Folded(text), twin_units(text)
    assert folded.detail == "".join(c for c, _, _ in units)
    assert len(folded.skeleton) == len(folded.detail)
    for i in range(len(units)):
        span = folded.span(i, i + 1)
        if span.end - span.start == 1 or units[i][2] - units[i][1] == 1:
            assert (span.start, span.end) == units[i][1:]


WORDS = (
    "the",
    "army",
    "left",
    "May",
    "may",
    "US",
    "us",
    "not",
    "5",
    "-5",
    "1,000",
    "1000",
    "Kyiv",
    "it’s",
    "long-range",
)
JOINS = (" ", "  ", "\n", ", ", ". ", "? ", " — ", " - ", ".\u00a0")


@st.composite
def texts(draw: st.DrawFn) -> str:
    parts = [draw(st.sampled_from(WORDS)) + draw(st.sampled_from(JOINS)) for _ in range(draw(st.integers(1, 14)))]
    return "".join(parts)


def plain(text: str) -> list[str]:
    """Words and the punctuation that counts, in one form."""
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text.replace("’", "'").replace("\u00a0", " "))
    return re.findall(r"[\w'-]*\w|[,.?]|—|-(?= )", text.replace(" - ", " — "))


@settings(max_examples=400, deadline=None)
@given(texts(), texts())
def test_what_is_found_has_the_same_words_in_the_same_order(quote: str, text: str) -> None:
    """The slow twin: compare the quote with every stretch of the text, word by word."""
    wanted = plain(quote.strip(" \n,.—-\u00a0"))
    cuts = [0] + [m.end() for m in re.finditer(r"\s+", text)]
    stretches = [plain(text[i:j].strip(" \n,.—-\u00a0?")) for i in cuts for j in cuts if j > i]
    bare = [word for word in wanted if word != "?"]
    near = [[word for word in s if word != "?"] for s in stretches]
    lower = [[w.lower() for w in s[:1]] + s[1:] for s in near]
    if find(quote, text):
        assert [w.lower() for w in bare[:1]] + bare[1:] in lower


@settings(max_examples=400, deadline=None)
@given(texts(), st.data())
def test_every_stretch_of_whole_words_is_found_where_it_stands(text: str, data: st.DataObject) -> None:
    starts = [m.start() for m in re.finditer(r"(?<!\S)[\w]", text)]
    ends = [m.end() for m in re.finditer(r"\w(?=\s|[.,] )", text)]
    i = data.draw(st.sampled_from(starts)) if starts else 0
    j = data.draw(st.sampled_from([e for e in ends if e > i] or [0]))
    in_range = re.search(r"\d - -?$", text[:i]) or (re.search(r"\d\Z", text[:j]) and re.match(r" - -?\d", text[j:]))
    if j > i and "- " not in text[i - 3 : i] and not in_range:
        assert any(m.start == i and m.end == j and m.kind == "exact" for m in find(text[i:j], text))


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60), st.text(max_size=200))
def test_any_text_is_answered_with_spans_inside_the_text(quote: str, text: str) -> None:
    for found in find(quote, text + quote + text):
        assert 0 <= found.start < found.end <= len(text + quote + text)
        assert (found.kind == "exact") == ((text + quote + text)[found.start : found.end] == quote.strip())


@pytest.mark.parametrize("module", [edges, match, folding, elision, quoting])
def test_all_is_sorted_and_complete(module: object) -> None:
    names = module.__all__  # type: ignore[attr-defined]
    assert names == sorted(names)
    assert all(hasattr(module, name) for name in names)
