"""What is at risk in a shock: deposits and lifetime values by tier and segment, before it and after."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal, NamedTuple

from scoring.lifetime_value.domain.model import LifetimeModel
from scoring.scorecard.domain import Tier
from scoring.segment.domain.model import SegmentModel, segment_of
from scoring.standing.domain.evidence import lifetime_value_of, values_of
from scoring.standing.domain.rules import Rules
from scoring.standing.domain.state import Bank, Standing


class Models(NamedTuple):
    """By which customers are told apart and valued; without one they have no segment, or no value."""

    segments: SegmentModel | None = None
    lifetime: LifetimeModel | None = None


class Group(NamedTuple):
    """Where a customer is before the shock."""

    tier: Tier | None
    segment: str | None


class Worth(NamedTuple):
    """Deposits and lifetime value of one customer, in minor units; 0 where no value is known."""

    deposits: int
    value: int


class Exposure(NamedTuple):
    """Of the customers of a group, in minor units of the bank's currency; `struck`: how many the shock strikes.

    Deposits are what lies in accounts and in products of the kind deposit; what is overdrawn is none.
    """

    customers: int = 0
    struck: int = 0
    deposits_before: int = 0
    deposits_after: int = 0
    value_before: int = 0
    value_after: int = 0

    def plus(self, other: "Exposure") -> "Exposure":
        """Of both."""
        return Exposure(*(one + more for one, more in zip(self, other, strict=True)))


Exposures = Mapping[Group, Exposure]
By = Literal["tier", "segment"]
BY: tuple[By, By] = ("segment", "tier")


def group_of(standing: Standing, at: datetime, rules: Rules, by: Models) -> Group:
    """The tier as it is, and the segment as of `at`."""
    segment = segment_of(values_of(standing, at, rules.bank, rules.rates), standing.holdings.loans_minor, by.segments)
    return Group(standing.tier, segment)


def worth_of(standing: Standing, at: datetime, bank: Bank, by: Models) -> Worth:
    """What a customer has, and will bring, as of `at`."""
    balance = standing.opening_minor + standing.credits_minor - standing.debits_minor
    held = standing.holdings.by_kind
    deposits = max(balance, 0) + (held["deposit"].minor if "deposit" in held else 0)
    value = None if by.lifetime is None else lifetime_value_of(standing, by.lifetime, at, bank)
    return Worth(deposits, round(value or 0.0))


def summed(exposures: Iterable[tuple[Group, Exposure]], by: By) -> dict[str | None, Exposure]:
    """The same by tier alone, or by segment alone."""
    found: dict[str | None, Exposure] = {}
    for group, exposure in exposures:
        key = getattr(group, by)
        found[key] = found.get(key, Exposure()).plus(exposure)
    return found
