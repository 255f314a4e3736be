"""What becomes of a lead by what is heard and by silence: found, grown, not true after all, found again, overdue."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from churn_alert.abnormal.domain.judging import MOST, Finding
from churn_alert.abnormal.domain.leads import DONE, UNDONE, Lead, LeadStep, Stepped, stepped


class Due(NamedTuple):
    """By which day a lead is to be dealt with, and from which moment on it is overdue."""

    on: date
    at: datetime


def found(lead_id: UUID, customer_id: str, finding: Finding, at: datetime, due: Due, rules_version: int) -> Stepped:
    """A finding that there was no lead for."""
    measure = finding.measure
    lead = Lead(
        lead_id=lead_id,
        customer_id=customer_id,
        key=finding.key,
        rule=finding.rule,
        kind=finding.kind,
        day=finding.day,
        direction=finding.direction,
        count=finding.count,
        minor=finding.minor,
        currency=finding.currency,
        threshold=finding.threshold,
        value=measure.value if measure else None,
        usual=measure.usual if measure else None,
        normal_high=measure.normal_high if measure else None,
        deviations=measure.deviations if measure else None,
        rules_version=rules_version,
        detected_at=at,
        due_on=due.on,
        told=_figure_of(finding),
        due_at=due.at,
    )
    return lead, LeadStep(lead_id, 1, "found", at, lead.count, lead.minor)


def found_again(lead: Lead, finding: Finding, at: datetime, due_at: datetime) -> Stepped:
    """It was not true for a while; what people decided of it stands, and so does a due date that had passed."""
    return given_back(replace(altered(lead, finding), told=_figure_of(finding)), at, due_at)


def given_back(lead: Lead, at: datetime, due_at: datetime) -> Stepped:
    """The same with the figures that it had: of a day that is judged no more there are no others."""
    after = replace(lead, is_true=True, handed_over=False)
    if lead.state == "withdrawn":
        after = replace(after, state="open", due_at=due_at if lead.overdue_at is None else None)
    return stepped(after, "found-again", at)


def taken_over(begun: Stepped, found_on: Sequence[Lead]) -> Stepped:
    """A lead that was another file's before a merge: what people decided of it stands, and so does its due date."""
    lead, step = begun
    was_true = [one for one in found_on if one.is_true]
    if not was_true or lead.state in DONE:
        return begun
    before = min(was_true, key=lambda one: (one.state not in DONE, one.detected_at))
    names = (
        "state",
        "reason",
        "proposed_by",
        "decided_by",
        "decided_at",
        "detected_at",
        "due_on",
        "due_at",
        "overdue_at",
    )
    return replace(lead, **{name: getattr(before, name) for name in names}), step


def followed(lead: Lead, finding: Finding, at: datetime, growth: float) -> Stepped | None:
    """A line of its history once its figures are so many times what was told last, or less than that part of it; None
    before, so that whoever pays in by small parts is no flood.
    """
    figure, told = _figure_of(finding), lead.told if lead.told is not None else _figure_of(lead)
    after = replace(altered(lead, finding), told=figure)
    if figure >= growth * told:
        return stepped(after, "grown", at)
    return stepped(after, "shrunk", at) if growth * figure <= told else None


def with_late(lead: Lead, finding: Finding) -> Finding:
    """What came when the day was judged no more, added to what the day had come to."""
    minor = min(lead.minor + finding.minor, MOST)
    return replace(finding, count=lead.count + finding.count, minor=minor)


def overdue(lead: Lead) -> Stepped | None:
    """Its day is over and nobody did what was due; None of a lead that nothing is due of, or not any more."""
    if lead.due_at is None or lead.state not in UNDONE:
        return None
    at = max(lead.due_at, lead.detected_at)
    return stepped(replace(lead, due_at=None, overdue_at=at), "overdue", at)


def _figure_of(one: Finding | Lead) -> int:
    return one.minor or one.count


def altered(lead: Lead, finding: Finding) -> Lead:
    """The same finding with the figures it has now."""
    after = replace(lead, count=finding.count, minor=finding.minor)
    if (one := finding.measure) is None:
        return after
    ranged = replace(after, usual=one.usual, normal_high=one.normal_high)
    return replace(ranged, value=one.value, deviations=one.deviations)


def withdrawn(lead: Lead, at: datetime, *, handed_over: bool = False) -> Stepped:
    """It was not true after all; one that people have dealt with says so and keeps what they decided. `handed_over`: it
    is true of the file that this one was merged into.
    """
    state = lead.state if lead.state in DONE else "withdrawn"
    after = replace(lead, is_true=False, state=state, due_at=None, handed_over=handed_over)
    return stepped(after, "withdrawn", at)
