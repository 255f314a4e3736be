"""From when on a customer can be decided at all, and may be raised."""

from datetime import datetime

from churn_alert.risk.domain.behaviour import Risk
from churn_alert.risk.domain.model import RiskModel


def is_known(risk: Risk, model: RiskModel, at: datetime) -> bool:
    """Whether there is enough history at `at` to know what is normal for this customer."""
    days, first = risk.active_days, risk.first_event_at
    if days is None or first is None:
        return False
    return days.bits.bit_count() >= model.least_active_days and at - first >= model.least_history


def rises_from(risk: Risk, model: RiskModel) -> datetime | None:
    """From when on this customer's risk may cross upwards; None while it takes more activity first, or is raised."""
    days, first = risk.active_days, risk.first_event_at
    if risk.is_raised or days is None or first is None or days.bits.bit_count() < model.least_active_days:
        return None
    begins = first + model.least_history
    return begins if risk.level_since is None else max(begins, risk.level_since + model.rest)
