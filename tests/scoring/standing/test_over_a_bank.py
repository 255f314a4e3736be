"""Every decision about the demo's customers can be made again to the bit, and what is said to move a tier moves it.

Covered is the whole bank of `python -m demo`: seed 1, 500 customers, twelve months of postings, holdings and exchange
rates, met one by one by the published scorecard, then whatever fell due by the end of the year.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from fractions import Fraction
from functools import partial
from typing import NamedTuple

import pytest

from rapport.events.bank import ExchangeRateSet, HoldingChanged, TransactionRecorded
from rapport.events.money import MINOR_DIGITS
from rapport.ids import derived_id
from rapport.messaging.records import END_OF_DAY
from scoring.exchange_rate.domain import Rate
from scoring.standing.domain.decision import Decision
from scoring.standing.domain.evidence import evidence_of, values_of
from scoring.standing.domain.hashing import state_hash
from scoring.standing.domain.reaching import way_up
from scoring.standing.domain.rules import Rules
from scoring.standing.domain.state import Standing
from scoring.standing.domain.tiering import decide_due, meet, next_tier
from scoring.standing.domain.words import told
from scoring.standing.explanation import change_told
from scoring.standing.facts import fold
from simulator.bank import Bank, Plan
from simulator.wire import header, moment
from tests.scoring.rules import BANK, PUBLISHED
from tests.scoring.standing.remaking import Remade, reasons_told, remade

DEMO = Plan(seed=1, customers=500, months=12)
LEAST = 1e-6
Heard = TransactionRecorded | HoldingChanged | ExchangeRateSet
HEARD: dict[str, type[Heard]] = {one.name: one for one in (TransactionRecorded, HoldingChanged, ExchangeRateSet)}


class Year(NamedTuple):
    """What became of the bank. `made`: each decision with the hash of a state that nobody decided about."""

    rules: Rules
    end: datetime
    standings: dict[str, Standing]
    made: list[tuple[Decision, str]]


@pytest.fixture(scope="module")
def year() -> Year:
    rules = Rules(BANK, PUBLISHED.cards)
    standings: dict[str, Standing] = {}
    undecided: dict[str, Standing] = {}
    made: list[tuple[Decision, str]] = []
    end = datetime.fromtimestamp(DEMO.day(DEMO.length - 1).end_ms / 1000, UTC)
    for at, fact in facts():
        if isinstance(fact, ExchangeRateSet):
            rules.rates.add([rate_of(fact, at)])
            continue
        key = fact.customer_id
        standing, alone = standings.setdefault(key, Standing(key)), undecided.setdefault(key, Standing(key))
        found = meet(standing, rules, at, partial(fold, fact=fact, bank=BANK))
        made += [(one, state_hash(alone)) for one in found if one.cause == "time"]
        fold(alone, fact, BANK)
        made += [(one, state_hash(alone)) for one in found if one.cause == "event"]
    for key, standing in standings.items():
        made += [(one, state_hash(undecided[key])) for one in decide_due(standing, rules, end)]
    return Year(rules, end, standings, made)


def facts() -> Iterator[tuple[datetime, Heard]]:
    for record in Bank(DEMO).records():
        kind = HEARD.get(record.topic)
        if kind is not None and header(record, "ce_type") != END_OF_DAY.encode():
            yield moment(record.time_ms), kind.model_validate_json(record.value)


def rate_of(fact: ExchangeRateSet, at: datetime) -> Rate:
    price = Fraction(fact.rate)
    factor = float(price * 10 ** MINOR_DIGITS[BANK.currency] / 10 ** MINOR_DIGITS[fact.base])
    return Rate(fact.base, fact.rate_date, at, derived_id(at, "test", fact.base), at, price, factor)


def test_the_bank_has_all_customers_of_the_demo_and_decisions_of_both_causes(year: Year) -> None:
    assert len(year.standings) == DEMO.customers
    assert {one.customer_id for one, _ in year.made} == year.standings.keys()
    assert {one.cause for one, _ in year.made} == {"event", "time"}
    assert {one.tier for one, _ in year.made} == set(year.rules.cards.at(year.end).thresholds.tiers)


def test_every_decision_is_made_again_to_the_bit_from_what_is_stored_with_it(year: Year) -> None:
    for one, _ in year.made:
        stored = json.loads(json.dumps(one.values._asdict()))
        assert remade(year.rules, stored, one.old_tier, one.below_since, one.decided_at) == Remade(
            one.card.version,
            one.points,
            one.points_by_dimension,
            [told(item, BANK) for item in one.evidence],
            reasons_told(one.reasons),
            one.tier,
        )


def test_every_hash_is_that_of_the_state_the_events_alone_make(year: Year) -> None:
    assert [one.state_hash for one, _ in year.made] == [alone for _, alone in year.made]


def test_the_change_as_it_is_told_moves_every_customer_who_is_not_at_the_top(year: Year) -> None:
    card = year.rules.cards.at(year.end)
    tiers = card.thresholds.tiers
    for standing in year.standings.values():
        values, tier = values_of(standing, year.end, BANK, year.rules.rates), standing.tier
        assert tier is not None
        way = way_up(card, evidence_of(card, values), tier)
        assert (way is None) == (tier == tiers[-1])
        if way is None:
            continue
        assert way.changes
        for change in way.changes:
            told_so, scale = change_told(change, BANK), 100 if change.feature.unit == "money" else 1
            least, below = told_so["at_least"], told_so["below"]
            reached = float(least) * scale if least is not None else float(below) * scale - LEAST
            values = values._replace(**{change.feature.name: reached})
        moved, _ = next_tier(card.thresholds, tier, standing.below_since, card.points_of(values), year.end)
        assert tiers.index(moved) >= tiers.index(way.tier) > tiers.index(tier)
