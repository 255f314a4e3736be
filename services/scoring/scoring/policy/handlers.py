"""Which policies are in force: those stored as approved. And what people do to them, two for each change."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.clock import utc_now
from rapport.documents import in_words
from rapport.errors import NotReady
from rapport.messaging.transaction import Transaction, Transactions
from scoring.comparing import Compared
from scoring.policy.documents import PolicyContent, PolicyDocument
from scoring.policy.domain.rules import Policy, PolicyImpossible, unknown_tiers
from scoring.policy.store import policies
from scoring.scorecard.domain import Scorecards
from scoring.scorecard.handlers import take_up_approved
from scoring.version import handlers as versions
from scoring.version.domain.faults import Fault


class PolicyUnreadable(NotReady):
    """A stored version breaks a rule of this release: it must be corrected before anybody gets anything by it."""


class Policies(Compared):
    """The versions in force now or later. One object a process: what is approved meanwhile is taken up in it."""

    def __init__(self, files: Sequence[PolicyDocument]) -> None:
        self.files = tuple(files)
        self._dates = [(one.version, one.begins) for one in files]
        self._documents: Mapping[int, Mapping[str, Any]] = {}
        self._read = {one.version: one.policy(one.version, one.begins) for one in files}

    @property
    def latest(self) -> Policy:
        """The last version that is or will be in force."""
        return self._of(*self._dates[-1])

    def at(self, moment: datetime) -> Policy:
        """The version in force; the first one also before its date. Raises PolicyUnreadable."""
        return self._of(*self._dates[_place_at(self._dates, moment)])

    def of(self, version: int) -> Policy | None:
        """The version of this number; None where it was withdrawn. Raises PolicyUnreadable."""
        since = dict(self._dates).get(version)
        return None if since is None else self._of(version, since)

    def _of(self, version: int, since: datetime) -> Policy:
        if version not in self._read:
            self._read[version] = _policy(self._documents[version], version, since)
        return self._read[version]

    async def take_up(self, connection: AsyncConnection) -> None:
        """Go by what is stored from here on, compared when ten seconds are over; by the files where nothing is.

        What was superseded is read only when it is asked for: it may break rules of this release. Raises
        PolicyUnreadable where what is in force or will be does.
        """
        now = utc_now()
        if not self.is_outdated(now):
            return
        rows = await policies.approved(connection)
        dates = [(row["version"], row["effective_from"]) for row in rows]
        if rows and dates != self._dates:
            documents = {row["version"]: row["document"] for row in rows}
            later = dates[_place_at(dates, now) :]
            self._read = {version: _policy(documents[version], version, since) for version, since in later}
            self._dates, self._documents = dates, documents
        self.compared_at = now


def _place_at(dates: Sequence[tuple[int, datetime]], moment: datetime) -> int:
    return max(bisect_right([since for _, since in dates], moment) - 1, 0)


def _policy(document: Mapping[str, Any], version: int, since: datetime) -> Policy:
    try:
        return PolicyContent.stored(document).policy(version, since)
    except ValidationError as invalid:
        raise PolicyUnreadable(f"the stored policy {version} breaks a rule: {in_words(invalid)}") from None


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
    document = await versions.former(tx, policies, version)
    try:
        content = PolicyContent.stored(document).model_copy(update={"reason": reason})
    except ValidationError as invalid:
        raise PolicyImpossible([Fault(fault["loc"], fault["msg"]) for fault in invalid.errors()]) from None
    return await draft(tx, content, by=by, known=known, cards=cards, details={"content_of": version})
