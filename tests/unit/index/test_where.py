"""The filter grammar."""

import pytest

from qa.errors import WhereError
from qa.index.where import matching

DOCUMENTS = [
    ("news/a.txt", {"title": "On Missiles", "published": "2024-09-13", "publisher": "CNN", "words": "900"}),
    ("news/b.txt", {"title": "On Envoys", "published": "2025-07", "publisher": "Reuters"}),
    ("law/c.md", {"title": "An Act", "words": "1200"}),
]


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
    assert matching(conditions, DOCUMENTS) == expected


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
        matching([condition], DOCUMENTS)
