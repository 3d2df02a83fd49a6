"""A listing of a document's blocks, one a line, to compare with a golden file."""

from qa.ingest.metadata import Extracted

__all__ = ["listing"]


def listing(extracted: Extracted) -> str:
    """Lines such as `3 item L1 ^2 labels="a"; "b" | text`: number, kind, level, parent, labels; newlines as ⏎."""
    text, lines = extracted.text, []
    for number, block in enumerate(extracted.blocks):
        line = f"{number} {block.kind}"
        if block.level:
            line += f" L{block.level}"
        if block.parent is not None:
            line += f" ^{block.parent}"
        if block.labels:
            line += " labels=" + "; ".join(f'"{text[span.start : span.end]}"' for span in block.labels)
        lines.append(f"{line} | {text[block.start : block.end]}".replace("\n", "⏎"))
    return "\n".join(lines) + "\n"
