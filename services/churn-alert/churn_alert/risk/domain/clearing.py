"""A crossing that late or reversed events show to be untrue is cleared, never erased: another follows that says so."""

from datetime import datetime

from churn_alert.risk.domain.behaviour import Risk
from churn_alert.risk.domain.crossed import Crossed
from churn_alert.risk.domain.crossing import Crossing, Rules, anchor_of
from churn_alert.risk.domain.indicators import indicators_of
from churn_alert.risk.domain.normal import normal_of

_ROUNDING = 1e-9


def clear(risk: Risk, rules: Rules, at: datetime) -> Crossing | None:
    """The level before the last crossing, if by all that is known now of its moment the threshold was not reached.

    A crossing by a version of the model that was not in force at it by these rules stands: what that one would say now
    is not known.
    """
    crossed: Crossed | None = risk.crossed
    if crossed is None or crossed.crossing_id is None or not crossed.is_level_of(risk) or risk.is_left_alone:
        return None
    rules = rules.at(crossed.at)
    model, state = rules.model, crossed.state
    anchor = anchor_of(state, rules)
    if anchor is None or crossed.model_version != model.version:
        return None
    log_odds, was_up = model.log_odds(anchor, anchor.silence(crossed.at)), crossed.direction == "up"
    if log_odds >= model.upper_log_odds - _ROUNDING if was_up else log_odds <= model.lower_log_odds + _ROUNDING:
        return None
    risk.is_raised, risk.level_since, risk.is_settled, risk.crossed = not was_up, crossed.level_since, False, None
    return Crossing(
        customer_id=risk.customer_id,
        direction="down" if was_up else "up",
        cause="event",
        probability=model.deciding.probability(log_odds),
        threshold=model.upper if was_up else model.lower,
        indicators=indicators_of(state, anchor, model, normal_of(state, rules.ranges), crossed.at),
        model=model,
        at=at,
        probabilities=tuple(model.probabilities(anchor, anchor.silence(crossed.at)).items()),
        reasons=model.reasons(anchor, anchor.silence(crossed.at)),
        clears=crossed.crossing_id,
    )
