"""When inflows stop, customers go on spending what they spent before, from what is left, and the rules decide."""

from copy import deepcopy
from datetime import datetime, timedelta
from functools import partial
from math import log
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.documents import DocumentInvalid
from rapport.events.base import Event
from scoring.replay.domain import Book
from scoring.replay.exposure import Models
from scoring.replay.shock import Shock, strike
from scoring.replay.spending import Habit, habit_of, spending
from scoring.scorecard.domain import Feature
from scoring.standing.domain.rules import Rules
from scoring.standing.domain.state import Standing
from scoring.standing.facts import fold
from tests.scoring.facts import DAY, moment_of, salary, transaction
from tests.scoring.replay.test_shock import END, balance, book, read
from tests.scoring.rules import BANK, LIMITS, card, rules

NEVER = timedelta(0)


def stopped(days: int, balances: float = 0.0, tiers: frozenset[str] | None = None) -> Shock:
    return Shock("test", tiers, None, balances, 0.0, NEVER, timedelta(days=days))


def built(by: Rules, facts: list[Event], at: datetime) -> Book:
    made = Book(by)
    for fact in sorted(facts, key=moment_of):
        made.meet(fact.key, moment_of(fact), partial(fold, fact=fact, bank=BANK))  # type: ignore[arg-type]
    made.close(at)
    return made


def spender(at: datetime, by: Rules, **fields: object) -> Book:
    """c-1 has had 100,000 CNY for ever, and has spent 300 each third day of 90, the last of them a day before `at`."""
    facts: list[Event] = [salary(at - 100 * DAY, amount="0.01", balance_after="100000.00")]
    return built(by, [*facts, *(transaction(at - n * DAY, amount="300.00", **fields) for n in range(1, 91, 3))], at)


def outflow(at: datetime) -> float:
    """Minor units a day, from the postings themselves."""
    return sum(30_000 * 2 ** (-n / 90) for n in range(1, 91, 3)) * log(2) / 90


@pytest.mark.parametrize("days", [1, 10, 90, 366])
def test_what_is_spent_is_what_was_spent_a_day_until_nothing_is_left(days: int) -> None:
    made = spender(END, rules())
    before = balance(made.standings["c-1"])
    struck = strike(made, stopped(days), END, Models())
    assert before == 10_000_000 - 30 * 30_000
    assert balance(made.standings["c-1"]) == before - round(outflow(END) * days)
    assert (struck.lost, struck.spent) == (0, round(outflow(END) * days))


def test_nobody_spends_more_than_is_left_and_the_shock_itself_is_no_habit() -> None:
    made = spender(END, rules())
    before = balance(made.standings["c-1"])
    struck = strike(made, stopped(366, balances=0.99), END, Models())
    left = before - round(before * 0.99)
    assert left < outflow(END) * 366
    assert (balance(made.standings["c-1"]), struck.spent) == (0, left)
    made = spender(END, rules())
    assert strike(made, stopped(10, balances=0.5), END, Models()).spent == round(outflow(END) * 10)


def test_the_tier_is_what_the_falling_balance_earns_on_its_days() -> None:
    """Recomputed from the path of the balance: its average with weights 2^(-age/90), hour by hour."""
    edge, days = 8_800_000.0, 300
    feature = Feature("average_balance", "value", "money", "average balance", (edge,), (0, 90), 0, 50.0)
    made = spender(END, rules(card(feature)))
    assert made.standings["c-1"].tier == "high"
    strike(made, stopped(days), END, Models())
    rate = outflow(END)
    falls = next(day for day in range(1, days) if _average(rate, day) < edge)
    lowered = made.standings["c-1"].tier_since
    assert (made.standings["c-1"].tier, lowered is not None) == ("low", True)
    assert lowered is not None
    assert abs((lowered - (END + falls * DAY + LIMITS.dwell)) / DAY) <= 4.0


