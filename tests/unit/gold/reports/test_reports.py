"""The reports of a run: failures first, the same figures in each, and no text that breaks out of its place."""

import io
import re
from dataclasses import replace
from pathlib import Path
from runpy import run_path
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
import xmlschema
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from qa.cli.render import Output
from qa.gold.reports.annotations import annotations
from qa.gold.reports.junit import junit
from qa.gold.reports.markdown import markdown
from qa.gold.reports.overview import Overview, change_text, expected_and_got, journey, silence, value_text
from qa.gold.reports.terminal import report
from qa.gold.results import Observation
from qa.records import Statement

SUPPORT = Path(__file__).parents[3] / "support"
made = SimpleNamespace(**run_path(str(SUPPORT / "gold_runs.py")))
SCHEMA = xmlschema.XMLSchema(SUPPORT / "junit.xsd")
RUN = made.run()
COMPARED = made.comparison(RUN)
ANY_TEXT = st.text(st.characters(exclude_categories=()))  # half characters too


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")


def printed(run=RUN, comparison=COMPARED, stream=None) -> str:
    stream = stream or io.StringIO()
    report(run, comparison, Output(stream))
    return stream.getvalue()


# --- What all of them show --------------------------------------------------------------------------------------------


def test_an_uncertain_answer_speaks_of_a_model_only_if_one_stated_something() -> None:
    uncertain = Observation(reason="uncertain")
    assert "model" not in silence(uncertain)
    assert "none of the model's statements" in silence(
        replace(uncertain, rejected=(Statement("A.", (), "unconfirmed"),))
    )


def test_newly_failing_cases_and_quotes_that_are_not_verbatim_decide_and_critical_ones_come_first() -> None:
    overview = Overview(RUN, COMPARED)
    assert [b.result.id for b in overview.urgent] == ["builder", "hostile"]
    assert [b.result.id for b in overview.known] == ["still-failing"]


def test_without_a_baseline_critical_failures_decide() -> None:
    failing = made.result("minor", "fail")
    assert Overview(made.run(failing), None).verdict == "pass"
    assert Overview(made.run(failing, made.newly_failing()), None).verdict == "fail"
    assert Overview(made.run(failing, made.result("gone", "stale")), None).verdict == "inconclusive"


def test_a_quote_that_was_not_verbatim_in_one_of_several_runs_decides_too() -> None:
    wrong = made.result("wrong", "fail", measures={"verbatim": 0.8})
    assert Overview(made.run(wrong), None).verdict == "fail"


def test_the_figures_stand_beside_those_of_the_baseline() -> None:
    figures = {figure.name: figure for figure in Overview(RUN, COMPARED).figures}
    assert (figures["pass"].value, figures["pass"].n) == (0.5, 6)
    assert (figures["recall@5"].base, round(figures["recall@5"].change, 3)) == (0.9, -0.1)
    assert figures["char_iou"].base is None


def test_the_passes_of_a_tag_in_the_baseline_follow_from_what_changed_since() -> None:
    rows = {row.tag: row for row in Overview(RUN, COMPARED).tags}
    # single, measured in both: builder (newly failing), passes (newly passing), hostile, still-failing, wavers
    assert (rows["single"].passes, rows["single"].n, rows["single"].base, rows["single"].change) == (2, 5, 0.4, 0.0)
    assert (rows["far"].passes, rows["far"].base) == (1, 1.0)


def test_added_and_changed_cases_are_not_part_of_a_tags_change() -> None:
    compared = made.comparison(RUN, added=("wavers",), changed=("still-failing",))
    row = next(row for row in Overview(RUN, compared).tags if row.tag == "single")
    assert (row.passes, row.n, row.base, row.change) == (2, 5, 1 / 3, 0.0)


def test_the_way_of_a_gold_quote_ends_where_it_was_lost() -> None:
    lost = made.found(rank=None, in_context=None, pointed=None, returned=False)
    assert [step.text for step in journey(lost)] == ["intact", "in the index", "not retrieved", "not returned"]
    assert [step.text for step in journey(made.found(place=None, state="gone"))] == ["gone in its document"]
    missing = made.found(place=None, state="missing")
    assert [step.text for step in journey(missing)] == ["its document is not in the index"]


