"""The loader of gold files, the matchers, and the cases over the sample articles (without an index)."""

import os
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from textwrap import dedent
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.errors import GoldError
from qa.gold.files import cases, matchers, nodes
from qa.gold.files.cases import MAX_PROBLEMS, Case, GoldQuote, load, locate, matches, parse
from qa.gold.files.matchers import Date, Number, Regex, Words
from qa.records import Span

ROOT = Path(__file__).parents[4]
GOLD = ROOT / "tests/gold/seeds.yaml"

WHOLE = """\
    # a comment
    - id: who
      fact: envoy
      question: Who is the envoy?
      expect: answer
      severity: critical
      tags: [single, paraphrase]
      all:
        - words: Whitaker
        - number: 1.5 million
          tolerance: 1000
          unit: dollars
      any:
        - regex: 'envoy|ambassador'
        - date: 2024-07-04
      none:
        - words: no
      quotes:
        - source: news/a.txt
          text: envoy Matt
            Whitaker
          before: The
          after: said
          part: name
      note: A note.
    - id: cost
      question: 17
      expect: abstain
"""


def problems(text: str) -> list[str]:
    with pytest.raises(GoldError) as caught:
        parse(dedent(text), "gold.yaml")
    return str(caught.value).split("\n")


def case(**values: object) -> Case:
    return Case(**({"id": "x", "fact": "x", "question": "?", "expect": "answer"} | values))  # type: ignore[arg-type]


# --- The loader -------------------------------------------------------------------------------------------------------


def test_a_whole_case_is_read() -> None:
    first, second = parse(dedent(WHOLE), "gold.yaml")
    assert first == Case(
        id="who",
        fact="envoy",
        question="Who is the envoy?",
        expect="answer",
        all=(Words("Whitaker"), Number(Decimal(1_500_000), Decimal(1000), "dollars")),
        any=(Regex("envoy|ambassador"), Date(2024, 7, 4)),
        none=(Words("no"),),
        quotes=(GoldQuote("news/a.txt", "envoy Matt Whitaker", "The", "said", "name"),),
        tags=("single", "paraphrase"),
        severity="critical",
        note="A note.",
    )
    assert (first.file, first.line, first.quotes[0].line) == ("gold.yaml", 2, 19)
    assert second == Case(id="cost", fact="cost", question="17", expect="abstain")


def test_values_stay_the_characters_of_the_file() -> None:
    [only] = parse("- {id: no, question: 2024-07-04, expect: abstain, note: 'yes'}")
    assert (only.id, only.question, only.note) == ("no", "2024-07-04", "yes")


