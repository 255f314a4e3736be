"""Why an alert was opened, in words that whoever looks after the customer understands at once."""

from collections.abc import Sequence

from churn_alert.risk.domain.crossing import Cause
from churn_alert.risk.domain.indicators import Indicator

_OF_RATIO = {
    "activity-week": "own activity over a week",
    "activity-month": "own activity over a month",
    "transactions-month": "own transactions over a month",
    "channel-use-month": "use of app, web and branch over a month",
    "inflow-month": "money coming in over a month",
}


_OF_OTHERS = {
    "outflow-month": "{value:.1f} months of usual income have left on balance (usual: at most {high:.1f})",
    "negative-feedback": "a complaint or bad rating of late",
    "days-without-activity": "{value:.0f} days without activity (normal for this customer: at most {high:.0f})",
}


def explain(cause: Cause, probability: float, threshold: float, indicators: Sequence[Indicator]) -> str:
    """`Risk of leaving 78% (threshold 75%), reached by silence alone. Out of the normal range: …`."""
    how = "reached by silence alone" if cause == "silence" else "reached with the latest event"
    head = f"Risk of leaving {probability:.0%} (threshold {threshold:.0%}), {how}."
    apart = [words for one in indicators if (words := _out_of_range(one))]
    if not apart:
        return f"{head} No single measure is out of this customer's normal range; together they are."
    return f"{head} Out of the normal range: {'; '.join(apart)}."


def _out_of_range(one: Indicator) -> str | None:
    if one.name in _OF_RATIO and one.is_low:
        normal = f"{one.normal_low:.0%} to {one.normal_high:.0%}"
        return f"{_OF_RATIO[one.name]} at {one.value:.0%} of usual (normal for this customer: {normal})"
    if one.name in _OF_OTHERS and one.is_high:
        return _OF_OTHERS[one.name].format(value=one.value, high=one.normal_high)
    return None