def test_a_failing_case_says_layer_question_problems_expected_and_got() -> None:
    fields = expected_and_got(Overview(RUN, COMPARED).urgent[0])
    labels = [field.label for field in fields]
    assert labels == ["layer", "question", "problem", "problem", "expected", "got", "quote 1", "left out"]
    assert fields[0].text == "generation: in the prompt, but the model pointed elsewhere"
    way = "intact, in the index, retrieved at rank 2, in the prompt, not pointed at"
    assert fields[4].text == f"news/lighthouse.txt:3 “{made.GOLD}” ({way})"
    assert fields[5].text == "Its lamp is seen from afar. [1]"
    assert fields[7].text == "“It was built in 1872.” (1872 is in no quote)"


def test_figures_are_written_as_people_read_them() -> None:
    assert value_text("recall@5", 0.98765) == "0.988"
    assert value_text("latency_ms", 12345.6) == "12,346"
    assert value_text("cost", 0.00213) == "0.0021"
    assert [change_text("pass", change) for change in (-0.05, 0.05, 0.0, -0.0001)] == ["-0.050", "+0.050", "0", "0"]


# --- The terminal -----------------------------------------------------------------------------------------------------


def test_failures_come_first_and_the_verdict_last() -> None:
    lines = printed().splitlines()
    assert lines[0] == "FAIL builder  newly failing, critical  tests/gold/north.yaml:12"
    assert lines[-1].startswith("FAIL  3 of 8 cases pass, 1 newly failing, 1 newly passing, 1 stale, 1 not measured")
    assert lines[-2] == "- the smallest drop that this set could have shown: 25.0 points"


def test_known_failures_take_one_line_each() -> None:
    text = printed()
    assert re.search(r"^Failing, but not newly \(1\)\n  still-failing  \w+: [^\n]+\n\n", text, re.M)
    assert re.search(r"^Not measured \(1\)\n  unreachable  the endpoint does not answer\n\n", text, re.M)
    assert re.search(r"^Stale gold \(1\)\n  out-of-date  ", text, re.M)
    assert re.search(r"^Flickering \(1\)\n  wavers  3 of 5 runs passed\n\n", text, re.M)


def test_many_failures_without_a_baseline_take_one_line_each_but_for_critical_ones() -> None:
    many = [made.result(f"case-{number}", "fail") for number in range(195)]
    text = printed(made.run(*many, made.newly_failing()), None)
    assert text.count("\nFAIL ") + text.startswith("FAIL ") == 2, "the critical case, and the verdict"
    assert len(text.splitlines()) < 250


def test_few_failures_without_a_baseline_are_shown_in_full() -> None:
    text = printed(made.run(made.result("minor", "fail", problems=("no answer",))), None)
    assert "FAIL minor  fails" in text
    assert "  problem   no answer" in text


def test_the_tables_name_measures_and_tags_with_base_and_change() -> None:
    text = printed()
    assert re.search(r"^measure +base +now +change +90% interval +cases *$", text, re.M)
    assert re.search(r"^recall@5 +0.900 +0.800 +-0.100 +-0.150 to -0.050 +5 *$", text, re.M)
    assert re.search(r"^tag +pass +cases +base +change +recall@5 +char_iou +citation_recall *$", text, re.M)
    assert re.search(r"^single +2 +5 +0.400 +0 +0.800 ", text, re.M)


def test_a_pipe_gets_whole_texts_without_colours_and_without_wrapping() -> None:
    text = printed()
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) > 200


def test_a_terminal_gets_colours_and_lines_that_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    styled = printed(stream=Terminal())
    assert "\x1b[1;31m" in styled
    monkeypatch.setenv("NO_COLOR", "1")
    plain = printed(stream=Terminal())
    assert "\x1b" not in plain
    assert max(map(len, plain.splitlines())) <= 80
    assert re.sub(r"\x1b\[[\d;]*m", "", styled) == plain


def not_measured(*errors: str):
    return made.run(*(made.result(f"c{n}", "error", observed=made.answered(error=e)) for n, e in enumerate(errors, 1)))


