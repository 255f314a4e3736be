"""What people did to a customer's tier, at its place in the customer's course: so that a replay can do it again."""

from datetime import datetime, timedelta
from typing import NamedTuple

from scoring.standing.domain.decision import Decision
from scoring.standing.domain.people import Override, PeopleAct
from scoring.standing.domain.rules import Rules
from scoring.standing.domain.state import Standing
from scoring.standing.domain.tiering import catch_up, decide, decide_due, place


class Hand(NamedTuple):
    """What is people's of a standing from `at` on: an override began, was replaced or revoked, or a refusal, a no to
    tiering or a restriction was heard or taken back.

    `due_at`: when the customer was next due just before. What falls due by silence is decided at its own moment, and
    may be decided late: by this it is known whether it was decided before people came or after.
    """

    customer_id: str
    at: datetime
    due_at: datetime | None
    override: Override | None
    automation_refused: bool
    consent_refused: bool
    is_restricted: bool


def hand_of(standing: Standing, at: datetime) -> Hand:
    """What people have just done; `place` comes after."""
    causes = standing.automation_refused, standing.consent_refused, standing.is_restricted
    return Hand(standing.customer_id, at, standing.due_at, standing.override, *causes)


def lay(standing: Standing, rules: Rules, hand: Hand) -> list[Decision]:
    """Have people do the same again, in the order of life: what was due before, what `catch_up` must, then theirs.

    Returns the changes of tier, in their order.
    """
    until = hand.at if hand.due_at is None else min(hand.at, hand.due_at - timedelta.resolution)
    changes = [*decide_due(standing, rules, until), *catch_up(standing, rules, hand.at)]
    act = _act_of(standing, hand)
    standing.override = hand.override
    standing.automation_refused, standing.consent_refused = hand.automation_refused, hand.consent_refused
    standing.is_restricted = hand.is_restricted
    standing.people_since = standing.people_since or hand.at
    is_new = standing.decided_at is None
    change = decide(standing, rules, hand.at, people_act=act) if is_new else place(standing, rules, hand.at, act)
    return changes if change is None else [*changes, change]


def _act_of(before: Standing, hand: Hand) -> PeopleAct:
    if before.automation_refused != hand.automation_refused:
        return "automation-refused" if hand.automation_refused else "refusal-withdrawn"
    if before.consent_refused != hand.consent_refused:
        return "consent-refused" if hand.consent_refused else "consent-given"
    if before.is_restricted != hand.is_restricted:
        return "relationship-restricted" if hand.is_restricted else "relationship-resumed"
    if hand.override is None:
        return "override-revoked"
    return "override-began" if before.override is None else "override-replaced"
