"""The same postings in any order leave the same state and the same findings, and those are what a recount finds."""

import json
from datetime import timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from churn_alert.abnormal.documents import ReportingDocument
from churn_alert.abnormal.domain.finding import forget_old
from churn_alert.abnormal.domain.judging import judge, judge_whole
from churn_alert.abnormal.domain.packing import account_of, kept, packed, unpacked
from churn_alert.abnormal.domain.persons import added
from churn_alert.abnormal.domain.rules import Rules
from churn_alert.abnormal.domain.state import JUDGED_DAYS, Activity, code_of, currency_of, fold
from churn_alert.abnormal.domain.waking import RESTED_DAYS, OfAccount
from churn_alert.abnormal.facts import posting_of
from churn_alert.abnormal.reading import REPORTING, rules_of
from rapport.events.bank import TransactionRecorded
from tests.churn_alert.abnormal.telling import (
    ABROAD,
    CASH,
    IN,
    NO_RATES,
    OUT,
    RULES,
    ZONE,
    at,
    large_by_recount,
    watched,
)
from tests.churn_alert.lives import paid, taken_back

START = at("2025-03-01", "00:30")
ACTS = st.tuples(st.integers(739_000, 739_400), st.sampled_from([1, 1, 1, -1]))
FLOWS = (CASH, CASH | {"direction": "debit", "kind": "cash-withdrawal"}, OUT, IN, ABROAD, {})


@st.composite
def histories(draw: st.DrawFn) -> list[TransactionRecorded]:
    """Up to thirty days of postings near the thresholds, by day and night, some taken back."""
    told = []
    for number in range(draw(st.integers(1, 40))):
        moment = START + timedelta(hours=draw(st.integers(0, 24 * (JUDGED_DAYS - 1))))
        amount = f"{draw(st.sampled_from([40, 900, 24_000, 26_000, 49_999, 120_000, 260_000]))}.00"
        told.append(paid("c-1", moment, amount, transaction_no=f"t-{number}", **draw(st.sampled_from(FLOWS))))
    back = draw(st.lists(st.sampled_from(told), unique_by=lambda one: one.transaction_no, max_size=5))
    told += [taken_back(one, one.occurred_at + timedelta(hours=30)) for one in back]
    for ahead in draw(st.lists(st.integers(32, 4000), max_size=2, unique=True)):
        # A reversal of what is yet to come, as cores date them: it moves no day.
        of = paid("c-1", START + timedelta(days=ahead), "900.00", transaction_no=f"a-{ahead}")
        told.append(taken_back(of, START + timedelta(days=draw(st.integers(0, 20)))))
    return sorted(told, key=lambda one: one.occurred_at)


def state_of(one: Activity) -> tuple[object, ...]:
    forget_old(one)
    accounts = {name: kept(of, one.last_day - JUDGED_DAYS) for name, of in one.accounts.items()}
    found = dict(sorted(one.in_force.items()))
    return packed(one), one.last_day, one.active_days, one.counterparties, accounts, found


@settings(max_examples=60, deadline=None)
@given(histories(), st.randoms(use_true_random=False))
def test_in_any_order_the_same_state_and_findings(told: list[TransactionRecorded], random: Random) -> None:
    shuffled = random.sample(told, len(told))
    assert state_of(watched(shuffled)[0]) == state_of(watched(told)[0])


@settings(max_examples=60, deadline=None)
@given(histories())
def test_large_sums_are_what_a_recount_of_the_postings_finds(told: list[TransactionRecorded]) -> None:
    state, _ = watched(told)
    assert {key for key in state.in_force if "|large-" in key} == large_by_recount(told)


@settings(max_examples=40, deadline=None)
@given(histories(), st.integers(0, 2**32))
def test_dealt_out_over_files_the_sum_is_what_one_file_would_hold(told: list[TransactionRecorded], seed: int) -> None:
    files, random = [Activity("c-1"), Activity("c-2"), Activity("c-3")], Random(seed)
    whole = Activity("c-1")
    for one in told:
        posting = posting_of(one, RULES)
        fold(whole, posting)
        fold(random.choice(files), posting)
    assert state_of(added(files[0], files[1:])) == state_of(whole)


