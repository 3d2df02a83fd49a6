"""The HTML page of a run: whole in itself, complete, inert whatever stands in it, and usable in a real browser."""

import base64
import hashlib
import re
from itertools import pairwise
from pathlib import Path
from runpy import run_path
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup

from qa.gold.reports.html import html

SUPPORT = Path(__file__).parents[1] / "support"
made = SimpleNamespace(**run_path(str(SUPPORT / "gold_runs.py")))
RUN = made.run()
COMPARED = made.comparison(RUN)
PAGE = html(RUN, COMPARED)
SOUP = BeautifulSoup(PAGE, "html.parser")


# --- What stands in it ------------------------------------------------------------------------------------------------


def test_the_page_loads_nothing() -> None:
    assert not SOUP.find_all(["link", "img", "iframe", "object", "embed", "audio", "video", "source", "base"])
    assert not SOUP.find_all(attrs={"src": True})
    assert not SOUP.find_all(attrs={"style": True}), "the policy would block it"
    assert not [tag for tag in SOUP.find_all(True) if any(name.startswith("on") for name in tag.attrs)]
    assert all(a["href"].startswith("#") for a in SOUP.find_all("a"))
    assert not re.search(r"url\(|@import|//", "".join(tag.text for tag in SOUP.find_all("style")))


def test_the_policy_allows_only_the_pages_own_script_and_style() -> None:
    (policy,) = [tag["content"] for tag in SOUP.find_all("meta", attrs={"http-equiv": "Content-Security-Policy"})]
    (style,), (script,) = SOUP.find_all("style"), SOUP.find_all("script")
    hashes = [base64.b64encode(hashlib.sha256(tag.text.encode()).digest()).decode() for tag in (style, script)]
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )


def test_every_case_is_there_and_failures_come_first() -> None:
    cases = SOUP.select("details.case")
    assert [case.h3.text for case in cases] == [
        "builder", "hostile", "still-failing", "unreachable", "out-of-date", "wavers", "passes", "far",
    ]  # fmt: skip
    assert [case.has_attr("open") for case in cases] == [True, True, *[False] * 6]
    assert len({case["id"] for case in cases}) == len(cases)


def test_a_failing_case_shows_layer_why_expected_and_got_with_quotes_in_their_source() -> None:
    case = SOUP.find(id="case-builder")
    text = " ".join(case.text.split())
    assert "Generation in the prompt, but the model pointed elsewhere" in text
    assert "words 'Edith Lanning' is missing" in text
    assert [mark.text for mark in case.find_all("mark")] == [made.GOLD, made.OTHER]
    assert case.find("blockquote").text == made.BEFORE + made.GOLD + made.AFTER
    assert [li.text for li in case.select(".steps .no")] == ["not pointed at", "not returned"]
    assert "Not supported: It was built in 1872." in text


def test_the_chart_says_in_words_what_its_bars_show() -> None:
    (row,) = [row for row in SOUP.select("table.chart tbody tr") if row.th.text == "single"]
    assert [cell.text.strip() for cell in row.find_all("td")] == ["", "2/5", "0.400", "0"]
    assert row.find("rect", class_="now")["width"] == "40.0%"
    assert row.find("line", class_="base")["x1"] == "40.0%"
    assert row.find("svg")["aria-hidden"] == "true"


def test_hostile_text_is_text() -> None:
    assert len(SOUP.find_all("script")) == 1
    assert not SOUP.find_all("img")
    case = SOUP.find(id="case-hostile")
    assert "<script>alert(1)</script> </style><img src=x onerror=alert(2)> ␛[31mred␇ <U+202E>gnp.exe" in case.text
    assert not set(PAGE) & set("\x00\x07\x1b\u202e\ud800")
    assert "Not verbatim" in case.text


def test_hostile_names_are_text_too() -> None:
    bad = '"><script>x</script>'
    result = made.result(bad, "fail", tags=(bad,), file=bad, measures={"recall@5": 1.0})
    page = BeautifulSoup(html(made.run(result)), "html.parser")
    assert len(page.find_all("script")) == 1
    (case,) = page.select("details.case")
    assert case["data-tags"] == bad


def test_the_page_has_landmarks_and_an_order_of_headings() -> None:
    assert SOUP.html["lang"] == "en"
    assert [SOUP.find(name) is not None for name in ("header", "main", "nav")] == [True] * 3
    assert SOUP.select_one("a.skip")["href"] == "#cases"
    levels = [int(tag.name[1]) for tag in SOUP.find_all(re.compile("^h[1-6]$"))]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_the_same_run_gives_the_same_bytes_and_500_cases_stay_small() -> None:
    assert html(RUN, COMPARED) == PAGE
    many = made.run(*(made.result(f"case-{number}", "fail") for number in range(500)))
    assert len(html(many).encode()) < 2_000_000


# --- In a browser -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page as a file, in an otherwise empty folder."""
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(PAGE, encoding="utf-8")
    return path


