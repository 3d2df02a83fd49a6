"""Pages of results: never too large, nothing lost, nothing twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.errors import UsageError
from qa.mcp.pages import MOST_TOKENS, page_of_list, page_of_text, read_cursor, tokens


def test_tokens_are_counted_high():
    assert tokens("lighthouse") == 4
    assert tokens("1871") == 4
    assert tokens("灯台") == 6
    assert tokens({"a": "b"}) >= 8


@given(st.lists(st.text(max_size=30_000), max_size=12))
def test_the_pages_of_a_list_hold_every_item_once_and_fit(items):
    cursor, shown = "", []
    while cursor is not None:
        page = page_of_list("items", items, cursor, {"beside": "x"})
        assert tokens(page) <= MOST_TOKENS
        assert page["items"] or not items
        shown += page["items"]
        cursor = page["next_cursor"]
    assert len(shown) == len(items)
    assert all(one == item or "left_out" in one for one, item in zip(shown, items, strict=True))


@given(st.text(alphabet="ab \n1é灯", min_size=1, max_size=400), st.integers(min_value=30, max_value=200))
def test_the_parts_of_a_text_make_the_text(text, room):
    parts, start = [], 0
    while start < len(text):
        end = page_of_text(text, start, room)
        assert end > start
        parts.append(text[start:end])
        start = end
    assert "".join(parts) == text
    assert all(tokens([part]) <= room for part in parts)


@pytest.mark.parametrize("cursor", ["x", "-1", "7", "1.5", "9" * 30, "٣"])
def test_a_cursor_that_no_result_came_with_is_refused(cursor):
    with pytest.raises(UsageError, match="Leave it out to start again"):
        read_cursor(cursor, 6)