def test_a_long_reason_in_a_list_is_cut_at_the_end_of_the_line_but_for_the_first() -> None:
    run = not_measured(*["the endpoint does not answer " * 9] * 2)
    text = printed(run, None, Terminal())
    assert " ".join(text.partition("  c2")[0].split()).endswith("c1 " + " ".join(["the endpoint does not answer"] * 9))
    (line,) = re.findall(r"^  c2 .*$", text, re.M)
    assert line.endswith("the endpoint do…")
    assert 60 < len(line) <= 80
    assert max(map(len, re.sub(r"\x1b\[[\d;]*m", "", text).splitlines())) <= 80
    assert "does not answer\n" in printed(run, None)


MISS = "nothing recorded. The nearest one differs so:\n-messages user: It is  \x1b[31mopen\n+messages user: It is open"


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_the_difference_of_the_first_recording_that_was_missed_is_shown(
    stream: type[io.StringIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    lines = printed(not_measured(*[MISS] * 30), None, stream()).splitlines()
    assert [line.rstrip() for line in lines[:4]] == [
        "Not measured (30)",
        "  c1  nothing recorded. The nearest one differs so:",
        "    -messages user: It is  ␛[31mopen",
        "    +messages user: It is open",
    ]
    assert [line[:6].strip() for line in lines[4:23]] == [f"c{n}" for n in range(2, 21)]
    assert lines[23] == "  ... and 10 more; --json has them all"


def test_nothing_in_a_document_is_obeyed_by_a_terminal() -> None:
    for stream in (io.StringIO(), Terminal()):
        text = re.sub(r"\x1b\[[\d;]*m", "", printed(stream=stream)) if stream.isatty() else printed(stream=stream)
        assert not set(text) & {"\x1b", "\x07", "\x00", "\u202e", "\ud800"}
        assert "␛[31mred␇ <U+202E>gnp.exe" in " ".join(text.split())


# --- Markdown ---------------------------------------------------------------------------------------------------------


def tokens(text: str) -> list:
    """All tokens of the Markdown, those inside paragraphs too."""
    flat = []
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        flat += [token, *(token.children or [])]
    return flat


def test_markdown_has_the_verdict_the_figures_and_the_newly_failing_cases() -> None:
    text = markdown(RUN, COMPARED)
    assert text.startswith("### ❌ qa gold: fail\n")
    assert "| `recall@5` | 0.900 | 0.800 | -0.100 | -0.150 to -0.050 | 5 |" in text
    assert "<summary>2 cases newly failing, or with a quote that is not verbatim</summary>" in text
    assert "| `single` | 2 | 5 | 0.400 | 0 |" in text
    assert "still-failing: " in text


def test_in_markdown_text_of_documents_stands_only_inside_code() -> None:
    found = tokens(markdown(RUN, COMPARED))
    html = [token.content for token in found if token.type in ("html_block", "html_inline")]
    assert {re.sub(r"<summary>[\w, ]+</summary>", "", block).strip() for block in html} == {"<details>", "</details>"}
    assert not [token for token in found if token.type in ("link_open", "image")]
    outside = [token.content for token in found if token.type == "text"]
    assert not [text for text in outside if "@" in text or "evil" in text]


@settings(deadline=None)
@given(ANY_TEXT)
def test_no_name_breaks_out_of_a_table(name: str) -> None:
    run = made.run(made.result("case", tags=(name,)))
    cells = [token for token in tokens(markdown(run)) if token.type in ("th_open", "td_open", "html_inline")]
    measures = len(Overview(run, None).figures)
    assert len(cells) == 3 * (1 + measures) + 3 * 2


def test_reasons_mean_nothing_to_markdown() -> None:
    text = markdown(RUN, made.comparison(RUN, reasons=("<b>x</b> [a](b) @team `c`",)))
    kinds = {token.type for token in tokens(text.split("|")[0])}
    assert not kinds & {"html_block", "link_open", "code_inline"}
    assert "@<!-- -->team" in text


def test_a_comment_never_outgrows_what_github_takes() -> None:
    long = [made.result(f"case-{n}", "fail", severity="critical", question="Why? " * 200) for n in range(500)]
    text = markdown(made.run(*long))
    assert len(text) < 65_536
    assert re.search(r"and \d+ more cases", text)


# --- JUnit ------------------------------------------------------------------------------------------------------------


def test_junit_is_valid_and_counts_what_came_out() -> None:
    for comparison in (COMPARED, None):
        SCHEMA.validate(junit(RUN, comparison))
    root = ElementTree.fromstring(junit(RUN, COMPARED))
    assert root.attrib == {"name": "qa gold", "tests": "8", "failures": "3", "errors": "1", "time": "6.250"}
    suites = [(suite.get("name"), suite.get("tests"), suite.get("skipped")) for suite in root]
    assert suites == [("tests/gold/north.yaml", "7", "1"), ("tests/gold/other.yaml", "1", "0")]
    outcomes = {case.get("name"): [child.tag for child in case] for case in root.iter("testcase")}
    assert outcomes == {
        "passes": [], "builder": ["failure"], "hostile": ["failure"], "still-failing": ["failure"], "far": [],
        "out-of-date": ["skipped"], "unreachable": ["error"], "wavers": [],
    }  # fmt: skip


def test_a_junit_failure_says_layer_why_expected_and_got() -> None:
    failure = ElementTree.fromstring(junit(RUN, COMPARED)).find(".//testcase[@name='builder']/failure")
    assert failure.get("type") == "generation"
    assert failure.get("message") == "newly failing, generation: in the prompt, but the model pointed elsewhere"
    assert f"expected: news/lighthouse.txt:3 “{made.GOLD}”" in failure.text
    assert "got: Its lamp is seen from afar. [1]" in failure.text


def test_the_schema_of_the_tests_would_find_a_fault() -> None:
    assert not SCHEMA.is_valid(junit(RUN, COMPARED).replace("<failure", "<failed").replace("</failure", "</failed"))
    assert not SCHEMA.is_valid(junit(RUN, COMPARED).replace('tests="8"', 'tests="many"'))


@settings(deadline=None)
@given(ANY_TEXT)
def test_junit_can_be_read_whatever_stands_in_a_document(text: str) -> None:
    result = made.result("case", "fail", question=text, problems=(text,), file=made.FILE)
    assert SCHEMA.is_valid(junit(made.run(result)))


# --- Annotations ------------------------------------------------------------------------------------------------------


def test_annotations_point_at_the_line_of_the_gold_file() -> None:
    lines = annotations(RUN, COMPARED).splitlines()
    assert lines[0] == (
        "::error file=tests/gold/north.yaml,line=12,title=builder newly failing (generation)::"
        "Who built the lighthouse of Marrow Point?%0Ain the prompt, but the model pointed elsewhere%0A"
        "words 'Edith Lanning' is missing%0Aa part has no quote in the answer"
    )
    assert [line.partition(" ")[0] for line in lines] == ["::error", "::error", "::error", "::warning"]
    assert "still-failing" not in "".join(lines), "the baseline has it too"


def test_without_a_baseline_other_failures_are_notices() -> None:
    assert [line.partition(" ")[0] for line in annotations(RUN).splitlines()][-1] == "::notice"


@settings(deadline=None)
@given(ANY_TEXT)
def test_an_annotation_is_one_line_and_its_properties_end_where_they_should(text: str) -> None:
    lines = annotations(made.run(made.result("case", "error", file=text, observed=made.answered(error=text))))
    assert lines.count("\n") == 1
    match = re.fullmatch(r"::error file=([^,:]*),line=7,title=case not measured::(.*)\n", lines)
    assert match
    assert not re.search("[\r\x00\x1b\u202e]", lines)


def test_annotations_are_escaped_as_githubs_toolkit_does() -> None:
    line = annotations(
        made.run(made.result("a", "error", file="C:\\a,b%.yaml", observed=made.answered(error="1%\n::x")))
    )
    assert line == "::error file=C%3A/a%2Cb%25.yaml,line=7,title=a not measured::1%25 ::x\n"
