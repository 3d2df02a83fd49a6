"""Names that stand before what somebody says, told from labels by how they recur."""

from collections import Counter
from collections.abc import Mapping

__all__ = ["recurring"]

# Labels that recur in manuals and are nobody's name.
_LABELS = frozenset(
    "note notes warning caution example examples tip important hint see table figure source usage input output result "
    "ok good bad right wrong yes no do don't before after bug fix todo default type returns return parameters".split()
)


def recurring(spoken: Mapping[str, int]) -> set[str]:
    """The names of at least two people who each speak at least twice; empty if there are no such two.

    spoken: how often each name stands before words.
    """
    counts = Counter(spoken)
    names = {name for name, count in counts.items() if count > 1 and name.lower() not in _LABELS}
    return names if len(names) > 1 and sum(counts[name] for name in names) > 3 else set()
