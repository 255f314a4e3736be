"""What is held in other currencies in the month's assets, held against a ledger of every day in exact numbers."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from rapport.events.bank import HoldingChanged, TransactionRecorded
from scoring.exchange_rate.domain import Rate, Rates
from scoring.standing.domain.assets import days_in, first_day_of, month_of
from scoring.standing.domain.evidence import foreign_assets_of, values_of
from scoring.standing.domain.foreign import documents_of
from scoring.standing.domain.state import Bank, Standing
from scoring.standing.facts import fold
from tests.scoring.facts import reversal, transaction

BANK = Bank("CNY", 2, ZoneInfo("Asia/Shanghai"))
DIGITS = {"CNY": 2, "USD": 2, "JPY": 0, "KWD": 3}
PRICES = {"CNY": Fraction(1), "USD": Fraction(71234, 10000), "JPY": Fraction(49, 1000), "KWD": Fraction(23)}
BEGINNING = datetime(2026, 1, 1, 2, tzinfo=UTC)
Fact = TransactionRecorded | HoldingChanged


def rates(*currencies: str, day: date = date(2026, 1, 1)) -> Rates:
    """Known from long before."""
    found = Rates()
    found.add(
        Rate(
            one, day, BEGINNING, UUID(int=number), BEGINNING, PRICES[one], float(PRICES[one] * 100 / 10 ** DIGITS[one])
        )
        for number, one in enumerate(currencies)
    )
    return found


ALL = rates("USD", "JPY", "KWD")


@st.composite
def lives(draw: st.DrawFn) -> list[Fact]:
    """Some 100 days of postings in four currencies, some of them taken back, and of products in them."""
    facts: list[Fact] = []
    for number in range(draw(st.integers(0, 14))):
        at = BEGINNING + timedelta(minutes=draw(st.integers(0, 100 * 1440)))
        currency = draw(st.sampled_from(sorted(DIGITS)))
        fields: dict[str, Any] = {"transaction_no": f"t-{number}", "currency": currency, "account_id": f"a-{currency}"}
        fields |= {"amount": str(draw(st.integers(1, 10**6))), "direction": draw(st.sampled_from(["credit", "debit"]))}
        facts.append(transaction(at, **fields))
        if draw(st.booleans()):
            facts.append(reversal(facts[-1], at + timedelta(hours=draw(st.integers(1, 200)))))
    for revision in range(1, draw(st.integers(1, 6))):
        held = [
            {
                "product": f"P{place}",
                "kind": draw(st.sampled_from(["deposit", "fund", "loan"])),
                "amount": str(draw(st.integers(0, 10**6))),
                "currency": draw(st.sampled_from(sorted(DIGITS))),
            }
            for place in range(draw(st.integers(0, 3)))
        ]
        at = BEGINNING + timedelta(minutes=revision * 20_000 + draw(st.integers(0, 19_999)))
        told = {"customer_id": "c-1", "holdings": held, "as_of": at, "revision": revision}
        facts.append(HoldingChanged.model_validate(told))
    return facts


def folded(facts: list[Fact]) -> Standing:
    standing = Standing("c-1")
    for fact in facts:
        fold(standing, fact, BANK)
    return standing


def day_of(moment: datetime) -> date:
    return moment.astimezone(BANK.zone).date()


def at_the_end_of(day: date, facts: list[Fact]) -> Fraction:
    """What is held, in the bank's minor units: every posting that stands, and the products of the latest valuation."""
    total, told = Fraction(0), {}
    undone = {fact.reverses.transaction_no for fact in facts if isinstance(fact, TransactionRecorded) and fact.reverses}
    for fact in facts:
        if isinstance(fact, HoldingChanged):
            told[day_of(fact.as_of), fact.revision] = fact
        elif fact.reverses is None and fact.transaction_no not in undone and day_of(fact.occurred_at) <= day:
            sign = 1 if fact.direction == "credit" else -1
            total += sign * int(fact.amount) * PRICES[fact.currency] * 100
    latest = max([key for key in told if key[0] <= day], default=None)
    if latest is not None:
        own = [one for one in told[latest].holdings if one.kind != "loan"]
        total += sum(int(one.amount) * PRICES[one.currency] * 100 for one in own)
    return total


