"""Results cut to a size that fits into a model's context, with a cursor to the rest."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from qa.errors import UsageError

__all__ = ["MOST_TOKENS", "page_of_list", "page_of_text", "read_cursor", "tokens"]

MOST_TOKENS = 20_000  # of a result, by `tokens`
ROOM = 1_500  # of these, for what surrounds a page
_LETTERS = re.compile(r"[A-Za-z ]+")


def tokens(value: Any) -> int:
    """An upper bound for the tokens of a value as JSON, whatever the tokenizer.

    Letters and spaces of English come three or more to a token; for everything else, a byte counts as one.
    """
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    letters = sum(len(run) for run in _LETTERS.findall(text))
    return (letters + 2) // 3 + len(text.encode("utf-8", "replace")) - letters


def read_cursor(cursor: str, most: int) -> int:
    """The position that a cursor names; 0 for none. Raises UsageError for a cursor that no result came with."""
    if not cursor:
        return 0
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 16 and int(cursor) <= most):
        raise UsageError(
            "This cursor came with no result of this call. Leave it out to start again, and repeat all other arguments "
            "as they were."
        )
    return int(cursor)


def page_of_list(name: str, items: Sequence[Any], cursor: str, beside: Mapping[str, Any]) -> dict[str, Any]:
    """`beside` with as many items as fit, from the cursor on, and the cursor of the next page where there is one.

    At least one item is on a page; one that is too large on its own is replaced by a line that says so.
    """
    start = read_cursor(cursor, len(items))
    left = MOST_TOKENS - ROOM - tokens(dict(beside))
    shown: list[Any] = []
    for item in items[start:]:
        needed = tokens(item) + 2
        if needed > left and shown:
            break
        shown.append(item if needed <= left else {"left_out": f"this one alone takes {needed:,} tokens"})
        left -= needed
    end = start + len(shown)
    return {**beside, name: shown, "next_cursor": str(end) if end < len(items) else None}


def page_of_text(text: str, start: int, room: int) -> int:
    """The end of the longest part of `text[start:]` with at most so many tokens as JSON; cut between words."""
    low, high = start + 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if tokens([text[start:middle]]) <= room:
            low = middle
        else:
            high = middle - 1
    if low < len(text):
        cut = max(text.rfind(" ", start, low), text.rfind("\n", start, low))
        low = cut + 1 if cut > start + (low - start) // 2 else low
    return min(low, len(text))
