"""Decliners really decline in what the bank tells, others do not, and the truth file says who is who."""

import json
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import mean

import pytest

from simulator.bank import Bank, Plan
from simulator.bank.decline import KINDS, Course, Decline
from simulator.truth import read_truth, write_truth
from simulator.wire import header

PLAN = Plan(seed=11, customers=400, months=10, decliners=0.25)
WEEK = timedelta(weeks=1)


@pytest.fixture(scope="module")
def bank() -> Bank:
    return Bank(PLAN)


@pytest.fixture(scope="module")
def doings(bank: Bank) -> dict[str, list[datetime]]:
    """Times of each customer's own postings, by customer."""
    times: dict[str, list[datetime]] = defaultdict(list)
    for record in bank.records():
        if header(record, "ce_type") == b"transaction-recorded.v1":
            fact = json.loads(record.value)
            if fact["initiator"] == "customer":
                times[fact["customer_id"]].append(datetime.fromisoformat(fact["occurred_at"]))
    return times


def rate(times: list[datetime], first: datetime, last: datetime) -> float:
    """A week."""
    return sum(first <= time < last for time in times) / ((last - first) / WEEK)


def kept(times: list[datetime], turn: datetime) -> float:
    """Share of the activity of the 12 weeks before that is left from the ninth week after, for three weeks."""
    before = rate(times, turn - 12 * WEEK, turn)
    return rate(times, turn + 8 * WEEK, turn + 11 * WEEK) / before if before else 1.0


def turn_of(decline: Decline) -> datetime:
    return datetime(*decline.declines_from.timetuple()[:3], tzinfo=UTC)


def test_about_the_planned_share_declines_and_in_every_way(bank: Bank) -> None:
    kinds = Counter(decline.kind for decline in bank.decliners())
    assert 0.18 <= kinds.total() / PLAN.customers <= 0.32
    assert set(kinds) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_decliners_of_each_kind_lose_most_of_their_activity(
    bank: Bank, doings: dict[str, list[datetime]], kind: str
) -> None:
    shares = [
        kept(doings[decline.customer_id], turn_of(decline))
        for decline in bank.decliners()
        if decline.kind == kind and decline.declines_from + 11 * WEEK <= PLAN.end
    ]
    assert len(shares) >= 4
    assert mean(shares) < 0.5


def test_the_others_go_on(bank: Bank, doings: dict[str, list[datetime]]) -> None:
    leaving = {decline.customer_id for decline in bank.decliners()}
    turn = datetime(*(PLAN.start + timedelta(days=150)).timetuple()[:3], tzinfo=UTC)
    shares = [kept(times, turn) for customer, times in doings.items() if customer not in leaving]
    assert 0.8 < mean(shares) < 1.4


def test_some_who_stay_look_for_weeks_as_if_they_had_left(bank: Bank, doings: dict[str, list[datetime]]) -> None:
    leaving = {decline.customer_id for decline in bank.decliners()}
    longest = {
        customer: max(later - earlier for earlier, later in pairwise(times))
        for customer, times in doings.items()
        if customer not in leaving and len(times) > 80
    }
    assert sum(gap > 2 * WEEK for gap in longest.values()) >= 5


def test_the_truth_file_holds_the_decliners_and_nothing_else(bank: Bank, tmp_path: Path) -> None:
    write_truth(tmp_path / "truth.csv", bank.decliners())
    assert read_truth(tmp_path / "truth.csv") == bank.decliners()
    assert (tmp_path / "truth.csv").read_text().startswith("customer_id,declines_from,gone_on,kind\n")


def test_no_one_declines_in_a_bank_without_decliners() -> None:
    assert Bank(Plan(customers=100, months=6, decliners=0.0)).decliners() == []


def test_a_fade_halves_in_its_half_life_and_never_falls_below_its_floor() -> None:
    course = Course("fade", declines_from=100, weeks=2.0, floor=0.02)
    assert course.pace(99) == 1.0
    assert course.pace(113) == pytest.approx(0.5)
    assert course.pace(400) == 0.02


def test_a_decline_is_complete_when_activity_is_near_its_floor_and_the_last_money_has_moved() -> None:
    assert Course("fade", declines_from=100, weeks=1.0, floor=0.02).gone_on(300) == 130
    assert Course("drain", 100, weeks=2.0, floor=0.1, outflows={101: 0.5, 140: 0.5}).gone_on(300) == 140
    assert Course("fade", declines_from=100, weeks=1.0, floor=0.02).gone_on(120) is None


def test_a_decliner_is_gone_after_the_decline_began_and_within_the_history(bank: Bank) -> None:
    for decline in bank.decliners():
        assert decline.gone_on is None or decline.declines_from <= decline.gone_on <= PLAN.end
    assert sum(decline.gone_on is not None for decline in bank.decliners()) > 0.6 * len(bank.decliners())
