"""What a customer is marked as on the first glance: of high value, about to leave, a risk to the bank.

Nothing is decided here: each mark repeats what another service or the bank said, with the part of the portrait that
says why, and goes with it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

from customer_profile.portrait.domain import Kind, Told

Mark = Literal["high-value", "potential-churn", "high-risk"]
_TOP = "high"
"""Of the ladder that a tier without a rank is of."""
_BAD_LOANS = frozenset({"substandard", "doubtful", "loss"})
"""Of the five classes of loans those that are bad (不良): 次级, 可疑 and 损失."""


class Marked(NamedTuple):
    """A mark, the part of the portrait it follows from, and as of when that is."""

    mark: Mark
    part: str
    as_of: datetime


def marks_of(facts: Mapping[Kind, list[Told]]) -> list[Marked]:
    """The marks that follow from the latest word of each kind; in this order, each at most once."""
    return [
        Marked(mark, part, told[0].as_of)
        for mark, kind, part, applies in _RULES
        if (told := facts.get(kind, [])) and applies(told[0].document)
    ]


def _is_top(tier: Mapping[str, Any]) -> bool:
    rank = tier.get("rank")
    return bool(tier["tier"] == _TOP if rank is None else rank == 1)


def _is_raised(crossing: Mapping[str, Any]) -> bool:
    return bool(crossing["direction"] == "up")


def _has_a_bad_loan(held: Mapping[str, Any]) -> bool:
    return any(one["status"] == "active" and one.get("loan_class") in _BAD_LOANS for one in held["holdings"])


_RULES: tuple[tuple[Mark, Kind, str, Callable[[Mapping[str, Any]], bool]], ...] = (
    ("high-value", "tier", "tier", _is_top),
    ("potential-churn", "churn-risk", "churn_risk", _is_raised),
    ("high-risk", "holdings", "holdings", _has_a_bad_loan),
)
