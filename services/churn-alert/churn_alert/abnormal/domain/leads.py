"""A lead and the lines of its history: one finding about one customer, and what became of it. It stays for ever.

The bank's own anti-money-laundering system reports; here is only who was told, and when.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from churn_alert.abnormal.domain.words import Direction, Kind
from rapport.errors import DomainError

State = Literal["open", "dismissal-proposed", "dismissed", "referred", "withdrawn"]
Step = Literal[
    "found",
    "grown",
    "shrunk",
    "withdrawn",
    "found-again",
    "overdue",
    "referred",
    "dismissal-proposed",
    "dismissal-refused",
    "dismissed",
]
Reason = Literal["explained", "own-accounts", "data-error", "reported-already", "not-reportable"]
DONE = frozenset({"dismissed", "referred"})
"""What people are done with."""
UNDONE = frozenset({"open", "dismissal-proposed"})
"""Of what something is due."""


class AbnormalActivityNotFound(DomainError):
    """There is no such lead."""


@dataclass(frozen=True, slots=True)
class Lead:
    """One finding about one customer, and what was done about it.

    `told`: the sum told last, or the count where it is of no sum. `due_at`: when it turns overdue by silence alone;
    None once it did, or nothing more is to be done.
    """

    lead_id: UUID
    customer_id: str
    key: str
    rule: str
    kind: Kind
    day: date
    direction: Direction | None
    count: int
    minor: int
    currency: str
    threshold: int | None
    value: float | None
    usual: float | None
    normal_high: float | None
    deviations: float | None
    rules_version: int
    detected_at: datetime
    due_on: date
    state: State = "open"
    is_true: bool = True
    reason: Reason | None = None
    proposed_by: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    revision: int = 1
    told: int | None = None
    due_at: datetime | None = None
    overdue_at: datetime | None = None
    handed_over: bool = False
    """Not true of this file any more because a merge made it the survivor's."""

    @property
    def account_id(self) -> str | None:
        """The account that it is about; None where it is about the customer's day."""
        return self.key.split("|")[3] if self.rule == "dormant-waking" else None

    @property
    def counterparty_class(self) -> str | None:
        """The class of counterparties that it is about; None where it is about all."""
        return self.key.split("|")[3] if self.rule == "new-counterparty" else None


@dataclass(frozen=True, slots=True)
class LeadStep:
    """One line of a lead's history, with the figures it had then; `number` is the lead's revision after it."""

    lead_id: UUID
    number: int
    step: Step
    at: datetime
    count: int
    minor: int
    by: str | None = None
    reason: Reason | None = None


Stepped = tuple[Lead, LeadStep]


def stepped(lead: Lead, step: Step, at: datetime, by: str | None = None, reason: Reason | None = None) -> Stepped:
    """The lead after a step, and the line that says so."""
    after = replace(lead, revision=lead.revision + 1)
    return after, LeadStep(lead.lead_id, after.revision, step, at, lead.count, lead.minor, by, reason)
