"""Months, days and the nouns of time."""

__all__ = ["CALENDAR", "MONTHS", "MONTH_NAMES", "SEASONS", "TIME_UNITS"]

MONTH_NAMES = "January February March April May June July August September October November December".split()

MONTHS = frozenset(name.lower() for name in MONTH_NAMES) | frozenset(
    "jan feb mar apr jun jul aug sep sept oct nov dec".split()
)

CALENDAR = MONTHS | frozenset("monday tuesday wednesday thursday friday saturday sunday today tonight".split())
"""Words that are written with a capital, or date something, and are no names."""

SEASONS = ("spring", "summer", "autumn", "winter")

TIME_UNITS = frozenset(SEASONS) | frozenset(
    """second minute hour day week month quarter year decade century morning afternoon evening night fall time term
    season weekend""".split()
)
