"""Every parser of qa as a function of bytes: it returns, or raises an error that qa raises on purpose, or it has a bug.

Each target also checks what its parser promises about a good result. `seeds` are inputs to start from.
"""

import atexit
import hashlib
import io
import json
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from faults import fuzz_seeds

from qa import schema
from qa.answer.parse import Incremental, parse
from qa.errors import (
    BadReplyError,
    ContentRefusedError,
    GoldError,
    QaError,
    SettingError,
    SourceError,
    UsageError,
    WhereError,
)
from qa.gold.files import cases
from qa.index import build as builder
from qa.index import manifest, signature, where
from qa.index.blocks import BLOCK, block_sum
from qa.index.local import LocalIndex
from qa.index.manifest import BLOCK_FILES, SIGNATURE
from qa.ingest import metadata, pipeline
from qa.ingest.blocks import problems
from qa.ingest.suffixes import SUFFIXES
from qa.quotes.match import find
from qa.records import BuildSettings
from qa.retrieve.retriever import Retriever
from qa.settings import Workspace, resolve
from qa.testing import HashEncoder
from qa.trust import Snapshot

__all__ = ["TARGETS", "Target"]

DATA = Path(__file__).resolve().parents[1] / "data" / "formats"
BINARY = (".pdf", ".docx", ".xlsx", ".xlsm", ".pptx", ".odt", ".ods", ".odp", ".epub")
MOST = 200_000  # bytes of a seed; mutations of a larger one take too long to find anything
IDS = ("a.txt:s1", "a.txt:s2", "b.md:s1", "b.md:s7")


@dataclass(frozen=True)
class Target:
    """check: raises for a bug. seeds: some of the inputs to start from."""

    name: str
    check: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]


