"""Who may put a customer into another tier, and for how long: a second person sees it before it counts."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from rapport.errors import DomainError
from scoring.scorecard.domain import Fault, Tier
from scoring.version.domain.faults import FaultsFound

Reason = Literal[
    "data-error", "missing-information", "relationship", "hardship", "regulatory", "appeal", "people-only", "other"
]
"""Why people see a customer elsewhere than the points do. `people-only`: the points may not decide."""
Against = Literal["not-justified", "wrong-tier", "wrong-term", "no-longer-needed", "entered-in-error"]
"""Why an override is rejected or ended early."""
Act = Literal["approved", "rejected", "revoked", "replaced"]
State = Literal["proposed", "in-force", "rejected", "revoked", "replaced", "ended"]
"""`ended`: it was in force until its moment. `replaced`: another one was approved before that."""


class OverrideNotFound(DomainError):
    """There is no override of this id."""

    def __init__(self) -> None:
        super().__init__("There is no override of this id: check override_id; GET /overrides lists them all")


class OverrideImpossible(FaultsFound):
    """No override can be like this; every reason is listed."""


class OverrideNotProposed(DomainError):
    """The override was approved or rejected already."""


class OverrideOutdated(DomainError):
    """What was proposed can no longer be."""


class OverrideNotInForce(DomainError):
    """Only what is in force can be ended early."""


class ApproverIsProposer(DomainError):
    """Who proposed an override cannot decide on it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is proposed. `note` can hold personal data: it is kept encrypted, and told to nobody but who decides."""

    tier: Tier
    reason: Reason
    until: datetime
    note: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Proposal:
    """An override as it was proposed, and what became of it. `state` is as of now."""

    override_id: UUID
    customer_id: str
    tier: Tier
    until: datetime
    proposed_by: str
    state: State

    def demand_second_person(self, by: str) -> None:
        """Raises OverrideNotProposed and ApproverIsProposer."""
        if self.state != "proposed":
            raise OverrideNotProposed("The override was decided on already: propose another one")
        if by == self.proposed_by:
            raise ApproverIsProposer("Who proposed an override cannot decide on it: ask a second person")

    def demand_possible(self, tiers: tuple[Tier, ...], now: datetime) -> None:
        """Raises OverrideOutdated."""
        if found := faults_of(self.tier, self.until, tiers=tiers, now=now):
            raise OverrideOutdated("; ".join(map(str, found)) + ": reject it and propose another one")

    def demand_in_force(self) -> None:
        """Raises OverrideNotInForce."""
        if self.state != "in-force":
            raise OverrideNotInForce("Only an override that is in force can be revoked; a proposed one is rejected")


def faults_of(
    tier: Tier, until: datetime, *, tiers: tuple[Tier, ...], now: datetime, longest: timedelta | None = None
) -> list[Fault]:
    """What speaks against this tier until then. `tiers`: of the ladder in force. `longest`: from `now` on, at most."""
    found = []
    if tier not in tiers:
        found.append(Fault(("tier",), f"is not in the ladder in force: {', '.join(tiers)}"))
    if until <= now:
        found.append(Fault(("until",), "does not lie ahead"))
    elif longest is not None and until > now + longest:
        found.append(Fault(("until",), f"lies more than {longest.days} days ahead"))
    return found
