"""What churn-alert tells: whose risk of leaving crossed a threshold, what became of the alert, and stages of life; and
leads on abnormal activity, to the bank's anti-money-laundering system alone.
"""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from rapport.events.base import Code, Day, Event, Revision, Time, Token
from rapport.events.money import Money


class Indicator(BaseModel):
    """One measure of a customer beside that customer's own normal range.

    `deviations`: how many spreads from `baseline`, what is usual for the customer. `since`: out of the range since
    then. `part_of`: the indicator that it is a part of. Not `enough_history`: nothing is known to be normal yet.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    name: Code
    value: float
    normal_low: float | None
    normal_high: float | None
    baseline: float | None = None
    deviations: float | None = None
    since: Time | None = None
    part_of: Code | None = None
    enough_history: bool = True


class Likelihood(BaseModel):
    """How likely the customer drifts away within so many days."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    days: int = Field(ge=1)
    probability: float = Field(ge=0, le=1)


class Reason(BaseModel):
    """What one feature adds to the log-odds against a customer of whom it is typical; below zero it lowers them."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    name: Code
    value: float
    typical: float
    contribution: float


class RiskThresholdCrossed(Event):
    """A customer's churn risk went over the upper threshold, or back under the lower one.

    `clears`: the id of an earlier crossing that late or reversed events have shown to be untrue; that one stays known.
    `horizons`: the probability for each, that of `horizon_days` among them. `reasons`: of that one, for this very
    customer; what adds most comes first.
    """

    name: ClassVar[str] = "risk-threshold-crossed"
    producer: ClassVar[str] = "churn-alert"

    customer_id: Token
    direction: Literal["up", "down"]
    cause: Literal["event", "silence"]
    probability: float = Field(ge=0, le=1)
    threshold: float = Field(ge=0, le=1)
    horizon_days: int = Field(ge=1)
    indicators: tuple[Indicator, ...]
    model_version: int
    crossed_at: Time
    clears: UUID | None = None
    horizons: tuple[Likelihood, ...] = ()
    reasons: tuple[Reason, ...] = ()


class ChurnAlertChanged(Event):
    """An alert was opened, acknowledged or closed with its outcome.

    `merged_into`: closed without an outcome, since the file was merged into this one. `consent_refused`: closed without
    one, since the customer declined or withdrew consent to such care. `restricted`: the same, since the relationship is
    restricted or over, or the customer died. `cleared`: the same, since what it warned of was not true.
    What else became of it is told by `step`: snoozed until `snoozed_until`, woken at that time, reassigned to `owner`,
    escalated for the `escalation`-th time. `held_out`: drawn into the group with whom nothing is done, so nobody who
    looks after the customer is to see it. `outcome_at`: when what `outcome` says came about.
    """

    name: ClassVar[str] = "churn-alert-changed"
    producer: ClassVar[str] = "churn-alert"

    customer_id: Token
    alert_id: str
    status: Literal["opened", "acknowledged", "closed"]
    outcome: Literal["retained", "lost", "false-alarm", "recovered"] | None = None
    changed_at: Time
    merged_into: Token | None = None
    consent_refused: bool = False
    restricted: bool = False
    cleared: bool = False
    step: Code | None = None
    severity: Code | None = None
    owner: Token | None = None
    escalation: int = Field(default=0, ge=0)
    snoozed_until: Time | None = None
    outcome_at: Time | None = None
    held_out: bool = False


class LifecycleChanged(Event):
    """Where a customer stands in the relation with the bank, as it is now. A higher revision replaces a lower one.

    `since`: when this stage began; `as_of`: when that was last looked at. `previous`: none of the first. `rule`: of the
    document of stages, that led into it.
    """

    name: ClassVar[str] = "lifecycle-changed"
    producer: ClassVar[str] = "churn-alert"
    is_state: ClassVar[bool] = True

    customer_id: Token
    stage: Literal["potential", "new", "mature", "lost"]
    since: Time
    as_of: Time
    revision: Revision
    previous: Literal["potential", "new", "mature", "lost"] | None = None
    rule: Code | None = None


class AbnormalActivityDetected(Money, Event):
    """A day of a customer met a reporting rule or left the customer's own range; or, `withdrawn`, did not after all.

    A lead, and no report: for the bank's own anti-money-laundering system and its compliance staff, and for no other
    reader. `due_on`: by when it is to be dealt with. `value` and `normal_high`: of what was measured against the
    customer's own range. `step`: what became of it, which beside found and withdrawn is grown, shrunk, found again or
    overdue, with the figures there are now; a higher `revision` replaces a lower one. `account_id`,
    `counterparty_class`: of a rule that looks at each account, or at each class, which one.
    """

    name: ClassVar[str] = "abnormal-activity-detected"
    producer: ClassVar[str] = "churn-alert"
    is_confidential: ClassVar[bool] = True
    is_for_compliance: ClassVar[bool] = True

    customer_id: Token
    lead_id: str
    rule: Code
    kind: Literal["large", "pattern", "unusual"]
    day: Day
    direction: Literal["credit", "debit"] | None = None
    transactions: int = Field(ge=0)
    value: float | None = None
    normal_high: float | None = None
    rules_version: int = Field(ge=1)
    due_on: Day
    withdrawn: bool = False
    detected_at: Time
    step: Code | None = None
    revision: Revision | None = None
    account_id: Token | None = None
    counterparty_class: Code | None = None


class InterventionChanged(Event):
    """What is done for a customer by a playbook: a step of it, and where it stands after that.

    `node`: what began it; of `churn-warning` `alert_id` names the alert. `arm`: none where nobody is ever held out, as
    of a service repair; of who is held out nothing but this is done, and staff in charge of the customer do not see it.
    `change`: what happened, `step` to which step, `detail` with which outcome or reason, by which channel, to whom.
    `outcome`: of what is done; `reason`: why it was cancelled. `due_by`: of the step that was begun. `product`: which
    the occasion is about, if any. `reached`: whether by then the customer was spoken with, or got a message.
    """

    name: ClassVar[str] = "intervention-changed"
    producer: ClassVar[str] = "churn-alert"

    customer_id: Token
    intervention_id: Token
    node: Code
    alert_id: Token | None = None
    playbook: Code
    playbook_version: int = Field(ge=1)
    experiment: Code | None = None
    arm: Literal["treated", "held-out"] | None = None
    status: Literal["proposed", "assigned", "contacted", "done", "cancelled"]
    change: Code
    step: int | None = Field(default=None, ge=1)
    action: Code | None = None
    detail: Token | None = None
    assignee: Token | None = None
    outcome: Code | None = None
    reason: Code | None = None
    due_by: Time | None = None
    opened_at: Time
    changed_at: Time
    product: Code | None = None
    reached: bool | None = None
