"""Why a file is not read, as its owner is told, and whether it may be read today."""

from qa.ingest.suffixes import PICTURES, READERS

__all__ = ["UNREADABLE", "may_pass", "refusal", "without_extra"]

UNREADABLE = "cannot be read: "  # how the reason begins when the system gave an error
_SAVE_AS = {  # what programs that write these files can save instead
    **dict.fromkeys((".doc", ".dot", ".docm", ".rtf", ".wpd", ".wps"), ".docx"),
    **dict.fromkeys((".xls", ".xlsb", ".numbers"), ".xlsx"),
    **dict.fromkeys((".ppt", ".key"), ".pptx"),
    **dict.fromkeys((".pages", ".ps", ".djvu", ".xps"), ".pdf"),
    ".msg": ".eml",
    **dict.fromkeys((".mobi", ".azw", ".azw3"), ".epub"),
}


def refusal(suffix: str, ocr: bool = False) -> str:
    """Why files of this suffix are not read, and what to do; empty if they are. ocr: the setting."""
    suffix = suffix.lower()
    if suffix in PICTURES and not ocr:
        return "a picture; set ocr = true to read the text in it"
    if suffix in READERS:
        return ""
    if suffix in _SAVE_AS:
        return f"cannot read {suffix} files; save it as {_SAVE_AS[suffix]}"
    what = f"{suffix} files" if suffix else "a file without a suffix"
    return f"cannot read {what}; qa index --help lists the formats"


def without_extra(suffix: str) -> str:
    """Why a file of a known suffix is not read: its library is not installed."""
    extra = "ocr" if suffix in PICTURES else "formats"
    return (
        f"reading {suffix} needs the extra {extra}: pip install 'quoteqa[{extra}]', "
        f"or in a clone: pip install '.[{extra}]'"
    )


def may_pass(reason: str) -> bool:
    """Whether a file that was refused for this reason may be read today: something was installed since, or the disk
    gave an error.
    """
    return reason.startswith(UNREADABLE) or "needs the extra " in reason or "is not installed" in reason
