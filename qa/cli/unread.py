"""Parts of documents that could not be read, as lines."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from qa.text import label

if TYPE_CHECKING:
    from qa.index.protocol import DocumentInfo

__all__ = ["unread_lines", "unread_parts"]


def unread_parts(documents: "Iterable[DocumentInfo]") -> dict[str, list[str]]:
    """The parts of each document that could not be read, with their reasons; only documents that have such parts."""
    parts = {info.id: list(getattr(info, "unread", ())) for info in documents}
    return {doc_id: reasons for doc_id, reasons in parts.items() if reasons}


def unread_lines(unread: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """One line for each part."""
    for doc_id, reasons in unread.items():
        for reason in reasons:
            yield f"unread    {label(doc_id)}: {label(reason)}"
