"""Interventions for tests, by the delivered playbooks, begun without any database."""

from datetime import datetime, timedelta
from uuid import UUID

from churn_alert.intervention.domain.course import Change, Intervention
from churn_alert.intervention.handlers.keeping import begun
from churn_alert.playbook.documents import read_playbooks
from churn_alert.playbook.domain.choosing import Choice
from tests.churn_alert.lives import BANK, START
from tests.churn_alert.lots import LOT

SHELF = read_playbooks(None, BANK.zone, LOT, today=START.date())[1]
ALERT = UUID(int=7)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def begin(
    playbook: str, *, arm: str | None = "treated", at: datetime = START, customer_id: str = "c-1"
) -> list[Change]:
    """The changes by which it begins, whatever the lot says."""
    (found,) = [one for one in SHELF.latest.playbooks if one.code == playbook]
    choice = Choice(SHELF.latest, found, arm if found.hold_out else None)
    alert = ALERT if found.node == "churn-warning" else None
    return begun(choice, customer_id="c-1", at=at, cause="a-test", alert_id=alert, product="WM-30D")


def intervention(playbook: str = "care-of-all") -> Intervention:
    """It, as it has begun."""
    return begin(playbook)[-1].after


def told(changes: list[Change]) -> list[tuple[str, int | None, str | None]]:
    """What happened, at which step, with which detail."""
    return [(one.line.move, one.line.step, one.line.detail) for one in changes]
