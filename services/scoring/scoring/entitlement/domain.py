"""Who a customer is to a policy, what of it is not known, and what follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from scoring.classification.domain.classes import DIMENSIONS, UNKNOWN, Dimension, Held
from scoring.policy.domain.rules import Condition, Given, Policy, given
from scoring.scorecard.domain import Place, Tier


@dataclass(frozen=True, slots=True)
class Profile:
    """All that rules ask of a customer at a moment; None where it is not known. `place`: of the tier in the ladder."""

    tier: Tier | None
    tier_since: datetime | None
    place: Place | None
    classes: Sequence[Held]
    segment: str | None

    @property
    def by_dimension(self) -> dict[Dimension, Held]:
        """The classes that are known."""
        return {one.dimension: one for one in self.classes}

    def who(self) -> dict[Condition, str]:
        """The same as rules ask for it."""
        known = self.by_dimension
        return {
            "tier": self.tier or UNKNOWN,
            "rank": str(self.place.rank) if self.place else UNKNOWN,
            "segment": self.segment or UNKNOWN,
            **{name: known[name].value if name in known else UNKNOWN for name in DIMENSIONS},
        }

    def missing(self) -> list[Condition]:
        """What is not known, by the names that rules use."""
        return [name for name, value in self.who().items() if value == UNKNOWN]


@dataclass(frozen=True, slots=True)
class Entitled:
    """What follows for a customer from one version of the policy."""

    policy: Policy
    entitlements: list[Given]
    risk: list[Given]


def entitled(profile: Profile, policy: Policy) -> Entitled:
    """By all rules that hold for this customer; what is not known meets only rules that name `unknown`."""
    who = profile.who()
    return Entitled(policy, given(policy, who, "entitlement"), given(policy, who, "risk"))
