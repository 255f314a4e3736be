"""A day beside the customer's own: out of range only where there is history, and for this customer."""

from datetime import timedelta
from math import sqrt

import pytest

from churn_alert.abnormal.domain.ranges import measures, past_of
from tests.churn_alert.abnormal.telling import RULES, at, found, rules_met, sent, usual_life, watched
from tests.churn_alert.lives import paid

START = at("2025-01-01")
TODAY = START + timedelta(days=70)


def on(moment, count: int, amount: str, **fields):  # type: ignore[no-untyped-def]
    return [
        paid("c-1", moment + timedelta(minutes=one), amount, transaction_no=f"n-{one}", **fields)
        for one in range(count)
    ]


def test_twenty_payments_of_who_makes_one_a_day_are_out_of_range() -> None:
    life = usual_life(70, start=START)
    assert rules_met(life) == set()
    assert rules_met([*life, *on(TODAY, 20, "80.00")]) == {"unusual-frequency"}


def test_the_same_twenty_are_usual_for_who_always_makes_them() -> None:
    life = [one for day in range(70) for one in on(START + timedelta(days=day), 20, "80.00")]
    assert rules_met([*life, *on(TODAY, 20, "80.00")]) == set()


def test_a_sum_far_above_the_own_days_is_found_and_with_it_how_many_deviations() -> None:
    life = usual_life(70, start=START)
    _, changes = watched([*life, sent(TODAY, "60000.00", counterparty_class="merchant")])
    (change,) = [one for one in changes if one.key.split("|")[1] == "unusual-amount"]
    assert change.finding is not None
    measure = change.finding.measure
    assert measure is not None and measure.normal_high is not None and measure.deviations is not None
    assert measure.value == 6_000_000 > measure.normal_high
    assert measure.deviations > RULES.unusual.amount.deviations


def test_payments_by_night_are_out_of_range_for_who_never_made_any() -> None:
    life = usual_life(70, start=START)
    night = TODAY.replace(hour=2)
    assert rules_met([*life, *on(night, 4, "80.00")]) == {"unusual-night"}
    owl = [one.model_copy(update={"occurred_at": one.occurred_at.replace(hour=18)}) for one in life]
    assert owl[0].occurred_at.astimezone(START.tzinfo).hour == 2
    assert rules_met([*owl, *on(night, 4, "80.00")]) == set()


def test_a_class_of_counterparty_seen_for_the_first_time_is_found_from_a_sum_on_and_on_its_first_day_alone() -> None:
    life = [*usual_life(70, start=START, amount="9000.00")]
    new = sent(TODAY, "50000.00", counterparty_class="exchange")
    assert "new-counterparty" in rules_met([*life, new])
    assert "new-counterparty" not in rules_met([*life, sent(TODAY, "49999.00", counterparty_class="exchange")])
    before = sent(START + timedelta(days=40), "10.00", counterparty_class="exchange")
    assert "new-counterparty" not in rules_met([*life, before, new])
    assert "new-counterparty" not in rules_met([*life, new, before]), "also where the first is told late"


def test_each_new_class_of_counterparty_reaches_the_sum_by_itself() -> None:
    life = [*usual_life(70, start=START, amount="9000.00")]
    two = [sent(TODAY, "30000.00", counterparty_class=one, transaction_no=one) for one in ("exchange", "broker")]
    assert "new-counterparty" not in rules_met([*life, *two])
    more = sent(TODAY, "20000.00", counterparty_class="broker", transaction_no="more")
    assert f"{TODAY.date()}|new-counterparty|-|broker" in found([*life, *two, more])


def test_an_account_that_wakes_is_found_though_the_customer_never_rested() -> None:
    asleep = paid("c-1", START, "10.00", account_id="a-old", transaction_no="old")
    life = [asleep, *usual_life(100, start=START)]
    waking = sent(START + timedelta(days=99, hours=1), "20000.00", account_id="a-old")
    assert found([*life, waking]) == [f"{waking.occurred_at.astimezone(START.tzinfo).date()}|dormant-waking|-|a-old"]
    assert found([*life, waking.model_copy(update={"account_id": "a-c-1"})]) == []
    assert found([*life, waking, sent(START + timedelta(days=50), "5.00", account_id="a-old")]) == [], "told late"


def test_an_account_that_wakes_after_a_long_rest_is_found_and_one_that_never_slept_is_not() -> None:
    life = usual_life(40, start=START)
    waking = sent(START + timedelta(days=39 + 91), "20000.00")
    assert rules_met([*life, waking]) == {"dormant-waking"}
    early = sent(START + timedelta(days=39 + 90), "20000.00")
    assert rules_met([*life, early]) == set()


def test_what_is_new_or_by_night_needs_no_spread_and_so_fewer_days_than_a_range() -> None:
    life = usual_life(60, start=START, every=15, amount="9000.00")
    today = START + timedelta(days=62)
    night = on(today.replace(hour=2), 6, "80.00")
    new = sent(today, "60000.00", counterparty_class="exchange")
    assert rules_met([*life, *night, new]) == {"unusual-night", "new-counterparty"}
    assert rules_met([*life[:2], *night, new]) == set(), "of two days nothing is said"


@pytest.mark.parametrize(("days", "every"), [(29, 1), (60, 30)])
def test_of_who_has_too_little_history_nothing_is_said(days: int, every: int) -> None:
    life = usual_life(days, start=START, every=every)
    today = START + timedelta(days=days)
    state, _ = watched([*life, *on(today, 40, "900.00")])
    assert past_of(state, today.toordinal(), RULES.unusual, active_days=10) is None
    assert [one.has_history for one in measures(state, today.toordinal(), RULES.unusual)] == [False] * 3
    assert not [key for key in state.in_force if "unusual" in key]


def test_the_range_of_the_frequency_is_the_mean_and_spread_of_the_days_before() -> None:
    """Recounted from the postings: sixty days, idle ones among them."""
    life = usual_life(66, start=START, every=3)
    today = START + timedelta(days=66)
    state, _ = watched([*life, *on(today, 12, "80.00")])
    counts = [0] * 60
    for one in life:
        ago = (today.date() - one.occurred_at.astimezone(START.tzinfo).date()).days
        if ago <= 60:
            counts[60 - ago] += 1
    mean = sum(counts) / 60
    spread = sqrt(max(sum((one - mean) ** 2 for one in counts) / 60, mean))
    frequency = measures(state, today.toordinal(), RULES.unusual)[0]
    assert frequency.usual == pytest.approx(mean)
    assert frequency.deviations == pytest.approx((12 - mean) / spread)


def test_a_late_payment_that_makes_a_day_usual_withdraws_what_was_found_on_it() -> None:
    life = usual_life(70, start=START)
    busy = on(TODAY, 14, "80.00")
    assert rules_met([*life, *busy]) == {"unusual-frequency"}
    before = TODAY - timedelta(days=20)
    late = [one.model_copy(update={"transaction_no": f"l-{n}"}) for n, one in enumerate(on(before, 80, "80.00"))]
    keys = found([*life, *busy, *late])
    assert [key for key in keys if key.startswith(str(TODAY.date()))] == []
