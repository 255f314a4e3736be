"""What is normal for a customer: ranges that hold through salary days and month ends, and that a real change leaves."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn_alert.risk.domain.behaviour import Risk
from churn_alert.risk.domain.crossing import anchor_of, decide
from churn_alert.risk.domain.indicators import FOUR, Indicator, indicators_of
from churn_alert.risk.domain.normal import normal_of
from churn_alert.risk.domain.sums import OUT_OF_RANGE
from rapport.events.bank import TransactionRecorded
from rapport.events.base import Event
from tests.churn_alert.lives import DAY, HOUR, RULES, START, complained, drawn, fold, paid, salary, steady, used, when

slowly = settings(deadline=None, max_examples=25)
MONTHS = [datetime(2025 + (month > 12), (month - 1) % 12 + 1, 1, 2, tzinfo=UTC) for month in range(1, 25)]
SHOPS = {"channel": "card", "kind": "card-purchase", "counterparty_class": "merchant"}


def four(risk: Risk, at: datetime) -> dict[str, Indicator]:
    """The four indicators as of a moment."""
    anchor = anchor_of(risk, RULES)
    assert anchor is not None
    found = indicators_of(risk, anchor, RULES.model, normal_of(risk, RULES.ranges), at)
    return {one.name: one for one in found}


def salaried(random: Random, *, a_week: float, at_month_end: int, pay: int, until: int = 24) -> Iterator[Event]:
    """Paid on a day of the month that hardly moves, spends all month by chance and more at its end, rent included."""
    payday, balance, number = random.randint(1, 25), pay * 2.0, 0

    def booked(at: datetime, amount: float, *, income: bool = False) -> TransactionRecorded:
        nonlocal balance, number
        number += 1
        balance += amount if income else -amount
        of = salary("c-1", at, f"{amount:.2f}") if income else paid("c-1", at, f"{amount:.2f}", **SHOPS)
        return of.model_copy(update={"transaction_no": f"t-{number}", "balance_after": f"{balance:.2f}"})

    for month, following in zip(MONTHS[:until], MONTHS[1 : until + 1], strict=False):
        days = (following - month) / DAY
        moments = [(month + (payday - 1 + random.choice([-1, 0, 0, 1])) * DAY + 5 * HOUR, pay, True)]
        ordinary = random.gauss(0, 1) * (a_week * days / 7) ** 0.5 + a_week * days / 7
        spent = pay * 0.97 / (max(round(ordinary), 1) + 2 * at_month_end)
        for _ in range(max(round(ordinary), 1)):
            moments.append((month + random.uniform(0, days) * DAY, spent * random.uniform(0.5, 1.5), False))
        for _ in range(at_month_end):
            moments.append((following - random.uniform(0, 3) * DAY, 2 * spent * random.uniform(0.8, 1.2), False))
        for at, amount, income in sorted(moments):
            yield booked(at, amount, income=income)
            if random.random() < 0.4 and not income:
                yield used("c-1", at + HOUR)


def lived_with_looks(events: Sequence[Event], since: datetime) -> tuple[Risk, Counter[str]]:
    """Decided at each event, and looked at every day from `since` on: how often each indicator began to be out."""
    risk, begun, was_out, look = Risk("c-1"), Counter[str](), set[str](), since
    for event in sorted(events, key=when):
        while look < when(event):
            out = {name for name in FOUR if (one := four(risk, look)[name]).is_low or one.is_high}
            begun.update(out - was_out)
            was_out, look = out, look + DAY
        fold(risk, event)
        decide(risk, RULES, when(event))
    return risk, begun


def like_clockwork(payday: int, a_month: int, at_month_end: int, pay: int) -> Iterator[Event]:
    """The same every month: the salary, so many postings spread evenly, and some in the last three days besides."""
    for month, following in zip(MONTHS[:17], MONTHS[1:18], strict=True):
        length = (following - month) / DAY
        yield salary("c-1", month + (payday - 1) * DAY + 5 * HOUR, f"{pay}.00")
        for number in range(a_month):
            yield paid("c-1", month + (number + 0.5) * length / a_month * DAY, "80.00")
        for number in range(at_month_end):
            yield paid("c-1", following - (3 * (number + 0.5) / at_month_end) * DAY, "200.00")


@slowly
@given(
    payday=st.integers(1, 28),
    a_month=st.integers(4, 60),
    end_share=st.floats(0.0, 0.5),
    pay=st.integers(2_000, 60_000),
)
def test_salary_days_and_month_ends_take_nobody_out_of_the_normal_range(
    payday: int, a_month: int, end_share: float, pay: int
) -> None:
    at_month_end = round(a_month * end_share / (1 - end_share))
    events = list(like_clockwork(payday, a_month, at_month_end, pay))
    _, begun = lived_with_looks(events, MONTHS[4])
    assert begun == {}


@pytest.mark.parametrize(("a_week", "at_month_end"), [(3, 3), (7, 6), (20, 0), (2, 10)])
def test_nor_do_they_where_the_rest_is_chance(a_week: float, at_month_end: int) -> None:
    """Three customers, each looked at on every day of a year."""
    begun = Counter[str]()
    for seed in range(3):
        events = list(salaried(Random(seed), a_week=a_week, at_month_end=at_month_end, pay=9000, until=17))
        begun += lived_with_looks(events, MONTHS[4])[1]
    assert begun == {}


def halved(seed: int, a_week: float, at_month_end: int) -> tuple[list[Event], datetime]:
    """Half of what the customer does themselves from a moment on is left undone."""
    random, since = Random(seed), MONTHS[12]
    events = salaried(random, a_week=a_week, at_month_end=at_month_end, pay=9000, until=17)
    keeps: Callable[[Event], bool] = lambda event: getattr(event, "initiator", "") == "automatic"  # noqa: E731
    return [one for one in events if when(one) < since or keeps(one) or random.random() < 0.5], since


@pytest.mark.parametrize(("a_week", "at_month_end", "least"), [(7, 6, 8), (14, 12, 10)])
def test_a_real_halving_is_found(a_week: float, at_month_end: int, least: int) -> None:
    found = 0
    for seed in range(10):
        events, since = halved(seed, a_week, at_month_end)
        risk, seen = Risk("c-1"), False
        for event in sorted(events, key=when):
            fold(risk, event)
            decide(risk, RULES, when(event))
            one = risk.out_at[OUT_OF_RANGE.index("transactions")]
            seen = seen or (one is not None and since < one <= when(event) <= since + 120 * DAY)
        found += seen
    assert found >= least


@slowly
@given(seed=st.integers(0, 100_000))
def test_values_are_what_the_definition_makes_of_all_events(seed: int) -> None:
    events = [one for one in drawn(Random(seed), "c-1", days=250) if getattr(one, "reverses", None) is None]
    risk = Risk("c-1")
    for event in events:
        fold(risk, event)
    normal, last = normal_of(risk, RULES.ranges), max(map(when, events))
    assert normal is not None
    first = min(map(when, events))
    own = [when(one) for one in events if getattr(one, "initiator", "") == "customer"]

    def pace(moments: Sequence[datetime], half_life: float) -> float:
        decayed = sum(2.0 ** (-((last - at) / DAY) / half_life) for at in moments)
        built = 1 - 2.0 ** (-((last - first) / DAY) / half_life)
        return decayed / built * 0.6931471805599453 / half_life * 30

    if normal.transactions:
        assert normal.transactions.value == pytest.approx(pace(own, 30))
        assert normal.transactions.baseline == pytest.approx(pace(own, 365))
    if normal.product_use:
        uses = [when(one) for one in events if getattr(one, "kind", "") == "login"]
        assert normal.product_use.value == pytest.approx(pace(uses, 30))


def test_of_whom_too_little_is_known_it_is_said_and_no_range_is_shown() -> None:
    risk = Risk("c-1")
    for event in steady("c-1", 40):
        fold(risk, event)
        decide(risk, RULES, when(event))
    for name in ("transactions", "account-activity", "product-use"):
        one = four(risk, START + 41 * DAY)[name]
        assert (one.enough_history, one.normal_low, one.normal_high, one.deviations, one.since) == (
            False,
            None,
            None,
            None,
            None,
        )


def test_a_first_complaint_stands_out_and_one_of_somebody_who_always_complains_does_not() -> None:
    def after(complaints: Sequence[Event]) -> Indicator:
        risk = Risk("c-1")
        for event in sorted([*steady("c-1", 400), *complaints], key=when):
            fold(risk, event)
            decide(risk, RULES, when(event))
        return four(risk, START + 400 * DAY)["service-feedback"]

    first = after([complained("c-1", START + 395 * DAY)])
    assert first.is_high and first.since == START + 395 * DAY
    monthly = after([complained("c-1", START + number * 25 * DAY) for number in range(16)])
    assert monthly.baseline is not None and monthly.baseline > 1
    assert not monthly.is_high


def test_savings_that_leave_are_lower_account_activity_and_pay_that_is_spent_is_not() -> None:
    def balance_after(gone: float) -> Indicator:
        risk, balance = Risk("c-1"), 200_000.0
        for event in steady("c-1", 300):
            assert isinstance(event, TransactionRecorded)
            amount = float(event.amount)
            balance += amount if event.direction == "credit" else -amount
            fold(risk, event.model_copy(update={"balance_after": f"{balance:.2f}"}))
            decide(risk, RULES, when(event))
        away = {"kind": "transfer-out", "counterparty_class": "other-bank", "balance_after": f"{balance - gone:.2f}"}
        at = START + 300 * DAY + 2 * HOUR
        fold(risk, paid("c-1", at, f"{gone:.2f}", **away))
        decide(risk, RULES, at)
        return four(risk, START + 380 * DAY)["balance"]

    left = balance_after(150_000)
    assert left.is_low and left.since is not None and START + 300 * DAY < left.since < START + 380 * DAY
    assert not balance_after(9_000).is_low


def test_what_is_told_of_a_measure_is_a_number() -> None:
    risk = Risk("c-1")
    for event in drawn(Random(3), "c-1"):
        fold(risk, event)
        decide(risk, RULES, when(event))
    for one in four(risk, START + 400 * DAY).values():
        for value in (one.value, one.baseline, one.deviations, one.normal_low, one.normal_high):
            assert value is None or abs(value) < float("inf")
