"""The same postings in any order leave the same state and the same findings, and those are what a recount finds."""

from datetime import timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from churn_alert.abnormal.domain.packing import packed, unpacked
from churn_alert.abnormal.domain.persons import added
from churn_alert.abnormal.domain.state import JUDGED_DAYS, Activity, code_of, currency_of, fold
from churn_alert.abnormal.facts import posting_of
from rapport.events.bank import TransactionRecorded
from tests.churn_alert.abnormal.telling import ABROAD, CASH, IN, OUT, RULES, at, large_by_recount, watched
from tests.churn_alert.lives import paid, taken_back

START = at("2025-03-01", "00:30")
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
    return sorted(told, key=lambda one: one.occurred_at)


def state_of(one: Activity) -> tuple[object, ...]:
    return packed(one), one.last_day, one.active_days, one.counterparties, dict(sorted(one.in_force.items()))


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
