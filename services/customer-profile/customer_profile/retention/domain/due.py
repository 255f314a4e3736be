"""When a file is archived and when it is destroyed, from the catalogue's periods and what is known of the file.

The longest period that the law asks for wins, and of a person with several files the latest of them decides for all.
"""

import calendar
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, NamedTuple, Protocol

from customer_profile.customer.domain import CustomerClass

Group = Literal["relationship", "identification", "transaction"]
GROUPS: tuple[Group, ...] = ("relationship", "identification", "transaction")
"""Retentions of the catalogue that end a file here; what else it names is kept by its own clock, or by who decided it.

What `relationship` keeps ends first: what is left then lies there for the law alone, so the file is archived.
"""
Postponement = Literal["hold", "open-case", "open-correction", "restricted"]
Action = Literal["archive", "destroy"]


class Periods(Protocol):
    """A retention of the data catalogue: how long for each class of customer, in ISO 8601."""

    @property
    def core(self) -> str:
        """For those with a manager of their own."""

    @property
    def ordinary(self) -> str:
        """For the rest of the customers."""

    @property
    def potential(self) -> str:
        """For who never became a customer."""

    @property
    def confirmed(self) -> bool:
        """Whether a compliance officer has said so; else it is a proposal."""


class Rules(Protocol):
    """A version of the data catalogue, as far as it ends files."""

    @property
    def version(self) -> int:
        """Its number."""

    @property
    def effective(self) -> date:
        """The first day on which it holds."""

    @property
    def retentions(self) -> Mapping[str, Periods]:
        """The periods by name, each group's among them."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a file; the days are the bank's.

    `customer_class`: the most that it ever was, for who leaves closes all accounts and would look like a potential
    customer. `ended_on`: of the relationship, an account closed later counts; None while it stands.
    `last_used_on`: when anything was last told or done. `last_posting_on`: None where nothing was ever posted.
    """

    customer_id: str
    customer_class: CustomerClass
    ended_on: date | None
    last_used_on: date
    last_posting_on: date | None = None
    postponed_by: frozenset[Postponement] = frozenset()
    is_archived: bool = False

    @property
    def over_since(self) -> date | None:
        """From when its periods run: who never became a customer has no end, so from when the file was last used."""
        if self.ended_on is None and self.customer_class == "potential":
            return self.last_used_on
        return self.ended_on


class Schedule(NamedTuple):
    """The first day on which nothing keeps what is of each group; only groups that there is anything of."""

    days: Mapping[Group, date]

    @property
    def archive_on(self) -> date:
        """From when the law alone keeps what is left."""
        return self.days["relationship"]

    @property
    def destroy_on(self) -> date:
        """From when nothing keeps anything."""
        return max(self.days.values())

    @property
    def rule(self) -> Group:
        """The group that keeps the file for longest; of equal ones the first."""
        return max(GROUPS, key=lambda group: self.days.get(group, date.min))


class Due(NamedTuple):
    """What is to be done with a file, since when, and by which group's period."""

    customer_id: str
    action: Action
    rule: Group
    since: date


def after(day: date, period: str) -> date:
    """The day a period of ISO 8601 after this one (`P10Y`, `P6M`, `P14D`); a day that a month lacks is its last."""
    number, unit = int(period[1:-1]), period[-1]
    if unit == "D":
        return day + timedelta(days=number)
    months = day.year * 12 + day.month - 1 + number * (12 if unit == "Y" else 1)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def schedule(person: Sequence[Known], retentions: Mapping[str, Periods]) -> Schedule | None:
    """Of the files of one person; None while any of their relationships stands."""
    days: dict[Group, date] = {}
    for file in person:
        if file.over_since is None:
            return None
        begins: dict[Group, date | None] = {
            "relationship": file.over_since,
            "identification": file.over_since,
            "transaction": file.last_posting_on,
        }
        for group, begin in begins.items():
            if begin is not None:
                ends = after(begin, getattr(retentions[group], file.customer_class))
                days[group] = max(ends, days.get(group, ends))
    return Schedule(days)


def due(file: Known, person: Sequence[Known], retentions: Mapping[str, Periods], *, on: date) -> Due | None:
    """What is to be done with `file`, one of `person`, on this day; None where it is not over or is postponed.

    A file that never ended is not archived: the next word on it is a use, and it is destroyed whole.
    """
    found = schedule(person, retentions)
    if found is None or any(one.postponed_by for one in person):
        return None
    if found.destroy_on <= on:
        return Due(file.customer_id, "destroy", found.rule, found.destroy_on)
    if found.archive_on <= on and file.ended_on is not None and not file.is_archived:
        return Due(file.customer_id, "archive", "relationship", found.archive_on)
    return None


def not_in_force(rules: Rules, actions: Collection[Action], *, on: date) -> list[str]:
    """Why no file ends so by these rules on this day; empty where they hold and compliance has confirmed them.

    What is archived rests on the period of `relationship`, what is destroyed on those of all groups.
    """
    groups: tuple[Group, ...] = GROUPS if "destroy" in actions else ("relationship",)
    proposals = [group for group in groups if not rules.retentions[group].confirmed]
    faults = []
    if on < rules.effective:
        faults.append(f"version {rules.version} of the data catalogue is in force from {rules.effective} on")
    if proposals:
        faults.append(f"the periods of {', '.join(proposals)} are proposals: compliance confirms them in a new version")
    return faults
