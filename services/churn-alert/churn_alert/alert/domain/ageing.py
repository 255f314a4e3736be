"""What an alert waits for: an answer by a certain time, and once that is over, somebody higher up, step by step.

The clock begins when the alert is opened, when it is taken up, and when it comes back from a snooze; it stands still
while it is let rest. Every moment follows from the alert and the versions of the policy alone, announced ones too, so
it does not matter when somebody looks.
"""

from dataclasses import replace
from datetime import datetime

from churn_alert.alert.domain.lifecycle import Alert
from churn_alert.alert.domain.policy import Policy


def timed(alert: Alert, policy: Policy) -> Alert:
    """The alert with the times set anew at which it is overdue and changes next, each by the version in force then.

    Of a held-out one nobody is asked for anything.
    """
    alert = replace(alert, policy_version=policy.newest.version, answer_by=None, due_at=None)
    if alert.status == "closed" or alert.is_held_out:
        return alert
    if alert.snoozed_until is not None:
        return replace(alert, due_at=alert.snoozed_until)
    since = _waits_since(alert)
    return replace(
        alert,
        waiting_since=since,
        answer_by=policy.first(since, lambda version: since + version.answering(alert).within),
        due_at=_escalates_at(alert, policy, since, alert.escalation),
    )


def escalated_to(alert: Alert, policy: Policy) -> str | None:
    """Who has it now besides its owner, by the version that was in force when it was taken there: None before the first
    escalation, and once it is closed.
    """
    if alert.status == "closed" or not alert.escalation:
        return None
    since = _waits_since(alert)
    at = _escalates_at(alert, policy, since, alert.escalation - 1) or since
    steps = policy.at(at).answering(alert).escalations
    # A later version may have fewer: the last of them has it.
    return steps[min(alert.escalation, len(steps)) - 1].to if steps else None


def _waits_since(alert: Alert) -> datetime:
    return alert.waiting_since or alert.acknowledged_at or alert.opened_at


def _escalates_at(alert: Alert, policy: Policy, since: datetime, step: int) -> datetime | None:
    def asked(version: Policy) -> datetime | None:
        ahead = version.answering(alert).escalations[step:]
        return since + ahead[0].after if ahead else None

    return policy.first(since, asked)
