"""The support test set: deterministic, honest about its sources, and sealed where it must be."""

import importlib
import os
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench"
DATA = Path(os.environ.get("QA_BENCH_DATA") or BENCH.parents[1] / "shared" / "bench")
needs_corpora = pytest.mark.skipif(
    not (DATA / "chunking" / "corpora" / "wikitexts.md").is_file(), reason=f"no corpora under {DATA}"
)


COMPOSED_KINDS = {"mixed sentences", "other subject", "other value"}


def _module(name: str) -> ModuleType:
    if str(BENCH) not in sys.path:
        sys.path.append(str(BENCH))
    return importlib.import_module(name)


@pytest.fixture(scope="module")
def seeds_only():
    return _module("support_set.build").build(None)


@pytest.fixture(scope="module")
def whole():
    return _module("support_set.build").build(DATA)


def _check_quotes(pairs, data):
    sources, _ = _module("support_set.sources").load(data)
    texts = {source.doc: source.text for source in sources}
    for pair in pairs:
        assert pair.quotes
        for quote in pair.quotes:
            assert texts[quote.doc][quote.start : quote.end] == quote.text
            assert quote.before in texts[quote.doc]
            assert quote.after in texts[quote.doc]


def test_the_same_set_is_built_every_time(seeds_only):
    assert _module("support_set.build").build(None) == seeds_only


def test_without_the_corpora_the_seeds_remain_and_the_absence_is_told(seeds_only):
    assert seeds_only.absent == _module("support_set.sources").CORPORA
    assert {quote.doc for pair in seeds_only.pairs for quote in pair.quotes} == set(
        _module("support_set.sources").SEEDS
    )


def test_quotes_are_verbatim_in_the_seeds(seeds_only):
    _check_quotes(seeds_only.pairs, None)


def test_an_edit_or_paraphrase_differs_from_its_original(seeds_only):
    for pair in seeds_only.pairs:
        if pair.kind != "original":
            assert pair.statement != pair.base


def test_no_item_is_labelled_both_ways(seeds_only):
    labels = {}
    for pair in seeds_only.pairs:
        key = (pair.question, pair.statement, pair.quotes)
        assert labels.setdefault(key, pair.label) == pair.label


def test_hand_written_kinds_are_the_kinds_of_the_generator():
    kinds = set(_module("support_set.edits").EDITS)
    written = _module("support_set.written")
    records = _module("support_set.records")
    for split in (*records.SPLITS, *records.COMPOSED):
        for entry in written.entries(split):
            assert set(entry["edits"]) <= (kinds if split in records.SPLITS else COMPOSED_KINDS)
            assert entry["same"]


@needs_corpora
def test_the_whole_set_is_as_large_as_promised_in_both_halves(whole):
    assert whole.absent == ()
    edits = [pair for pair in whole.pairs if pair.label == "unsupported"]
    harmless = [pair for pair in whole.pairs if pair.harmless]
    assert len(edits) >= 1000
    assert len(harmless) >= 500
    assert sum(pair.origin == "hand" for pair in edits) >= 240
    assert sum(pair.origin == "hand" for pair in harmless) >= 150
    for split in _module("support_set.records").SPLITS:
        kinds = {pair.kind for pair in edits if pair.split == split}
        assert kinds == set(_module("support_set.edits").EDITS)


@needs_corpora
def test_quotes_are_verbatim_in_the_corpora(whole):
    _check_quotes(whole.pairs, DATA)


@needs_corpora
def test_no_quote_is_in_two_splits(whole):
    splits = {}
    for pair in whole.pairs:
        for quote in pair.quotes if pair.split in _module("support_set.records").SPLITS else ():
            assert splits.setdefault(quote.text, pair.split) == pair.split


@needs_corpora
def test_composed_answers_are_of_kinds_of_their_own_and_many_in_both_halves(whole):
    for split in _module("support_set.records").COMPOSED:
        edits = [pair for pair in whole.pairs if pair.split == split and pair.label == "unsupported"]
        assert len(edits) >= 70
        assert {pair.kind for pair in edits} == COMPOSED_KINDS


def test_the_runner_counts_what_the_gate_catches_and_what_it_flags_wrongly(seeds_only):
    runner = _module("gate_edits")
    pairs = [replace(pair, split="unseen") for pair in seeds_only.pairs]
    accepting = runner.run(pairs, lambda _pair: ("unconfirmed", ()))
    flagging = runner.run(pairs, lambda _pair: ("unsupported", ("no",)))
    assert "0.0%, 0.0%: not met" in runner.goal(accepting)
    assert "100.0%, 100.0%: not met" in runner.goal(flagging)
    oracle = runner.run(pairs, lambda pair: (pair.label, ()))
    assert runner.goal(oracle).endswith(": met.")
    assert runner.show(oracle, "missed") == "none"


def test_unseen_items_are_not_shown_by_accident(capsys):
    assert _module("gate_edits").main(["--show", "missed"]) == 2
    assert _module("gate_edits").main(["--show", "alarms", "--split", "unseen"]) == 2
    assert _module("gate_edits").main(["--show", "alarms", "--split", "composed_unseen"]) == 2
    assert "--split seen" in capsys.readouterr().err


def test_absent_corpora_are_a_clear_line_and_no_failure(tmp_path, capsys):
    assert _module("gate_edits").main(["--data", str(tmp_path)]) == 0
    assert capsys.readouterr().out.startswith("skipped: no corpora under")