@pytest.mark.parametrize(
    ("line", "replacement", "expected"),
    [
        ("severity: critical", "severty: critical", "6: unknown key 'severty' in a case; did you mean 'severity'?"),
        ("part: name", "prt: name", "24: unknown key 'prt' in a quote; did you mean 'part'?"),
        ("- words: Whitaker", "- wrods: Whitaker", "9: unknown key 'wrods' in a matcher; did you mean 'words'?"),
        ("expect: answer", "expect: answr", "5: expect must be answer or abstain, not 'answr'; did you mean 'answer'?"),
        ("severity: critical", "severity: high", "6: severity must be normal or critical, not 'high'"),
        ("id: cost", "id: who", "26: duplicate id 'who', first used at gold.yaml:2"),
        ("id: cost", "id: the cost", "26: id 'the cost' is not a valid name"),
        ("fact: envoy", "fact: cost", "26: fact 'cost' expects abstain, but answer in 'who' at gold.yaml:2"),
        ("tags: [single, paraphrase]", "tags: single", "7: tags must be a list, not 'single'"),
        ("tags: [single, paraphrase]", "tags: []", "7: tags is empty; leave it out"),
        ("tags: [single, paraphrase]", "tags: [a: b]", "7: a tag must be text, not a mapping"),
        ("question: Who is the envoy?", "question: [a]", "4: question must be text, not a list"),
        ("question: Who is the envoy?", "question:", "4: question must be text, not nothing"),
        ("question: Who is the envoy?", "note: Who?", "2: a case has no 'question'"),
        ("note: A note.", "id: again", "25: a case has 'id' twice"),
        ("regex: 'envoy|ambassador'", "regex: '(envoy'", "14: the regular expression does not compile: missing )"),
        ("regex: 'envoy|ambassador'", "regex: 'x*'", "14: the regular expression matches even an empty answer"),
        ("regex: 'envoy|ambassador'", "regex: '(?:(?:(?:a|bc){300}){300}){300}'", "14: the regular expression takes"),
        ("date: 2024-07-04", "date: 2024-02-30", "15: '2024-02-30': this month has no day 30"),
        ("date: 2024-07-04", "date: 07/04/2024", "15: '07/04/2024' is not a date"),
        ("number: 1.5 million", "number: about ten", "10: 'about ten' is not a number"),
        ("number: 1.5 million", "number: 17%", "10: '17%' is not a number"),
        ("tolerance: 1000", "tolerance: -1", "10: the tolerance is negative"),
        (
            "- words: Whitaker",
            "- words: a\n      date: July",
            "9: a matcher needs exactly one of words, regex, number, date",
        ),
        (
            "- words: Whitaker",
            "- unit: km",
            "9: a matcher needs exactly one of words, regex, number, date; it has none",
        ),
        ("- words: Whitaker", "- words: a\n      unit: km", "10: 'unit' applies to number matchers, not to words"),
        ("- words: Whitaker", "- Whitaker", "9: a matcher must have keys and values, not 'Whitaker'"),
        ("source: news/a.txt", "source: ../a.txt", "19: source '../a.txt' is not a path inside seeds/"),
        ("source: news/a.txt", "part: a", "19: a quote has no 'source'"),
        ("expect: abstain", "expect: answer", "26: an answerable case needs at least one gold quote"),
        ("question: 17", "all:\n    - words: a", "27: 'all' in a case that expects to abstain"),
        ("question: 17", "question: 17\n  quotes: []", "28: 'quotes' in a case that expects to abstain"),
        ("question: 17", "question: a: b", "27: broken YAML: mapping values are not allowed"),
        ("question: 17", 'question: "\x07"', "27: broken YAML: the character '\\x07' is not allowed"),
        ("question: 17", "question: &a 17", "27: anchors (&) and aliases (*) are not allowed"),
        ("question: 17", "question: *a", "27: anchors (&) and aliases (*) are not allowed"),
        ("question: 17", "question: !!python/name:os.system x", "27: the tag tag:yaml.org,2002:python/name"),
        ("question: 17", "question: " + "[" * 20 + "]" * 20, "27: nested more than 10 levels deep"),
        ("expect: abstain", "expect: abstain\n---\n- a", "30: a second YAML document"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_file_and_line(line: str, replacement: str, expected: str) -> None:
    text = dedent(WHOLE)
    assert line in text
    at = text.rindex(line) if line.startswith("expect: abstain") else text.index(line)
    found = problems(text[:at] + replacement + text[at + len(line) :])
    assert any(problem.startswith(f"gold.yaml:{expected}") for problem in found), found


def test_all_problems_of_a_file_are_reported_in_order_up_to_a_number() -> None:
    found = problems("".join(f"- id: n{n}\n  question: q\n  expct: answer\n" for n in range(MAX_PROBLEMS)))
    assert found[0] == "gold.yaml:1: a case has no 'expect'"
    assert found[1] == "gold.yaml:3: unknown key 'expct' in a case; did you mean 'expect'?"
    assert len(found) == MAX_PROBLEMS + 1
    assert found[-1] == f"gold.yaml: and {MAX_PROBLEMS} more problems"


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n", "\n\n"])
def test_a_file_without_cases_is_an_error(text: str) -> None:
    assert problems(text) == ["gold.yaml:1: no cases; a gold file is a list of cases that begin with `- id:`"]


def test_a_file_that_is_no_list_is_an_error() -> None:
    assert problems("id: a\n") == ["gold.yaml:1: a gold file must be a list, not a mapping"]


def test_deep_nesting_does_not_exhaust_the_stack() -> None:
    # In a process of its own, for libyaml's composer dies of such a file.
    code = "from qa.gold.files.cases import parse\nparse('- ' * 200_000 + 'x', 'deep.yaml')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "GoldError: deep.yaml:1: nested more than 10 levels deep" in done.stderr


def test_the_parser_in_python_gives_the_same_cases_and_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    import yaml

    expected = load(GOLD)
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    slow = load(GOLD)
    assert slow == expected
    assert [(c.line, [q.line for q in c.quotes]) for c in slow] == [
        (c.line, [q.line for q in c.quotes]) for c in expected
    ]
    assert problems("- id: a\n  note: \x07\n") == ["gold.yaml:2: broken YAML: the character '\\x07' is not allowed"]
    assert problems("- id: a\n- b: [\n")[0].startswith("gold.yaml:3: broken YAML: ")


def test_several_files_are_loaded_together_and_their_problems_too(tmp_path: Path) -> None:
    one, two, three = (tmp_path / name for name in ("1.yaml", "2.yaml", "3.yaml"))
    one.write_text("- id: a\n  question: q\n  expect: abstain\n", "utf-8-sig")
    two.write_text("- id: b\n  question: q\n  expect: abstain\n", "utf-8")
    assert [c.id for c in load(one, two)] == ["a", "b"]
    assert load(two)[0].file == str(two)
    two.write_text("# a second one\n- id: a\n  question: q\n  expect: abstain\n", "utf-8")
    three.write_bytes(b"- id: c\n  question: caf\xe9\n")
    with pytest.raises(GoldError) as caught:
        load(one, two, three, tmp_path / "4.yaml")
    assert str(caught.value).split("\n") == [
        f"{three}:2: not UTF-8; save the file as UTF-8",
        f"{tmp_path / '4.yaml'}: cannot be read: No such file or directory",
        f"{two}:2: duplicate id 'a', first used at {one}:1",
    ]


def test_the_file_is_read_as_it_is_on_every_system(tmp_path: Path) -> None:
    gold = tmp_path / "crlf.yaml"
    gold.write_bytes("- id: a\r\n  question: Où?\r\n  expect: abstain\r\n- id: b\r\n".encode())
    with pytest.raises(GoldError, match=rf"{gold.name}:4: a case has no 'question'"):
        load(gold)


# --- Quotes -----------------------------------------------------------------------------------------------------------


def test_quotes_of_one_part_are_interchangeable() -> None:
    a, b, c, d = (GoldQuote("s", text, part=part) for text, part in [("a", None), ("b", "x"), ("c", None), ("d", "x")])
    assert case(quotes=(a, b, c, d)).parts == ((a,), (b, d), (c,))


@pytest.mark.parametrize(
    ("text", "before", "after", "expected"),
    [
        ("second line", "", "", Span(11, 22)),
        ("first line second", "", "", Span(0, 17)),  # any white space equals any
        ("line", "first", "", Span(6, 10)),
        ("line", "second", "", Span(18, 22)),
        ("line", "", "B", Span(18, 22)),
        ("line", "first", "second", Span(6, 10)),
        ("line", "", "", "ambiguous"),
        ("line", "third", "", "absent"),
        ("Second", "", "", "absent"),
        ("ee", "", "", "ambiguous"),  # overlapping places are two places
        ("“q”", "", "", Span(26, 29)),
        ('"q"', "", "", "absent"),
        ("(s|x)*", "", "", "absent"),
    ],
)
def test_a_gold_quote_is_located_by_its_exact_words(text: str, before: str, after: str, expected: object) -> None:
    source = "first line\nsecond line B  “q” eee"
    assert locate(GoldQuote("s", text, before, after), source) == expected


@given(st.text("ab \n", max_size=30), st.text("ab ", min_size=1, max_size=4).filter(str.strip))
def test_locating_agrees_with_counting(source: str, quote: str) -> None:
    folded = " ".join(source.split())  # without repeated white space, so that plain counting is right
    words = " ".join(quote.split())
    places = [i for i in range(len(folded)) if folded.startswith(words, i)]
    found = locate(GoldQuote("s", quote), folded)
    if len(places) == 1:
        assert found == Span(places[0], places[0] + len(words))
    else:
        assert found == ("ambiguous" if places else "absent")


# --- Matchers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "answer", "expected"),
    [
        ("f-16", "It is the F‑16.", True),
        ("F-16", "Many F-16s fly.", False),
        ("F-16", "the XF-16", False),
        ("don't", "They DON’T", True),
        ("“stupid”", 'He called it "stupid".', True),
        ("big mistake", "a big\n  mistake", True),
        ("big mistake", "a big, big error and mistake", False),
        ("Straße", "STRASSE", True),
        ("50%", "some 50% of it", True),
        ("a.b", "a-b axb", False),
    ],
)
def test_words_are_whole_and_their_typography_does_not_matter(words: str, answer: str, expected: bool) -> None:
    assert Words(words).found_in(answer) is expected


def test_a_regex_ignores_case_and_typography() -> None:
    assert Regex.parse("it's f-?16").found_in("IT’S F—16")
    assert not Regex.parse("x").found_in("y")


def test_a_regex_that_takes_forever_is_an_error_with_its_line_and_not_a_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matchers, "TIME_LIMIT", 0.05)
    slow = Regex.parse(r"(?:(?:a|b|ab)+c?)+(?:(?:a|b|ab)+d?)+[xy]$")
    answer = "ab" * 400
    for which in ("all", "any", "none"):
        with pytest.raises(GoldError, match=r"gold\.yaml:7: regex .* took longer than"):
            matches(answer, replace(case(**{which: (slow,)}), file="gold.yaml", line=7))
    assert matches(answer, case(any=(slow, Words("ab" * 400)))) == []


@pytest.mark.parametrize(
    "pattern",
    [
        "(?:" + "(?:ab?|c[d-f])" * 30 + "){10000}x",  # this one ends the process that compiles it
        "(?:" * 40 + "a|b" + ")+" * 40,
        "(?:" * 14 + "a|bc" + "){2}" * 14,
        r"(?x)(?:(?:(?:a|bc){ 3 0 0 }){ 3 0 0 }){ 3 0 0 }",
    ],
)
def test_a_short_pattern_that_takes_all_memory_is_an_error_and_the_next_one_is_read(pattern: str) -> None:
    with pytest.raises(TimeoutError, match="too much time or memory"):
        Regex.parse(pattern)
    assert Regex.parse("a+b").found_in("AAB")


@pytest.mark.parametrize("pattern", ["(" * 5000 + "a" + ")" * 5000, "a{99999999999}", r"\L<names>", "(?V0)(?V1)a", "["])
def test_whatever_the_library_raises_for_a_pattern_is_an_error_in_words(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"the regular expression does not compile: ."):
        Regex.parse(pattern)


SPELLED = {
    0: "zero", 7: "seven", 17: "seventeen", 20: "twenty", 42: "forty-two", 99: "ninety nine", 100: "a hundred",
    205: "two hundred and five", 1_000: "one thousand", 1_700: "seventeen hundred", 24: "two dozen",
    3_217: "three thousand two hundred and seventeen", 30_000: "thirty thousand", 2_000_001: "two million and one",
}  # fmt: skip


@pytest.mark.parametrize(("value", "spelled"), SPELLED.items())
def test_a_spelled_number_is_the_number(value: int, spelled: str) -> None:
    assert Number.parse(spelled).value == value
    for text in (spelled, spelled.capitalize() + " of them.", f"({spelled})"):
        assert Number(Decimal(value)).found_in(text)
        assert not Number(Decimal(value + 1)).found_in(text)


@given(st.integers(0, 10**15))
def test_digits_with_and_without_separators_are_the_number(value: int) -> None:
    grouped = f"{value:,}"
    for text in (
        str(value),
        grouped,
        grouped.replace(",", "\u202f"),
        f"${grouped}.",
        f"about {value}, or so",
        f"{value}km",
    ):
        assert Number(Decimal(value)).found_in(text), text
        assert not Number(Decimal(value + 1)).found_in(text), text


@given(
    st.decimals(min_value=1, max_value=999, places=1), st.sampled_from(["thousand", "million", "billion", "trillion"])
)
def test_magnitudes_are_read(value: Decimal, scale: str) -> None:
    factor = {"thousand": 3, "million": 6, "billion": 9, "trillion": 12}[scale]
    short = {"thousand": "k", "million": "m", "billion": "bn", "trillion": "tn"}[scale]
    number = Number(value.scaleb(factor))
    written = f"{number.value:,f}".removesuffix(".0")
    for text in (f"{value} {scale}", f"${value}{short}", f"{value}{short.upper()} of it", f"{value}-{scale}", written):
        assert number.found_in(text), text
    assert Number.parse(f"{value} {scale}") == number


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        ("17", "F-17"),
        ("17", "Su-17 and S‑17"),
        ("17", "the 17th"),
        ("17", "117"),
        ("17", "17,000"),
        ("17", "17.5"),
        ("17", "2017"),
        ("17", "v1.17"),
        ("17", "-17"),
        ("17", "$17bn"),
        ("100", "several hundred, hundreds"),
        ("2", "twenty-two"),
        ("10", "someten tenfold"),
        ("7", "two, five"),
    ],
)
def test_what_is_another_number_or_none_is_not_found(number: str, answer: str) -> None:
    assert not Number.parse(number).found_in(answer)


