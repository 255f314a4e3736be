"""Keeping what decides: every version in use is stored, and one that was stored before must still say the same."""

from collections.abc import Sequence

from rapport.messaging.transaction import Transactions
from scoring.scorecard import store
from scoring.scorecard.documents import ScorecardDocument
from scoring.scorecard.domain import ScorecardAltered


async def keep_scorecards(transactions: Transactions, *, documents: Sequence[ScorecardDocument]) -> None:
    """Raises ScorecardAltered, and the worker is not ready while it does: a changed scorecard needs a new version."""
    async with transactions.engine.begin() as connection:
        for document in documents:
            written = document.model_dump(mode="json")
            stored = await store.keep(connection, document.version, written, document.begins)
            # Compared as read: a ladder of three may be written in two ways.
            if ScorecardDocument.model_validate(stored) != document:
                raise ScorecardAltered(f"scorecard {document.name} {document.version} differs from what was in use")
