"""Text to measure with, and questions about it: any folder, or the docstrings of Python's standard library."""

import ast
import random
import re
import shutil
import sysconfig
import warnings
from collections.abc import Iterator
from pathlib import Path

LEAST = 100  # characters of a docstring that is taken
NO_PROSE = {"test", "tests", "idlelib", "lib2to3", "site-packages", "dist-packages"}
SUFFIXES = {".txt", ".md"}
WORDS = 8  # of a question
SEED = 14


def docstrings() -> Iterator[tuple[str, str]]:
    """Name and docstrings of each module of the standard library: English that every installation has."""
    root = Path(sysconfig.get_path("stdlib"))
    for path in sorted(root.rglob("*.py")):
        name = path.relative_to(root)
        if NO_PROSE.isdisjoint(name.parts) and (text := "\n\n".join(_docstrings(path.read_bytes()))):
            yield name.as_posix(), text


def _docstrings(source: bytes) -> Iterator[str]:
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(source)
    except (SyntaxError, ValueError):  # examples of wrong source
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node)
            if text and len(text) >= LEAST:
                yield text


def files(folder: Path) -> Iterator[tuple[str, str]]:
    """Name and text of each text file below a folder, the same text once; files that are no UTF-8 are left out."""
    seen = set()
    for path in sorted(folder.rglob("*")):
        if path.suffix in SUFFIXES and path.is_file():
            try:
                text = path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue
            if text.strip() and text not in seen:
                seen.add(text)
                yield path.relative_to(folder).as_posix(), text


def copy(data: Path | None, characters: int, folder: Path) -> int:
    """Fill a folder with .txt files of so many characters in all, or of all there are. Returns how many there are.

    data: where from; None takes the docstrings.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    left = characters
    for number, (name, text) in enumerate(files(data) if data else docstrings()):
        part = text[:left]
        left -= len(part)
        flat = re.sub(r"\W+", "-", name)
        (folder / f"{number:06}-{flat[:80]}.txt").write_bytes(part.encode())
        if not left:
            break
    return characters - left


def notes(texts: Path, number: int, folder: Path, length: int = 200) -> None:
    """Fill a folder with so many small documents, each a piece of the texts with a line of its own before it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    everything = "".join(path.read_bytes().decode() for path in sorted(texts.iterdir()))
    for n in range(number):
        at = n * length % max(1, len(everything) - length)
        (folder / f"{n:06}.txt").write_bytes(f"Note {n}.\n\n{everything[at : at + length]}".encode())


def questions(texts: Path, number: int) -> list[str]:
    """Pieces of the texts of some words each, the same ones whenever the texts are the same."""
    words = " ".join(path.read_bytes().decode() for path in sorted(texts.iterdir())).split()
    chosen = random.Random(SEED)
    starts = [chosen.randrange(max(1, len(words) - WORDS)) for _ in range(number)]
    return [" ".join(words[start : start + WORDS]) for start in starts]