def test_ranges_and_lists_are_read_one_by_one() -> None:
    for text, values in {"300–500 km": (300, 500), "five and six": (5, 6), "2, 3 or four": (2, 3, 4)}.items():
        assert all(Number(Decimal(value)).found_in(text) for value in values)
    assert Number.parse("-5").found_in("It was −5 degrees")


def test_the_tolerance_is_inclusive() -> None:
    near = Number.parse("100", tolerance="5")
    assert [near.found_in(str(n)) for n in (94, 95, 100, 105, 106)] == [False, True, True, True, False]


@pytest.mark.parametrize(
    ("unit", "accepted", "refused"),
    [
        ("%", ["17%", "17 percent", "seventeen per cent", "17 %"], ["17", "$17", "17 people, 5%"]),
        ("dollars", ["$17", "US$ 17", "17 dollars", "17 US dollars", "17 USD"], ["17", "€17", "17%"]),
        ("€", ["€17", "17 euros", "17€"], ["$17"]),
        ("km", ["17km", "17 kilometers", "a 17-kilometre march"], ["17 kmh", "17 miles"]),
        ("weeks", ["17 weeks", "a 17-week wait", "seventeen weeks"], ["17 days", "weeks 17", "17 weekends"]),
        ("m", ["17m", "17 meters"], ["17 million"]),
    ],
)
def test_the_unit_stands_at_the_number(unit: str, accepted: list[str], refused: list[str]) -> None:
    number = Number.parse("17", unit=unit)
    assert [text for text in accepted if not number.found_in(text)] == []
    assert [text for text in refused if number.found_in(text)] == []


