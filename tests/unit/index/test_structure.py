"""Blocks, markup and unread parts in an index; what is searched, and what stands around a quote."""

import hashlib
import json
from pathlib import Path

import pytest

import qa
from qa.errors import IndexDamagedError, IndexForeignError, IndexOutdatedError
from qa.index import build as builder
from qa.index import manifest, searched, signature, store, structure
from qa.index.blocks import BlockFile, block_sum
from qa.index.context import LONGEST, MOST, pieces
from qa.index.local import LocalIndex
from qa.index.plan import plan
from qa.index.store import Generation
from qa.ingest.pipeline import prepare
from qa.records import Block, BuildSettings, Span
from qa.testing import HashEncoder

OFFICES = """# Our offices

## Turku

Open from *eight* to four.

| Floor | Desks |
|---|---|
| First | 12 |
| Second | 40 |

The rent does not cover:

- heating
- water

## Malmo

Open from ten to six.
"""
LETTER = "Dear all,\r\n\r\nThe **board** met in 2024. Nobody spoke.\r\n"


def build(folder: Path, **files: str) -> builder.BuildReport:
    (folder / "seeds").mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / "seeds" / name.replace("_", ".")).write_bytes(text.encode())
    return builder.build(folder / "seeds", folder / "index", BuildSettings(), HashEncoder())


def test_what_is_read_back_is_what_was_prepared_also_after_a_build_that_reuses_it(tmp_path: Path) -> None:
    prepared = [prepare("a.md", OFFICES.encode()), prepare("b.txt", LETTER.encode()), prepare("c.txt", b"One. Two.")]
    build(tmp_path, a_md=OFFICES, b_txt=LETTER)
    build(tmp_path, c_txt="One. Two.")
    generation = Generation.open(tmp_path / "index")
    assert [generation.prepared(n) for n in range(3)] == prepared
    assert len({sentence.block for sentence in generation.prepared(0).sentences}) > 8
    blocks = generation.blocks(0)
    assert [blocks[n] for n in reversed(range(len(blocks)))] == list(reversed(prepared[0].document.blocks))
    assert blocks[1:3] == prepared[0].document.blocks[1:3]
    with pytest.raises(IndexError):
        blocks[len(blocks)]
    generation.close()


def test_unread_parts_and_files_are_counted_and_come_with_the_answer(tmp_path: Path) -> None:
    mail = "From: a@example.org\nSubject: Boat\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n"
    parts = "--x\nContent-Type: text/plain\n\nThe boat leaves at nine.\n--x\nContent-Type: image/png\n"
    name = 'Content-Disposition: attachment; filename="map.png"\n\niVBORw0KGgo=\n--x--\n'
    report = build(tmp_path, a_eml=mail + parts + name, b_xyz="?", c_pdf="%PDF-1.4 nothing")
    with qa.Retriever.open(tmp_path / "index", encoder=HashEncoder()) as retriever:
        unread = retriever.document("a.eml").unread
        assert retriever.unread == {"files": 2, "parts": len(unread)}
        assert len(unread) == 1
        assert report.unread == {"a.eml": unread}
        assert qa.Assistant(retriever).ask("Why is the moon yellow?").unread == retriever.unread


def test_a_sentence_is_searched_with_what_stands_around_it_and_without_markup() -> None:
    found = list(searched.divided(prepare("a.md", OFFICES.encode(), {"title": "Places"})))
    sentences = [text for passage in found for text in passage.alone]
    assert "Our offices\nTurku\nOpen from eight to four." in sentences
    row = next(text for text in sentences if text.rstrip(" |").endswith("12"))
    assert [line.strip() for line in row.splitlines()[:2]] == ["Our offices", "Turku"]
    assert "Desks" in row
    assert "Our offices\nTurku\nThe rent does not cover:\nwater" in sentences
    assert all(passage.text.startswith("Places\n") for passage in found)
    small = list(searched.divided(prepare("a.md", OFFICES.encode(), passage_chars=200)))
    assert any(passage.text.startswith("Our offices\nOur offices\n") for passage in small[1:])


def test_a_quote_has_its_context_verbatim(tmp_path: Path) -> None:
    build(tmp_path, a_md=OFFICES)
    with qa.Retriever.open(tmp_path / "index", encoder=HashEncoder()) as retriever:
        quotes = {quote.text: quote for s in retriever.sentences("a.md") for quote in [retriever.quote(s)]}
        assert all(
            OFFICES[piece.start : piece.end] == piece.text and len(piece.text) <= LONGEST
            for quote in quotes.values()
            for piece in quote.context
        )
        row = next(quote for text, quote in quotes.items() if "40" in text)
        assert [piece.kind for piece in row.context] == ["heading", "heading", "header"]
        item = next(quote for text, quote in quotes.items() if text.endswith("water"))
        assert [(p.kind, p.text) for p in item.context][-1] == ("lead_in", "The rent does not cover:")
        assert retriever.evidence("When does Turku open?").quotes[0].context


