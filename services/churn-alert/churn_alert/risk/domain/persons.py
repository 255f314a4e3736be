"""Files that were merged: the risk of the person is decided on the sum of their states, at the survivor's level.

A file that was merged into another keeps its own state and crosses no threshold any more. Adding is commutative like
folding: however the events of a person are dealt out over files, the sum is what one file with all of them would hold.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from churn_alert.risk.domain.before import as_it_was
from churn_alert.risk.domain.behaviour import Risk
from rapport.person.grouping import Persons as _Persons

DECIDED = (
    "is_raised",
    "level_since",
    "probability",
    "decided_at",
    "model_version",
    "due_at",
    "is_settled",
    "out_at",
    "normal",
    "crossed",
)
"""What a decision writes: a person's is the survivor's alone."""


def added(survivor: Risk, others: Sequence[Risk]) -> Risk:
    """A person as one risk: what is known of all files, what was decided of the survivor.

    A no to care, or to counting feedback, on any file is the person's, and so is a restriction. In order of their ids,
    so that the decayed sums are the same to the bit. The sum is never settled: another file may have moved since the
    survivor's timer was set. What was told ahead of its time stays with its file.
    """
    first, *rest = sorted([survivor, *others], key=lambda one: one.customer_id)
    person = replace(first, anchor=None, ahead=(), before=None)
    for one in rest:
        _add(person, one)
    for name in ("customer_id", *DECIDED):
        setattr(person, name, getattr(survivor, name))
    person.is_settled = False
    return person


def _add(person: Risk, one: Risk) -> None:
    person.own_transactions += one.own_transactions
    person.channel_uses += one.channel_uses
    person.negative_feedbacks += one.negative_feedbacks
    person.consent_refused = person.consent_refused or one.consent_refused
    person.without_feedback = person.without_feedback or one.without_feedback
    person.is_restricted = person.is_restricted or one.is_restricted
    person.sums = person.sums.merge(one.sums)
    person.accounts = {**person.accounts, **one.accounts}
    if person.active_days is None or one.active_days is None:
        person.active_days = person.active_days or one.active_days
    else:
        person.active_days = person.active_days.merge(one.active_days)
    first = [at for at in (person.first_event_at, one.first_event_at) if at is not None]
    last = [at for at in (person.last_activity_at, one.last_activity_at) if at is not None]
    person.first_event_at, person.last_activity_at = min(first, default=None), max(last, default=None)


class Persons(_Persons[Risk]):
    """Of some files those whose customer is decided on several."""

    DECIDED = DECIDED

    def added(self, survivor: Risk, others: Sequence[Risk]) -> Risk:
        """The risks of all files as one."""
        return added(survivor, others)

    def heard_again(self, survivor: Risk, until: datetime) -> list[datetime]:
        """When, before `until`, other files of a person were heard of again, at which that is not decided yet."""
        since = survivor.decided_at
        kept = (one.before.at for one in self.others.get(survivor.customer_id, ()) if one.before)
        return sorted({at for at in kept if at < until and (since is None or at > since)})

    def at(self, moment: datetime, *, with_events_of_it: bool) -> "Persons":
        """The same with other files as they were at a moment, whether with what came at that very moment."""
        if not any(one.before for others in self.others.values() for one in others):
            return self
        were = {
            survivor: [as_it_was(one, moment, with_events_of_it=with_events_of_it) for one in others]
            for survivor, others in self.others.items()
        }
        return Persons(were, self.merged_into)


ALONE = Persons()
