"""Word documents to text and blocks. The only import of python-docx."""

import io
import re
from typing import TYPE_CHECKING, Any

from qa.errors import SourceError
from qa.ingest.blocks import Builder
from qa.ingest.decoding import clean
from qa.ingest.formats.common.alternate import settle_alternatives
from qa.ingest.formats.common.phrases import is_field, settle
from qa.ingest.formats.word.bindings import settle_bindings
from qa.ingest.formats.word.body import Body
from qa.ingest.formats.word.numbering import Numbering
from qa.ingest.formats.word.styles import WORD, Styles, attribute, is_on
from qa.ingest.formats.word.text import Notes, Runs
from qa.ingest.metadata import Extracted

if TYPE_CHECKING:
    import zipfile

    from docx.opc.part import Part

__all__ = ["extract"]

_LIMIT = 200_000_000  # bytes unpacked: a few KB of ZIP can claim terabytes
_ELEMENTS = 5_000_000  # a book of 1,000 pages has about 2 million; each takes time and memory
_STRICT = b"http://purl.oclc.org/ooxml/"
_RELATIONS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_PAGE_ONLY = re.compile(
    r"(?:page|seite|pagina|página|sida|side|sivu|strona|p\.)?\W*(?:\d{0,4}|[ivx]{0,5})\W*(?:(?:of|von|de|van|av|sur|/)\W*\d{0,4})?\W*",
    re.IGNORECASE,
)


def extract(data: bytes) -> Extracted:
    """Text, fields and blocks of a Word document. Raises SourceError; ImportError if python-docx is not installed."""
    from docx.package import Package

    _check_archive(data)
    try:
        package = Package.open(io.BytesIO(_transitional(data)))
        document = package.main_document_part
        builder = Builder()
        guessed = _write(document, builder)
        properties = package.core_properties
        found = {"title": clean(properties.title or ""), "author": clean(properties.author or "")}
        unread = _unread(document)
    except Exception as error:  # python-docx and lxml raise whatever a broken part leads them into
        raise SourceError("broken Word document; open it in Word and save it again") from error
    if found["author"] == "python-docx":  # what its template says, not a person
        found = {"author": "", "title": "" if found["title"] == "Word Document" else found["title"]}
    text = builder.text
    return Extracted(text, found, blocks=settle(text, builder.blocks, guessed), unread=unread)


def _check_archive(data: bytes) -> None:
    import zipfile

    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise SourceError("encrypted, or an old .doc under a new name; save it as .docx without a password")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
            elements = _elements(archive) if size <= _LIMIT else 0
    except Exception as error:
        raise SourceError("broken Word document: not a ZIP archive") from error
    if size > _LIMIT:
        raise SourceError(f"it unpacks to {size:,} bytes; the limit is {_LIMIT:,}")
    if elements > _ELEMENTS:
        raise SourceError(f"it has about {elements:,} elements; the limit is {_ELEMENTS:,}")


def _transitional(data: bytes) -> bytes:
    """A document of the strict form of the standard under the names of the usual form, which python-docx knows."""
    import zipfile

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if _STRICT not in archive.read("_rels/.rels"):
            return data
        changed = io.BytesIO()
        with zipfile.ZipFile(changed, "w") as copy:
            for entry in archive.infolist():
                part = archive.read(entry)
                if entry.filename.endswith((".xml", ".rels")):
                    part = re.sub(_STRICT + rb"(\w+)/", rb"http://schemas.openxmlformats.org/\1/2006/", part)
                copy.writestr(entry.filename, part)
    return changed.getvalue()


def _elements(archive: "zipfile.ZipFile") -> int:
    """How many XML elements there are, nearly: half of all tags, because most have an end."""
    count = 0
    for entry in archive.infolist():
        if entry.filename.endswith((".xml", ".rels")):
            with archive.open(entry) as part:
                while piece := part.read(1 << 20):
                    count += piece.count(b"<") - piece.count(b"</")
    return count


def _write(document: "Part", builder: Builder) -> set[int]:
    """The body, its notes, and headers and footers, which hold owners and revisions; numbers of guessed headings."""
    styles = Styles(*(_part(document, name) for name in ("/styles", "/theme", "/fontTable")))
    numbering = Numbering(_part(document, "/numbering"))
    notes = Notes()
    body = Body(builder, styles, numbering, Runs(styles, notes))
    body.write(_root(document, document).find(f"{WORD}body"))
    builder.leave(0)
    for kind in ("footnote", "endnote"):
        _write_notes(document, builder, styles, notes, kind)
    _write_running(document, builder, styles, notes)
    return body.guessed


