"""Files that were merged: the risk of the person is decided on the sum of their states, at the survivor's level.

A file that was merged into another keeps its own state and crosses no threshold any more. Adding is commutative like
folding: however the events of a person are dealt out over files, the sum is what one file with all of them would hold.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from churn_alert.risk.domain.behaviour import Risk

DECIDED = ("is_raised", "level_since", "probability", "decided_at", "model_version", "due_at", "is_settled")
"""What a decision writes: a person's is the survivor's alone."""


def added(survivor: Risk, others: Sequence[Risk]) -> Risk:
    """A person as one risk: what is known of all files, what was decided of the survivor.

    A no to care on any file is the person's. In order of their ids, so that the decayed sums are the same to the bit.
    The sum is never settled: another file may have moved since the survivor's timer was set. What was told ahead of its
    time stays with its file.
    """
    first, *rest = sorted([survivor, *others], key=lambda one: one.customer_id)
    person = replace(first, anchor=None, ahead=())
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
    person.sums = person.sums.merge(one.sums)
    if person.active_days is None or one.active_days is None:
        person.active_days = person.active_days or one.active_days
    else:
        person.active_days = person.active_days.merge(one.active_days)
    first = [at for at in (person.first_event_at, one.first_event_at) if at is not None]
    last = [at for at in (person.last_activity_at, one.last_activity_at) if at is not None]
    person.first_event_at, person.last_activity_at = min(first, default=None), max(last, default=None)


@dataclass(frozen=True, slots=True)
class Persons:
    """Of some files those that are not alone. `others`: of a survivor its other files; `merged_into`: of a file that is
    no survivor the one that is."""

    others: Mapping[str, Sequence[Risk]] = field(default_factory=dict)
    merged_into: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, groups: Mapping[str, Sequence[str]], risks: Mapping[str, Risk]) -> "Persons":
        """From survivor → all files of the person; a survivor without a risk here is left out."""
        merged_into = {file: survivor for survivor, files in groups.items() for file in files if file != survivor}
        others = {
            survivor: [risks[file] for file in files if file != survivor]
            for survivor, files in groups.items()
            if survivor in risks and len(files) > 1
        }
        return cls(others, merged_into)

    @contextmanager
    def deciding(self, risk: Risk) -> Iterator[Risk]:
        """The person to be decided, or who is alone; what was decided is the survivor's afterwards."""
        others = self.others.get(risk.customer_id)
        if not others:
            yield risk
            return
        person = added(risk, others)
        yield person
        for name in DECIDED:
            setattr(risk, name, getattr(person, name))


ALONE = Persons()
