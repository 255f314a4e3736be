"""What people do with a lead: refer it to the bank's anti-money-laundering system, or dismiss it, which takes two."""

from dataclasses import replace
from datetime import datetime

from churn_alert.abnormal.domain.leads import DONE, Lead, Reason, Stepped, stepped
from rapport.errors import DomainError


class AbnormalActivityClosed(DomainError):
    """The lead is referred, dismissed or withdrawn; nothing more can be done with it."""


class DismissalAlreadyProposed(DomainError):
    """Somebody has proposed to dismiss this lead already; another person decides on it."""


class DismissalNotProposed(DomainError):
    """Nobody has proposed to dismiss this lead; propose it first."""


class DismissalNeedsAnother(DomainError):
    """Whoever proposed to dismiss a lead does not decide on it; another person has to."""


def refer(lead: Lead, at: datetime, by: str) -> Stepped:
    """Handed to the bank's own system. Raises AbnormalActivityClosed."""
    _refuse_closed(lead)
    done = replace(lead, state="referred", decided_by=by, decided_at=at, due_at=None)
    return stepped(done, "referred", at, by)


def propose_dismissal(lead: Lead, at: datetime, by: str, reason: Reason) -> Stepped:
    """Raises AbnormalActivityClosed, DismissalAlreadyProposed."""
    _refuse_closed(lead)
    if lead.state == "dismissal-proposed":
        raise DismissalAlreadyProposed
    asked = replace(lead, state="dismissal-proposed", proposed_by=by, reason=reason)
    return stepped(asked, "dismissal-proposed", at, by, reason)


def decide_dismissal(lead: Lead, at: datetime, by: str, *, is_approved: bool) -> Stepped:
    """Raises AbnormalActivityClosed, DismissalNotProposed, DismissalNeedsAnother."""
    _refuse_closed(lead)
    if lead.state != "dismissal-proposed":
        raise DismissalNotProposed
    if lead.proposed_by == by:
        raise DismissalNeedsAnother
    if is_approved:
        done = replace(lead, state="dismissed", decided_by=by, decided_at=at, due_at=None)
        return stepped(done, "dismissed", at, by, lead.reason)
    back = replace(lead, state="open", proposed_by=None, reason=None)
    return stepped(back, "dismissal-refused", at, by, lead.reason)


def _refuse_closed(lead: Lead) -> None:
    if lead.state in {*DONE, "withdrawn"}:
        raise AbnormalActivityClosed