@pytest.mark.parametrize(
    ("gold", "accepted", "refused"),
    [
        (
            "2024-07-04",
            ["July 4, 2024", "4 July 2024", "2024-07-04", "on the 4th of July, 2024", "Thursday, Jul. 4 2024"],
            ["July 4", "July 2024", "July 14, 2024", "2024-07-05", "4 June 2024", "07/04/2024"],
        ),
        (
            "July 2024",
            ["July 2024", "in July, 2024", "4 July 2024", "2024-07", "2024-07-31"],
            ["July", "July 2023", "2024"],
        ),
        ("2024-07", ["July 2024"], ["July 20"]),
        ("4 July", ["July 4", "the 4th of July", "July 4, 1776"], ["July", "4 June", "July 2004"]),
        ("Friday", ["this Friday", "Fri., 4 July", "FRIDAY"], ["Thursday", "frightened"]),
        ("July", ["early July", "July 4", "2024-07-01"], ["June"]),
        ("May", ["in May", "May 2020"], ["they may go"]),
        ("2024", ["in 2024.", "July 2024", "2024–25"], ["20245", "2023"]),
    ],
)
def test_a_date_accepts_every_date_that_has_its_parts(gold: str, accepted: list[str], refused: list[str]) -> None:
    wanted = Date.parse(gold)
    assert [text for text in accepted if not wanted.found_in(text)] == []
    assert [text for text in refused if wanted.found_in(text)] == []


