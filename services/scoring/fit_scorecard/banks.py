"""Simulated banks as tables: what scoring knew of each customer at two dates, and what the year in between brought."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, time
from math import inf, nan
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from fit_scorecard.contribution import Contribution
from fit_scorecard.lifetime import NOT_FITTED, Lifetime, lifetime_of
from rapport.events.bank import AccountChanged, HoldingChanged, TransactionRecorded
from scoring.exchange_rate.domain import NO_RATES
from scoring.scorecard.domain import Values
from scoring.standing.domain.evidence import values_of
from scoring.standing.domain.state import Bank as Rulebook
from scoring.standing.domain.state import Standing, fold_holdings, fold_posting
from scoring.standing.facts import holdings_of, posting_of
from simulator.bank import Bank, Plan
from simulator.bank.plan import BANK_ZONE
from simulator.wire import moment

BANK = Rulebook("CNY", 2, ZoneInfo("Asia/Shanghai"))
MONTHS, OUTCOME, REST = 24, 12, 6
"""Of a history; its last ones, in which customers contribute; and its last ones after they are scored once more."""

Fact = TransactionRecorded | HoldingChanged | AccountChanged
_FACTS: dict[str, type[Fact]] = {kind.name: kind for kind in (TransactionRecorded, HoldingChanged, AccountChanged)}


class Observed(NamedTuple):
    """A row a customer whom scoring knew at the first date; a column a feature of `Values`, NaN: unknown."""

    plan: Plan
    values: NDArray[np.float64]
    contribution: NDArray[np.float64]
    """CNY within the year after the first date."""
    later: NDArray[np.float64]
    """The values half a year after the first date."""
    loans: NDArray[np.int64]
    """Owed at the first date and half a year later, in minor units; a column each."""
    lifetime: Lifetime
    """What lifetime values are by, at both dates."""

    @property
    def scored_on(self) -> date:
        """The first date, at whose beginning customers are scored."""
        return _first_day(self.plan, OUTCOME)


def observed(seed: int, customers: int, lifetime: Lifetime = NOT_FITTED) -> Observed:
    """The bank of that seed, after two years of its history; lifetime values are by what is given, or else by what the
    bank's own first year says, so that nothing of the year that is to be foretold is in them.
    """
    plan = Plan(seed=seed, customers=customers, months=MONTHS)
    first, again, end = (_midnight(day) for day in (_first_day(plan, OUTCOME), _first_day(plan, REST), _after(plan)))
    standings: dict[str, Standing] = {}
    contributions: dict[str, Contribution] = {}
    tables: dict[datetime, dict[str, Values]] = {}
    loans: dict[datetime, dict[str, int]] = {}
    for at, fact in _facts(plan):
        for date_of_scoring in (first, again):
            if at >= date_of_scoring and date_of_scoring not in tables:
                if lifetime == NOT_FITTED:
                    lifetime = lifetime_of(standings, date_of_scoring, BANK)
                tables[date_of_scoring] = _values(standings, date_of_scoring, lifetime)
                loans[date_of_scoring] = {key: one.holdings.loans_minor for key, one in standings.items()}
        contributions.setdefault(fact.customer_id, Contribution(first)).note(fact, at)
        _fold(standings, fact)
    known = sorted(tables[first])
    return Observed(
        plan=plan,
        values=_table(tables[first][key] for key in known),
        contribution=np.array([contributions[key].by(end) for key in known]),
        later=_table(tables[again][key] for key in known),
        loans=np.array([[loans[date_of_scoring][key] for date_of_scoring in (first, again)] for key in known]),
        lifetime=lifetime,
    )


def _first_day(plan: Plan, months: int) -> date:
    """Of the last so many months."""
    return replace(plan, months=months).start


def _after(plan: Plan) -> date:
    return date.fromordinal(plan.end.toordinal() + 1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, BANK_ZONE)


def _facts(plan: Plan) -> Iterator[tuple[datetime, Fact]]:
    """What scoring hears, and the types of accounts, in order of time."""
    records = iter(Bank(plan).records())
    days = range(plan.length)
    for index in track(days, description=f"simulating bank {plan.seed}", console=Console(stderr=True)):
        until = plan.day(index).end_ms if index < plan.length - 1 else inf
        for record in records:
            kind = _FACTS.get(record.topic)
            if kind is not None and b'"customer_id"' in record.value:
                yield moment(record.time_ms), kind.model_validate_json(record.value)
            if record.time_ms >= until:
                break


def _fold(standings: dict[str, Standing], fact: Fact) -> None:
    """As the service folds."""
    match fact:
        case TransactionRecorded():
            standing = standings.setdefault(fact.customer_id, Standing(fact.customer_id))
            fold_posting(standing, posting_of(fact, BANK), BANK.zone)
        case HoldingChanged():
            standing = standings.setdefault(fact.customer_id, Standing(fact.customer_id))
            fold_holdings(standing, holdings_of(fact, BANK))


def _values(standings: dict[str, Standing], at: datetime, lifetime: Lifetime) -> dict[str, Values]:
    return {key: values_of(standing, at, BANK, NO_RATES, lifetime.model) for key, standing in standings.items()}


def _table(rows: Iterable[Values]) -> NDArray[np.float64]:
    return np.array([[nan if value is None else value for value in row] for row in rows], dtype=np.float64)
