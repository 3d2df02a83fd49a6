"""What the outcome of ingest depends on besides the file and the settings; part of an index's fingerprint.

Raise the number of a step when the same input may give another outcome, so that indexes are rebuilt.
"""

from importlib.metadata import version

__all__ = ["current"]

READERS = 9  # bytes to a Document
BOILERPLATE = 2  # text to the spans that are left out
SENTENCES = 6  # text to sentences
PASSAGES = 2  # sentences to passages


def current() -> dict[str, int | str]:
    """The versions of the steps, and that of the library that finds where sentences end."""
    return {
        "readers": READERS,
        "boilerplate": BOILERPLATE,
        "sentences": SENTENCES,
        "segmenter": f"nupunkt-{version('nupunkt')}",
        "passages": PASSAGES,
    }