@given(st.dates(min_value=date(1000, 1, 1), max_value=date(2999, 12, 31)))
def test_a_date_is_found_however_it_is_written(day: date) -> None:
    year, month, number = day.year, day.strftime("%B"), day.day
    for text in (f"{month} {number}, {year}", f"{number} {month} {year}", f"{month[:3]}. {number} {year}", str(day)):
        assert Date.parse(str(day)).found_in(text), text
        assert Date.parse(f"{month} {year}").found_in(text), text
        assert Date.parse(f"{month} {year}").found_in(f"in {month} {year}")


def test_what_is_missing_or_must_not_be_there_is_named() -> None:
    gold = case(all=(Words("a"), Number(Decimal(17))), any=(Words("b"), Date(weekday=4)), none=(Regex("z"),))
    assert matches("a b 17", gold) == []
    assert matches("a, Friday, seventeen", gold) == []
    assert matches("z", gold) == [
        "words 'a' is missing",
        "number 17 is missing",
        "regex 'z' must not be there",
        "none of these: words 'b'; date with weekday 4",
    ]


def test_an_answer_and_silence_are_told_apart() -> None:
    assert matches("", case()) == ["no answer"]
    assert matches(" \n", case(expect="abstain")) == []
    assert matches("It costs", case(expect="abstain")) == ["an answer, but the sources do not say"]


