"""What is kept of a customer: the same events in any order, and what each adds."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from math import exp2
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from scoring.exchange_rate.domain import NO_RATES
from scoring.standing.domain.assets import month_of
from scoring.standing.domain.evidence import values_of
from scoring.standing.domain.holdings import Holdings, ProductsOfKind
from scoring.standing.domain.state import Bank, Posting, Standing, fold_holdings, fold_posting

SHANGHAI = ZoneInfo("Asia/Shanghai")
BANK = Bank("CNY", 2, SHANGHAI)
NOON = datetime(2025, 3, 3, 4, tzinfo=UTC)
DAY = timedelta(days=1)

moments = st.integers(0, 7000 * 86_400).map(
    lambda seconds: datetime(2010, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
postings = st.builds(
    Posting,
    account_id=st.sampled_from(["a-1", "a-2"]),
    occurred_at=st.one_of(moments, st.sampled_from([NOON, NOON + DAY])),
    minor=st.integers(0, 10**12),
    is_credit=st.booleans(),
    is_own=st.booleans(),
    kind=st.sampled_from(["card-purchase", "penalty-interest", "sanction-interest"]),
    currency=st.sampled_from([None, "USD", "JPY"]),
    balance_after=st.one_of(st.none(), st.integers(-(10**12), 10**12)),
    reversed_at=st.one_of(st.none(), moments),
)


def posting(at: datetime = NOON, minor: int = 10_000, *, is_credit: bool = False, **fields: object) -> Posting:
    return Posting("a-1", at, minor, is_credit, is_own=True, kind="card-purchase")._replace(**fields)


def folded(*events: Posting) -> Standing:
    standing = Standing("c-1")
    for event in events:
        fold_posting(standing, event, SHANGHAI)
    return standing


def assert_alike(one: Standing, other: Standing, gross: float) -> None:
    """Equal in all that is counted, and to rounding in what decays."""
    for field in fields(Standing):
        if field.name != "sums":
            assert getattr(one, field.name) == getattr(other, field.name), field.name
    assert one.sums.as_of == other.sums.as_of
    for mine, theirs in zip(one.sums.values, other.sums.values, strict=True):
        assert abs(mine - theirs) <= 1e-9 * gross


@given(st.lists(postings, max_size=25), st.randoms(use_true_random=False))
def test_the_same_postings_in_any_order_give_the_same_standing(events: list[Posting], random: Random) -> None:
    shuffled = list(events)
    random.shuffle(shuffled)
    assert_alike(folded(*events), folded(*shuffled), 1.0 + sum(event.minor for event in events))


@given(st.lists(postings, max_size=15), postings, st.booleans())
def test_what_is_reversed_is_gone_as_if_it_had_never_been_wrong(
    events: list[Posting], wrong: Posting, is_reversal_first: bool
) -> None:
    wrong = wrong._replace(reversed_at=None, currency=wrong.currency, account_id="a-3")
    taken_back = wrong._replace(
        is_credit=not wrong.is_credit,
        reversed_at=wrong.occurred_at,
        occurred_at=wrong.occurred_at + 3 * DAY,
        balance_after=None,
        reversed_balance_after=wrong.balance_after,
    )
    pair = [taken_back, wrong] if is_reversal_first else [wrong, taken_back]
    without, with_both = folded(*events), folded(*events, *pair)
    for name in ("transactions", "foreign_currency_transactions", "credits_minor", "debits_minor", "own_minor"):
        assert getattr(with_both, name) == getattr(without, name), name
    assert with_both.active_days == without.active_days
    assert (with_both.penalty_interests, with_both.overdrafts) == (without.penalty_interests, without.overdrafts)
    at = max(event.occurred_at for event in [*events, taken_back])
    gross = 1.0 + wrong.minor + sum(event.minor for event in events)
    for before, after in zip(without.sums.read(at), with_both.sums.read(at), strict=True):
        for mine, theirs in zip(before, after, strict=True):
            assert abs(mine - theirs) <= 1e-9 * gross
    month = month_of(at.astimezone(SHANGHAI).date())
    assert with_both.movements.average_before(month, 0) == without.movements.average_before(month, 0)


def test_without_the_balance_it_had_left_an_overdraft_stays_counted() -> None:
    overdrawn = posting(balance_after=-1)
    back = overdrawn._replace(is_credit=True, occurred_at=NOON + DAY, reversed_at=NOON, balance_after=None)
    assert folded(overdrawn, back).overdrafts == 1
    assert folded(overdrawn, back._replace(reversed_balance_after=-1)).overdrafts == 0


def test_an_amount_in_another_currency_is_activity_and_not_money() -> None:
    standing = folded(posting(currency="USD", balance_after=-5))
    assert (standing.credits_minor, standing.debits_minor, standing.opening_minor) == (0, 0, 0)
    assert (standing.transactions, standing.foreign_currency_transactions) == (1, 1)
    credits_, debits, own, _, _ = standing.sums.read(NOON)
    assert (credits_.week, debits.week, own.week) == (0.0, 0.0, 1.0)


def test_what_the_bank_books_by_itself_is_no_activity() -> None:
    standing = folded(posting(is_own=False))
    assert standing.active_days is None
    assert standing.debits_minor == 10_000


def test_a_day_ends_at_midnight_of_the_bank() -> None:
    standing = folded(posting(datetime(2025, 3, 3, 15, 59, tzinfo=UTC)), posting(datetime(2025, 3, 3, 16, tzinfo=UTC)))
    assert standing.active_days is not None
    assert standing.active_days.days == 2


def test_the_first_reported_balance_says_what_an_account_held_before() -> None:
    later = posting(NOON + DAY, balance_after=30_000)
    assert folded(later).opening_minor == 40_000
    assert folded(later, posting(balance_after=40_000)).opening_minor == 50_000
    both = folded(later, posting(balance_after=40_000))
    assert both.opening_minor + both.credits_minor - both.debits_minor == 30_000


def test_among_first_postings_of_one_moment_a_new_account_began_at_zero() -> None:
    deposit = posting(minor=70_000, is_credit=True, balance_after=70_000)
    more = posting(minor=120_000, is_credit=True, balance_after=190_000)
    assert folded(deposit, more).opening_minor == folded(more, deposit).opening_minor == 0


def test_overdrafts_are_debits_that_leave_less_than_nothing() -> None:
    overdrawn = posting(balance_after=-1)
    penalty = posting(balance_after=-200, kind="penalty-interest", is_own=False)
    repaid = posting(is_credit=True, balance_after=-50)
    standing = folded(overdrawn, penalty, repaid, posting(balance_after=0))
    assert (standing.overdrafts, standing.penalty_interests) == (1, 1)


def test_only_a_higher_revision_of_holdings_counts() -> None:
    standing = Standing("c-1")
    newer = Holdings({"wealth": ProductsOfKind(2, 500), "loan": ProductsOfKind(1, 900)}, 3, NOON, 2)
    fold_holdings(standing, newer)
    fold_holdings(standing, Holdings({}, 2, NOON + DAY, 4))
    assert standing.holdings == newer
    assert (newer.products, newer.investments_minor) == (3, 500)


movement = st.tuples(st.integers(0, 400 * 86_400), st.integers(-(10**7), 10**7))


@given(st.lists(movement, min_size=1, max_size=30, unique_by=lambda movement: movement[0]))
def test_the_average_balance_is_the_weighted_integral_of_the_balance(movements: list[tuple[int, int]]) -> None:
    movements = sorted(movements)
    opening, at = 250_000, 401 * 86_400
    balance, events, steps = opening, [], [(-(10**12), opening)]
    for second, minor in movements:
        balance += minor
        steps.append((second, balance))
        moment = NOON + timedelta(seconds=second)
        events.append(posting(moment, abs(minor), is_credit=minor >= 0, balance_after=balance))
    integral = 0.0
    for (since, held), (until, _) in zip(steps, [*steps[1:], (at, 0)], strict=True):
        integral += held * (_weight(at - until) - _weight(at - since))
    found = values_of(folded(*events), NOON + timedelta(seconds=at), BANK, NO_RATES).average_balance
    assert abs(found - integral) <= 1e-6 + 1e-9 * (opening + sum(abs(minor) for _, minor in movements))


def _weight(age_seconds: float) -> float:
    return exp2(-age_seconds / 86_400 / 90.0)
