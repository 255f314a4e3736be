"""When silence alone raises the risk by one model: found ahead, for while nothing happens no probability falls."""

from datetime import datetime

from churn_alert.risk.domain.anchor import Anchor
from churn_alert.risk.domain.behaviour import Risk
from churn_alert.risk.domain.model import RiskModel
from churn_alert.risk.domain.readiness import rises_from
from rapport.behaviour.crossing import moment_after
from rapport.behaviour.root import first_at_or_above_zero

_LOOK_DAYS = 8.0
"""Few are silent for so long, so a search for the exact moment before is mostly for nothing."""
_AHEAD_DAYS = (16.0, 32.0, 64.0, 128.0, 400.0)
"""Where that search looks first: nearly straight between. Who is calm after the last waits for the next event."""
_TOLERANCE_DAYS = 0.25 / 86_400.0


def raised_at(risk: Risk, anchor: Anchor, model: RiskModel) -> datetime | None:
    """The moment; None where silence alone never does, or not within the time that is looked ahead."""
    begins = rises_from(risk, model)
    if begins is None:
        return None

    def over(days: float) -> float:
        return model.log_odds(anchor, days) - model.upper_log_odds

    reached = anchor.silence(begins)
    if over(reached) >= 0.0:
        return max(begins, anchor.as_of)
    for ahead in _AHEAD_DAYS:
        if ahead > reached:
            if over(ahead) >= 0.0:
                return moment_after(anchor.as_of, first_at_or_above_zero(over, reached, ahead, _TOLERANCE_DAYS))
            reached = ahead
    return None


def next_look(risk: Risk, anchor: Anchor, model: RiskModel) -> datetime | None:
    """No later than `raised_at`, and cheaper: the exact moment is looked for only once silence lasts for some days."""
    begins = rises_from(risk, model)
    if begins is None:
        return None
    look = anchor.silence(begins) + _LOOK_DAYS
    if model.log_odds(anchor, look) < model.upper_log_odds:
        return moment_after(anchor.as_of, look)
    return raised_at(risk, anchor, model)