@pytest.mark.parametrize("module", [cases, matchers, nodes])
def test_what_a_module_defines_is_listed_or_private(module: ModuleType) -> None:
    own = {
        n for n, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__ and n[0] != "_"
    }
    assert own <= set(module.__all__)
    assert all(hasattr(module, name) for name in module.__all__)


def test_loading_needs_no_model_and_no_index() -> None:
    code = f"import sys; from pathlib import Path; from qa.gold.files.cases import load; load(Path({str(GOLD)!r}));"
    code += "print(*{'numpy', 'torch', 'faiss', 'qa.retrieve', 'qa.answer'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert done.stdout.strip() == ""


# --- The cases over the sample articles -------------------------------------------------------------------------------

SEEDS = {path.name: path.read_bytes().decode("utf-8") for path in sorted((ROOT / "seeds").glob("*.txt"))}
SAMPLE = load(GOLD)
KINDS = {
    "single": 20, "several": 10, "who-said": 10, "number": 6, "negation": 8, "both": 5, "changed": 5,
    "false-premise": 8, "paraphrase": 30, "near-miss": 32, "far": 16,
}  # fmt: skip
CRITICAL = {
    "Which aircraft fires JASSMs?": "answer",
    "Who is Trump's NATO envoy?": "answer",
    "How many former national security officials signed the letter?": "answer",
    "What does one Patriot battery cost?": "abstain",
    "Who won the World Cup?": "abstain",
}


