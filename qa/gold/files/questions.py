"""Standing questions: a list in YAML, of questions or of gold cases, or a text with a question on each line."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from qa.errors import GoldError, QuestionError
from qa.files import MEDIUM, read_named
from qa.gold.files.nodes import Node, compose
from qa.retrieve.retriever import check_question

__all__ = ["Question", "load"]


@dataclass(frozen=True, slots=True)
class Question:
    """id: as the file names it, else the question itself."""

    id: str
    text: str


def load(*paths: Path) -> tuple[Question, ...]:
    """The questions of the files, in order. Raises GoldError, with file and line, for anything else in them."""
    found = tuple(question for path in paths for question in _read(path))
    if not found:
        raise GoldError(f"{', '.join(map(str, paths))}: no questions; write a list: - Who signed the letter?")
    seen: dict[str, Question] = {}
    for question in found:
        if seen.setdefault(question.id, question) is not question:
            raise GoldError(f"{', '.join(map(str, paths))}: {question.id!r} is there twice; give each its own id")
    return found


def _read(path: Path) -> Iterator[Question]:
    try:
        text = read_named(path, MEDIUM).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise GoldError(f"{path}: not UTF-8") from None
    except OSError as error:
        raise GoldError(f"{path}: cannot be read: {error.strerror}") from None
    if path.suffix.lower() == ".txt":
        yield from _lines(text, str(path))
        return
    root = compose(text, str(path))
    if root is None:
        return
    if root.kind != "list":
        raise GoldError(f"{path}:{root.line}: not a list; write each question behind a dash: - Who signed the letter?")
    for node in root.items:
        yield _question(node, str(path))


def _question(node: Node, file: str) -> Question:
    if node.kind == "text":
        found = Question(node.text.strip(), node.text.strip())
    else:
        fields = _fields(node.items) if node.kind == "mapping" else {}
        if "question" not in fields:
            raise GoldError(f"{file}:{node.line}: neither a question nor an object with the key question")
        question = " ".join(fields["question"].split())
        found = Question(fields.get("id") or question, question)
    return _checked(found, file, node.line)


def _lines(text: str, file: str) -> Iterator[Question]:
    """The lines that are neither empty nor comments."""
    for number, line in enumerate(text.splitlines(), 1):
        question = " ".join(line.split())
        if question and not question.startswith("#"):
            yield _checked(Question(question, question), file, number)


def _checked(question: Question, file: str, line: int) -> Question:
    try:
        check_question(question.text)
    except QuestionError as error:
        raise GoldError(f"{file}:{line}: {error}") from None
    return question


def _fields(items: Sequence[Node]) -> dict[str, str]:
    """The keys whose values are texts."""
    pairs = zip(items[::2], items[1::2], strict=True)
    return {key.text: value.text for key, value in pairs if value.kind == "text"}