SHOWN = "[...document.querySelectorAll('.case h3')].filter((h) => h.checkVisibility()).map((h) => h.textContent)"
SLIPPED_IN = """
(() => {
  const script = document.createElement("script");
  script.textContent = "window.ran = true";
  document.body.append(script);
  return window.ran;
})()
"""
CHOOSE = """
(() => {
  const field = document.querySelector("[name=%s]");
  field.value = "%s";
  field.dispatchEvent(new Event("input", { bubbles: true }));
})()
"""
FOCUSED = "document.activeElement.name || document.activeElement.textContent.trim()"


def test_nothing_is_loaded_and_the_policy_refuses_nothing_of_ours(browser: Any, page: Path) -> None:
    browser.log.clear()
    browser.requests.clear()
    browser.open(page)
    assert browser.run("document.title") == f"fail: {SOUP.title.text.partition(': ')[2]}"
    assert browser.requests == [page.resolve().as_uri()]
    assert browser.log == []
    assert browser.run(SLIPPED_IN) is None, "a script that slipped in would not run"


@pytest.mark.parametrize("width", [320, 360, 768, 1200])
def test_the_page_never_scrolls_sideways(browser: Any, page: Path, width: int) -> None:
    browser.open(page, width=width)
    browser.run("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert browser.run("document.documentElement.scrollWidth") == width


def test_slash_searches_and_escape_clears(browser: Any, page: Path) -> None:
    browser.open(page)
    browser.press("/", text="/")
    assert browser.run(FOCUSED) == "text"
    browser.call("Input.insertText", text="connection ENDPOINT")
    assert browser.run(SHOWN) == []
    browser.press("Escape", code=27)
    assert len(browser.run(SHOWN)) == 8
    browser.call("Input.insertText", text="ENDPOINT answer")
    assert browser.run(SHOWN) == ["unreachable"]
    assert browser.run("document.querySelector('[role=status]').textContent") == "1 of 8 cases"


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("outcome", "failing", ["builder", "hostile", "still-failing"]),
        ("outcome", "newly-failing", ["builder"]),
        ("outcome", "flickering", ["wavers"]),
        ("tag", "far", ["far"]),
    ],
)
def test_cases_are_filtered_by_outcome_and_tag(
    browser: Any, page: Path, field: str, value: str, shown: list[str]
) -> None:
    browser.open(page)
    browser.run(CHOOSE % (field, value))
    assert browser.run(SHOWN) == shown


def test_everything_can_be_reached_and_opened_by_keyboard(browser: Any, page: Path) -> None:
    browser.open(page)
    browser.press("Tab", code=9)
    assert browser.run(FOCUSED) == "Skip to the cases"
    browser.press("Enter", text="\r", code=13)
    browser.press("Tab", code=9)
    assert browser.run(FOCUSED) == "text", "the first field after the link's target"
    for _ in range(4):  # outcome, tag, clear, open all
        browser.press("Tab", code=9)
    assert browser.run(FOCUSED) == "open"
    browser.press("Tab", code=9)
    assert browser.run("document.activeElement.closest('.case').id") == "case-builder"
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert browser.run(outline) == "solid", "where one is can be seen"
    browser.press("Enter", text="\r", code=13)
    assert browser.run("document.getElementById('case-builder').open") is False


def test_a_link_to_a_case_opens_it(browser: Any, page: Path) -> None:
    browser.open(page)
    browser.run("location.hash = '#case-far'")
    assert browser.run("new Promise(done => setTimeout(() => done(document.getElementById('case-far').open), 50))")


def test_without_its_script_the_page_shows_every_case_and_no_form(browser: Any, page: Path) -> None:
    browser.open(page, script=False)
    assert len(browser.run(SHOWN)) == 8
    assert browser.run("document.getElementById('filter').checkVisibility()") is False


def test_paper_gets_every_case_in_full_and_no_form(browser: Any, page: Path) -> None:
    browser.open(page, scheme="dark", script=False)
    browser.call("Emulation.setEmulatedMedia", media="print", features=[])
    closed = "getComputedStyle(document.querySelector('.case:not([open])'), '::details-content').contentVisibility"
    assert browser.run(closed) == "visible"
    assert browser.run("document.getElementById('filter').checkVisibility()") is False
    assert browser.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


CONTRAST = """
(() => {
  const channels = (color) => color.match(/[\\d.]+/g).map(Number);
  const luminance = (color) => {
    const linear = (c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = channels(color).map((c) => linear(c / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (node) => {
    for (let n = node; n; n = n.parentElement) {
      const color = getComputedStyle(n).backgroundColor;
      if ((channels(color)[3] ?? 1) > 0) return color;
    }
  };
  document.querySelectorAll("details").forEach((d) => (d.open = true));
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const poor = [];
  let seen = 0;
  while (texts.nextNode()) {
    const node = texts.currentNode.parentElement;
    if (!texts.currentNode.textContent.trim() || !node.checkVisibility()) continue;
    const [a, b] = [luminance(getComputedStyle(node).color), luminance(ground(node))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    seen += 1;
    if (ratio < 4.5) poor.push([texts.currentNode.textContent, ratio]);
  }
  return [seen, poor];
})()
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_the_contrast_of_wcag_aa(browser: Any, page: Path, scheme: str) -> None:
    browser.open(page, scheme=scheme)
    seen, poor = browser.run(CONTRAST)
    assert seen > 100
    assert poor == []
