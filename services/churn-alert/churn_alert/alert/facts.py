"""What others hear of an alert."""

from churn_alert.alert.domain.lifecycle import Change
from rapport.events.churn_alert import ChurnAlertChanged


def fact_of(change: Change, *, merged_into: str | None = None) -> ChurnAlertChanged:
    """What became of an alert; one that a merge closed names the file by which the customer is known now.

    An outcome that readers of before do not know is told beside `outcome`, which they would refuse.
    """
    alert, event = change
    match alert.outcome:
        case "merged" | "consent-refused" | "restricted":
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
        changed_at=event.at,
    )