@settings(max_examples=40, deadline=None)
@given(histories())
def test_what_is_stored_is_what_was_kept(told: list[TransactionRecorded]) -> None:
    state, _ = watched(told)
    stored = Activity("c-1", days=unpacked(packed(state)), last_day=state.last_day)
    assert packed(stored) == packed(state)


@settings(max_examples=150, deadline=None)
@given(histories(), st.sampled_from([1, 40, 400]))
def test_a_day_that_is_passed_over_as_quiet_meets_no_rule(told: list[TransactionRecorded], finer: int) -> None:
    """Beside every rule asked; with thresholds lowered too, so that days come just under and just over them."""
    rules = lowered(finer)
    state, _ = watched(told, rules=rules)
    for day in range(min(state.days) - 1, max(state.days) + 2):
        assert judge(state, day, rules, NO_RATES) == judge_whole(state, day, rules, NO_RATES)


def lowered(finer: int) -> Rules:
    """The published rules with every sum so many times smaller."""
    document = json.loads(REPORTING.read_bytes())
    for edition in document["editions"]:
        for rule in edition["large"]:
            rule["home"] = rule["home"] and str(int(rule["home"]) // finer)
    for one in (*document["patterns"]["passing_through"], *document["patterns"]["many_postings"]):
        one["least"] = str(int(one["least"]) // finer)
    for one in ("amount", "new_counterparty", "dormant"):
        document["unusual"][one]["least"] = str(int(document["unusual"][one]["least"]) // finer)
    document["unusual"] |= {"history_days": 7, "active_days": 2}
    document["unusual"]["frequency"]["least"] = 3
    document["patterns"]["many_postings"][0]["count"] = 3
    return rules_of([ReportingDocument.model_validate(document)], ZONE)


@settings(max_examples=100, deadline=None)
@given(st.lists(ACTS, min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_a_rest_of_an_account_is_what_its_days_say_in_any_order_and_however_often_it_is_stored(
    told: list[tuple[int, int]], random: Random
) -> None:
    last = max(day for day, _ in told)
    orders = []
    for _ in range(2):
        of, furthest = OfAccount(), 0
        for day, sign in random.sample(told, len(told)):
            of.add(day, sign, 100)
            furthest = max(furthest, day)
            if random.random() < 0.3:
                of.forget_before(furthest - JUDGED_DAYS)
                of = account_of(kept(of, furthest - JUDGED_DAYS))
        of.forget_before(last - JUDGED_DAYS)
        orders.append(kept(of, last - JUDGED_DAYS))
    assert orders[0] == orders[1]
    active = {day for day, sign in told if sign > 0}
    for day in range(last - JUDGED_DAYS, last + 1):
        before = [one for one in active if one < day]
        assert of.rest_before(day) == (day - max(before) if before else None)
        if (day - max(before) > RESTED_DAYS if before else True) and day in {one for one, _ in told}:
            assert of.sums[day][0] == sum(sign for one, sign in told if one == day)


def test_a_currency_and_its_cell_are_one_number_and_back() -> None:
    codes = {code_of(currency, cell) for currency in ("CNY", "USD", "ZMW", "AAA") for cell in range(6)}
    assert len(codes) == 24
    assert currency_of(code_of("ZMW", 5)) == "ZMW"


def test_a_row_stays_small_however_long_a_customer_is_busy() -> None:
    sizes = []
    for days in (120, 400):
        told = [paid("c-1", START + timedelta(hours=8 * n), "35.00", transaction_no=f"t-{n}") for n in range(3 * days)]
        sizes.append(len(packed(watched(told)[0])))
    assert sizes[0] == sizes[1] < 5000, "even of who pays by night too"
