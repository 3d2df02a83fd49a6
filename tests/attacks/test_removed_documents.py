"""A document that is removed leaves no trace of its text, in the index, beside it, or in the user's folders."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import Stemmer
from support.command import run_here

# Made-up words: no other document, no vocabulary of a model and no word list of qa has them.
SECRET = "Zyphrandel quibblatted over marmoskets in Vlexborough"
WORDS = ("zyphrandel", "quibblatted", "marmoskets", "vlexborough")
TEXT = f"# A private note\n\nEverybody knows the story. {SECRET}, and nobody else was there to see it.\n"
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")
KEPT = "The lighthouse of Marrow Point was built in 1871 by Edith Lanning. It stands on the northern cape.\n"


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder of these tests: one for all of them, because exporting the model into it takes a while."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace with a document that stays and one that goes."""
    (tmp_path / "news" / "seeds").mkdir(parents=True)
    (tmp_path / "news" / "seeds" / "lighthouse.txt").write_text(KEPT, encoding="utf-8")
    (tmp_path / "news" / "seeds" / "note.md").write_text(TEXT, encoding="utf-8")
    return tmp_path / "news"


def command(root: Path, cache: Path, *arguments: str) -> str:
    """Run qa with the history off, and the other folders of the user beside the workspace."""
    own = {f"XDG_{name}_HOME": str(root.parent / name) for name in ("CONFIG", "DATA", "STATE")}
    own["XDG_CACHE_HOME"] = str(cache)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("QA_", "OPENAI_"))}
    done = run_here(arguments, root, kept | own | {"HF_HUB_OFFLINE": "1", "TMPDIR": str(root.parent / "tmp")})
    assert done.returncode == 0, (done.stdout, done.stderr)
    return done.stdout


def traces(folder: Path) -> set[str]:
    """Words of the secret, or their stems, in the contents and names of the files below a folder; UTF-8 or UTF-16."""
    stemmer = Stemmer.Stemmer("english")
    wanted = {*WORDS, *stemmer.stemWords(list(WORDS))}
    forms = {word.encode(encoding): word for word in wanted for encoding in ENCODINGS}
    pattern = re.compile(b"|".join(map(re.escape, sorted(forms, key=len, reverse=True))))
    return {forms[found] for data in contents(folder) for found in pattern.findall(data.lower())}


def contents(folder: Path) -> Iterator[bytes]:
    for path in folder.rglob("*"):
        yield os.fsencode(path.relative_to(folder))
        if path.is_file():
            yield path.read_bytes()


@pytest.mark.parametrize("build", [("index",), ("index", "--rebuild"), ("ask", "--quotes", "Who built it?")])
def test_nothing_of_its_text_is_left(root: Path, cache: Path, build: tuple[str, ...]) -> None:
    (root.parent / "tmp").mkdir()
    command(root, cache, "index")
    assert "note.md" in command(root, cache, "ask", "--quotes", "Who quibblatted over marmoskets in Vlexborough?")
    assert {"zyphrandel", "vlexborough"} <= traces(root / "index")  # the search finds what is there
    (root / "seeds" / "note.md").unlink()
    command(root, cache, *build)
    assert "lighthouse.txt" in command(root, cache, "search", "lighthouse")
    for folder in (root.parent, cache):
        assert traces(folder) == set()
        assert not any(b"note.md" in data for data in contents(folder))


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_trace_is_found_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "some.bin").write_bytes(b"\x00\xff" * 3 + SECRET.encode(encoding) + b"\x00")
    assert traces(tmp_path) >= set(WORDS)
