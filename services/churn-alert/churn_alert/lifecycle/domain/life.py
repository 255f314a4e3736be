"""What is known of a customer for the stage: a state that the same facts fill alike in any order.

Own activity is the risk's (`risk.domain.behaviour`): it is read and folded here for one poll, and kept there alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import Literal, NamedTuple

from rapport.behaviour.active_days import ActiveDays
from rapport.errors import DomainError
from rapport.person.grouping import Persons as _Persons

Stage = Literal["potential", "new", "mature", "lost"]
STAGES: tuple[Stage, ...] = ("potential", "new", "mature", "lost")
Paused = Literal["consent-refused", "restricted"]


class LifecycleNotFound(DomainError):
    """Nothing was heard of a customer of that id; the same words wherever it is asked."""

    def __init__(self) -> None:
        super().__init__("Nothing was heard of this customer")


class Account(NamedTuple):
    """An account as it was last told, at `as_of`."""

    as_of: datetime
    is_open: bool


@dataclass(slots=True)
class Life:
    """One customer. The upper part is a function of the facts alone, the lower part what was decided on it.

    Not frozen only because a batch folds thousands of facts into it.
    """

    customer_id: str
    active_days: ActiveDays | None = None
    last_activity_at: datetime | None = None
    is_refused: bool = False
    """Care was declined or withdrawn: nothing is concluded from behaviour."""
    is_restricted: bool = False
    """The relationship is restricted or over: the same."""
    accounts: Mapping[str, Account] = field(default_factory=dict)
    known_from: datetime | None = None
    """When the earliest fact that names this customer is dated."""
    over_since: datetime | None = None
    """Since when the relationship is over or the customer dead, by the latest word of customer-profile."""
    unit: str | None = None
    profile_revision: int = 0

    stage: Stage | None = None
    """None while nothing dated before now is known, and of a file that never was a person by itself."""
    since: datetime | None = None
    rule: str | None = None
    revision: int = 0
    rules_version: int = 0
    due_at: datetime | None = None
    """When to look at the latest whether time alone brought another stage; it may be early, for activity puts off."""
    is_changed: bool = False

    @property
    def last_fact_at(self) -> datetime | None:
        """When the latest of what can end a loss is dated: own activity, or a word on an account."""
        told = [one.as_of for one in self.accounts.values()]
        return max([*told, *([self.last_activity_at] if self.last_activity_at else [])], default=None)

    @property
    def paused(self) -> Paused | None:
        """Why nothing is concluded from behaviour; of both causes the customer's own no."""
        if self.is_refused:
            return "consent-refused"
        return "restricted" if self.is_restricted else None


def fold_activity(life: Life, at: datetime, zone: tzinfo) -> bool:
    """Add one moment at which the customer did something; whether its day is a new one."""
    _know(life, at)
    before, day = life.active_days, at.astimezone(zone).date()
    life.active_days = before.add(day) if before else ActiveDays.on(day)
    if life.last_activity_at is None or at > life.last_activity_at:
        life.last_activity_at = at
    return life.active_days is not before


def fold_account(life: Life, account_id: str, told: Account, opened: datetime) -> bool:
    """Take an account as it is told, unless something later is known; of two words of one moment the closing counts."""
    _know(life, min(opened, told.as_of))
    known = life.accounts.get(account_id)
    if known is not None and (known.as_of, not known.is_open) >= (told.as_of, not told.is_open):
        return False
    life.accounts = {**life.accounts, account_id: told}
    life.is_changed = True
    return known is None or known.is_open != told.is_open


def fold_profile(life: Life, as_of: datetime, revision: int, *, unit: str, is_over: bool) -> None:
    """Take what the profile of a higher revision says; a relationship that goes on being over is so since before."""
    _know(life, as_of)
    if revision > life.profile_revision:
        life.over_since = (life.over_since or as_of) if is_over else None
        life.unit, life.profile_revision, life.is_changed = unit, revision, True


def _know(life: Life, at: datetime) -> None:
    if life.known_from is None or at < life.known_from:
        # Once there is a stage it is kept for the record alone, and is not worth a row written for each late fact.
        life.is_changed = life.is_changed or life.stage is None
        life.known_from = at


DECIDED = ("stage", "since", "rule", "revision", "rules_version", "due_at", "is_changed")
"""What a decision writes: a person's is the survivor's alone."""


def added(survivor: Life, others: Sequence[Life]) -> Life:
    """A person as one life: what is known of all files, what was decided of the survivor.

    A no and a restriction on any file are the person's; the relationship is over when that of every file is.
    """
    person = replace(survivor)
    lives = (survivor, *others)
    for one in others:
        if person.active_days is None or one.active_days is None:
            person.active_days = person.active_days or one.active_days
        else:
            person.active_days = person.active_days.merge(one.active_days)
        person.accounts = {**person.accounts, **one.accounts}
    person.last_activity_at = max((one.last_activity_at for one in lives if one.last_activity_at), default=None)
    person.known_from = min((one.known_from for one in lives if one.known_from), default=None)
    person.is_refused = any(one.is_refused for one in lives)
    person.is_restricted = any(one.is_restricted for one in lives)
    ends = [one.over_since for one in lives]
    person.over_since = max((end for end in ends if end is not None), default=None) if all(ends) else None
    return person


class Persons(_Persons[Life]):
    """Of some files those whose customer is decided on several."""

    DECIDED = DECIDED

    def added(self, survivor: Life, others: Sequence[Life]) -> Life:
        """The lives of all files as one."""
        return added(survivor, others)
