"""How much a search for quotes may cost. Some quotes may stand at every second place of a document."""

__all__ = ["Effort"]


class Effort:
    """A budget, in characters that are compared; what takes longer costs as much as so many of them.

    most: what may be spent. whole: a larger budget that this one is a part of.
    """

    MOST = 4_000_000  # for one quote; about half a second
    WHOLE = 25 * MOST  # for all quotes of a text
    PLACE = 200  # to look at a place, beside its characters
    WORDS = 13  # to look at the words that are left out or follow, for each of their characters

    def __init__(self, most: int = MOST, whole: "Effort | None" = None) -> None:
        self.left: int = min(most, whole.left) if whole else most
        self._whole = whole

    def spend(self, cost: int) -> bool:
        """Whether there is as much left; it is spent then. With the first refusal all is spent."""
        spent = min(cost, self.left)
        self.left -= spent
        if self._whole:
            self._whole.left -= spent
        return spent == cost
