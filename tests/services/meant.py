"""Which absurd values of a document make sense, by field, each with its reason."""

from collections.abc import Sequence
from math import isfinite
from typing import Any

ZERO = {
    # Says nothing of the risk, or of nobody in particular; of the odds that are even.
    *("weights", "typical", "intercept", "points"),
    # Not counted at all: of an indicator in a stage, of a part of likeness.
    "emphasis",
    # None is asked for beside what there is: at once, from midnight on, not beyond chance.
    *("rest_days", "income_share", "varies", "ahead_days", "settle_minutes", "from_hour", "implied_decimals"),
    # No fee waived, nothing transferred without review.
    "value",
    # Points of a scorecard, and what they begin with.
    *("edges", "points_if_unknown", "typical_points", "band", "dwell_days"),
}
NEGATIVE = {"weights", "typical", "intercept", "points", "edges", "points_if_unknown", "typical_points"}
"""Log-odds and points lower as well as raise; of a feature that rises with silence the model refuses it."""
LEFT_OUT = {
    "fitted",  # words on how, for who has none
    *("home", "otherwise"),  # no threshold in this money; no code beside those named
    *("active_days", "tenure_days", "silent_days", "alive_at_most"),  # is not asked for
}
EMPTY = {
    *("escalations", "emphasis", "worth"),  # to nobody; as 1, or as `worth_otherwise`
    *("kinds", "counterparties", "patterns", "years"),  # no code, no pattern, no day off is such
    *("severities", "entitlements", "risk", "exceed"),  # no such risk is kept, no such measure given, to nobody
    "when",  # all customers
    *("tiers", "stages", "segments", "indicators", "places", "purposes", "codes"),  # of all, or none
}
REPEATED = {
    # A tier more: their names are scoring's.
    "worth",
    # Of these it only counts whether a word is there.
    *("kinds", "counterparties", "natural", "years", "owner_roles", "tiers", "stages", "segments", "indicators"),
    *("channels", "from", "data_categories", "legal_bases", "relationships", "is", "apply", "exceed", "when"),
    # The same is done twice: two calls, a name of two equal parts, a key that is tried twice.
    *("steps", "path", "blocking"),
}


def is_meant(names: Sequence[str], value: Any) -> bool:
    """Whether such a value makes sense in this field: see the tables, each with its reason."""
    if names[0] == "card":
        return not (isinstance(value, float) and not isfinite(value))
    match value:
        case bool():
            meant: set[str] = set()
        case 0:
            meant = ZERO
        case -1:
            meant = NEGATIVE
        case None | "":
            meant = LEFT_OUT
        case list() | dict():
            meant = REPEATED if value else EMPTY
        case _:
            meant = set()
    return not meant.isdisjoint(names)
