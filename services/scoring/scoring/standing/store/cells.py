"""One standing as the cells of its row, and the row as a standing."""

from datetime import datetime
from typing import Any

from rapport.behaviour.daily_counts import DailyCounts
from rapport.behaviour.decay import DecayedSums
from scoring.standing.domain.assets import Movements, rows_of, valuation_of
from scoring.standing.domain.foreign import accounts_of, documents_of
from scoring.standing.domain.holdings import NOTHING_HELD, Holdings, ProductsOfKind
from scoring.standing.domain.people import Override
from scoring.standing.domain.state import SUMS, Standing

_WIDTH = 4 * len(SUMS)


def standing_of(cells: tuple[Any, ...]) -> Standing:
    """A row of the cells `STATE` as the rules take it."""
    after = 10 + _WIDTH
    since, days, repeats = cells[after : after + 3]
    first_days, by_kind, revision, as_of, loan_class, told, foreign = cells[after + 8 : after + 15]
    whole = (
        *cells[:9],
        DecayedSums(cells[9], cells[10:after]),
        DailyCounts.from_bytes(since, days, repeats) if since else None,
        Movements(*cells[after + 3 : after + 8]),
        first_days,
        _holdings(by_kind, revision, as_of, loan_class, told) if told else NOTHING_HELD,
        accounts_of(foreign),
        *cells[after + 15 : -8],
        None if cells[-8] is None else Override(*cells[-8:-5]),
        *cells[-5:],
    )
    return Standing(*whole)


def _holdings(
    by_kind: dict[str, list[int]], revision: int, as_of: datetime, loan_class: int | None, told: list[list[Any]]
) -> Holdings:
    kinds = {kind: ProductsOfKind(*held) for kind, held in by_kind.items()}
    return Holdings(kinds, revision, as_of, loan_class, tuple(valuation_of(*one) for one in told))


def cells_of(one: Standing) -> tuple[Any, ...]:
    """The inverse of `standing_of`."""
    days = one.active_days
    return (
        one.customer_id,
        one.transactions,
        one.foreign_currency_transactions,
        one.credits_minor,
        one.debits_minor,
        one.opening_minor,
        one.own_minor,
        one.penalty_interests,
        one.overdrafts,
        one.sums.as_of,
        *one.sums.values,
        days.first if days else None,
        days.bits_to_bytes() if days else None,
        days.more_to_bytes() if days else None,
        *one.movements,
        one.first_days,
        one.holdings.by_kind,
        one.holdings.revision,
        one.holdings.as_of,
        one.holdings.loan_class,
        rows_of(one.holdings.valuations),
        documents_of(one.foreign) or None,
        one.tier,
        one.tier_since,
        one.below_since,
        one.points,
        one.decided_at,
        one.revision,
        one.due_at,
        one.scorecard_tier,
        one.scorecard_since,
        *(one.override or (None, None, None)),
        one.automation_refused,
        one.consent_refused,
        one.is_restricted,
        one.people_since,
        one.profile_revision,
    )
