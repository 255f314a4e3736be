"""What an alert waits for: an answer by a certain time, and once that is over, somebody higher up, step by step.

The clock begins when the alert is opened, when it is taken up, and when it comes back from a snooze; it stands still
while it is let rest. Every moment follows from the alert alone, so it does not matter when somebody looks.
"""

from dataclasses import replace

from churn_alert.alert.domain.lifecycle import Alert
from churn_alert.alert.domain.policy import Policy


def timed(alert: Alert, policy: Policy) -> Alert:
    """The alert with the times set anew at which it is overdue and changes next, as the policy has it.

    Of a held-out one nobody is asked for anything.
    """
    alert = replace(alert, policy_version=policy.version, answer_by=None, due_at=None)
    if alert.status == "closed" or alert.is_held_out:
        return alert
    if alert.snoozed_until is not None:
        return replace(alert, due_at=alert.snoozed_until)
    since = alert.waiting_since or alert.acknowledged_at or alert.opened_at
    answering = policy.answering(alert)
    ahead = answering.escalations[alert.escalation :]
    return replace(
        alert,
        waiting_since=since,
        answer_by=since + answering.within,
        due_at=since + ahead[0].after if ahead else None,
    )
