"""With which status and title each error of the rules is answered."""

from churn_alert.alert.domain.lifecycle import (
    AlertAlreadyAcknowledged,
    AlertAlreadyClosed,
    AlertNotFound,
    OutcomeNotInAlert,
    SnoozedTooOften,
    SnoozeNotAhead,
    SnoozeTooLong,
)
from churn_alert.lifecycle.domain.conditions import StageRulesInvalid
from churn_alert.lifecycle.domain.life import LifecycleNotFound
from churn_alert.risk.domain.behaviour import RiskNotFound
from churn_alert.risk.domain.calibration import RiskModelInvalid
from churn_alert.staff import OwnerNotActive, OwnerOfOtherUnit
from rapport.web import Problems

PROBLEMS: Problems = {
    RiskNotFound: (404, "No such risk"),
    AlertNotFound: (404, "No such alert"),
    AlertAlreadyAcknowledged: (409, "The alert is acknowledged already"),
    AlertAlreadyClosed: (409, "The alert is closed"),
    SnoozeNotAhead: (422, "The time is not ahead"),
    SnoozeTooLong: (422, "The time is too far ahead"),
    SnoozedTooOften: (409, "The alert has rested often enough"),
    OutcomeNotInAlert: (422, "The outcome is not of the alert's time"),
    OwnerNotActive: (422, "Nobody who could have it"),
    OwnerOfOtherUnit: (422, "Somebody of another unit"),
    RiskModelInvalid: (422, "The risk model is malformed"),
    LifecycleNotFound: (404, "No such customer"),
    StageRulesInvalid: (422, "The stages are malformed"),
}
