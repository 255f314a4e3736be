"""What others hear of an alert."""

from churn_alert.alert.domain.lifecycle import Change
from rapport.events.churn_alert import ChurnAlertChanged


def fact_of(change: Change, *, merged_into: str | None = None) -> ChurnAlertChanged:
    """What became of an alert; one that a merge closed names the file by which the customer is known now.

    Steps and outcomes that readers of before do not know are told beside `status` and `outcome`: other words there
    they would refuse.
    """
    alert, event = change
    match alert.outcome:
        case "merged" | "consent-refused" | "restricted" | "cleared":
            outcome = None
        case outcome:
            pass
    return ChurnAlertChanged(
        customer_id=alert.customer_id,
        alert_id=str(alert.alert_id),
        status=alert.status,
        outcome=outcome,
        merged_into=merged_into,
        consent_refused=alert.outcome == "consent-refused",
        restricted=alert.outcome == "restricted",
        cleared=alert.outcome == "cleared",
        changed_at=event.at,
        step=event.step,
        severity=alert.severity,
        owner=alert.owner,
        escalation=alert.escalation,
        snoozed_until=alert.snoozed_until,
        outcome_at=alert.outcome_at,
        held_out=alert.is_held_out,
    )
