"""Which versions decide: those stored as approved. Files only seed an empty table, and are held against it after."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.clock import utc_now
from rapport.documents import in_words
from rapport.errors import NotReady
from rapport.messaging.transaction import Transactions
from scoring.comparing import NEVER
from scoring.scorecard.documents import ScorecardContent, ScorecardDocument
from scoring.scorecard.domain import Scorecard, ScorecardInvalid, Scorecards
from scoring.scorecard.store import scorecards
from scoring.version import handlers as versions


class ScorecardUnreadable(NotReady):
    """A stored version breaks a rule of this release: it must be corrected before anybody is decided again."""


def card_of(document: Mapping[str, Any], version: int, effective_from: datetime) -> Scorecard:
    """A stored document as the rules take it. Raises ScorecardUnreadable."""
    try:
        return ScorecardContent.stored(document).card(version, effective_from)
    except ValidationError as invalid:
        raise ScorecardUnreadable(f"the stored scorecards break a rule: {in_words(invalid)}") from None
    except ScorecardInvalid as invalid:
        raise ScorecardUnreadable(f"the stored scorecards break a rule: {invalid}") from None


def fault_of(document: Mapping[str, Any], version: int) -> str | None:
    """What a stored document breaks, as ScorecardUnreadable says it; None where this release can read it."""
    try:
        card_of(document, version, NEVER)
    except ScorecardUnreadable as unreadable:
        return str(unreadable)
    return None


async def keep_scorecards(transactions: Transactions, *, documents: Sequence[ScorecardDocument]) -> None:
    """`seed` as upkeep of the worker, which is not ready while a scorecard is altered."""
    async with transactions.engine.begin() as connection:
        await seed(connection, documents)


async def seed(connection: AsyncConnection, documents: Sequence[ScorecardDocument]) -> None:
    """Store what came as files unless something is stored. Raises VersionAltered."""
    await versions.seed(connection, scorecards, documents)


async def take_up_approved(cards: Scorecards, connection: AsyncConnection, *, at_once: bool = False) -> None:
    """Decide by what is stored from here on, compared when ten seconds are over or `at_once`.

    Where nothing is stored yet, by the files. Raises ScorecardUnreadable.
    """
    began = utc_now()
    if not (at_once or cards.is_outdated(began)):
        return
    rows = await scorecards.approved(connection)
    known = [(card.version, card.effective_from) for card in cards.cards]
    if rows and [(row["version"], row["effective_from"]) for row in rows] != known:
        try:
            cards.take([card_of(row["document"], row["version"], row["effective_from"]) for row in rows])
        except ScorecardInvalid as invalid:
            raise ScorecardUnreadable(f"the stored scorecards break a rule: {invalid}") from None
    cards.compared_at = began
