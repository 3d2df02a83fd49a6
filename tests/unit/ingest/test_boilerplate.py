"""What is skipped at either end of a document, and above all what is not."""

import csv
import json
import os
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.ingest.boilerplate import find
from qa.records import Span

ROOT = Path(__file__).resolve().parents[3]
DATA = Path(os.environ.get("QA_BENCH_DATA", ROOT.parent / "shared" / "bench"))


def skipped(text: str) -> list[str]:
    return [text[span.start : span.end] for span in find(text)]


def test_the_sample_articles_lose_dateline_and_comment_form_only() -> None:
    texts = {path.name: path.read_bytes().decode() for path in (ROOT / "seeds").glob("*.txt")}
    assert skipped(texts["000_6f2a8e452271332e.txt"]) == ["CNN", "—"]
    form = ["Source link", "LEAVE A REPLY", "Please enter your comment!", "Please enter your name here"]
    assert skipped(texts["004_df59d898a00b8803.txt"]) == ["(CNN) –", *form]


@pytest.mark.parametrize(
    ("text", "dateline"),
    [
        ("(CNN) – The minister left.", "(CNN) –"),
        ("(Reuters) - The minister left.", "(Reuters) -"),
        ("CNN — The minister left.", "CNN —"),
        ("WASHINGTON (AP) — The minister left.", "WASHINGTON (AP) —"),
        ("KYIV, Ukraine (AP) — The minister left.", "KYIV, Ukraine (AP) —"),
        ("LONDON, July 4 (Reuters) - The minister left.", "LONDON, July 4 (Reuters) -"),
        ("PARIS — The minister left.", "PARIS —"),
        ("UNITED NATIONS, Sept. 4 — The minister left.", "UNITED NATIONS, Sept. 4 —"),
        ("DOVER, Del. — The minister left.", "DOVER, Del. —"),
        ("SLOVIANSK, Ukraine — The minister left.", "SLOVIANSK, Ukraine —"),
        ("A headline\n\nBy Jane Doe\n\nROME (AP) — The minister left.", "ROME (AP) —"),
    ],
)
def test_a_dateline_that_opens_the_first_paragraph_is_skipped(text: str, dateline: str) -> None:
    assert skipped(text) == [dateline]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_dateline_on_lines_of_its_own_is_skipped_line_by_line(end: str) -> None:
    assert skipped(end.join(["New York", "CNN", " \u2009— ", "", "The minister left."])) == ["New York", "CNN", "—"]
    assert skipped(end.join(["CNN", "—", "The minister left."])) == ["CNN", "—"]


@pytest.mark.parametrize(
    "text",
    [
        "WARNING — do not open.",
        "NOTE — read this first.\nIMPORTANT — and this.",
        "NATO (North Atlantic Treaty Organization) — an alliance.",
        "USA (CIA) - an agency.",
        "AP — Associated Press\nCNN — Cable News Network",
        "SMITH, John — the Seller\nACME CORP, Delaware — the Buyer",
        "Paris — the city — is large.",
        "CNN\nis a broadcaster.",
        "PARIS —",
    ],
)
def test_what_only_looks_like_a_dateline_stays(text: str) -> None:
    assert skipped(text) == []


NEWS = """Skip to content
Home | News | World
Share
Tweet
Email
Advertisement

A headline
By Jane Doe
Updated July 4, 2024
The minister left. Read more about it tomorrow.
Share
She did not say why.

Read more: Another article
Related: A third one
Sign up for our free daily newsletter
Get the news delivered straight to your inbox
Follow us on Facebook, Twitter and Instagram
(AP Photo/Jane Roe)
Photo: Jane Roe/Getty Images
© 2024 A Paper. All rights reserved.
Facebook · Twitter · WhatsApp
We use cookies to improve this page.
LEAVE A REPLY Cancel reply
Your email address will not be published. Required fields are marked *
Save my name, email, and website in this browser for the next time I comment.
"""


def test_the_page_around_an_article_is_skipped_and_nothing_of_the_article() -> None:
    head, rest = NEWS.split("A headline\n")
    article, tail = rest.split("\n\n")
    assert skipped(NEWS) == [line for line in (head + tail).splitlines() if line]
    assert skipped("A headline\n" + article) == []


