"""When a customer's risk crosses a threshold: at an event, or by silence alone, found ahead and fired as of its moment.

Decided for every event at its own moment, after what silence brought before it. So whatever the size of a batch, the
crossings are the same, dates included. Two thresholds, a dwell and a rest keep whoever is at the edge from flapping.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Literal, NamedTuple
from uuid import UUID

from churn_alert.risk.domain.anchor import Anchor, anchored
from churn_alert.risk.domain.behaviour import Bank, Risk
from churn_alert.risk.domain.crossed import crossed_now
from churn_alert.risk.domain.horizon import Reason
from churn_alert.risk.domain.indicators import Indicator, indicators_of
from churn_alert.risk.domain.model import RiskModel
from churn_alert.risk.domain.normal import NormalRanges, normal_of
from churn_alert.risk.domain.peace import forget
from churn_alert.risk.domain.readiness import is_known, rises_from
from churn_alert.risk.domain.silence import next_look, raised_at
from churn_alert.risk.domain.watching import watched
from rapport.succession import Succeeded

Direction = Literal["up", "down"]
Cause = Literal["event", "silence"]


@dataclass(frozen=True, slots=True)
class Rules(Succeeded):
    """What decisions are made by: the bank, the model, and how far from usual is normal; and what follows these."""

    bank: Bank
    model: RiskModel
    ranges: NormalRanges


@dataclass(frozen=True, slots=True)
class Crossing:
    """`at`: the moment it is about. `clears`: the id of an earlier one that late events have shown to be untrue.

    `probabilities`: by the days of each horizon, that of the thresholds' own among them. `reasons`: for that one.
    """

    customer_id: str
    direction: Direction
    cause: Cause
    probability: float
    threshold: float
    indicators: tuple[Indicator, ...]
    model: RiskModel
    at: datetime
    clears: UUID | None = None
    probabilities: tuple[tuple[int, float], ...] = ()
    reasons: tuple[Reason, ...] = ()


class ToldCrossing(NamedTuple):
    """A crossing, the id it was told under, and what it was told for: an event, or the key of a timer."""

    crossing_id: UUID
    crossing: Crossing
    cause: Any


def catch_up(risk: Risk, rules: Rules, until: datetime, *, is_deciding: bool = False) -> Crossing | None:
    """What silence brought up to `until`, before anything of that moment is folded: at most one crossing, upwards.

    `is_deciding`: the caller decides next, so where nothing was brought it need not be known when it would have been.
    """
    if risk.is_settled and (risk.due_at is None or risk.due_at > until):
        return None
    if is_deciding or not risk.is_settled:
        since = _decided_until(risk)
        ends = None if since is None else rules.next_after(since)
        # No risk falls in silence: one that is not high at the end never was. That is one look, and no search.
        if (ends is None or ends > until) and not is_high(risk, rules.at(until), until):
            risk.is_settled = False
            return None
    risk.due_at, risk.is_settled, risk.model_version = silence_raises_at(risk, rules), True, rules.newest.model.version
    if risk.due_at is None or risk.due_at > until:
        return None
    return _cross(risk, rules.at(risk.due_at), risk.due_at, "up", "silence")


def decide(risk: Risk, rules: Rules, at: datetime) -> Crossing | None:
    """Decide a customer again as of `at`, after an event was folded; first `catch_up`, then fold, then this."""
    rules = rules.at(at)
    model = rules.model
    risk.decided_at, risk.is_settled = at, False
    if risk.is_left_alone:
        forget(risk)
    else:
        normal = normal_of(risk, rules.ranges)
        risk.out_at, risk.normal = watched(risk, normal, at), normal
    # Of who is not known yet no anchor is asked for: it takes longer than all else that is decided then.
    anchor = anchor_of(risk, rules) if is_known(risk, model, at) else None
    if anchor is None:
        return None
    log_odds = model.log_odds(anchor, anchor.silence(at))
    risk.probability = model.deciding.probability(log_odds)
    if not risk.is_raised:
        begins = rises_from(risk, model)
        may_rise = begins is not None and begins <= at
        return _cross(risk, rules, at, "up", "event") if may_rise and log_odds >= model.upper_log_odds else None
    stayed = risk.level_since is not None and at - risk.level_since >= model.dwell
    return _cross(risk, rules, at, "down", "event") if stayed and log_odds <= model.lower_log_odds else None


def silence_raises_at(risk: Risk, rules: Rules) -> datetime | None:
    """When silence alone will raise the risk, by whichever version is in force then: a function of the state and the
    last decision, not of the clock."""
    since = _decided_until(risk)
    return None if since is None else rules.first(since, partial(_raised_at, risk))


def _decided_until(risk: Risk) -> datetime | None:
    return risk.decided_at or risk.sums.as_of


def _raised_at(risk: Risk, rules: Rules) -> datetime | None:
    anchor = anchor_of(risk, rules)
    return None if anchor is None else raised_at(risk, anchor, rules.model)


def settle(risk: Risk, rules: Rules) -> None:
    """Set when to look at this customer's silence again: at the latest when it raises the risk, or when another version
    begins, which may see it otherwise."""
    risk.due_at, risk.is_settled, risk.model_version = None, True, rules.newest.model.version
    since = _decided_until(risk)
    if since is not None:
        now, ends = rules.at(since), None if risk.is_raised else rules.next_after(since)
        anchor = None if rises_from(risk, now.model) is None else anchor_of(risk, now)
        looks = (None if anchor is None else next_look(risk, anchor, now.model), ends)
        risk.due_at = min((one for one in looks if one is not None), default=None)


def anchor_of(risk: Risk, rules: Rules) -> Anchor | None:
    """The customer's anchor, made once for each state and model; none of who is left alone."""
    anchor: Anchor | None = risk.anchor
    if (anchor is None or anchor.model_version != rules.model.version) and not risk.is_left_alone:
        anchor = risk.anchor = anchored(risk, rules.bank.zone, rules.model.overdispersion)
        if anchor is not None:
            anchor.model_version = rules.model.version
    return anchor


def is_high(risk: Risk, rules: Rules, at: datetime) -> bool:
    """Whether the risk is at the upper threshold at `at`, of whom it may rise by then, if nothing comes until then."""
    begins = rises_from(risk, rules.model)
    if begins is None or begins > at:
        return False
    anchor = anchor_of(risk, rules)
    return anchor is not None and rules.model.log_odds(anchor, anchor.silence(at)) >= rules.model.upper_log_odds


def _cross(risk: Risk, rules: Rules, at: datetime, direction: Direction, cause: Cause) -> Crossing:
    model, anchor = rules.model, anchor_of(risk, rules)
    assert anchor is not None
    risk.crossed = crossed_now(risk, direction, at, model.version)
    probability = model.probability(anchor, anchor.silence(at))
    risk.is_raised, risk.level_since, risk.is_settled = direction == "up", at, False
    risk.probability, risk.decided_at = probability, at
    return Crossing(
        customer_id=risk.customer_id,
        direction=direction,
        cause=cause,
        probability=probability,
        threshold=model.upper if direction == "up" else model.lower,
        indicators=indicators_of(risk, anchor, model, normal_of(risk, rules.ranges), at),
        model=model,
        at=at,
        probabilities=tuple(model.probabilities(anchor, anchor.silence(at)).items()),
        reasons=model.reasons(anchor, anchor.silence(at)),
    )
