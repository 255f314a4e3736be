"""What is allowed follows from the set of acts, as of any moment and by what was known at any other."""

from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_profile.consent.domain.acts import ConsentImpossible, ConsentNotGranted, Said, entered
from customer_profile.consent.domain.ledger import Entry, State, allowed, known, state_of
from customer_profile.consent.domain.purposes import Purpose
from tests.customer_profile.consent.ledgers import (
    BEGAN,
    CONTRACT,
    DAY,
    NOW,
    PURPOSES,
    SECOND_NOTICE,
    SMS,
    TIERING,
    ledger,
    said,
)

acts = st.lists(st.tuples(st.sampled_from(["granted", "declined", "withdrawn"]), st.integers(1, 30)), max_size=12)
days = st.integers(0, 40)


def state(entries: list[Entry], at: datetime, purpose: Purpose = SMS) -> State:
    return state_of(entries, purpose, at, ask_again_after=PURPOSES.ask_again_after)


def possible(told: list[tuple[str, int]]) -> list[Said]:
    """Acts of which no withdrawal lies before every grant: such a one is refused, whenever it is told."""
    first = min((day for act, day in told if act == "granted"), default=99)
    return [said(act, at=BEGAN + day * DAY) for act, day in told if act != "withdrawn" or day >= first]


@given(acts, days, st.randoms(use_true_random=False))
def test_the_state_is_the_same_in_whatever_order_acts_are_recorded_and_however_often(
    told: list[tuple[str, int]], day: int, random: Random
) -> None:
    grants_first = sorted(possible(told), key=lambda act: act.act != "granted")
    others = grants_first + grants_first[::2]
    grants = [act for act in others if act.act == "granted"]
    rest = [act for act in others if act.act != "granted"]
    random.shuffle(grants)
    random.shuffle(rest)
    at = BEGAN + day * DAY
    shuffled = ledger(*grants, *rest)
    assert state(shuffled, at) == state(ledger(*grants_first), at)
    random.shuffle(shuffled)
    assert state(shuffled, at) == state(ledger(*grants_first), at)


@given(acts, days)
def test_allowed_is_what_the_last_day_with_an_act_says_and_a_no_of_that_day_counts(
    told: list[tuple[str, int]], day: int
) -> None:
    """Recomputed day by day, without sorting anything."""
    entries = ledger(*sorted(possible(told), key=lambda act: act.act != "granted"))
    expected = False
    for number in range(1, day + 1):
        today = {entry.act for entry in entries if entry.occurred_at == BEGAN + number * DAY}
        expected = today == {"granted"} if today else expected
    assert allowed(entries, SMS, BEGAN + day * DAY) is expected


@given(acts, st.integers(0, 12), days)
def test_what_was_known_at_a_moment_never_changes_with_what_is_recorded_later(
    told: list[tuple[str, int]], count: int, day: int
) -> None:
    acts_told = sorted(possible(told), key=lambda act: act.act != "granted")
    whole, at = ledger(*acts_told), BEGAN + day * DAY
    earlier = ledger(*acts_told[:count])
    known_at = NOW + timedelta(seconds=count - 1)
    assert state(known(whole, known_at), at) == state(earlier, at)


def test_a_paper_form_that_comes_late_is_judged_by_both_of_its_times() -> None:
    entries = ledger(said(at=BEGAN + 10 * DAY), known_at=BEGAN + 50 * DAY)
    before, after = known(entries, BEGAN + 49 * DAY), known(entries, BEGAN + 51 * DAY)
    assert not allowed(before, SMS, BEGAN + 20 * DAY)
    assert allowed(after, SMS, BEGAN + 20 * DAY)
    assert not allowed(after, SMS, BEGAN + 9 * DAY)


def test_a_withdrawal_that_is_told_late_ends_what_was_allowed_when_it_was_made() -> None:
    entries = ledger(said(at=BEGAN + DAY), said("withdrawn", at=BEGAN + 5 * DAY))
    assert [allowed(entries, SMS, BEGAN + day * DAY) for day in (0, 1, 4, 5, 6)] == [False, True, True, False, False]


def test_what_rests_on_a_contract_is_allowed_without_any_act_and_asks_for_none() -> None:
    found = state([], NOW, CONTRACT)
    assert (found.is_allowed, found.since, found.may_ask_from) == (True, None, None)


def test_since_is_without_a_break_and_the_notice_is_the_one_last_agreed_to() -> None:
    entries = ledger(said(at=BEGAN + DAY), said(at=SECOND_NOTICE))
    found = state(entries, NOW)
    assert (found.since, found.notice_version) == (BEGAN + DAY, 2)


@pytest.mark.parametrize("act", ["declined", "withdrawn"])
def test_a_no_is_not_followed_by_another_question_for_as_long_as_the_bank_says(act: str) -> None:
    entries = ledger(said(at=BEGAN + DAY), said(act, at=BEGAN + 5 * DAY))
    assert state(entries, NOW).may_ask_from == BEGAN + 185 * DAY
    assert state(entries[:1], NOW).may_ask_from is None
    assert state([], NOW).may_ask_from == NOW


@pytest.mark.parametrize(
    ("act", "field"),
    [
        (said(at=NOW + DAY), "occurred_at"),
        (said(at=BEGAN - DAY, notice_version=1), "occurred_at"),
        (said(at=SECOND_NOTICE, notice_version=1), "notice_version"),
        (said(at=BEGAN + DAY, notice_version=2), "notice_version"),
        (said("declined", notice_version=None), "notice_version"),
        (said("withdrawn", notice_version=1), "notice_version"),
        (said(evidence_digest=None), "evidence_digest"),
        (said(purpose=TIERING, is_separate=False), "is_separate"),
        (said(purpose=CONTRACT), "purpose"),
    ],
)
def test_an_act_that_cannot_have_been_is_refused_with_its_field(act: Said, field: str) -> None:
    with pytest.raises(ConsentImpossible) as refused:
        ledger(said(), act)
    assert [name for name, _ in refused.value.faults] == [field]


def test_every_fault_of_an_act_is_told_at_once() -> None:
    with pytest.raises(ConsentImpossible) as refused:
        ledger(said(purpose=TIERING, at=NOW + DAY, notice_version=7, is_separate=False, evidence_digest=None))
    fields = [name for name, _ in refused.value.faults]
    assert fields == ["occurred_at", "notice_version", "evidence_digest", "is_separate"]


def test_a_withdrawal_of_what_was_never_granted_is_refused() -> None:
    for before in ([], [said("declined")], [said(purpose=TIERING)]):
        with pytest.raises(ConsentNotGranted) as refused:
            ledger(*before, said("withdrawn", at=BEGAN + 2 * DAY))
        assert refused.value.faults == [("purpose", "was never granted by this customer")]


def test_a_withdrawal_dated_before_its_grant_is_refused() -> None:
    with pytest.raises(ConsentImpossible) as refused:
        ledger(said(at=BEGAN + 2 * DAY), said("withdrawn", at=BEGAN + DAY))
    assert refused.value.faults == [("occurred_at", "lies before the grant that it would withdraw")]


def test_a_clock_that_was_set_back_puts_no_row_before_one_that_was_there() -> None:
    first = ledger(said(at=BEGAN + DAY))
    late = said("withdrawn", at=BEGAN + 2 * DAY)
    second = entered(late, SMS, first, customer_id="c-1", by="e-1", now=NOW - 100 * DAY)
    assert second.recorded_at == first[0].recorded_at
