"""Names that stand before what somebody says, told from labels by how they recur."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

__all__ = ["recurring"]

# Labels that recur in manuals and are nobody's name.
_LABELS = frozenset(
    "note notes warning caution example examples tip important hint see table figure source usage input output result "
    "ok good bad right wrong yes no do don't before after bug fix todo default type returns return parameters q a "
    "question answer".split()
)
_SPEECH_SHARE = 0.5  # of what stands after a name
_TURN_SHARE = 0.3  # of the names that follow another one; a label of references recurs after itself


def recurring(named: Sequence[tuple[str, bool]]) -> set[str]:
    """The names of at least two people who each speak at least twice and take turns; empty if there are no such two.

    named: each name before words, in order, and whether the words are a sentence.
    """
    counts = Counter(name for name, _ in named)
    speech = Counter(name for name, is_speech in named if is_speech)
    names = {
        name
        for name, count in counts.items()
        if count > 1 and speech[name] >= _SPEECH_SHARE * count and name.lower() not in _LABELS
    }
    spoken = [name for name, _ in named if name in names]
    turns = sum(last != name for last, name in pairwise(spoken))
    return names if len(names) > 1 and len(spoken) > 3 and turns >= _TURN_SHARE * len(spoken) else set()
