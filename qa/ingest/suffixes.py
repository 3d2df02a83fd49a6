"""Which module reads which suffix. A new format is one module in `qa/ingest/formats/` and one line here."""

from collections.abc import Mapping

__all__ = ["PICTURES", "READERS", "SUFFIXES", "refusal"]

READERS: Mapping[str, str] = {  # suffix -> module below qa.ingest, imported when a file of the format is read
    ".txt": "formats.text",
    ".md": "formats.markdown",
    ".markdown": "formats.markdown",
    ".html": "webpage",
    ".htm": "webpage",
    ".pdf": "pdf",
    ".docx": "word",
    ".csv": "formats.delimited",
    ".tsv": "formats.delimited",
    ".xlsx": "formats.spreadsheet",
    ".xlsm": "formats.spreadsheet",
    ".pptx": "formats.slides",
    ".eml": "formats.mail",
    ".mbox": "formats.mail",
    ".rst": "formats.restructured",
    ".epub": "formats.epub",
    ".srt": "formats.subtitles",
    ".vtt": "formats.subtitles",
}
SUFFIXES = tuple(READERS)
PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff")  # read only if the setting ocr asks for it

_SAVE_AS = {  # what programs that write these files can save instead
    **dict.fromkeys((".doc", ".dot", ".docm", ".wpd", ".wps"), ".docx"),
    **dict.fromkeys((".xls", ".xlsb", ".ods", ".numbers"), ".xlsx"),
    **dict.fromkeys((".ppt", ".odp", ".key"), ".pptx"),
    **dict.fromkeys((".pages", ".ps", ".djvu", ".xps"), ".pdf"),
    ".msg": ".eml",
    **dict.fromkeys((".mobi", ".azw", ".azw3"), ".epub"),
}


def refusal(suffix: str) -> str:
    """Why files of this suffix are not read, and what to do; empty if they are."""
    suffix = suffix.lower()
    if suffix in READERS:
        return ""
    if suffix in _SAVE_AS:
        return f"cannot read {suffix} files; save it as {_SAVE_AS[suffix]}"
    what = f"{suffix} files" if suffix else "a file without a suffix"
    return f"cannot read {what}; docs/ingest.md lists the formats"