def test_markdown_around_the_same_lines_does_not_hide_them() -> None:
    text = "**Advertisement**\n\n# Title\n\nText.\n\n[Read more](http://a.b/c)\n## Leave a Reply\n> Source link"
    assert skipped(text) == ["**Advertisement**", "[Read more](http://a.b/c)", "## Leave a Reply", "> Source link"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("# Tool\n\nDoes things.\n\n## Related\n\n- [other](http://x)\n\n## License\n\nMIT", id="readme"),
        pytest.param("# App\n\nThe menu offers:\n\n- Save\n- Print\n- Facebook\n- Twitter\n", id="feature list"),
        pytest.param("AGREEMENT\n\n(a) Related parties are bound.\n(c) 2019 Plan shares are excluded.", id="contract"),
        pytest.param("Copyright (c) 2020 Jane Doe\n\nPermission is granted.\n\nCopyright (c) 2019 A. B.", id="licence"),
        pytest.param(
            "From: a@b.c\nSubject: Share\n\nread more in the report.\nSign up for the session by Friday.\n\nAnn\nEmail",
            id="email",
        ),
        pytest.param("ann: hi\nbob: Share\nann: Like\nbob: Comments", id="chat"),
        pytest.param("Share\n\nI share the night\nwith the moon\n\nLike\nSave", id="poem"),
        pytest.param("import share\n\ndef print_all():\n    return share.Facebook\n\nprint(print_all())", id="code"),
        pytest.param("Email\tComments\tLike\na@b.c\thello\tyes", id="table"),
        pytest.param("| Share | Print | Email |\n|---|---|---|\n| 1 | 2 | 3 |", id="markdown table"),
        pytest.param("We use cookies to count visits.\n" + "A cookie is a small file.\n" * 5, id="cookie policy"),
        pytest.param("Photos by Reuters showed smoke over the city.\nIt burned.", id="sentence about photos"),
        pytest.param("By Jane Doe\n\nText.\n\nReporting by Jane Doe", id="byline"),
        pytest.param(
            "Follow us on the journey.\nIt was long.\nSubscribe to the idea that all is well.", id="sentences"
        ),
        pytest.param("The end of the text\n" + "© 2024 " + "x" * 400, id="long line"),
    ],
)
def test_other_kinds_of_text_lose_nothing(text: str) -> None:
    assert skipped(text) == []


@pytest.mark.parametrize("text", ["", "\n \n", "Advertisement", "CNN\n—\nSource link", "—\nSource link\n"])
def test_a_whole_document_is_never_skipped(text: str) -> None:
    assert find(text) == ()


def test_scanning_starts_after_front_matter() -> None:
    front = "---\ntitle: T\n---\n"
    text = front + "Advertisement\nText.\nSource link"
    assert [text[s.start : s.end] for s in find(text, (Span(0, len(front)),))] == ["Advertisement", "Source link"]
    assert [text[s.start : s.end] for s in find(text)] == ["Source link"]


def test_only_the_ends_of_a_long_text_are_looked_at() -> None:
    text = "Advertisement\n" * 1000 + "Text.\n" * 1000 + "Source link\n" * 1000
    assert len(find(text)) == 400


line = st.sampled_from(
    ["Share", "Tweet", "Source link", "", "  ", "A sentence of the article.", "CNN", "—", "PARIS — x"]
)


@given(st.lists(line | st.text(max_size=20), max_size=30), st.sampled_from(["\n", "\r\n"]))
def test_spans_are_sorted_disjoint_trimmed_and_leave_something(lines: list[str], end: str) -> None:
    text = end.join(lines)
    spans = find(text)
    assert all(a.end <= b.start for a, b in pairwise(spans))
    assert all((part := text[s.start : s.end]) and part == part.strip() and "\n" not in part for s in spans)
    assert not spans or len("".join(skipped(text))) < len(text.strip())
    assert "A sentence of the article." not in skipped(text)


@pytest.mark.skipif(not DATA.exists(), reason=f"no benchmark data at {DATA}; set QA_BENCH_DATA to its folder")
def test_no_gold_excerpt_of_the_chunking_benchmark_is_skipped() -> None:
    spans = {path.stem: find(path.read_bytes().decode()) for path in (DATA / "chunking" / "corpora").glob("*.md")}
    with (DATA / "chunking" / "questions.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["corpus_id"], json.loads(row["references"])) for row in csv.DictReader(file)]
    excerpts = [(corpus, r["start_index"], r["end_index"]) for corpus, references in rows for r in references]
    assert len(excerpts) == 790
    hit = [(c, a, b) for c, a, b in excerpts for s in spans[c] if s.start < b and a < s.end]
    assert hit == []
