"""What holds for a document of any format once all steps are done: blocks, sentences, passages and context."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.errors import SourceError
from qa.index.context import pieces
from qa.ingest.blocks import problems
from qa.ingest.pipeline import prepare
from qa.records import Prepared, Span

DATA = Path(__file__).resolve().parents[2] / "data"
FILES = sorted(
    path
    for folder in ((DATA / "formats").iterdir(), [DATA / "saved-by-0.1.0/seeds"])
    for place in folder
    if place.is_dir()
    for path in place.iterdir()
    if path.suffix != ".blocks"
)


def check(prepared: Prepared) -> None:
    document = prepared.document
    text, blocks = document.text, document.blocks
    assert list(problems(text, blocks)) == []
    end = 0
    for sentence in prepared.sentences:
        block = blocks[sentence.block]
        assert max(end, block.start) <= sentence.start < sentence.end <= block.end
        end = sentence.end
        for piece in pieces(blocks, sentence.block, Span(sentence.start, sentence.end), lambda a, b: text[a:b]):
            assert piece.text == text[piece.start : piece.end]
            assert piece.text
    for passage in prepared.passages:
        first, last = prepared.sentences[passage.first_sentence], prepared.sentences[passage.last_sentence]
        assert (passage.start, passage.end) == (first.start, last.end)


def checked(name: str, data: bytes) -> Prepared | None:
    """The file as it is read, sound in every way that `check` knows; None for one that cannot be read."""
    try:
        prepared = prepare(name, data)
    except SourceError:
        return None
    check(prepared)
    return prepared


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_and_its_halves_are_sound_or_refused(path: Path) -> None:
    data = path.read_bytes()
    assert (checked(path.name, data) is None) == (path.name == "protected.epub")
    for half in (data[: len(data) // 2], data[len(data) // 2 :]):
        read = checked(path.name, half)
        assert read is None or read.document.text.strip()


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(FILES), st.data())
def test_any_mutation_of_a_file_is_sound_or_refused(path: Path, data: st.DataObject) -> None:
    whole = path.read_bytes()
    cut, skipped = data.draw(st.integers(0, len(whole))), data.draw(st.integers(0, 60))
    inserted = data.draw(st.binary(max_size=12) | st.sampled_from([b"Q: Is it so? ", b"?</td>", b"A. ", b"\n\n", b"|"]))
    read = checked(path.name, whole[:cut] + inserted + whole[cut + skipped :])
    assert read is None or read.document.text.strip()


def cut(text: str) -> list[str]:
    """The sentences of a Markdown file."""
    prepared = prepare("a.md", text.encode())
    return [prepared.document.text[s.start : s.end] for s in prepared.sentences]


def test_a_row_keeps_the_marks_at_its_ends_whole() -> None:
    rows = "| Who | What |\n|---|---|\n| [Acme](https://acme.example) | keeps **all** |\n"
    assert cut(rows)[1:] == ["[Acme](https://acme.example) | keeps **all**"]


def test_a_template_tag_or_an_icon_at_an_end_is_not_cut_in_two() -> None:
    assert cut('- {% channel "#ship" %} is for news.\n') == ['{% channel "#ship" %} is for news.']
    assert cut('- Ask in {% channel "#ship" %}\n') == ['Ask in {% channel "#ship" %}']
    assert cut("[Ask for it][ask\n  for it]\n\n[ask for it]: b.md\n")[0] == "[Ask for it][ask\n  for it]"
    assert cut("<b class=x>Ask</b> for it.\n") == ["<b class=x>Ask</b> for it."]
    assert cut("[:octicons-arrow-24: Ask for a change](b.md)\n") == ["[:octicons-arrow-24: Ask for a change](b.md)"]


def test_tabs_are_read_under_their_names() -> None:
    linux = '=== "Linux"\n\n    Run it as root.\n\n    ``` sh\n    make\n    ```\n\n'
    text = linux + '=== "Windows"\n\n    - Press the key.\n\nThen wait.\n'
    document = prepare("a.md", text.encode()).document
    blocks = document.blocks
    shown = [(block.kind, document.text[block.start : block.end].split("\n")[0], block.parent) for block in blocks]
    assert shown == [
        ("heading", '=== "Linux"', None),
        ("paragraph", "Run it as root.", 0),
        ("code", "``` sh", 0),
        ("heading", '=== "Windows"', None),
        ("item", "- Press the key.", 3),
        ("paragraph", "Then wait.", None),
    ]


def test_a_closing_brace_goes_with_the_code_before_it() -> None:
    lines = "\n".join(f"  call({number});" for number in range(7))
    text = "``` c\nint main(void)\n{\n" + lines + "\n\n}\n\nint x;\n```\n"
    assert cut(text) == [f"int main(void)\n{{\n{lines.rsplit(chr(10), 1)[0]}", "  call(6);\n\n}".strip(), "int x;"]


def test_a_definition_without_a_term_is_read_as_its_content() -> None:
    said = ":   <!-- on --> It says **whether** the\n    plugin runs.\n"
    text = f"<!-- md:option x -->\n\n{said}\n    ``` yaml\n    a: 1\n    ```\n"
    assert cut(text) == ["It says **whether** the\n    plugin runs.", "a: 1"]
    assert cut(":   !!! tip\n\n        Wait.\n") == ["Wait."]
