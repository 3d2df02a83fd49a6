"""`qa verify`: stored answers and any text, against documents that have changed since."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qa.quotes.drawing import draw

WHO = "Who built the lighthouse of Marrow Point?"
BUILT = "The lighthouse of Marrow Point was built in 1871 by Edith Lanning."
Run = Callable[..., Any]


@pytest.fixture(scope="module")
def stored(qa: Run, indexed: Path) -> str:
    """What `qa ask --json` wrote."""
    return str(qa("ask", "--json", "--quotes", WHO, cwd=indexed).stdout)


def changed(qa: Run, root: Path, old: str, new: str) -> None:
    """Edit the document, and index it."""
    path = root / "seeds" / "lighthouse.txt"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    qa("index", cwd=root)


def states(qa: Run, root: Path, receipt: str, code: int) -> tuple[dict[str, Any], str]:
    """The record of the quote about the builder, and what people read about it."""
    value = json.loads(qa("verify", "--json", "-", cwd=root, stdin=receipt.encode(), code=code).stdout)
    assert list(value) == ["schema", "kind", "stands", "quotes"]
    assert (value["kind"], value["stands"]) == ("answer", code == 0)
    (record,) = [quote for quote in value["quotes"] if quote["text"].startswith(BUILT)]
    return record, qa("verify", cwd=root, stdin=receipt.encode(), code=code).stdout


def test_an_answer_stands_as_long_as_nothing_changes(qa: Run, indexed: Path, stored: str, tmp_path: Path) -> None:
    record, shown = states(qa, indexed, stored, 0)
    assert (record["state"], record["stands"], record["diff"]) == ("intact", True, [])
    assert record["place"] == {"source": "lighthouse.txt", "start": 63, "end": 129, "line": 3, "page": None}
    assert shown.startswith(f"[1] intact\n    | {BUILT}\n    seeds/lighthouse.txt:3 (63-129)\n")
    (tmp_path / "a.json").write_text(stored, encoding="utf-8")
    assert qa("verify", str(tmp_path / "a.json"), cwd=indexed).stdout == shown
    assert shown.splitlines()[-1] in (
        "The quote is in the documents.",
        "2 of 2 quotes are in the documents.",
        "3 of 3 quotes are in the documents.",
    )


def test_a_moved_quote_stands_at_new_offsets(qa: Run, workspace: Path, stored: str) -> None:
    changed(qa, workspace, "Marrow Point is a cape", "Far away, Marrow Point is a cape")
    record, shown = states(qa, workspace, stored, 0)
    assert (record["state"], record["place"]["start"], record["place"]["end"]) == ("moved", 73, 139)
    assert "seeds/lighthouse.txt:3 (73-139), was lighthouse.txt (63-129)" in shown


def test_an_edited_quote_does_not_stand_and_its_edit_is_shown(qa: Run, workspace: Path, stored: str) -> None:
    changed(qa, workspace, "in 1871 by", "in 1874 by")
    record, shown = states(qa, workspace, stored, 3)
    assert (record["state"], record["style_only"]) == ("edited", False)
    assert "".join(step["old"] for step in record["diff"]) == record["text"]
    assert "built in [-1871-]{+1874+} by Edith Lanning." in shown


def test_a_duplicated_quote_does_not_stand(qa: Run, workspace: Path, stored: str) -> None:
    value = json.loads(stored) | {"hits": []}
    other = "The tower of Marrow Point is what this is about. "
    changed(qa, workspace, f"Marrow Point is a cape in the far north. {BUILT}", f"{other}{BUILT} {other}{BUILT}")
    shutil.move(workspace / "seeds" / "lighthouse.txt", workspace / "seeds" / "renamed.txt")
    qa("index", cwd=workspace)
    record, shown = states(qa, workspace, json.dumps(value), 3)
    assert (record["state"], record["place"], len(record["others"])) == ("duplicated", None, 2)
    assert "also seeds/renamed.txt:3" in shown


def test_a_quote_that_is_gone_does_not_stand(qa: Run, workspace: Path, stored: str) -> None:
    changed(qa, workspace, BUILT, "Seals live there.")
    record, shown = states(qa, workspace, stored, 3)
    assert record["state"] in ("gone", "edited")
    (workspace / "seeds" / "lighthouse.txt").write_text("Only seals live there now.\n", encoding="utf-8")
    qa("index", cwd=workspace)
    record, shown = states(qa, workspace, stored, 3)
    assert (record["state"], record["place"]) == ("gone", None)
    assert "was seeds/lighthouse.txt (63-129)" in shown
    assert "The quote is not in the documents." in shown


def test_a_forged_quote_does_not_stand(qa: Run, indexed: Path, stored: str) -> None:
    value = json.loads(stored)
    for quote in value["quotes"]:
        quote["text"] = quote["text"].replace("Edith Lanning", "Olga Petrov")
    done = qa("verify", cwd=indexed, stdin=json.dumps(value).encode(), code=3)
    assert "by [-Olga-]{+Edith+} [-Petrov-]{+Lanning+}." in done.stdout
    assert "    seeds/lighthouse.txt:3 (63-129)\n" in done.stdout


def test_the_answer_of_search_is_read_too(qa: Run, indexed: Path) -> None:
    receipt = qa("search", "--json", WHO, cwd=indexed).stdout
    assert states(qa, indexed, receipt, 0)[0]["state"] == "intact"


def test_any_text_has_its_quotations_checked(qa: Run, indexed: Path) -> None:
    text = (
        f"As the notes say, “{BUILT}” It is called\n"
        '"the lamp": it "can be seen from nineteen miles away".\n\n'
        "But “the ferry leaves three times a day” is wrong.\n"
    )
    done = qa("verify", "-", cwd=indexed, stdin=text.encode(), code=3)
    lines = done.stdout.splitlines()
    assert lines[:3] == ["line 1: found", f"    | {BUILT}", "    seeds/lighthouse.txt:3 (63-129)"]
    assert "line 2: found" in lines
    assert lines[-4:] == [
        "line 4: not found",
        "    | the ferry leaves three times a day",
        "",
        "2 of 3 quotes are in the documents.",
    ]
    value = json.loads(qa("verify", "--json", cwd=indexed, stdin=text.encode(), code=3).stdout)
    assert (value["kind"], value["stands"]) == ("text", False)
    assert [quote["state"] for quote in value["quotes"]] == ["found", "found", "not found"]
    done = qa("verify", cwd=indexed, stdin="« The ferry to Marrow Point leaves twice a day. »".encode())
    assert "seeds/travel/ferry.md:8" in done.stdout


def test_there_is_nothing_to_verify(qa: Run, indexed: Path) -> None:
    for text, words in (
        ("Nothing is quoted here.", "no passage of three words or more in quotation marks"),
        ('Only a "short one".', "1 shorter one not checked"),
        ("", "no passage of three words"),
        ('{"schema": 1, "quotes": []}', "this answer has no quotes"),
        ('{"schema": 2, "quotes": []}', "no answer of schema 1"),
        ("{ broken", "not valid JSON"),
    ):
        done = qa("verify", cwd=indexed, stdin=text.encode(), code=2)
        assert done.stdout == ""
        (line,) = done.stderr.splitlines()
        assert words in line


def test_input_that_cannot_be_read(qa: Run, indexed: Path) -> None:
    assert "nowhere.json cannot be read" in qa("verify", "nowhere.json", cwd=indexed, code=2).stderr
    assert "standard input is not UTF-8" in qa("verify", cwd=indexed, stdin=b"\xff\xfe", code=2).stderr


def test_an_older_index_is_said_to_be_older_and_the_file_has_the_last_word(
    qa: Run, workspace: Path, stored: str
) -> None:
    (workspace / "seeds" / "lighthouse.txt").write_text("Something else.\n", encoding="utf-8")
    done = qa("verify", cwd=workspace, stdin=stored.encode(), code=3)
    assert "these results come from the old index" in done.stderr
    assert "seeds/lighthouse.txt differs from the index" in done.stderr
    assert done.stderr.count("Run: qa index") == 1  # one piece of advice


def test_a_page_in_which_a_browser_may_show_other_words_is_not_verified(qa: Run, indexed: Path) -> None:
    page = f"<!doctype html><style>blockquote::after{{content:'Never.'}}</style><blockquote>{BUILT}</blockquote>"
    shown = qa("verify", "-", cwd=indexed, stdin=page.encode(), code=3).stdout
    assert "The quote is in the documents." in shown
    assert shown.splitlines()[-1].startswith("Not verified: qa did not write this page, and a browser may show")
    assert shown.rstrip().endswith("<style>")


def test_an_exported_page_is_verified_only_as_qa_writes_it(qa: Run, indexed: Path, stored: str) -> None:
    page = "".join(draw(re.sub("[<>&]", "", stored), "2026-01-01 10:00 UTC", {}))
    shown = qa("verify", "-", cwd=indexed, stdin=page.encode()).stdout
    assert shown.splitlines()[-1].startswith("Checked: the page shows the answer in it, and 1 quote")
    other = page.replace("</blockquote>", " Never.</blockquote>").encode()
    shown = qa("verify", "-", cwd=indexed, stdin=other, code=3).stdout
    last = " ".join(shown[shown.index("Not verified") :].split())
    assert last.startswith("Not verified: this version of qa did not write the page as it is.")
    assert "The first difference: Never.</blockquote>" in last


def test_a_page_that_its_reader_cannot_finish_is_no_reason_to_hang(qa: Run, indexed: Path) -> None:
    page = "<!doctype html>" + "<a/" * 300_000
    assert "nothing to verify" in qa("verify", "-", cwd=indexed, stdin=page.encode(), code=2).stderr