def test_long_pieces_are_cut_at_a_word_and_keep_the_part_that_matters() -> None:
    lead = "word " * 100 + "these are not covered:"
    head = "Title " * 80
    header = " | ".join(f"Column {n}" for n in range(60))
    text = f"{head.strip()}\n{lead}\n{header}\nfire"
    spans, at = [], 0
    for line in text.split("\n"):
        spans.append(Span(at, at + len(line)))
        at += len(line) + 1
    cell = Span(text.index("Column 7"), text.index("Column 7") + len("Column 7"))
    blocks = [
        Block("heading", spans[0].start, spans[0].end),
        Block("paragraph", spans[1].start, spans[1].end, 0),
        Block("header", spans[2].start, spans[2].end, 1),
        Block("row", spans[3].start, spans[3].end, 2, columns=((cell,),)),
    ]
    found = pieces(blocks, 3, spans[3], lambda start, end: text[start:end])
    assert [piece.kind for piece in found] == ["heading", "lead_in", "header"]
    assert all(text[piece.start : piece.end] == piece.text and len(piece.text) <= LONGEST for piece in found)
    assert found[0].text.startswith("Title Title")
    assert found[0].text.endswith("Title")
    assert found[1].text.endswith("word these are not covered:")
    assert found[1].text.startswith("word")
    assert found[2].text == "Column 7"
    unbroken = [Block("heading", 0, 400), Block("paragraph", 401, 405, 0)]
    assert pieces(unbroken, 1, Span(401, 405), lambda start, end: ("x" * 400 + "\nfire")[start:end]) == ()


def test_all_pieces_together_are_limited_and_the_nearest_are_kept() -> None:
    text = "\n".join(f"{letter * 250}." for letter in "abcdef")
    starts = range(0, len(text), 252)
    nested = [Block("heading", at, at + 251, n - 1 if n else None, n + 1) for n, at in enumerate(starts[:-1])]
    blocks = [*nested, Block("paragraph", starts[-1], len(text), 4)]
    found = pieces(blocks, 5, Span(starts[-1], len(text)), lambda start, end: text[start:end])
    assert [piece.text[0] for piece in found] == ["c", "d", "e"]
    assert sum(len(piece.text) for piece in found) <= MOST


def test_a_row_of_many_columns_cut_into_sentences_has_the_headers_over_each_of_them() -> None:
    names, values = [f"Column{n}" for n in range(3_000)], [f"{n} units" for n in range(3_000)]
    prepared = prepare("wide.csv", f"{','.join(names)}\n{','.join(values)}\n{','.join(values)}\n".encode())
    text, blocks = prepared.document.text, prepared.document.blocks
    rows = [each for each in prepared.sentences if blocks[each.block].kind == "row"]
    assert len(rows) > 20
    for row in rows:
        found = pieces(blocks, row.block, Span(row.start, row.end), lambda start, end: text[start:end])
        heads = [piece.text for piece in found if piece.kind == "header"]
        values = [word for word in text[row.start : row.end].split() if word.isdigit()]
        assert heads
        assert sum(map(len, heads)) <= MOST
        assert heads[-1] in [f"Column{number}" for number in values]


def test_what_is_searched_grows_no_faster_than_a_table_of_wide_cells() -> None:
    heads = "".join(f"<th>{f'head{n} ' * 40}" for n in range(100))
    rows = "".join(f"<tr><td colspan=1000>{n}" for n in range(200))
    prepared = prepare("wide.html", f"<table><tr>{heads}{rows}</table>".encode())
    alone = [text for passage in searched.divided(prepared) for text in passage.alone if text[-1].isdigit()]
    assert len(alone) >= 200
    assert max(map(len, alone)) < MOST + 100
    assert max(len(column) for block in prepared.document.blocks for column in block.columns) <= 20


def test_context_that_the_quote_itself_holds_is_left_out() -> None:
    text = "Name: Ann Carver"
    field = Block("field", 0, len(text), labels=(Span(0, 4),))
    assert pieces([field], 0, Span(0, len(text)), lambda start, end: text[start:end]) == ()
    assert [p.text for p in pieces([field], 0, Span(6, len(text)), lambda start, end: text[start:end])] == ["Name"]


