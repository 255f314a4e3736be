"""Large sums: the thresholds in force on the day, of a customer's day, one direction by itself."""

from datetime import date
from fractions import Fraction

import pytest

from churn_alert.abnormal.domain.state import Activity
from churn_alert.abnormal.domain.valuing import Rate, Rates
from churn_alert.abnormal.facts import value_by
from tests.churn_alert.abnormal.telling import ABROAD, IN, RULES, at, cash, found, sent
from tests.churn_alert.lives import taken_back

DAY = "2025-03-05"


@pytest.mark.parametrize(
    ("told", "rule"),
    [
        (cash(at(DAY), "50000.00"), "large-cash|credit|home"),
        (sent(at(DAY), "500000.00"), "large-transfer-person|debit|home"),
        (sent(at(DAY), "200000.00", **ABROAD), "large-cross-border-person|debit|home"),
    ],
)
def test_a_sum_that_reaches_the_threshold_is_found_and_one_fen_less_is_not(told, rule) -> None:  # type: ignore[no-untyped-def]
    assert found([told]) == [f"{DAY}|{rule}"]
    less = f"{int(told.amount.partition('.')[0]) - 1}.99"
    assert found([told.model_copy(update={"amount": less})]) == []


def test_what_comes_on_one_day_counts_together_and_neither_direction_with_the_other() -> None:
    morning, evening = cash(at(DAY, "09:00"), "30000.00"), cash(at(DAY, "18:00"), "20000.00")
    withdrawn = cash(at(DAY, "12:00"), "49999.00", kind="cash-withdrawal", direction="debit")
    assert found([morning, withdrawn]) == []
    assert found([morning, withdrawn, evening]) == [f"{DAY}|large-cash|credit|home"]


def test_a_day_is_the_banks_own_and_not_that_of_utc() -> None:
    late, early = cash(at(DAY, "23:59"), "30000.00"), cash(at("2025-03-06", "00:01"), "30000.00")
    assert late.occurred_at.date() == early.occurred_at.date(), "one day in UTC"
    assert found([late, early]) == []


def test_the_rule_of_2006_holds_to_its_last_day_and_never_after_it() -> None:
    def of(day: str, amount: str) -> list[str]:
        return found([cash(at(day, "00:01"), amount)])

    assert of("2017-06-30", "199999.99") == []
    assert of("2017-06-30", "200000.00") == ["2017-06-30|large-cash|credit|home"]
    assert of("2017-07-01", "50000.00") == ["2017-07-01|large-cash|credit|home"]
    assert of("2025-03-05", "60000.00"), "a reader of the old rule would have let it pass"
    assert of("2007-02-28", "900000.00") == [], "before the first edition nothing was in force"


def test_a_threshold_that_is_not_yet_in_force_is_not_used() -> None:
    from dataclasses import replace

    now = RULES.editions[-1]
    begins = date(2026, 6, 1).toordinal()
    lower = replace(now, begins=begins, large=tuple(replace(one, home=100) for one in now.large))
    rules = replace(RULES, editions=(*RULES.editions[:-1], replace(now, ends=begins), lower))
    assert found([cash(at("2026-05-31", "23:59"), "1.00")], rules=rules) == []
    assert found([cash(at("2026-06-01", "00:00"), "1.00")], rules=rules) == ["2026-06-01|large-cash|credit|home"]


def test_an_organisation_has_its_own_threshold_and_a_customer_of_whom_nothing_was_told_a_persons() -> None:
    def of(amount: str, *, is_natural: bool) -> list[str]:
        return found([sent(at(DAY), amount)], state=Activity("c-1", is_natural=is_natural))

    assert of("1999999.99", is_natural=False) == []
    assert of("2000000.00", is_natural=False) == [f"{DAY}|large-transfer-organisation|debit|home"]
    assert Activity("c-1").is_natural


def test_other_currencies_count_together_in_dollars_and_not_with_yuan() -> None:
    rates = Rates(
        [
            Rate("USD", "CNY", at(DAY).toordinal(), Fraction("7.2")),
            Rate("EUR", "CNY", at(DAY).toordinal(), Fraction("7.92")),
            Rate("JPY", "CNY", at(DAY).toordinal(), Fraction("0.048")),
        ]
    )
    given = {"value_of": value_by(rates, RULES)}
    euros, yuan = cash(at(DAY), "5000.00", currency="EUR"), cash(at(DAY), "49999.00")
    assert found([euros, yuan, cash(at(DAY), "4499.99", currency="USD")], **given) == []
    assert found([euros, cash(at(DAY), "4500.00", currency="USD")], **given) == [f"{DAY}|large-cash|credit|foreign"]
    assert found([cash(at(DAY), "1500000", currency="JPY")], **given) == [f"{DAY}|large-cash|credit|foreign"]
    assert found([cash(at(DAY), "1499999", currency="JPY")], **given) == []


def test_what_no_rate_is_known_for_cannot_be_valued_and_is_once_it_is() -> None:
    euros = [cash(at(DAY), "20000.00", currency="EUR"), cash(at(DAY, "13:00"), "1.00", currency="EUR")]
    assert found(euros) == []
    known = [Rate(one, "CNY", at(DAY).toordinal(), Fraction(7)) for one in ("EUR", "USD")]
    assert found(euros, value_of=value_by(Rates(known), RULES)) == [f"{DAY}|large-cash|credit|foreign"]


@pytest.mark.parametrize("counterparty", ["bank", "own-account"])
def test_what_moves_between_the_customer_and_the_bank_is_counted_by_no_rule(counterparty: str) -> None:
    assert found([sent(at(DAY), "900000.00", counterparty_class=counterparty)]) == []


def test_a_reversal_takes_back_the_day_of_what_it_takes_back_and_no_other() -> None:
    first, second = cash(at(DAY), "30000.00"), cash(at(DAY, "15:00"), "30000.00", transaction_no="t-2")
    back = taken_back(second, at("2025-03-07"))
    assert found([first, second]) == [f"{DAY}|large-cash|credit|home"]
    assert found([first, second, back]) == []
    assert found([first, back, second]) == [], "in whatever order they are told"
    assert found([first, second, back, cash(at("2025-03-07"), "25000.00")]) == []


def test_money_that_comes_in_counts_whoever_began_it() -> None:
    assert found([sent(at(DAY), "500000.00", **IN)]) == [f"{DAY}|large-transfer-person|credit|home"]
