"""Which module reads which suffix. A new format is one module or package in `qa/ingest/formats/` and one line here."""

from collections.abc import Mapping

__all__ = ["PICTURES", "READERS", "SUFFIXES", "is_extracted", "line_place"]

READERS: Mapping[str, str] = {  # suffix -> module below qa.ingest, imported when a file of the format is read
    ".txt": "formats.text.reader",
    ".md": "formats.markdown.reader",
    ".markdown": "formats.markdown.reader",
    ".html": "formats.html.reader",
    ".htm": "formats.html.reader",
    ".pdf": "formats.pdf.reader",
    ".docx": "formats.word.reader",
    ".csv": "formats.delimited",
    ".tsv": "formats.delimited",
    ".xlsx": "formats.spreadsheet",
    ".xlsm": "formats.spreadsheet",
    ".pptx": "formats.slides.reader",
    ".eml": "formats.mail",
    ".mbox": "formats.mail",
    ".rst": "formats.restructured.reader",
    ".epub": "formats.epub",
    ".srt": "formats.subtitles",
    ".vtt": "formats.subtitles",
    ".ipynb": "formats.notebook",
    ".json": "formats.json_records",
    ".jsonl": "formats.json_records",
    ".ndjson": "formats.json_records",
    ".odt": "formats.opendocument.reader",
    ".ods": "formats.opendocument.reader",
    ".odp": "formats.opendocument.reader",
    ".log": "formats.log",
    ".png": "formats.scanned",
    ".jpg": "formats.scanned",
    ".jpeg": "formats.scanned",
    ".tif": "formats.scanned",
    ".tiff": "formats.scanned",
}
SUFFIXES = tuple(READERS)
PICTURES = frozenset(suffix for suffix, module in READERS.items() if module == "formats.scanned")
"""Suffixes that are read only if the setting `ocr` asks for it."""

_AS_IT_IS = (".txt", ".md", ".markdown", ".log")


def is_extracted(doc_id: str) -> bool:
    """Whether the text of a document is not the file itself, so that its lines are not those of the file."""
    return not doc_id.lower().endswith(_AS_IT_IS)


def line_place(doc_id: str, line: int) -> str:
    """What follows the name of a document: `:12`, or `, line 12 of its text` where lines of the file are others."""
    return f", line {line} of its text" if is_extracted(doc_id) else f":{line}"
