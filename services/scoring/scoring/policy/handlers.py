"""Which policies are in force: those stored as approved. And what people do to them, two for each change."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.clock import utc_now
from rapport.errors import NotReady
from rapport.messaging.transaction import Transaction, Transactions
from scoring.policy.documents import PolicyContent, PolicyDocument
from scoring.policy.domain.rules import Policy, PolicyImpossible, unknown_tiers
from scoring.policy.store import policies
from scoring.scorecard.domain import Scorecards
from scoring.scorecard.handlers import take_up_approved
from scoring.version import handlers as versions
from scoring.version.documents import in_words
from scoring.version.domain.faults import Fault

_TAKEN_UP_WITHIN = timedelta(seconds=10)
_OF_FILES = ("version", "effective_from")


class PolicyUnreadable(NotReady):
    """A stored version breaks a rule of this release: it must be corrected before anybody gets anything by it."""


class Policies:
    """The versions in force now or later. One object a process: what is approved meanwhile is taken up in it."""

    def __init__(self, files: Sequence[PolicyDocument]) -> None:
        self.files = tuple(files)
        self._taken = [one.policy(one.version, one.begins) for one in files]
        self._compared_at = datetime.min.replace(tzinfo=UTC)

    @property
    def latest(self) -> Policy:
        """The last version that is or will be in force."""
        return self._taken[-1]

    def at(self, moment: datetime) -> Policy:
        """The version in force; the first one also before its date."""
        return self._taken[max(bisect_right([one.effective_from for one in self._taken], moment) - 1, 0)]

    def of(self, version: int) -> Policy | None:
        """The version of this number; None where it was withdrawn."""
        return next((one for one in self._taken if one.version == version), None)

    async def take_up(self, connection: AsyncConnection) -> None:
        """Go by what is stored from here on, compared when ten seconds are over; by the files where nothing is.

        Raises PolicyUnreadable.
        """
        now = utc_now()
        if abs(now - self._compared_at) <= _TAKEN_UP_WITHIN:
            return
        rows = await policies.approved(connection)
        known = [(one.version, one.effective_from) for one in self._taken]
        if rows and [(row["version"], row["effective_from"]) for row in rows] != known:
            try:
                taken = [content_of(row["document"]).policy(row["version"], row["effective_from"]) for row in rows]
            except ValidationError as invalid:
                raise PolicyUnreadable(f"the stored policies break a rule: {in_words(invalid)}") from None
            self._taken = taken
        self._compared_at = now


def content_of(document: Mapping[str, Any]) -> PolicyContent:
    """A stored document without version and date, which have columns of their own."""
    return PolicyContent.model_validate({name: one for name, one in document.items() if name not in _OF_FILES})


async def keep_policies(transactions: Transactions, *, known: Policies) -> None:
    """Store what came as files unless something is stored, as upkeep of the worker. Raises VersionAltered."""
    async with transactions.engine.begin() as connection:
        await versions.seed(connection, policies, known.files)


async def draft(
    tx: Transaction,
    content: PolicyContent,
    *,
    by: str,
    known: Policies,
    cards: Scorecards,
    details: Mapping[str, Any] | None = None,
) -> int:
    """Store a draft; returns its version. `cards`: whose ladders name the tiers. Raises PolicyImpossible."""
    await take_up_approved(cards, tx.connection)
    series = known.latest
    found = [
        Fault((name,), f"must be that of the bank's policies, {value}")
        for name, value in (("name", series.name), ("currency", series.currency))
        if getattr(content, name) != value
    ]
    found += unknown_tiers([one.rule() for one in content.rules], set(cards.tiers()))
    if found:
        raise PolicyImpossible(found)
    await policies.lock(tx.connection)
    await versions.seed(tx.connection, policies, known.files)
    return await versions.draft(tx, policies, content.model_dump(mode="json"), by=by, details=details)


async def roll_back(tx: Transaction, version: int, reason: str, *, by: str, known: Policies, cards: Scorecards) -> int:
    """Draft once more what was in force before. Raises NeverInForce and PolicyImpossible."""
    content = content_of(await versions.former(tx, policies, version)).model_copy(update={"reason": reason})
    return await draft(tx, content, by=by, known=known, cards=cards, details={"content_of": version})
