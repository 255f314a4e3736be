"""Acts on purposes, and what is allowed as of any moment by what was known at any other.

The state is a function of the set of acts: in whatever order they are recorded, it is the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Literal

from customer_profile.consent.domain.purposes import Article, DataCategory, LegalBasis, Purpose, Purposes

Act = Literal["granted", "declined", "withdrawn"]
Channel = Literal[
    "branch", "atm", "counter", "mobile", "web", "card", "contact-centre", "transfer", "batch", "social", "referral"
]


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the ledger: what the customer did, and what the purpose was then.

    `occurred_at`: when the customer did it, `recorded_at`: when the bank came to know. `revision` counts the customer's
    rows. `notice_digest` is of the words the customer was told, `evidence_digest` of what proves the act; a withdrawal
    is told nothing, and needs no proof.
    """

    customer_id: str
    revision: int
    purpose: str
    act: Act
    legal_basis: LegalBasis
    data_categories: tuple[DataCategory, ...]
    notice_version: int | None
    notice_digest: str | None
    separate_consent: Article | None
    is_separate: bool
    channel: Channel
    evidence_digest: str | None
    occurred_at: datetime
    recorded_at: datetime
    recorded_by: str

    @property
    def place(self) -> tuple[datetime, bool, int]:
        """Its place among the acts on one purpose; of one moment the act that protects the customer counts."""
        return self.occurred_at, self.act != "granted", self.notice_version or 0


@dataclass(frozen=True, slots=True)
class State:
    """What holds for one purpose. `since`: without a break; None where no act of the customer's led to it.

    `may_ask_from`: when the customer may be asked; None where there is nothing to ask, by consent given or by law.
    `covers`: the data that the consent in force was given for; None where none is.
    """

    purpose: Purpose
    is_allowed: bool
    since: datetime | None
    notice_version: int | None
    may_ask_from: datetime | None
    covers: tuple[DataCategory, ...] | None = None


def known(entries: Iterable[Entry], at: datetime) -> list[Entry]:
    """What was in the ledger at that moment."""
    return [entry for entry in entries if entry.recorded_at <= at]


def allowed(entries: Iterable[Entry], purpose: Purpose, at: datetime) -> bool:
    """May the bank process for this purpose at that moment, by these entries?"""
    acts = _acts(entries, purpose, at)
    return not purpose.rests_on_consent or (bool(acts) and acts[-1].act == "granted")


def state_of(entries: Iterable[Entry], purpose: Purpose, at: datetime, *, ask_again_after: timedelta) -> State:
    """What holds for a purpose at a moment, by these entries. A no is respected for `ask_again_after`; whose
    consent covers less than the purpose uses by now may be asked anew.
    """
    entries = list(entries)
    acts, is_allowed = _acts(entries, purpose, at), allowed(entries, purpose, at)
    if not acts:
        may_ask_from = at if purpose.rests_on_consent else None
        return State(purpose, is_allowed, since=None, notice_version=None, may_ask_from=may_ask_from)
    *_, first = takewhile(lambda entry: (entry.act == "granted") == is_allowed, reversed(acts))
    last = acts[-1]
    covers_all = set(purpose.data_categories).issubset(last.data_categories)
    may_ask_from = (None if covers_all else at) if is_allowed else last.occurred_at + ask_again_after
    return State(
        purpose,
        is_allowed,
        since=first.occurred_at,
        notice_version=last.notice_version if is_allowed else None,
        may_ask_from=may_ask_from,
        covers=last.data_categories if is_allowed else None,
    )


def of_person(states: Sequence[State]) -> State:
    """What holds for one purpose and a person, by what holds of each of its files: a no on any of them is a no.

    A person who took consent back once is not to be asked which of the files was meant. Of several the longest counts.
    """
    noes = [state for state in states if not state.is_allowed and state.since is not None]
    if noes:
        return max(noes, key=lambda state: (state.may_ask_from is not None, state.may_ask_from))
    return next((state for state in states if state.is_allowed), states[0])


def states_of(ledgers: Sequence[Sequence[Entry]], purposes: Purposes, at: datetime) -> list[State]:
    """What holds for each purpose and a person at a moment, by the ledgers of all its files (at least one)."""
    of_files = [
        [state_of(entries, purpose, at, ask_again_after=purposes.ask_again_after) for entries in ledgers]
        for purpose in purposes.by_code.values()
    ]
    return [of_person(states) for states in of_files]


def _acts(entries: Iterable[Entry], purpose: Purpose, at: datetime) -> list[Entry]:
    """The acts that lead to the state then, the one that counts last; none where consent is not what counts."""
    wanted = purpose.code if purpose.rests_on_consent else None
    acts = [entry for entry in entries if entry.purpose == wanted and entry.occurred_at <= at]
    return sorted(acts, key=lambda entry: entry.place)
