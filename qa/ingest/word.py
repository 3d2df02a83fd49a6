"""DOCX to text: paragraphs and tables in document order. The only import of docx."""

import io
from typing import TYPE_CHECKING, Any

from qa.errors import SourceError
from qa.ingest.decoding import clean
from qa.ingest.flow import Flow
from qa.ingest.metadata import Extracted

if TYPE_CHECKING:
    from docx.document import Document

__all__ = ["extract"]

_LIMIT = 200_000_000  # bytes unpacked: a few KB of ZIP can claim terabytes
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_BREAKS = {"p": Flow.BLOCK, "tbl": Flow.BLOCK, "tr": Flow.LINE, "tc": Flow.CELL}
_CHARACTERS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011"}
_DROPPED = {f"{_WORD}del", f"{_WORD}moveFrom", f"{_WORD}pPr", f"{_WORD}rPr", f"{_WORD}sectPr"}
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # repeats what stands beside it


def extract(data: bytes) -> Extracted:
    """Text and fields of a Word document. Raises SourceError; ImportError if python-docx is not installed."""
    import docx

    _check_archive(data)
    try:
        document = docx.Document(io.BytesIO(data))
        flow = Flow()
        _walk(document.element.body, flow)
        _footnotes(document, flow)
        properties = document.core_properties
        found = {"title": clean(properties.title or ""), "author": clean(properties.author or "")}
    except Exception as error:  # python-docx and lxml raise whatever a broken part leads them into
        raise SourceError("broken Word document; open it in Word and save it again") from error
    if found["author"] == "python-docx":  # what its template says, not a person
        found["author"] = ""
    return Extracted(clean(flow.text()).strip(), found)


def _check_archive(data: bytes) -> None:
    import zipfile

    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise SourceError("encrypted, or an old .doc under a new name; save it as .docx without a password")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    except Exception as error:
        raise SourceError("broken Word document: not a ZIP archive") from error
    if size > _LIMIT:
        raise SourceError(f"it unpacks to {size:,} bytes; the limit is {_LIMIT:,}")


def _walk(body: Any, flow: Flow) -> None:
    """Text in the order of the document, with insertions, content controls and text boxes, without deletions."""
    stack: list[tuple[Any, bool]] = [(body, False)]
    while stack:
        node, closing = stack.pop()
        if not isinstance(node.tag, str) or node.tag in _DROPPED or node.tag == _FALLBACK:
            continue
        name = node.tag.removeprefix(_WORD)
        flow.breaks(_strength(node, name))
        if name == "t":
            flow.verbatim(node.text or "")
        elif name in _CHARACTERS:
            flow.verbatim(_CHARACTERS[name])
        elif not closing:
            stack.append((node, True))
            stack.extend((child, False) for child in reversed(node))


def _strength(node: Any, name: str) -> int:
    """Paragraphs of a table cell are lines: the blank line stays the mark of a paragraph of the document."""
    if name == "p" and node.getparent() is not None and node.getparent().tag == f"{_WORD}tc":
        return Flow.SPACE
    return _BREAKS.get(name, 0)


def _footnotes(document: "Document", flow: Flow) -> None:
    """Footnotes and endnotes at the end of the text; contracts and studies say much in them."""
    from docx.oxml import parse_xml

    for relation in document.part.rels.values():
        if not relation.is_external and relation.reltype.endswith(("/footnotes", "/endnotes")):
            flow.breaks(Flow.BLOCK)
            _walk(parse_xml(relation.target_part.blob), flow)
