"""How often customers change their tier, on a real bank's postings: by the scorecard and by the balance of the moment.

The floor is what most banks do: thresholds on the spot balance, without band or dwell, laid so that the same shares of
customers are in each tier in the end. A change back is one that leads to the tier before the last change (A-B-A).
A climb leads to a tier where the customer never was: most accounts are opened within these files, and averages grow.
So there is a least number of changes: one for each customer whose last tier is not the first.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from benchmarks.ground import CONSOLE, table, verdict
from rapport.events.bank import HoldingChanged, TransactionRecorded
from scoring.scorecard.files import read_documents, scorecards_of
from scoring.standing.domain.rules import Rules
from scoring.standing.domain.state import Bank, Standing
from scoring.standing.domain.tiering import meet
from scoring.standing.facts import fold
from simulator.berka import BerkaBank
from simulator.wire import Wire

_EVENTS = {event.name: event for event in (TransactionRecorded, HoldingChanged)}
_TIERS = ("low", "middle", "high")
_YEAR = timedelta(days=365.25)
Fact = TransactionRecorded | HoldingChanged
Course = list[str]
"""The tiers of one customer in their order, no two neighbours alike."""


class Figures(NamedTuple):
    """Of all customers: changes of tier in a customer's year, and the shares of them that lead back, and that climb.

    `least_a_year`: straight from each customer's first tier to the last one.
    """

    changes_a_year: float
    back: float
    climbs: float
    least_a_year: float


def run(folder: Path) -> None:
    """Print both ways side by side."""
    rules = Rules(Bank("CZK", 2, ZoneInfo("Europe/Prague")), scorecards_of(read_documents("CZK")))
    everybody = list(_by_customer(folder).values())
    years = sum((_moment(facts[-1]) - _moment(facts[0])) / _YEAR for facts in everybody)
    courses = [_scored(facts, rules) for facts in everybody]
    shares = Counter(course[-1] for course in courses)
    ours = _figures(courses, years)
    spot = _figures(_by_balance([list(_spot(facts)) for facts in everybody], shares), years)
    shown = table(f"tiers on Berka, {len(courses):,} customers over {years:,.0f} years", "", "reached", "goal", "")
    shown.add_row("spot balance, changes a customer-year", f"{spot.changes_a_year:,.2f}", "", "")
    shown.add_row("spot balance, share of changes back", f"{spot.back:.2f}", "", "")
    shown.add_row(*verdict("ours, changes a customer-year", ours.changes_a_year, 0.7, at_least=False))
    shown.add_row(*verdict("ours, share of changes back", ours.back, 0.03, at_least=False))
    shown.add_row(
        "ours, changes that are no climb, a customer-year", f"{ours.changes_a_year * (1 - ours.climbs):.2f}", "", ""
    )
    shown.add_row("ours, the least from first tier to last, a customer-year", f"{ours.least_a_year:.2f}", "", "")
    CONSOLE.print(shown)


def _by_customer(folder: Path) -> dict[str, list[Fact]]:
    found: dict[str, list[Fact]] = defaultdict(list)
    for record in BerkaBank(folder, Wire()).records():
        wanted = _EVENTS.get(record.topic)
        if wanted is not None and record.trouble is None and b'"customer_id"' in record.value:
            try:
                event = wanted.model_validate_json(record.value)
            except ValueError:  # the line that is cut off in the middle
                continue
            found[event.key].append(event)
    return {key: facts for key, facts in found.items() if any(isinstance(fact, TransactionRecorded) for fact in facts)}


def _moment(fact: Fact) -> datetime:
    return fact.occurred_at if isinstance(fact, TransactionRecorded) else fact.as_of


def _scored(facts: Sequence[Fact], rules: Rules) -> Course:
    standing, clock, course = Standing("c"), _moment(facts[0]), Course()
    for fact in facts:
        clock = max(clock, _moment(fact))
        course += [change.tier for change in meet(standing, rules, clock, partial(fold, fact=fact, bank=rules.bank))]
    return course


def _spot(facts: Iterable[Fact]) -> Iterator[int]:
    """The balance after each posting, as the bank reported it or else as it adds up."""
    balance = 0
    for fact in facts:
        if isinstance(fact, TransactionRecorded):
            balance += fact.minor if fact.direction == "credit" else -fact.minor
            if fact.balance_after is not None:
                balance = int(fact.balance_after.replace(".", ""))
            yield balance


def _by_balance(balances: Sequence[Sequence[int]], shares: Counter[str]) -> list[Course]:
    total = shares.total()
    last = [one[-1] for one in balances]
    starts = np.quantile(last, [shares["low"] / total, 1 - shares["high"] / total])
    return [
        [tier for tier, _ in groupby(_TIERS[int(place)] for place in np.searchsorted(starts, one, side="right"))]
        for one in balances
    ]


def _figures(courses: Iterable[Course], years: float) -> Figures:
    changes = back = climbs = least = 0
    for course in courses:
        changes += len(course) - 1
        back += sum(course[place] == course[place - 2] for place in range(2, len(course)))
        heights = [_TIERS.index(tier) for tier in course]
        climbs += sum(height > max(heights[:place]) for place, height in enumerate(heights) if place)
        least += course[0] != course[-1]
    shares = (back / changes, climbs / changes) if changes else (0.0, 0.0)
    return Figures(changes / years, *shares, least / years)
