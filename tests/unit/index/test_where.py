"""The grammar of filters, and which documents meet them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.errors import WhereError
from qa.index.filters import FieldsWriter, FieldTable
from qa.index.protocol import DocumentInfo
from qa.index.tables import jsonl
from qa.index.where import Condition, parse

DOCUMENTS = [
    ("news/a.txt", {"title": "On Missiles", "published": "2024-09-13", "publisher": "CNN", "words": "900"}),
    ("news/b.txt", {"title": "On Envoys", "published": "2025-07", "publisher": "Reuters"}),
    ("law/c.md", {"title": "An Act", "words": "1200"}),
]


def infos(documents):
    return [
        DocumentInfo(path, fields["title"], {k: v for k, v in fields.items() if k != "title"}, "", (), (), ())
        for path, fields in documents
    ]


def table(found):
    """The fields as they are written, read back."""
    fields, data, keys = FieldsWriter(), b"", {}
    for info in found:
        fields.add(info.id, info.title, info.metadata)
    for key, records in fields.records():
        start = len(data)
        data += jsonl(records)
        keys[key] = (start, len(data))
    return FieldTable(len(found), keys, lambda start, end: data[start:end])


def matching(conditions, documents=DOCUMENTS):
    return table(infos(documents)).matching(parse(conditions)).tolist()


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ([], [0, 1, 2]),
        (["publisher=cnn"], [0]),
        (["publisher != CNN"], [1, 2]),
        (["published<2025-01-01"], [0]),
        (["published>=2025"], [1]),
        (["published<=2024-09"], [0]),
        (["words>1000"], [2]),
        (["words<1000"], [0]),
        (["path=news/*"], [0, 1]),
        (["path!=news/*"], [2]),
        (["path=*.md", "words>=1200"], [2]),
        (["title=on missiles"], [0]),
        (["publisher=CNN", "words>1000"], []),
    ],
)
def test_conditions_select_documents(conditions, expected):
    assert matching(conditions) == expected


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("publisher", "is not a condition"),
        ("=CNN", "is not a condition"),
        ("publisher=", "is not a condition"),
        ("publihser=CNN", "did you mean 'publisher'"),
        ("colour=red", "they have: path, published, publisher, title, words"),
        ("published<yesterday", "is neither"),
        ("path<b", "a path has no order"),
    ],
)
def test_a_wrong_condition_says_what_is_wrong(condition, message):
    with pytest.raises(WhereError, match=message):
        matching([condition])


VALUES = ["a", "A ", "2024", "2024-09", "2024-09-13", "9", "10.5", ""]
FIELDS = st.dictionaries(st.sampled_from(["Publisher", "words", "title", "path"]), st.sampled_from(VALUES))
CONDITIONS = st.builds(
    Condition,
    st.sampled_from(["path", "title", "publisher", "words"]),
    st.sampled_from(["=", "!=", "<", "<=", ">", ">="]),
    st.sampled_from(["a", "2024-09", "10", "b/*"]),
).filter(lambda condition: condition.key != "path" or condition.operator in ("=", "!="))


@given(st.lists(st.tuples(st.sampled_from(["a", "b/c", "b/d"]), FIELDS), max_size=6), st.lists(CONDITIONS, max_size=3))
def test_the_table_selects_what_a_look_at_every_document_selects(documents, conditions):
    found = [DocumentInfo(path, "a", fields, "", (), (), ()) for path, fields in documents]

    def value(info, key):
        if key == "path":
            return info.id
        fields = {"title": info.title, **{name.lower(): text for name, text in info.metadata.items()}}
        return fields.get(key)

    known = {condition.key for condition in conditions if any(value(info, condition.key) is not None for info in found)}
    if known != {condition.key for condition in conditions}:
        with pytest.raises(WhereError, match="no document has"):
            table(found).matching(conditions)
        return
    expected = [n for n, info in enumerate(found) if all(c.accepts(value(info, c.key)) for c in conditions)]
    assert table(found).matching(conditions).tolist() == expected