def test_context_ends_in_the_depth() -> None:
    text = "\n".join("abcdefghijklmnopqrstuvwxyz")
    nested = [Block("item", 2 * n, 2 * n + 1, n - 1 if n else None, n + 1) for n in range(26)]
    found = pieces(nested, 25, Span(50, 51), lambda start, end: text[start:end])
    assert "".join(piece.text for piece in found) == "nopqrstuvwxy"


@pytest.mark.parametrize("name", ["blocks.jsonl", "blocks.bin", "markup.bin"])
@pytest.mark.parametrize("whole", [True, False])
def test_altered_structure_is_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, whole: bool) -> None:
    build(tmp_path, a_md=OFFICES)
    if not whole:
        monkeypatch.setattr(store, "WHOLE", 0)  # a large index is not hashed when it is opened
    path = tmp_path / "index" / store.current_name(tmp_path / "index")[0] / name
    data = path.read_bytes()
    path.write_bytes(bytes([data[0] ^ 1]) + data[1:])
    with pytest.raises(IndexDamagedError, match=f"{name} is damaged"):
        Generation.open(tmp_path / "index").document(0)


def change_schema(index: Path, schema: int) -> None:
    """Give the current generation another schema, signed as if another version of qa had made it."""
    name, _ = store.current_name(index)
    path = index / name / "manifest.json"
    data = json.dumps(json.loads(path.read_bytes()) | {"schema": schema}).encode()
    path.write_bytes(data)
    (index / name / manifest.SIGNATURE).write_text(signature.key().sign("manifest", data).hex())
    (index / "CURRENT").write_text(f"{name} {hashlib.sha256(data).hexdigest()}\n")


def test_an_index_of_an_older_schema_is_made_anew(tmp_path: Path) -> None:
    build(tmp_path, a_md=OFFICES)
    change_schema(tmp_path / "index", 1)
    with pytest.raises(IndexOutdatedError, match=r"older version of qa; run: qa index$"):
        LocalIndex.open(tmp_path / "index")
    todo = plan(tmp_path / "seeds", tmp_path / "index", BuildSettings(), HashEncoder())
    assert (todo.stale, todo.added) == (True, ("a.md",))
    assert "another version of qa" in todo.reasons[0]
    assert build(tmp_path).written
    LocalIndex.open(tmp_path / "index").close()


def test_an_index_of_a_later_schema_is_an_error(tmp_path: Path) -> None:
    build(tmp_path, a_md=OFFICES)
    change_schema(tmp_path / "index", manifest.SCHEMA + 1)
    with pytest.raises(IndexForeignError, match="qa index --rebuild"):
        plan(tmp_path / "seeds", tmp_path / "index", BuildSettings(), HashEncoder())
    assert build(tmp_path).written


def test_a_filter_finds_either_of_identical_files_and_without_one_each_quote_comes_once(tmp_path: Path) -> None:
    (tmp_path / "seeds" / "2024").mkdir(parents=True)
    (tmp_path / "seeds" / "2025").mkdir()
    for year in ("2024", "2025"):
        (tmp_path / "seeds" / year / "fees.md").write_text(OFFICES)
    build(tmp_path)
    with qa.Retriever.open(tmp_path / "index", encoder=HashEncoder()) as retriever:
        assert [info.id for info in retriever.documents] == ["2024/fees.md", "2025/fees.md"]
        for year in ("2024", "2025"):
            hits, found = retriever.retrieve("When does Turku open?", 5, [f"path={year}/*"])
            assert (
                {hit.passage.doc_id for hit in hits} == {quote.doc_id for quote in found.quotes} == {f"{year}/fees.md"}
            )
        hits, found = retriever.retrieve("When does Turku open?", 5)
        assert {hit.passage.doc_id for hit in hits} == {quote.doc_id for quote in found.quotes} == {"2024/fees.md"}


@pytest.mark.parametrize("parent", [1, 2, 99])
def test_a_block_that_is_in_none_before_it_is_damage(tmp_path: Path, parent: int) -> None:
    path = tmp_path / "blocks.jsonl"
    lines = list(structure.encoded([Block("heading", 0, 3), Block("paragraph", 4, 9, parent=parent)]))
    path.write_bytes(b"".join(lines))
    sums = block_sum(path.read_bytes())
    path.with_name("blocks.jsonl.sum").write_bytes(sums)
    starts = [0, len(lines[0]), len(lines[0]) + len(lines[1])]
    blocks = structure.StoredBlocks(BlockFile(path, hashlib.sha256(sums).hexdigest()), starts)
    assert blocks[0].kind == "heading"
    for read in (lambda: blocks[1], lambda: list(blocks)):
        with pytest.raises(IndexDamagedError, match="is damaged"):
            read()
