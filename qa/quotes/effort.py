"""How much a search for one quote may cost. Some quotes may stand at every second place of a document."""

__all__ = ["Effort"]


class Effort:
    """A budget. It is counted in characters that are compared; what takes longer costs as much as so many of them.

    most: what may be spent.
    """

    MOST = 4_000_000  # for one quote; about half a second
    PLACE = 200  # to look at a place, beside its characters
    WORDS = 13  # to look at the words that are left out or follow, for each of their characters

    def __init__(self, most: int = MOST) -> None:
        self.left = most

    def spend(self, cost: int) -> bool:
        """Whether there is as much left; it is spent then. With the first refusal all is spent."""
        self.left = self.left - cost if self.left >= cost else 0
        return self.left > 0