@pytest.mark.parametrize("gold", [c for c in SAMPLE if c.quotes], ids=lambda c: c.id)
def test_every_sample_quote_stands_once_in_its_source(gold: Case) -> None:
    for quote in gold.quotes:
        span = locate(quote, SEEDS[quote.source])
        assert isinstance(span, Span), f"{gold.file}:{quote.line}: {span}"
        assert SEEDS[quote.source][span.start : span.end] == quote.text


@pytest.mark.parametrize("gold", [c for c in SAMPLE if c.quotes], ids=lambda c: c.id)
def test_the_gold_quotes_satisfy_the_matchers_whichever_of_a_part_is_taken(gold: Case) -> None:
    for choice in range(max(map(len, gold.parts))):
        text = " ".join(part[min(choice, len(part) - 1)].text for part in gold.parts)
        assert matches(text, gold) == []


def test_there_are_enough_sample_cases_of_every_kind() -> None:
    tags = Counter(tag for c in SAMPLE for tag in c.tags)
    assert {kind: tags[kind] for kind, least in KINDS.items() if tags[kind] < least} == {}
    assert set(tags) - set(KINDS) == {"date", "terse", "typo"}
    assert len(SAMPLE) >= 130
    assert sum(c.expect == "abstain" for c in SAMPLE) >= 48
    assert all(c.expect == "abstain" for c in SAMPLE if {"near-miss", "far"} & set(c.tags))
    assert all({"near-miss", "far"} & set(c.tags) for c in SAMPLE if c.expect == "abstain")


def test_both_articles_are_needed_where_a_case_says_so() -> None:
    for c in SAMPLE:
        needed = [{quote.source for quote in part} for part in c.parts]
        assert (len(set().union(*needed)) == 2 and any(len(s) == 1 for s in needed)) or "both" not in c.tags


def test_paraphrases_have_a_twin_that_expects_the_same() -> None:
    facts = defaultdict(list)
    for c in SAMPLE:
        if "paraphrase" in c.tags:
            facts[c.fact].append(c)
    assert {fact for fact, twins in facts.items() if len(twins) < 2} == set()
    assert {
        fact for fact, twins in facts.items() if len({(c.expect, c.all, c.any, c.none) for c in twins}) > 1
    } == set()


def test_questions_differ_and_the_critical_ones_are_there() -> None:
    assert len({c.question.casefold() for c in SAMPLE}) == len(SAMPLE)
    assert CRITICAL.items() <= {c.question: c.expect for c in SAMPLE if c.severity == "critical"}.items()


def test_the_examples_of_the_documentation_are_valid() -> None:
    blocks = (ROOT / "docs/gold-format.md").read_text("utf-8").split("```yaml\n")[1:]
    examples = [gold for block in blocks for gold in parse(block.split("```")[0])]
    assert len(examples) == 5
    for gold in examples:
        for quote in gold.quotes:
            assert quote.source not in SEEDS or isinstance(locate(quote, SEEDS[quote.source]), Span)


def test_the_table_of_the_documentation_is_true() -> None:
    import regex

    table = (ROOT / "docs/gold-format.md").read_text("utf-8").split("|---|---|---|\n")[1].split("\n\n")[0]
    for row in table.splitlines():
        matcher, found, missing = (cell.strip() for cell in row.replace(r"\|", "¦").strip("|").split("|"))
        [gold] = parse(f"- id: a\n  question: q\n  expect: answer\n  all:\n    - {matcher.strip('`')}\n  quotes:\n"
                       "    - source: a\n      text: a\n")  # fmt: skip
        assert [text for text in regex.findall('"([^"]+)"', found) if matches(text, gold)] == []
        assert [text for text in regex.findall('"([^"]+)"', missing) if not matches(text, gold)] == []
