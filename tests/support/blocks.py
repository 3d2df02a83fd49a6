"""Blocks as lines of text, for golden listings."""

from qa.ingest.metadata import Extracted

__all__ = ["listing"]


def listing(extracted: Extracted) -> str:
    """One line a block: `<n> <kind>[ L<level>][ ^<parent>][ labels="a"; "b"] | <text with newlines as ⏎>`."""
    lines = []
    for number, block in enumerate(extracted.blocks):
        level = f" L{block.level}" if block.level else ""
        parent = f" ^{block.parent}" if block.parent is not None else ""
        labels = "; ".join(f'"{extracted.text[span.start : span.end]}"' for span in block.labels)
        text = extracted.text[block.start : block.end].replace("\n", "⏎")
        lines.append(f"{number} {block.kind}{level}{parent}{f' labels={labels}' if labels else ''} | {text}")
    return "".join(f"{line}\n" for line in lines)