def _average(rate: float, day: int) -> float:
    """Of the balance, `day` days after the shock; before it as `spender` lived."""
    total = 10_000_000 * 2 ** (-(100 + day) / 90)
    for hours in range(24 * (100 + day)):
        age = hours / 24
        then = day - age
        spent = rate * max(then, 0.0) + 30_000 * sum(-n <= then for n in range(1, 91, 3))
        total += (10_000_000 - spent) * log(2) / 90 * 2 ** (-age / 90) / 24
    return total


def test_who_goes_on_spending_stays_as_active_as_before_and_who_is_silent_does_not() -> None:
    active = Feature("active_days", "behaviour", "days", "active days", (25.0,), (0, 90), 0, 50.0)
    for shock, tier in ((stopped(120), "high"), (Shock("test", None, None, 0.0, 0.0, 120 * DAY), "low")):
        made = spender(END, rules(card(active)))
        assert made.standings["c-1"].tier == "high"
        strike(made, shock, END, Models())
        assert made.standings["c-1"].tier == tier


def test_who_never_spent_keeps_what_they_have_and_who_has_nothing_spends_nothing() -> None:
    made = built(rules(), [salary(END - 50 * DAY), salary(END - 20 * DAY, "c-2", balance_after="-5.00")], END)
    assert balance(made.standings["c-2"]) < 0
    before = deepcopy(made.standings)
    assert strike(made, stopped(90), END, Models()).spent == 0
    for key, was in before.items():
        after = made.standings[key]
        assert (balance(after), after.transactions) == (balance(was), was.transactions)


def test_who_let_the_bank_book_everything_spends_once_a_week_and_is_not_active() -> None:
    made = spender(END, rules(), initiator="automatic")
    was = deepcopy(made.standings["c-1"])
    assert habit_of(was, END, BANK.zone) == Habit(pytest.approx(outflow(END)), 0)
    strike(made, stopped(30), END, Models())
    after = made.standings["c-1"]
    assert (after.transactions - was.transactions, after.active_days) == (5, None)


def test_whom_it_does_not_strike_goes_on_as_they_are() -> None:
    before, after = book(), book()
    strike(after, stopped(60, tiers=frozenset({"high"})), END, Models())
    for key, was in before.standings.items():
        assert (after.standings[key] == was) or was.tier == "high"


@given(st.floats(0, 1e9), st.integers(0, 90), st.integers(-100, 10**10), st.integers(0, 366))
def test_spending_adds_up_stays_above_zero_and_comes_on_the_days_of_before(
    per_day: float, active: int, left: int, days: int
) -> None:
    found = list(spending(Habit(per_day, active), left, days))
    assert sum(one.minor for one in found) == min(max(left, 0), round(per_day * days))
    assert all(one.minor > 0 for one in found)
    assert [one.day for one in found] == sorted({one.day for one in found})
    assert sum(one.is_own for one in found) <= days * active / 90 + 1e-9


def test_a_document_stops_inflows_and_not_together_with_silence(tmp_path: Path) -> None:
    alone = read(tmp_path, '{"name": "x", "inflows_stopped_days": 90}')
    assert (alone.silence, alone.inflows_stopped) == (NEVER, 90 * DAY)
    after_a_loss = read(tmp_path, '{"name": "x", "balances_lost": 0.3, "inflows_stopped_days": 90, "silent_days": 0}')
    assert (after_a_loss.silence, after_a_loss.inflows_stopped) == (NEVER, 90 * DAY)
    with pytest.raises(DocumentInvalid, match="silent_days: in silence nobody spends either; give silent_days or"):
        read(tmp_path, '{"name": "x", "inflows_stopped_days": 90, "silent_days": 30}')
    for days in ("-1", "367", '"many"'):
        with pytest.raises(DocumentInvalid, match="inflows_stopped_days: "):
            read(tmp_path, f'{{"name": "x", "inflows_stopped_days": {days}}}')


def test_a_customer_of_whom_nothing_was_booked_has_no_habit() -> None:
    assert habit_of(Standing("c-1"), END, BANK.zone) == Habit(0.0, 0)
