"""The benchmark of dialogues reads its file, and counts what it says that it counts."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

import qa
from qa.testing import HashEncoder

PATH = Path(__file__).resolve().parents[2] / "bench" / "dialogues.py"
FILE = """# a comment

ferry
How often does the ferry leave in summer? || = || four times
And in winter? || How often does the ferry leave in winter? || twice; once a day

ferry
What does a ticket cost? || = || -
"""


@pytest.fixture(scope="module")
def dialogues() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bench_dialogues", PATH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_turns_are_read_with_their_rewrites_and_words(dialogues: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "dialogues.txt"
    path.write_text(FILE, encoding="utf-8")
    (folder, (first, second)), (_, (third,)) = dialogues.load(path)
    assert folder == "ferry"
    assert (first.rewrite, first.words) == (first.question, ("four times",))
    assert (second.rewrite, second.words) == ("How often does the ferry leave in winter?", ("twice", "once a day"))
    assert third.words == ()


def test_a_turn_is_right_with_the_words_or_with_silence(dialogues: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "ferry.txt").write_text("In winter the ferry leaves once\na day.\n")
    with qa.Retriever.build(tmp_path / "seeds", tmp_path / "index", encoder=HashEncoder()) as retriever:
        answer = qa.Assistant(retriever, threshold=0.0).ask("How often does the ferry leave in winter?")
        silent = qa.Assistant(retriever, threshold=1.1).ask("How often does the ferry leave in winter?")
    said, other, unsaid = (dialogues.turn(f"q || = || {words}") for words in ("once a day", "twice", "-"))
    assert [one.is_right(answer) for one in (said, other, unsaid)] == [True, False, False]
    assert [one.is_right(silent) for one in (said, other, unsaid)] == [False, False, True]