@given(lives(), st.randoms(use_true_random=False), st.integers(0, 2))
def test_the_months_assets_are_the_mean_over_its_days_of_all_currencies_converted(
    facts: list[Fact], random: Random, months_later: int
) -> None:
    moments = [getattr(fact, "occurred_at", None) or fact.as_of for fact in facts]  # type: ignore[union-attr]
    present = month_of(day_of(max(moments, default=BEGINNING))) + months_later
    at = datetime(*first_day_of(present).timetuple()[:3], tzinfo=BANK.zone) + timedelta(days=27, hours=23)
    days = [first_day_of(present - 1) + timedelta(days=n) for n in range(days_in(present - 1))]
    ends = [at_the_end_of(day, facts) for day in days]
    random.shuffle(facts)
    found = values_of(folded(facts), at, BANK, ALL).monthly_assets
    assert found is not None
    # Of sums up to 14 · 10^6 units at up to 23 each, in hundredths, doubles keep seven decimal places.
    assert abs(Fraction(found) - sum(ends) / len(ends)) <= Fraction(1, 1000)


@given(lives(), st.randoms(use_true_random=False))
def test_facts_in_any_order_leave_the_same_state_and_the_same_value_to_the_bit(
    facts: list[Fact], random: Random
) -> None:
    shuffled = list(facts)
    random.shuffle(shuffled)
    one, other = folded(facts), folded(shuffled)
    assert one.foreign == other.foreign
    assert one.holdings == other.holdings
    at = BEGINNING + timedelta(days=110)
    mine, theirs = (values_of(standing, at, BANK, ALL).monthly_assets for standing in (one, other))
    assert mine == theirs


def test_without_a_rate_a_currency_is_left_out_and_this_is_said() -> None:
    yuan = transaction(BEGINNING, direction="credit", amount="31.00")
    dollars = transaction(BEGINNING, direction="credit", amount="50.00", currency="USD", account_id="a-2")
    standing, at = folded([yuan, dollars]), BEGINNING + timedelta(days=40)
    assert values_of(standing, at, BANK, rates("JPY")).monthly_assets == 3100.0
    (left_out,) = foreign_assets_of(standing, at, BANK, rates("JPY"))
    assert (left_out.currency, left_out.average, left_out.rate) == ("USD", 5000.0, None)
    assert values_of(standing, at, BANK, rates("USD")).monthly_assets == 3100.0 + 5000.0 * 7.1234
    assert foreign_assets_of(folded([yuan]), at, BANK, ALL) == []


def test_a_rate_of_a_day_after_the_month_does_not_convert_it() -> None:
    dollars = transaction(BEGINNING, direction="credit", amount="50.00", currency="USD")
    standing, at = folded([dollars]), BEGINNING + timedelta(days=40)
    assert values_of(standing, at, BANK, rates("USD", day=date(2026, 2, 1))).monthly_assets == 0.0
    assert values_of(standing, at, BANK, rates("USD", day=date(2026, 1, 31))).monthly_assets != 0.0


def test_what_an_account_in_another_currency_held_before_is_learned_as_for_the_banks_own() -> None:
    spent = transaction(BEGINNING, amount="20.00", currency="USD", balance_after="980.00")
    assert folded([spent]).foreign["USD"].balance == 98_000
    (held,) = foreign_assets_of(folded([spent]), BEGINNING + timedelta(days=40), BANK, ALL)
    assert held.average == 98_000.0


def test_a_product_that_is_sold_is_gone_whichever_of_the_two_is_told_first() -> None:
    bought = {"product": "F1", "kind": "fund", "amount": "900", "currency": "USD"}
    told = [
        HoldingChanged.model_validate({"customer_id": "c-1", "holdings": held, "as_of": at, "revision": revision})
        for revision, (at, held) in enumerate([(BEGINNING, [bought]), (BEGINNING + timedelta(days=10), [])], 1)
    ]
    at = BEGINNING + timedelta(days=40)
    for facts in (told, told[::-1]):
        (held,) = foreign_assets_of(folded(facts), at, BANK, ALL)
        assert held.average == 90_000 * 10 / 31


def test_whoever_has_the_banks_own_money_alone_is_kept_as_before() -> None:
    standing = folded([transaction(BEGINNING), reversal(transaction(BEGINNING), BEGINNING + timedelta(days=1))])
    assert standing.foreign == {}
    assert documents_of(standing.foreign) == {}
    dollars = folded([transaction(BEGINNING, currency="USD", account_id="a-2")])
    assert dollars.foreign.keys() == {"USD"}
    assert dollars.opening_minor == dollars.movements.moved == 0
