"""The English package: its data files are well formed, are read late, and its lists are built from one base."""

import subprocess
import sys
from importlib.resources import files

import pytest

from qa.english.function_words import FUNCTION_WORDS, LOWERED_IN_TITLES, QUESTION_STOP_WORDS
from qa.english.lemmas import lemma
from qa.english.questions import YES_OR_NO
from qa.english.tables import table_lines, word_set

TABLES = sorted(path.name for path in files("qa.english").joinpath("data").iterdir())


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_lower_case_words_without_stray_marks(name: str) -> None:
    lines = table_lines(name)
    assert lines
    assert not [line for line in lines if line != line.lower() or ";" in line or "  " in line]


def test_comments_are_no_words() -> None:
    assert not {word for name in TABLES for word in word_set(name) if word.startswith("#")}


def test_forms_come_from_the_table() -> None:
    assert lemma("bought") == lemma("buy")
    assert lemma("organised") == lemma("organized")


def test_each_list_of_small_words_keeps_what_the_others_leave_out() -> None:
    assert "the" in FUNCTION_WORDS & QUESTION_STOP_WORDS & LOWERED_IN_TITLES
    assert "several" in LOWERED_IN_TITLES - FUNCTION_WORDS - QUESTION_STOP_WORDS
    assert "document" in QUESTION_STOP_WORDS - FUNCTION_WORDS


@pytest.mark.parametrize("question", ["Is it open?", "And could it fail?", "Shall we go?", "Isn’t it late?"])
def test_yes_or_no_questions_are_known_by_their_opening(question: str) -> None:
    assert YES_OR_NO.match(question)
    assert not YES_OR_NO.match("Which one " + question)


def test_importing_the_matcher_and_the_retriever_reads_no_table() -> None:
    code = (
        "import qa.quotes.match, qa.retrieve.evidence, qa.english.lemmas, qa.english.answers;"
        "from qa.english.tables import table_lines; print(table_lines.cache_info().currsize)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"
