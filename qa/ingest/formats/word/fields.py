"""Fields of Word by the code that computes them: which show what is stored, and which something else."""

import re

__all__ = ["is_computed", "is_contents", "is_page_number", "is_silent", "is_stored"]


def _codes(names: str) -> re.Pattern[str]:
    return re.compile(rf"\s*(?:{'|'.join(names.split())})(?![^\W_])", re.IGNORECASE)


_PAGE_NUMBER = _codes("PAGE NUMPAGES SECTIONPAGES SECTION STYLEREF")
_SILENT = _codes("XE TC TA RD SET ASK PRIVATE DATA FORMCHECKBOX FORMDROPDOWN")
_CONTENTS = _codes("TOC INDEX")
_COMPUTED = _codes(r"EQ SYMBOL MACROBUTTON GOTOBUTTON LISTNUM AUTONUM\w* PAGE NUMPAGES SECTIONPAGES SECTION DATE TIME")
_STORED = _codes(
    """
    HYPERLINK REF PAGEREF NOTEREF SEQ TOC INDEX TOA BIBLIOGRAPHY CITATION ADDIN QUOTE MERGEFIELD FORMTEXT FORMCHECKBOX
    FORMDROPDOWN FILLIN INCLUDETEXT INCLUDEPICTURE LINK EMBED SHAPE XE TC TA SET PRIVATE
    """
)


def is_page_number(code: str) -> bool:
    """Whether a field is one that headers and footers have on each page."""
    return bool(_PAGE_NUMBER.match(code))


def is_silent(code: str) -> bool:
    """Whether a field shows nothing."""
    return bool(_SILENT.match(code))


def is_contents(code: str) -> bool:
    """Whether a field is a table of contents or an index."""
    return bool(_CONTENTS.match(code))


def is_computed(code: str) -> bool:
    """Whether Word computes a field whenever it shows the page, whatever is stored."""
    return bool(_COMPUTED.match(code))


def is_stored(code: str) -> bool:
    """Whether Word shows what is stored until somebody asks for an update."""
    return not code.strip() or bool(_STORED.match(code))
