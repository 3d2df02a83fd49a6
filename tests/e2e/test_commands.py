"""Every command through the installed `qa`, in a workspace of its own."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qa.ingest import scan

BUILT = "The lighthouse of Marrow Point was built in 1871 by Edith Lanning."
WHO = "Who built the lighthouse of Marrow Point?"
FAR = "Who won the football match yesterday?"

ANSWER_KEYS = [
    "schema", "question", "resolved", "status", "reason", "mode", "model", "answer", "answerability",
    "statements", "rejected", "quotes", "closest", "missing", "hits", "index", "usage", "timings_ms", "unread",
]  # fmt: skip
QUOTE_KEYS = ["n", "text", "source", "title", "start", "end", "line", "page", "focus", "sha256", "context"]
HIT_KEYS = ["source", "start", "end", "text", "score", "rank", "dense", "lexical"]
Run = Callable[..., Any]


def text_of(root: Path, source: str) -> str:
    with (root / "seeds" / source).open(encoding="utf-8", newline="") as file:
        return file.read()


def test_index_lists_what_it_did_and_then_that_nothing_changed(qa: Run, bare: Path) -> None:
    (bare / "seeds" / "copy.txt").write_bytes((bare / "seeds" / "lighthouse.txt").read_bytes())
    (bare / "seeds" / "broken.txt").write_bytes(b"")
    first = qa("index", cwd=bare).stdout
    assert "added     copy.txt" in first
    assert "skipped   broken.txt: " in first
    assert "duplicate lighthouse.txt: same bytes as copy.txt" in first
    counts = r"^Indexed 2 documents, 2 passages, 10 sentences; \d+ lines? of boilerplate left out, 1 passage encoded"
    assert re.search(counts, first, re.M)
    before = {p: p.stat().st_mtime_ns for p in (bare / "index").rglob("*")}
    second = qa("index", cwd=bare).stdout
    assert "Nothing changed: 2 documents" in second
    assert before == {p: p.stat().st_mtime_ns for p in (bare / "index").rglob("*")}


def test_index_lists_unread_parts_and_looks_at_the_documents_once(
    qa: Run, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = "--x\nContent-Type: text/plain\n\nThe boat leaves at nine.\n--x\nContent-Type: image/png\n"
    head = "From: a@example.org\nSubject: Boat\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n"
    name = 'Content-Disposition: attachment; filename="map.png"\n\niVBORw0KGgo=\n--x--\n'
    (bare / "seeds" / "a.eml").write_text(head + parts + name)
    looked: list[object] = []
    real = scan.scan
    monkeypatch.setattr(scan, "scan", lambda *arguments: (looked.append(arguments), real(*arguments))[1])
    assert re.search(r"^unread    a\.eml: .*map\.png", qa("index", cwd=bare).stdout, re.M)
    assert len(looked) == 1
    assert re.search(r"^unread    a\.eml: .*map\.png", qa("index", cwd=bare).stdout, re.M)
    assert len(looked) == 2


def test_index_tells_added_changed_and_removed_apart(qa: Run, workspace: Path) -> None:
    (workspace / "seeds" / "new.txt").write_text("A new document about seals.\n", encoding="utf-8")
    (workspace / "seeds" / "lighthouse.txt").write_text("The lighthouse was torn down.\n", encoding="utf-8")
    (workspace / "seeds" / "travel" / "ferry.md").unlink()
    out = qa("index", cwd=workspace).stdout
    assert out.splitlines()[:3] == ["added     new.txt", "changed   lighthouse.txt", "removed   travel/ferry.md"]


def test_rebuild_encodes_everything_anew(qa: Run, workspace: Path) -> None:
    out = qa("index", "--rebuild", cwd=workspace).stdout
    assert "Indexed 2 documents" in out
    assert " 0 passages encoded" not in out


def test_ask_answers_with_the_quote_its_title_file_and_line(qa: Run, indexed: Path) -> None:
    out = qa("ask", WHO, cwd=indexed).stdout.splitlines()
    assert out[:3] == ["Edith Lanning", "[1] Notes from the north", "    seeds/lighthouse.txt:3"]
    assert f"    | {BUILT}" in out
    assert "\x1b" not in "".join(out)


def test_ask_takes_unquoted_words_and_a_question_on_standard_input(qa: Run, indexed: Path) -> None:
    answers = [
        qa("ask", "--json", *WHO.split(), cwd=indexed),
        qa("ask", "--json", "-", cwd=indexed, stdin=f"\ufeff{WHO}\n".encode()),
    ]
    assert [json.loads(answer.stdout)["question"] for answer in answers] == [WHO, WHO]


def test_ask_says_when_the_sources_do_not_and_shows_the_nearest(qa: Run, indexed: Path) -> None:
    done = qa("ask", FAR, cwd=indexed, code=3)
    lines = done.stdout.splitlines()
    assert lines[:3] == ["The sources do not say.", "", "The closest passages:"]
    assert lines[3].startswith("1. seeds/")


def test_json_of_ask_has_exactly_the_keys_of_schema_1(qa: Run, indexed: Path) -> None:
    done = qa("ask", "--json", "--quotes", WHO, cwd=indexed)
    value = json.loads(done.stdout)
    assert done.stderr == ""
    assert list(value) == ANSWER_KEYS
    assert (value["schema"], value["status"], value["mode"], value["reason"]) == (1, "answered", "quotes", None)
    assert [list(quote) for quote in value["quotes"]] == [QUOTE_KEYS] * len(value["quotes"])
    assert [list(hit) for hit in value["hits"]] == [HIT_KEYS] * len(value["hits"])
    assert list(value["statements"][0]) == ["text", "quotes", "verdict", "problems"]
    assert list(value["index"]) == ["generation", "model"]
    assert list(value["usage"]) == ["prompt_tokens", "completion_tokens"]
    assert list(value["timings_ms"]) == ["open", "retrieve", "llm", "total"]
    for part in (*value["quotes"], *value["hits"]):
        assert part["text"] == text_of(indexed, part["source"])[part["start"] : part["end"]]


def test_json_of_an_abstention_has_no_answer_and_a_reason(qa: Run, indexed: Path) -> None:
    value = json.loads(qa("ask", "--json", FAR, cwd=indexed, code=3).stdout)
    assert (value["status"], value["reason"]) == ("abstained", "not_in_sources")
    assert (value["answer"], value["statements"]) == ("", [])
    assert value["hits"]


def test_json_of_search_has_exactly_the_keys_of_schema_1(qa: Run, indexed: Path) -> None:
    value = json.loads(qa("search", "--json", "ferry", "ticket", cwd=indexed).stdout)
    assert list(value) == ["schema", "query", "hits", "quotes", "answerability"]
    assert value["query"] == "ferry ticket"
    assert value["hits"][0]["source"] == "travel/ferry.md"
    assert [list(hit) for hit in value["hits"]] == [HIT_KEYS] * len(value["hits"])
    assert [list(quote) for quote in value["quotes"]] == [QUOTE_KEYS] * len(value["quotes"])


def test_search_shows_passages_and_quotes(qa: Run, indexed: Path) -> None:
    out = qa("search", "ferry ticket", "-k", "1", cwd=indexed).stdout
    assert out.startswith("Passages\n\n1. seeds/travel/ferry.md:")
    assert "\nQuotes\n\n[1] The ferry\n" in out
    assert "\n2. " not in out


def test_where_narrows_by_metadata_and_by_path(qa: Run, indexed: Path) -> None:
    for filters in (["published>=2024-01-01"], ["path=travel/*"], ["title=The ferry", "path=*.md"]):
        arguments = [part for text in filters for part in ("--where", text)]
        value = json.loads(qa("search", "--json", "Marrow Point", *arguments, cwd=indexed).stdout)
        assert {hit["source"] for hit in value["hits"]} == {"travel/ferry.md"}, filters


def test_a_filter_that_nothing_passes_finds_nothing(qa: Run, indexed: Path) -> None:
    assert qa("search", "x", "--where", "path=nowhere/*", cwd=indexed).stdout == "Nothing found.\n"
    assert "The sources do not say." in qa("ask", WHO, "--where", "path=nowhere/*", cwd=indexed, code=3).stdout


def test_explain_goes_to_standard_error_and_leaves_the_json_alone(qa: Run, indexed: Path) -> None:
    for command in ("ask", "search"):
        done = qa(command, "--json", "--explain", WHO, cwd=indexed)
        json.loads(done.stdout)
        assert "answerability" in done.stderr
        assert "dense" in done.stderr


def test_show_prints_the_source_with_line_numbers(qa: Run, indexed: Path) -> None:
    out = qa("show", "lighthouse.txt", cwd=indexed).stdout.splitlines()
    assert out[:2] == ["Notes from the north", "seeds/lighthouse.txt"]
    source = text_of(indexed, "lighthouse.txt").splitlines()
    assert [line[4:] for line in out[3:]] == source
    assert [line.split()[0] for line in out[3:]] == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize("name", ["travel/ferry.md", "seeds/travel/ferry.md", "ferry.md"])
def test_show_knows_a_source_by_id_by_path_and_by_a_name_that_only_it_has(qa: Run, indexed: Path, name: str) -> None:
    assert "seeds/travel/ferry.md" in qa("show", name, cwd=indexed).stdout


def test_show_marks_the_quote_that_json_names(qa: Run, indexed: Path) -> None:
    quote = json.loads(qa("ask", "--json", WHO, cwd=indexed).stdout)["quotes"][0]
    out = qa("show", f"{quote['source']}:{quote['start']}-{quote['end']}", cwd=indexed).stdout
    assert re.search(r"^3 \| Marrow Point is a cape", out, re.M)
    assert len(re.findall(r"^\d+ \|", out, re.M)) == 1


def test_show_takes_the_place_that_ask_prints(qa: Run, indexed: Path) -> None:
    place = qa("ask", WHO, cwd=indexed).stdout.splitlines()[2].strip()
    assert re.search(r"^3 \| ", qa("show", place, cwd=indexed).stdout, re.M)


def test_show_lists_blocks_as_json_and_json_needs_blocks(qa: Run, indexed: Path) -> None:
    listed = json.loads(qa("show", "lighthouse.txt", "--blocks", "--json", cwd=indexed).stdout)
    assert listed["source"] == "lighthouse.txt"
    text = text_of(indexed, "lighthouse.txt")
    assert all(block["text"] == text[block["start"] : block["end"]] for block in listed["blocks"])
    refused = qa("show", "lighthouse.txt", "--json", cwd=indexed, code=2)
    assert "--json goes with --blocks" in refused.stderr


def test_show_marks_what_is_not_indexed(qa: Run, workspace: Path) -> None:
    text = "By Ann Holm\nShare on Facebook\n\nThe pier was closed in 2019.\n\nSubscribe to our newsletter\n"
    (workspace / "seeds" / "pier.txt").write_text(text, encoding="utf-8")
    qa("index", cwd=workspace)
    out = qa("show", "pier.txt", cwd=workspace).stdout
    assert re.search(r"^6 ~ Subscribe to our newsletter$", out, re.M)
    assert re.search(r"^4   The pier was closed", out, re.M)


def test_ask_builds_the_index_on_first_use_and_says_so(qa: Run, bare: Path) -> None:
    done = qa("ask", WHO, cwd=bare)
    assert "qa: building the index" in done.stderr
    assert BUILT in done.stdout
    assert qa("ask", "--quotes", WHO, cwd=bare).stderr == ""


def test_ask_updates_a_stale_index_and_says_so(qa: Run, workspace: Path) -> None:
    (workspace / "seeds" / "harbour.txt").write_text("The harbour master is Oda Brandt.\n", encoding="utf-8")
    done = qa("ask", "Who is the harbour master?", cwd=workspace)
    assert "seeds/ has changed since the index was built (1 added); updating the index" in done.stderr
    assert "The harbour master is Oda Brandt." in done.stdout


def test_no_build_answers_from_what_is_indexed_and_warns(qa: Run, workspace: Path) -> None:
    (workspace / "seeds" / "lighthouse.txt").write_text("Nobody knows who built it.\n", encoding="utf-8")
    before = sorted((workspace / "index").rglob("*"))
    done = qa("ask", "--no-build", WHO, cwd=workspace)
    assert BUILT in done.stdout
    assert "(1 changed); these results come from the old index" in done.stderr
    assert sorted((workspace / "index").rglob("*")) == before


def test_status_tells_fresh_from_stale_and_every_setting_with_its_origin(qa: Run, workspace: Path) -> None:
    fresh = qa("status", cwd=workspace, env={"QA_THRESHOLD": "0.4"}).stdout
    assert "2 documents" in fresh
    assert re.search(r"^  fresh$", fresh, re.M)
    assert re.search(r"^ +k +4 +qa\.toml$", fresh, re.M)
    assert re.search(r"^ +threshold +0\.4 +environment QA_THRESHOLD$", fresh, re.M)
    assert re.search(r"^ +boilerplate +true +default$", fresh, re.M)
    (workspace / "seeds" / "new.txt").write_text("New.\n", encoding="utf-8")
    value = json.loads(qa("status", "--json", cwd=workspace).stdout)
    assert value["index"]["fresh"] is False
    assert value["index"]["added"] == ["new.txt"]
    assert value["settings"]["k"] == {"value": 4, "origin": "qa.toml"}


def test_status_check_finds_a_damaged_file(qa: Run, workspace: Path) -> None:
    assert "whole" in qa("status", "--check", cwd=workspace).stdout
    (path,) = (workspace / "index").glob("gen-*/text.bin")
    data = bytearray(path.read_bytes())
    data[40] ^= 1
    path.write_bytes(data)
    done = qa("status", "--check", cwd=workspace, code=1)
    assert "text.bin" in done.stdout + done.stderr
    assert "qa index --rebuild" in done.stdout + done.stderr


def test_a_damaged_index_is_an_error_and_a_rebuild_mends_it(qa: Run, workspace: Path) -> None:
    (path,) = (workspace / "index").glob("gen-*/text.bin")
    path.write_bytes(path.read_bytes()[:-10])
    for arguments in (["ask", "--no-build", WHO], ["search", WHO], ["show", "lighthouse.txt"]):
        done = qa(*arguments, cwd=workspace, code=1)
        assert done.stdout == ""
        assert "qa index --rebuild" in done.stderr
        assert len(done.stderr.splitlines()) == 1
    qa("index", "--rebuild", cwd=workspace)
    assert BUILT in qa("ask", WHO, cwd=workspace).stdout


def test_init_makes_a_workspace_and_never_overwrites(qa: Run, tmp_path: Path) -> None:
    out = qa("init", "made", cwd=tmp_path).stdout
    assert "made made/qa.toml" in out
    assert "made/seeds" in out.splitlines()[-1]
    config = tmp_path / "made" / "qa.toml"
    assert all(not line or line.startswith("#") for line in config.read_text(encoding="utf-8").splitlines())
    config.write_text("k = 7\n", encoding="utf-8")
    assert "kept made/qa.toml" in qa("init", "made", cwd=tmp_path).stdout
    assert config.read_text(encoding="utf-8") == "k = 7\n"


def test_every_line_of_a_new_qa_toml_is_a_valid_setting(qa: Run, tmp_path: Path) -> None:
    qa("init", cwd=tmp_path)
    text = (tmp_path / "qa.toml").read_text(encoding="utf-8")
    uncommented = re.sub(r"^# (\w+ = )", r"\1", text, flags=re.M)
    (tmp_path / "qa.toml").write_text(uncommented, encoding="utf-8")
    settings = json.loads(qa("status", "--json", cwd=tmp_path, env={"QA_SECOND_OPINION": ""}).stdout)["settings"]
    assert {setting["origin"] for setting in settings.values()} == {"qa.toml"}


def test_trust_shows_what_is_trusted_and_remembers_it_until_it_changes(qa: Run, bare: Path, tmp_path: Path) -> None:
    env = {"XDG_CONFIG_HOME": str(tmp_path / "config")}
    assert "needs trust" in qa("trust", cwd=bare, env=env).stdout
    (bare / "prompts").mkdir()
    (bare / "prompts" / "answer.j2").write_text("{{ question }}", encoding="utf-8")
    out = qa("trust", cwd=bare, env=env).stdout
    assert "Trusted now" in out
    assert "prompts/answer.j2" in out
    assert "Trusted already" in qa("trust", str(bare), cwd=tmp_path, env=env).stdout
    (bare / "prompts" / "answer.j2").write_text("{{ evil }}", encoding="utf-8")
    assert "Trusted now" in qa("trust", cwd=bare, env=env).stdout


def test_root_counts_before_and_after_the_command(qa: Run, indexed: Path, tmp_path: Path) -> None:
    for arguments in (["--root", str(indexed), "ask", WHO], ["ask", WHO, "--root", str(indexed)]):
        assert BUILT in qa(*arguments, cwd=tmp_path).stdout


def test_a_folder_below_the_workspace_is_in_the_workspace(qa: Run, indexed: Path) -> None:
    assert BUILT in qa("ask", WHO, cwd=indexed / "seeds" / "travel").stdout


def test_check_content_notices_what_size_and_time_do_not_show(qa: Run, workspace: Path) -> None:
    path = workspace / "seeds" / "lighthouse.txt"
    text, old = path.read_text(encoding="utf-8") + "Once more.\n", 1_700_000_000
    for year in ("1871", "1872"):
        path.write_text(text.replace("1871", year), encoding="utf-8")
        os.utime(path, (old, old))
        if year == "1871":
            qa("index", cwd=workspace)
    assert "Nothing changed" in qa("index", cwd=workspace).stdout
    assert "lighthouse.txt" not in qa("status", cwd=workspace).stdout
    assert "changed   lighthouse.txt" in qa("status", "--check-content", cwd=workspace).stdout
    assert "changed   lighthouse.txt" in qa("index", "--check-content", cwd=workspace).stdout


def test_a_question_deletes_what_a_killed_build_left(qa: Run, workspace: Path) -> None:
    (workspace / "index" / ".building-1").mkdir()
    (workspace / "index" / ".building-1" / "text.bin").write_text("words of a removed document")
    qa("ask", "Who built the lighthouse of Marrow Point?", cwd=workspace)
    assert not (workspace / "index" / ".building-1").exists()
