"""In which tier a customer is from when: by the scorecard's own course, unless people have put them elsewhere.

Decided for every event at its own moment and, through `due_at`, by silence: whatever the size of a batch, and whether a
timer or the next event comes first, the decisions are the same, dates included.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Literal

from scoring.scorecard.domain import Scorecard, Thresholds, Tier, Values
from scoring.standing.domain.assets import beginning_of, month_of
from scoring.standing.domain.decision import Cause, Decision
from scoring.standing.domain.evidence import evidence_of, values_of
from scoring.standing.domain.hashing import state_hash
from scoring.standing.domain.hysteresis import next_tier
from scoring.standing.domain.people import REFUSALS, Course, PeopleAct
from scoring.standing.domain.placing import move
from scoring.standing.domain.rules import Rules
from scoring.standing.domain.state import Standing


def decide(
    standing: Standing,
    rules: Rules,
    at: datetime,
    cause: Literal["event", "time"] = "event",
    people_act: PeopleAct | None = None,
) -> Decision | None:
    """Decide a customer again as of `at`, and when the next time is at the latest; returns a change of tier.

    Where people gave the tier, the scorecard's own course goes on underneath. `people_act`: what they did just now.
    """
    card = rules.cards.at(at)
    before = card if standing.decided_at is None else rules.cards.at(standing.decided_at)
    values = values_of(standing, at, rules.bank, rules.rates, rules.model_for(at, card))
    points = card.points_of(values)
    old, own, too_low_since = standing.tier, standing.course, standing.below_since
    tier, below_since = next_tier(card.thresholds, own.tier, too_low_since, points, at, values.lifetime_value)
    since = at if tier != own.tier or own.since is None else own.since
    standing.points, standing.decided_at, standing.below_since = points, at, below_since
    move(standing, Course(tier, since), at, card.thresholds)
    if since != own.since or below_since != too_low_since or standing.due_at is None or standing.due_at <= at:
        standing.due_at = _due(standing, rules)
    if standing.tier == old and (before is card or _keeps_place(standing.tier, before.thresholds, card.thresholds)):
        return None
    return _changed(standing, old, values, card, at, cause, too_low_since, people_act)


def _keeps_place(tier: Tier | None, before: Thresholds, limits: Thresholds) -> bool:
    """Nothing is told of a tier that another ladder does not have: people alone keep a customer in such a one."""
    return tier is not None and limits.place_of(tier) in {None, before.place_of(tier)}


def place(standing: Standing, rules: Rules, at: datetime, people_act: PeopleAct) -> Decision | None:
    """Have a customer where people put them from `at` on, or where the scorecard's course is if people ended that.

    The course is not decided anew: it stays as if nobody had had a hand in it. `catch_up` comes first.
    """
    card, old = rules.cards.at(at), standing.tier
    move(standing, standing.course, at, card.thresholds)
    standing.due_at = _due(standing, rules)
    if standing.tier == old:
        return None
    values = values_of(standing, at, rules.bank, rules.rates, rules.model_for(at, card))
    cause: Cause = "event" if people_act in REFUSALS else "override"
    return _changed(standing, old, values, card, at, cause, standing.below_since, people_act)


def _changed(
    standing: Standing,
    old: Tier | None,
    values: Values,
    card: Scorecard,
    at: datetime,
    cause: Cause,
    below_since: datetime | None,
    people_act: PeopleAct | None,
) -> Decision:
    standing.revision += 1
    assert standing.tier is not None, "it was just decided"
    return Decision(
        customer_id=standing.customer_id,
        revision=standing.revision,
        old_tier=old,
        tier=standing.tier,
        points=card.points_of(values),
        evidence=evidence_of(card, values),
        card=card,
        decided_at=at,
        cause=cause,
        values=values,
        below_since=below_since,
        state_hash=state_hash(standing),
        people_act=people_act,
    )


def _due(standing: Standing, rules: Rules, *, heeds_override: bool = True) -> datetime:
    since, at = standing.course.since, standing.decided_at
    assert since is not None and at is not None, "a course has been decided"
    until = standing.override.until if standing.override is not None and heeds_override else None
    return next_due(rules, since, standing.below_since, at, until)


def next_due(
    rules: Rules, tier_since: datetime, below_since: datetime | None, at: datetime, until: datetime | None = None
) -> datetime:
    """The next review, the end of a dwell, the next scorecard or, where it counts, the next month, whichever is first;
    always after `at`. Or `until`, when an override ends, if that is sooner. `tier_since`: of the scorecard's course.

    Reviews lie on a grid that begins with the present tier: were each a review's length after the last event, every
    event would move the index of due times.
    """
    card, change = rules.cards.at(at), rules.cards.next_change(at)
    limits = card.thresholds
    due = tier_since + ((at - tier_since) // limits.review + 1) * limits.review
    if below_since is not None:
        due = min(due, below_since + limits.dwell)
    if card.turns_with_the_month:
        zone = rules.bank.zone
        due = min(due, beginning_of(month_of(at.astimezone(zone).date()) + 1, zone))
    return min(moment for moment in (due, change, until) if moment is not None)


def decide_due(standing: Standing, rules: Rules, until: datetime) -> list[Decision]:
    """Every decision that fell due up to `until`, each as of the moment it was due; those that changed the tier."""
    changes = []
    while standing.due_at is not None and standing.due_at <= until:
        if _ends_override(standing, rules, standing.due_at):
            standing.override = None
            change = place(standing, rules, standing.due_at, "override-ended")
        else:
            change = decide(standing, rules, standing.due_at, "time")
        if change is not None:
            changes.append(change)
    return changes


def catch_up(standing: Standing, rules: Rules, at: datetime) -> list[Decision]:
    """What must be decided before people have a hand in a tier at `at`: that an override is over, or by a new version.

    Nothing else that is due: an event of before may still be on its way, and the course is to be as if nobody had come.
    """
    is_over = standing.override is not None and standing.override.until <= at
    is_new = standing.decided_at is not None and rules.cards.at(standing.decided_at) is not rules.cards.at(at)
    return decide_due(standing, rules, at) if is_over or is_new else []


def _ends_override(standing: Standing, rules: Rules, at: datetime) -> bool:
    """What the scorecard's course has due at the same moment is decided first."""
    override = standing.override
    return override is not None and override.until <= at < _due(standing, rules, heeds_override=False)


def meet(standing: Standing, rules: Rules, at: datetime, fold: Callable[[Standing], None]) -> list[Decision]:
    """An event in a customer's course: what fell due before it, then its own effect, then the decision on it.

    Returns the changes of tier, in their order. Live or in a replay, this order is the same.
    """
    changes = decide_due(standing, rules, at)
    fold(standing)
    change = decide(standing, rules, at)
    return changes if change is None else [*changes, change]
