"""A customer of several files is judged on the sum of them: a day's threshold is the customer's, not a file's."""

from collections.abc import Sequence
from typing import ClassVar

from churn_alert.abnormal.domain.state import Activity
from rapport.person.grouping import Persons as _Persons

DECIDED = ("in_force",)
"""What judging writes: a person's is the survivor's alone."""


def added(survivor: Activity, others: Sequence[Activity]) -> Activity:
    """A person as one: what is known of all files, and what is found, which the survivor alone remembers
    (`finding.follow_grouped`)."""
    person = Activity(survivor.customer_id, in_force=survivor.in_force, is_natural=survivor.is_natural)
    for one in (survivor, *others):
        _add(person, one)
    return person


def _add(person: Activity, one: Activity) -> None:
    person.last_day = max(person.last_day, one.last_day)
    for day, cells in one.days.items():
        into = person.days.setdefault(day, {})
        for code, (count, minor) in cells.items():
            known = into.get(code, (0, 0))
            into[code] = [known[0] + count, known[1] + minor]
    if person.active_days is None or one.active_days is None:
        person.active_days = person.active_days or one.active_days
    else:
        person.active_days = person.active_days.merge(one.active_days)
    for account, of in one.accounts.items():
        known_as = person.accounts.get(account)
        person.accounts[account] = known_as.merge(of) if known_as else of
    for counterparty, seen in one.counterparties.items():
        known_of = person.counterparties.get(counterparty)
        person.counterparties[counterparty] = known_of.with_(seen) if known_of else seen


class Persons(_Persons[Activity]):
    """Of some files those whose customer is judged on several."""

    DECIDED: ClassVar[Sequence[str]] = DECIDED

    def beside(self, file: str) -> tuple[str, ...]:
        """The other files of the person that a file is of."""
        survivor = self.merged_into.get(file, file)
        files = [survivor, *(one for one, into in self.merged_into.items() if into == survivor)]
        return tuple(sorted(one for one in files if one != file))

    def added(self, survivor: Activity, others: Sequence[Activity]) -> Activity:
        """The files as one."""
        return added(survivor, others)
