"""A fault of one file in the steward's queue: open, claimed, and then resolved or waived with a reason.

An issue never says it is mended because somebody says so: a fault that is seen again opens it again.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from rapport.errors import DomainError

State = Literal["open", "claimed", "resolved", "waived"]
Outcome = Literal["fixed-at-source", "corrected-here", "waived"]
Note = Literal["customer-asked", "paper-seen", "source-told", "not-a-fault", "cannot-be-known", "accepted-risk"]
NOTES: dict[Outcome, frozenset[Note]] = {
    "fixed-at-source": frozenset({"customer-asked", "paper-seen", "source-told"}),
    "corrected-here": frozenset({"customer-asked", "paper-seen", "source-told"}),
    "waived": frozenset({"not-a-fault", "cannot-be-known", "accepted-risk"}),
}
"""Why, out of a short list for each end: free text would hold the value."""


class IssueNotFound(DomainError):
    """There is no such issue."""


class IssueNotOpen(DomainError):
    """It is another steward's, or done with."""


class IssueStands(DomainError):
    """The file still has the fault."""


@dataclass(frozen=True, slots=True)
class Issue:
    """One fault of one file; never the value. `by`: who claimed it, then who ended it; none where a record did."""

    issue_id: UUID
    customer_id: str
    attribute: str
    fault: str
    source: str
    state: State
    by: str | None
    outcome: str | None
    note: str | None
    first_seen_at: datetime
    last_seen_at: datetime
    changed_at: datetime


def claimed(issue: Issue, *, by: str, at: datetime) -> Issue:
    """The issue as this steward's. Raises IssueNotOpen; to claim it twice changes nothing."""
    if issue.state == "claimed" and issue.by == by:
        return issue
    if issue.state != "open":
        raise IssueNotOpen(f"the issue is {issue.state}")
    return replace(issue, state="claimed", by=by, changed_at=at)


def resolved(issue: Issue, outcome: Outcome, note: Note, *, stands: bool, by: str, at: datetime) -> Issue:
    """The issue ended. `stands`: the file has the fault at this moment, so it was not corrected here.

    Raises IssueNotOpen and IssueStands.
    """
    if issue.state not in {"open", "claimed"} or (issue.state == "claimed" and issue.by != by):
        raise IssueNotOpen(
            "the issue is another steward's" if issue.state == "claimed" else f"the issue is {issue.state}"
        )
    if outcome == "corrected-here" and stands:
        raise IssueStands("correct the file first: the fault is still there")
    state: State = "waived" if outcome == "waived" else "resolved"
    return replace(issue, state=state, by=by, outcome=outcome, note=note, changed_at=at)
