"""Gold files edited in place: the new values are there, and every other byte is what it was."""

import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.errors import GoldError
from qa.gold.files import rewrite
from qa.gold.files.cases import GoldQuote, parse
from qa.gold.files.rewrite import put, quoted, scalars, write

GOLD = """\
# Of the lighthouse.
- id: a   # the first
  question: 'Who? 🗼 é'
  expect: answer
  quotes:
    - source: one.txt   # renamed soon
      text: Edith
        Lanning  # over two lines

    # the second
    - text: 'It''s "hers"'
      source: "two.txt"
      part: p
    - {source: one.txt, text: flow, part: p}
    - source: one.txt
      text: >-  # folded
        a block
        of words
      after: said
- id: b
  question: None
  expect: abstain
"""


def quotes(text: str) -> tuple[GoldQuote, ...]:
    return parse(text)[0].quotes


def edited(number: int, gold: str = GOLD, /, **values: Any) -> str:
    return put(gold, "gold.yaml", {(0, number): replace(quotes(gold)[number], **values)})


@pytest.mark.parametrize(
    ("number", "values", "old", "new"),
    [
        (0, {"source": "x/one.txt"}, "source: one.txt   # r", "source: x/one.txt   # r"),
        (0, {"text": "E. Lanning: “1” #"}, "Edith\n        Lanning  # o", "'E. Lanning: “1” #'  # o"),
        (0, {"before": "by"}, "over two lines\n", "over two lines\n      before: by\n"),
        (1, {"text": "it's \"hers\""}, "'It''s \"hers\"'", "'it''s \"hers\"'"),
        (1, {"source": 'a"b.txt'}, '"two.txt"', '"a\\"b.txt"'),
        (1, {"before": "- no", "after": "x"}, "\"hers\"'\n", "\"hers\"'\n      before: '- no'\n      after: x\n"),
        (2, {"text": "one, two"}, "text: flow", "text: 'one, two'"),
        (2, {"before": "b", "after": "a]"}, "text: flow", "text: flow, before: b, after: 'a]'"),
        (3, {"text": "a line, now"}, ">-  # folded\n        a block\n        of words", "a line, now # folded"),
        (3, {"before": "b", "after": "x"}, "of words\n      after: said", "of words\n      before: b\n      after: x"),
    ],
)  # fmt: skip
def test_only_the_new_value_is_new(number: int, values: dict[str, str], old: str, new: str) -> None:
    assert GOLD.count(old) == 1
    assert edited(number, **values) == GOLD.replace(old, new)
    windows = GOLD.replace("\n", "\r\n")
    assert edited(number, windows, **values) == windows.replace(old.replace("\n", "\r\n"), new.replace("\n", "\r\n"))


def test_several_quotes_are_edited_at_once() -> None:
    first, second, *_ = quotes(GOLD)
    text = put(GOLD, "g", {(0, 0): replace(first, source="o.txt"), (0, 1): replace(second, source="t.txt")})
    assert text == GOLD.replace("source: one.txt   #", "source: o.txt   #").replace('"two.txt"', '"t.txt"')
    assert put(GOLD, "g", {}) == GOLD


def test_a_file_without_a_newline_at_its_end_gets_one_with_the_new_key() -> None:
    text = "- id: a\n  question: q\n  expect: answer\n  quotes: [{source: s, text: t}]\n- id: b\n  question: q\n"
    text += "  expect: answer\n  quotes:\n  - source: s\n    text: t"
    new = replace(parse(text)[1].quotes[0], before="b")
    assert put(text, "g", {(1, 0): new}) == text + "\n    before: b\n"


VALUES = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=20)


@settings(deadline=None)
@given(VALUES.map(lambda value: " ".join(value.split())).filter(bool), st.integers(0, 3))
def test_any_value_of_one_line_comes_back(value: str, number: int) -> None:
    text = edited(number, text=value, after=value)
    expected = [
        replace(quote, text=value, after=value) if n == number else quote for n, quote in enumerate(quotes(GOLD))
    ]
    assert list(quotes(text)) == expected
    assert parse(text)[1] == parse(GOLD)[1]


@pytest.mark.parametrize("value", ["no", "17 former", "a: b", "a #b", "#a", "- a", "it's", '"q"', "a:", "*a", "%a"])
def test_values_are_plain_where_they_can_be(value: str) -> None:
    assert (quoted(value) == value) is (value in ("no", "17 former", "it's"))


def test_what_would_change_something_else_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rewrite, "quoted", lambda value, *_, **__: f"{value}\n      part: sly")
    with pytest.raises(GoldError, match=r"gold.yaml: the new quotes cannot be written without changing something else"):
        edited(0, text="x")


def test_the_places_are_those_of_the_text() -> None:
    root = scalars(GOLD)
    text = root.items[0].value("question")
    assert text is not None
    assert GOLD[text.start : text.end] == "'Who? 🗼 é'"
    source = root.items[1].value("id")
    assert source is not None
    assert (GOLD[source.start : source.end], source.column) == ("b", 6)


def test_a_file_is_replaced_whole_with_its_permissions_through_a_link(tmp_path: Path) -> None:
    path, link = tmp_path / "gold.yaml", tmp_path / "link.yaml"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)
    write(link, "new é\r\n", bom=True)
    assert path.read_bytes() == b"\xef\xbb\xbfnew \xc3\xa9\r\n"
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert sorted(p.name for p in tmp_path.iterdir()) == ["gold.yaml", "link.yaml"]


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "gold.yaml"
    path.write_text("old")

    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write(path, "new")
    assert [p.read_text() for p in tmp_path.iterdir()] == ["old"]
