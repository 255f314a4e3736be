"""What is measured of a record, and what may be done about a fault."""

from customer_profile.quality.domain.issues import (
    NOTES,
    Issue,
    IssueNotFound,
    IssueNotOpen,
    IssueStands,
    Note,
    Outcome,
    State,
    claimed,
    resolved,
)
from customer_profile.quality.domain.measures import EXPECTED, VALIDATED, Dimension, Judgement, judged

__all__ = [
    "EXPECTED",
    "NOTES",
    "VALIDATED",
    "Dimension",
    "Issue",
    "IssueNotFound",
    "IssueNotOpen",
    "IssueStands",
    "Judgement",
    "Note",
    "Outcome",
    "State",
    "claimed",
    "judged",
    "resolved",
]
