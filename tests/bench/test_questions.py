"""The benchmark's own questions stay in step with their texts."""

from pathlib import Path

import yaml

BENCH = Path(__file__).resolve().parents[2] / "bench"


def test_every_answer_stands_word_for_word_in_its_folder() -> None:
    parts = yaml.safe_load((BENCH / "answerability.yaml").read_text(encoding="utf-8"))
    for part in parts:
        if part["source"].startswith("folders/"):
            text = (BENCH / part["source"]).read_text(encoding="utf-8")
            for question, words in part["answer"]:
                assert words in text, f"{part['source']}: {question}"


def test_no_question_is_asked_twice_of_one_text() -> None:
    parts = yaml.safe_load((BENCH / "answerability.yaml").read_text(encoding="utf-8"))
    for part in parts:
        questions = [question for question, _ in part["answer"]] + part["abstain"]
        assert len(questions) == len(set(questions)), part["source"]
