"""Suspicious forms, each a rule of the document."""

from datetime import timedelta

from tests.churn_alert.abnormal.telling import IN, at, cash, rules_met, sent, watched

DAY = at("2025-03-05")


def deposits(*amounts: str, every: int = 2):  # type: ignore[no-untyped-def]
    return [cash(DAY + timedelta(days=every * n), one, transaction_no=f"d-{n}") for n, one in enumerate(amounts)]


def test_three_days_just_under_the_threshold_within_ten_are_structuring() -> None:
    assert rules_met(deposits("48000.00", "45000.00")) == set()
    assert rules_met(deposits("48000.00", "45000.00", "49999.00")) == {"structured-cash"}


def test_days_far_below_the_threshold_or_far_apart_are_not() -> None:
    assert rules_met(deposits("39999.00", "39999.00", "39999.00", "39999.00")) == set()
    assert rules_met(deposits("48000.00", "48000.00", "48000.00", every=5)) == set()


def test_a_day_that_goes_over_the_threshold_after_all_is_large_and_no_structuring() -> None:
    told = deposits("48000.00", "45000.00", "49999.00")
    more = cash(told[-1].occurred_at + timedelta(hours=1), "2000.00", transaction_no="more")
    state, changes = watched([*told, more])
    day = str((DAY + timedelta(days=4)).date())
    assert list(state.in_force) == [f"{day}|large-cash|credit|home"]
    assert [(one.key.split("|")[1], one.what) for one in changes] == [
        ("structured-cash", "found"),
        ("large-cash", "found"),
        ("structured-cash", "gone"),
    ]


def test_money_that_leaves_on_the_day_it_came_passes_through() -> None:
    came = sent(DAY, "100000.00", **IN)
    assert rules_met([came, sent(DAY, "89999.00")]) == set()
    assert rules_met([came, sent(DAY, "90000.00")]) == {"passed-through"}
    assert rules_met([came, sent(DAY + timedelta(days=1), "90000.00")]) == set()


def test_many_postings_from_outside_within_three_days_are_found() -> None:
    def received(count: int, amount: str):  # type: ignore[no-untyped-def]
        return [sent(DAY + timedelta(hours=3 * n), amount, transaction_no=f"r-{n}", **IN) for n in range(count)]

    assert rules_met(received(14, "6000.00")) == set()
    assert rules_met(received(15, "6000.00")) == {"many-incoming-transfers"}
    assert rules_met(received(15, "3000.00")) == set()
