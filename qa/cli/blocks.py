"""The blocks of a document, for `qa show --blocks`."""

import sys
from collections.abc import Sequence
from typing import Any

from qa.cli.render import DIM, Output, label
from qa.records import Block, Document, Span
from qa.text import shortened

__all__ = ["print_blocks"]

TEXT_CHARS = 80  # of a block in the listing


def print_blocks(document: Document, part: Span | None, json: bool, folder: str) -> None:
    """List the blocks on standard output: all, or those that share characters with a part of the document."""
    numbered = list(enumerate(document.blocks))
    if part is not None:
        numbered = [(n, block) for n, block in numbered if block.start < part.end and part.start < block.end]
    if json:
        from qa.cli import jsonio

        records = [_record(document, number, block) for number, block in numbered]
        jsonio.write({"schema": 1, "source": document.id, "blocks": records}, sys.stdout)
        return
    output = Output(folder=folder)
    output.line(label(document.title), style="bold")
    output.line(label(folder + document.id), style=DIM)
    output.line()
    if not numbered:
        output.line("no blocks")
        return
    heads = [_head(number, block) for number, block in numbered]
    widths = [max(len(head[column]) for head in heads) for column in range(3)]
    for (_, block), (number, kind, parent) in zip(numbered, heads, strict=True):
        first = f"{number:>{widths[0]}}  {kind:<{widths[1]}}  {parent:<{widths[2]}}  "
        output.line(shortened(document.text[block.start : block.end], TEXT_CHARS), first=first)


def _head(number: int, block: Block) -> tuple[str, str, str]:
    """Number, kind with level, and parent."""
    kind = f"{block.kind} {block.level}" if block.level else block.kind
    return str(number), kind, "" if block.parent is None else f"in {block.parent}"


def _record(document: Document, number: int, block: Block) -> dict[str, Any]:
    return {
        "n": number,
        "kind": block.kind,
        "level": block.level,
        "parent": block.parent,
        "start": block.start,
        "end": block.end,
        "text": document.text[block.start : block.end],
        "labels": _pairs(block.labels),
        "cells": _pairs(block.cells),
        "columns": [_pairs(headers) for headers in block.columns],
    }


def _pairs(spans: Sequence[Span]) -> list[list[int]]:
    return [[span.start, span.end] for span in spans]