def _text(data: bytes) -> str:
    """Any text, lone surrogates among it."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace")


def _explained(error: QaError, words: str = "") -> None:
    """Every error says something, and names the file."""
    assert str(error)
    assert words in str(error)


def _halves(data: bytes) -> tuple[str, str]:
    first, _, rest = data.partition(b"\xff")
    return first.decode("utf-8", "replace"), rest.decode("utf-8", "replace")


def _files(suffixes: tuple[str, ...]) -> list[Path]:
    return [p for p in sorted(DATA.rglob("*")) if p.suffix in suffixes and p.stat().st_size <= MOST]


# -- documents ---------------------------------------------------------------------------------------------------------


def _document(name: str, data: bytes) -> None:
    """Read, cut and pack a document, and check what `Prepared` promises."""
    try:
        made = pipeline.prepare(name, data, most=2_000_000)
    except SourceError as error:
        _explained(error)
        return
    text = made.document.text
    assert not list(problems(text, made.document.blocks))
    end = 0
    for sentence in made.sentences:
        assert end <= sentence.start < sentence.end <= len(text)
        assert text[sentence.start : sentence.end].strip() == text[sentence.start : sentence.end]
        assert 0 <= sentence.block < len(made.document.blocks)
        end = sentence.end
    for passage in made.passages:
        assert 0 <= passage.first_sentence <= passage.last_sentence < len(made.sentences)
    assert all(isinstance(k, str) and isinstance(v, str) for k, v in made.document.metadata.items())


def _suffixed(suffixes: tuple[str, ...]) -> Callable[[bytes], None]:
    """The first byte chooses the format."""

    def check(data: bytes) -> None:
        if data:
            with _no_checksums():
                _document(f"x{suffixes[data[0] % len(suffixes)]}", data[1:])

    return check


def _suffixed_seeds(suffixes: tuple[str, ...]) -> Callable[[], list[bytes]]:
    return lambda: [bytes([suffixes.index(p.suffix)]) + _unpacked(p.read_bytes()) for p in _files(suffixes)]


def _unpacked(data: bytes) -> bytes:
    """An archive with its members uncompressed, so that changed bytes are changed XML; anything else as it is."""
    if not data.startswith(b"PK"):
        return data
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as packed, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as plain:
        for name in packed.namelist():
            plain.writestr(name, packed.read(name))
    return out.getvalue()


@contextmanager
def _no_checksums() -> Iterator[None]:
    """Members of archives are read in spite of a wrong checksum, which every changed byte causes."""
    whole = zipfile.ZipExtFile._update_crc  # type: ignore[attr-defined]
    zipfile.ZipExtFile._update_crc = lambda self, data: None  # type: ignore[attr-defined]
    try:
        yield
    finally:
        zipfile.ZipExtFile._update_crc = whole  # type: ignore[attr-defined]


def _front_matter(data: bytes) -> None:
    text = _text(data)
    found, end = metadata.front_matter(text)
    assert 0 <= end <= len(text)
    fields = metadata.fields(found)
    assert all(isinstance(k, str) and isinstance(v, str) for k, v in fields.items())


def _splitter(data: bytes) -> None:
    _document("x.txt", data)
    _document("x.md", data)


def _sidecar(data: bytes) -> None:
    folder = _scratch() / "sidecar"
    folder.mkdir(exist_ok=True)
    (folder / "metadata.toml").write_bytes(data)
    try:
        tables = metadata.load_sidecar(folder)
    except SettingError as error:
        _explained(error, "metadata.toml")
        return
    assert all(isinstance(v, str) for table in tables.values() for v in table.values())
    metadata.unmatched(tables, ["a.txt"])


# -- a model's answer, quotes, stored answers, gold files, filters, settings -------------------------------------------


def _model_output(data: bytes) -> None:
    text = _text(data)
    try:
        whole = parse(text, IDS)
    except (BadReplyError, ContentRefusedError):
        whole = None
    step = 1 + len(data) % 7
    reader = Incremental(IDS)
    for at in range(0, len(text), step):
        reader.feed(text[at : at + step])
    try:
        pieces = reader.finish()
    except (BadReplyError, ContentRefusedError):
        pieces = None
    assert pieces == whole
    for claim in whole.statements if whole else ():
        assert set(claim.ids) <= set(IDS)
        assert claim.text.strip()


def _matcher(data: bytes) -> None:
    quote, text = _halves(data)
    found = find(quote, text)
    for match in found:
        assert 0 <= match.start < match.end <= len(text)
        assert match.kind == "folded" or text[match.start : match.end] in quote


def _stored_answer(data: bytes) -> None:
    text = _text(data)
    for read in (schema.read_answer, schema.read_search, schema.quotes_and_hits):
        try:
            read(text)
        except UsageError as error:
            _explained(error)
    try:
        answer = schema.read_answer(text)
    except UsageError:
        return
    json.dumps(schema.answer(answer))


def _gold(data: bytes) -> None:
    text = _text(data)
    try:
        found = cases.parse(text, "gold.yaml")
    except GoldError as error:
        _explained(error)
        return
    for case in found:
        try:
            cases.matches("The lighthouse was built in 1871 by Edith Lanning, for 14 crowns.", case)
        except GoldError:
            continue
        for quote in case.quotes:
            cases.locate(quote, text)


def _where(data: bytes) -> None:
    text = _text(data)
    try:
        (condition,) = where.parse([text])
    except WhereError:
        return
    for value in (None, "", "a.txt", "2024-05-01", "-12.5", "9" * 400, text):
        condition.accepts(value)


def _settings(data: bytes) -> None:
    folder = _scratch() / "workspace"
    folder.mkdir(exist_ok=True)
    path = folder / "qa.toml"
    path.write_bytes(data)
    for trusted in (False, True):
        try:
            workspace = Workspace(folder, path)
            settings = resolve(workspace, Snapshot.read(workspace).config, {}, {}, trusted=trusted)
        except SettingError as error:
            _explained(error, "qa.toml")
        else:
            settings.build()


# -- an index on disk --------------------------------------------------------------------------------------------------


def _manifest(data: bytes) -> None:
    try:
        manifest.parsed(Path("index/gen-1"), data)
    except QaError as error:
        _explained(error)


def _tables(data: bytes) -> None:
    """A generation with one file replaced, and valid sums and signature: what a bug or a foreign index may hold.

    The first byte chooses the file. Opening and asking give an answer or an error of the index.
    """
    if not data:
        return
    index, whole = _generation()
    folder = next(index.glob("gen-*"))
    names = sorted(whole)
    name = names[data[0] % len(names)]
    try:
        (folder / name).write_bytes(data[1:])
        _seal(index, folder)
        _use(index)
    except QaError as error:
        _explained(error)
    finally:
        (folder / name).write_bytes(whole[name])


def _use(index: Path) -> None:
    retriever = Retriever(LocalIndex.open(index), HashEncoder(16))
    try:
        for question in ("Who built the lighthouse?", "What does a ticket cost?"):
            _, found = retriever.retrieve(question)
            assert all(quote.text for quote in found.quotes)
        for info in retriever.documents:
            retriever.document(info.id)
    finally:
        retriever.close()


def _seal(index: Path, folder: Path) -> None:
    """Sums, sizes, manifest, signature and CURRENT for what is in the folder now."""
    for name in BLOCK_FILES:
        data = (folder / name).read_bytes()
        sums = b"".join(block_sum(data[at : at + BLOCK]) for at in range(0, len(data), BLOCK))
        (folder / f"{name}.sum").write_bytes(sums)
    about = json.loads((folder / "manifest.json").read_bytes())
    for name, file in about["files"].items():
        data = (folder / name).read_bytes()
        file |= {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    signed = json.dumps(about, indent=1, sort_keys=True).encode()
    (folder / "manifest.json").write_bytes(signed)
    (folder / SIGNATURE).write_text(signature.key().sign("manifest", signed).hex())
    (index / "CURRENT").write_text(f"{folder.name} {hashlib.sha256(signed).hexdigest()}\n")


@cache
def _generation() -> tuple[Path, Mapping[str, bytes]]:
    """An index, and the bytes of the files of its generation that hold data."""
    from support.reading import in_this_process

    root = _scratch() / "indexed"
    (root / "seeds").mkdir(parents=True)
    (root / "seeds" / "a.txt").write_text("Notes\n\nThe lighthouse was built in 1871 by Edith Lanning. It is tall.\n")
    (root / "seeds" / "b.md").write_text("# The ferry\n\n| what | price |\n|---|---|\n| ticket | 14 crowns |\n")
    with in_this_process():
        builder.build(root / "seeds", root / "index", BuildSettings(), HashEncoder(16))
    folder = next((root / "index").glob("gen-*"))
    files = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    whole = {n: d for n, d in files.items() if not n.endswith((".sum", "manifest.json", SIGNATURE))}
    return root / "index", whole


def _table_seeds() -> list[bytes]:
    return [bytes([number]) + data for number, (_, data) in enumerate(sorted(_generation()[1].items()))]


@cache
def _scratch() -> Path:
    """A folder of this process, in memory where there is such a thing."""
    folder = Path(tempfile.mkdtemp(prefix="qa-fuzz-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _manifest_seeds() -> list[bytes]:
    return [next(_generation()[0].glob("gen-*/manifest.json")).read_bytes()]


def _text_seeds() -> list[bytes]:
    return [p.read_bytes() for p in [*_files((".txt",)), *_files((".md",))]]


TEXTUAL = tuple(s for s in SUFFIXES if s not in BINARY)
TARGETS: Mapping[str, Target] = {
    target.name: target
    for target in (
        Target("readers of text formats", _suffixed(TEXTUAL), _suffixed_seeds(TEXTUAL)),
        Target("readers of binary formats", _suffixed(BINARY), _suffixed_seeds(BINARY)),
        Target("front matter", _front_matter, lambda: list(fuzz_seeds.FRONTS)),
        Target("splitter", _splitter, _text_seeds),
        Target("model output", _model_output, lambda: list(fuzz_seeds.REPLIES)),
        Target("matcher", _matcher, lambda: list(fuzz_seeds.QUOTES)),
        Target("gold files", _gold, lambda: list(fuzz_seeds.GOLDS)),
        Target("manifest", _manifest, _manifest_seeds),
        Target("index tables", _tables, _table_seeds),
        Target("where", _where, lambda: list(fuzz_seeds.WHERES)),
        Target("qa.toml", _settings, lambda: list(fuzz_seeds.CONFIGS)),
        Target("metadata.toml", _sidecar, lambda: list(fuzz_seeds.SIDECARS)),
        Target("stored answers", _stored_answer, lambda: [json.dumps(fuzz_seeds.STORED).encode()]),
    )
}