def _write_notes(document: "Part", builder: Builder, styles: Styles, notes: Notes, kind: str) -> None:
    root = _part(document, f"/{kind}s")
    found = {attribute(node, "id"): node for node in root.findall(f"{WORD}{kind}")} if root is not None else {}
    runs = Runs(styles, notes)
    for (marked, number), mark in list(notes.numbers.items()):
        if marked == kind and number in found:
            lines = list(runs.lines(found[number]))
            text = " ".join(line.text for line in lines if line.text)
            level = int(any(line.partial for line in lines))
            builder.add("paragraph", f"[{mark}] {text}" if text else "", level=level)


def _write_running(document: "Part", builder: Builder, styles: Styles, notes: Notes) -> None:
    """Each header and footer once, as paragraphs and fields; lines that hold a page number only are left out."""
    runs, seen = Runs(styles, notes, running=True), set[str]()
    for part in _running(document):
        for read in runs.lines(_root(part, document)):
            for line in read.text.split("\n"):
                text = " | ".join(filter(None, (piece.strip() for piece in line.split("\t"))))
                if text and text not in seen and not _PAGE_ONLY.fullmatch(text):
                    seen.add(text)
                    labelled = is_field(text)
                    level = int(read.partial and not labelled)
                    builder.add("field" if labelled else "paragraph", text, level=level)


def _running(document: "Part") -> list[Any]:
    """Headers, then footers, that are shown: Word keeps those of first and of even pages that are switched off."""
    found: dict[int, Any] = {}
    even = is_on(_part(document, "/settings"), "evenAndOddHeaders")
    for name in ("headerReference", "footerReference"):
        current: dict[str, Any] = {}  # a section has those of the one before if it has none of its own
        for section in _root(document).iter(f"{WORD}sectPr"):
            for reference in section.iterchildren(f"{WORD}{name}"):
                kind = attribute(reference, "type") or "default"
                current[kind] = document.related_parts.get(reference.get(f"{_RELATIONS}id") or "")
            off = {kind for kind, on in (("first", is_on(section, "titlePg")), ("even", even)) if not on}
            shown = (part for kind, part in current.items() if part is not None and kind not in off)
            found.update((id(part), part) for part in shown)
    return list(found.values())


def _part(document: "Part", ending: str) -> Any:
    """The root of a part of the document, by the end of its relation's type; None if there is none."""
    for relation in document.rels.values():
        if not relation.is_external and relation.reltype.endswith(ending):
            return _root(relation.target_part, document)
    return None


def _root(part: Any, bound: "Part | None" = None) -> Any:
    """The root of a part, as Word shows it. bound: the document to whose data its content controls are bound."""
    from docx.oxml import parse_xml

    root = part.element if hasattr(part, "element") else parse_xml(part.blob)
    settle_alternatives(root)
    if bound is not None:
        settle_bindings(root, bound)
    return root


def _unread(document: "Part") -> tuple[str, ...]:
    """Parts whose words are not read."""
    names = {
        "/aFChunk": "an embedded document",
        "/subDocument": "a document of its own",
        "/package": "an embedded file",
        "/oleObject": "an embedded object",
    }
    chunks = [node for name in ("altChunk", "subDoc") for node in _root(document).iter(f"{WORD}{name}")]
    lost = sum(1 for chunk in chunks if chunk.get(f"{_RELATIONS}id") not in document.rels)
    controls = (mark.getparent().getparent() for mark in _root(document).iter(f"{WORD}showingPlcHdr"))
    prompts = sum(1 for control in controls if any(text.text for text in control.iter(f"{WORD}t")))
    listed = [f"{prompts:,} placeholder{'s' * (prompts > 1)} to fill in"] if prompts else []
    listed += [f"{lost:,} embedded document{'s' * (lost > 1)} that cannot be found"] if lost else []
    return tuple(listed) + tuple(
        f"{what} ({relation.target_ref.rpartition('/')[2]}): not read"
        for relation in document.rels.values()
        for ending, what in names.items()
        if relation.reltype.endswith(ending)
    )
