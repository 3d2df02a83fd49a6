"""Files that other programs wrote, each through the whole reader, against listings that were read line by line."""

from pathlib import Path

import pytest

from qa.ingest.blocks import problems
from qa.ingest.metadata import Extracted
from qa.ingest.pipeline import prepare
from tests.support.blocks import listing

DATA = Path(__file__).resolve().parents[2] / "data" / "written-by-others"
FILES = sorted(path for path in DATA.rglob("*-*.*") if path.suffix != ".blocks")
FEWEST = 5  # of each format


def shown(path: Path) -> str:
    """The title and other fields, the parts that were not read, and the blocks."""
    document = prepare(path.name, path.read_bytes()).document
    lines = [f"{key}: {value}" for key, value in sorted(document.metadata.items()) if value]
    blocks = listing(Extracted(document.text, blocks=document.blocks))
    return "\n".join([f"title: {document.title}", *lines, *(f"unread: {part}" for part in document.unread), blocks])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_of_another_tool_gives_the_blocks_of_its_listing(path: Path) -> None:
    assert shown(path) == path.with_name(f"{path.name}.blocks").read_text(encoding="utf-8")
    document = prepare(path.name, path.read_bytes()).document
    assert list(problems(document.text, document.blocks)) == []


@pytest.mark.parametrize("folder", sorted({path.parent for path in FILES}), ids=lambda path: path.name)
def test_each_format_has_files_of_other_tools(folder: Path) -> None:
    assert sum(path.parent == folder for path in FILES) >= FEWEST
