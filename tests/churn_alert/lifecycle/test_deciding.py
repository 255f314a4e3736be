"""Who is potential, new, mature or lost, since when and why; by facts and by time alone."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_alert.lifecycle.domain.deciding import decide, live_until, next_due
from churn_alert.lifecycle.domain.life import Life, added
from churn_alert.lifecycle.facts import concerns_stages
from rapport.behaviour.lifetime import probability_alive
from rapport.events.base import Event
from tests.churn_alert.lifecycle.living import RULES, account, live, moment, opened_at, profile, stages, take, told
from tests.churn_alert.lives import BANK, DAY, START, Heard, heard, paid, received, salary, taken_back, used


def on_time(*events: Event) -> list[Heard]:
    """Each heard when it came about."""
    return sorted((Heard(moment(one), one) for one in events), key=lambda one: one.at)


def active(days: int, *, every: int = 1, start: datetime = START) -> list[Heard]:
    """A customer who pays on so many days."""
    return heard(paid("c-1", start + number * every * DAY, transaction_no=f"t-{number}") for number in range(days))


def test_a_customer_of_whom_only_an_account_is_told_is_potential_since_it_was_opened() -> None:
    _, moved = told([Heard(START + 5 * DAY, account("c-1", START + 5 * DAY))])
    assert stages(moved) == [("potential", "first-heard", opened_at())]
    assert moved[0].previous is None


def test_a_profile_that_is_dated_ahead_makes_nobody_potential_before_its_day() -> None:
    life, moved = told([Heard(START, profile("c-1", START + 9 * DAY))])
    assert moved == []
    assert life.due_at == START + 9 * DAY
    assert stages(live_until(life, RULES, START + 20 * DAY)) == [("potential", "first-heard", START + 9 * DAY)]


def test_the_first_thing_a_customer_does_makes_a_new_one_who_was_potential() -> None:
    _, moved = told([*on_time(account("c-1"), used("c-1", START + 3 * DAY))])
    assert stages(moved)[1:] == [("new", "activated", START + 3 * DAY)]
    assert (moved[1].previous, moved[1].cause) == ("potential", "event")


def test_who_is_first_heard_of_by_doing_something_never_was_potential() -> None:
    _, moved = told(on_time(paid("c-1", START)))
    assert stages(moved) == [("new", "activated", START)]
    assert (moved[0].previous, moved[0].revision) == (None, 1)


def test_a_new_customer_is_mature_after_a_quarter_by_time_alone_if_active_often_enough() -> None:
    life = live(active(10, every=3), until=START + 89 * DAY)
    assert life.stage == "new"
    midnight = datetime(2025, 4, 1, tzinfo=BANK.zone)
    assert stages(live_until(life, RULES, START + 91 * DAY)) == [("mature", "settled", midnight)]
    assert live(active(9, every=3), until=START + 91 * DAY).stage == "new"


def test_the_tenth_active_day_after_a_quarter_makes_mature_at_once() -> None:
    moved = told(active(10, every=12))[1]
    assert stages(moved)[-1] == ("mature", "settled", START + 108 * DAY)
    assert moved[-1].cause == "event"


@given(st.lists(st.integers(0, 400), min_size=1, max_size=60, unique=True))
def test_who_falls_silent_is_lost_at_the_first_second_at_which_the_rule_holds(days: list[int]) -> None:
    """Independent recomputation: P(alive) and the silence, read off by bisection, and not by the closed form."""
    events = heard(paid("c-1", START + day * DAY, transaction_no=f"t-{day}") for day in sorted(days))
    life = live(events)
    due = next_due(life, RULES)
    last = START + max(days) * DAY

    def holds(at: datetime) -> bool:
        assert life.active_days is not None
        alive = probability_alive(RULES.lifetime, life.active_days.history(at, BANK.zone))
        silent = at - last
        return silent >= 365 * DAY or (alive <= 0.05 and silent >= 90 * DAY)

    low, high = last, last + 400 * DAY
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    live_until(life, RULES, last + 400 * DAY)
    assert life.stage == "lost"
    assert life.since is not None
    assert abs(life.since - high) <= timedelta(seconds=2)
    assert due is not None


def test_whoever_acts_again_is_won_back_to_the_stage_that_was_earned() -> None:
    settled, young = active(30, every=4), active(3)
    for events, expected in ((settled, ("mature", "won-back-settled")), (young, ("new", "won-back"))):
        back = START + 900 * DAY
        _, moved = told([*events, Heard(back, used("c-1", back))])
        assert [one.stage for one in moved][-2:] == ["lost", expected[0]]
        assert stages(moved)[-1] == (*expected, back)
        assert moved[-1].previous == "lost"


def test_closing_the_last_account_loses_a_customer_and_opening_another_brings_back() -> None:
    facts = on_time(
        account("c-1"),
        account("c-1", START + DAY, number=2),
        account("c-1", START + 10 * DAY, "closed"),
        account("c-1", START + 20 * DAY, "closed", number=2),
        account("c-1", START + 30 * DAY, number=3),
    )
    moved = told(facts)[1]
    assert stages(moved)[1:] == [
        ("lost", "accounts-closed", START + 20 * DAY),
        ("potential", "resumed", START + 30 * DAY),
    ]


def test_an_account_told_late_does_not_open_what_is_closed() -> None:
    closing, late = account("c-1", START + 20 * DAY, "closed"), account("c-1", START + 10 * DAY)
    life = live([Heard(START + 20 * DAY, closing), Heard(START + 30 * DAY, late)])
    assert life.stage == "lost"


@pytest.mark.parametrize("over", [{"relationship": "exited"}, {"status": "deceased"}, {"status": "closed"}])
def test_whose_relationship_is_over_is_lost_from_that_day_whatever_was_refused(over: dict[str, str]) -> None:
    life = live(active(30))
    life.is_refused = True
    take(life, profile("c-1", START + 40 * DAY, **over))
    moved = decide(life, RULES, START + 41 * DAY, START + 40 * DAY)
    assert stages(moved) == [("lost", "relationship-over", START + 40 * DAY)]


@pytest.mark.parametrize("paused", ["is_refused", "is_restricted"])
def test_nothing_is_concluded_from_behaviour_while_a_customer_is_to_be_left_alone(paused: str) -> None:
    life = live(active(5))
    setattr(life, paused, True)
    assert next_due(life, RULES) is None
    assert live_until(life, RULES, START + 2000 * DAY) == []
    assert life.stage == "new"
    assert life.due_at is None
    setattr(life, paused, False)
    assert [one.stage for one in decide(life, RULES, START + 2000 * DAY, START + 2000 * DAY)] == ["lost"]


def test_what_the_bank_books_by_itself_or_books_back_is_no_activity() -> None:
    first = paid("c-1", START)
    for number, (event, expected) in enumerate(
        [(first, True), (taken_back(first, START + DAY), False), (salary("c-1", START), False)]
    ):
        assert concerns_stages(received(number, Heard(START, event))) is expected


def test_a_late_activity_shows_that_a_loss_was_not_true_and_what_was_told_stays() -> None:
    """Told at 400 days that the customer was active at 300: at 400 nobody would have been lost."""
    events = active(30, every=4)
    lost_at = live(events, until=START + 400 * DAY).since
    assert lost_at is not None
    late = Heard(START + 400 * DAY, used("c-1", START + 390 * DAY))
    life, moved = told([*events, late])
    assert [one.stage for one in moved][-2:] == ["lost", "mature"]
    assert (moved[-2].at, moved[-1].at) == (lost_at, START + 390 * DAY)
    assert life.revision == len(moved)


def test_no_flood_of_changes_comes_of_a_history_that_is_heard_long_after() -> None:
    now = START + 1000 * DAY
    whole = [Heard(now, one.event) for one in active(200, every=3)]
    life, moved = told(whole)
    assert len(moved) <= 3
    assert life.stage == "lost"
    truth = live(active(200, every=3), until=now)
    assert life.stage == truth.stage


@given(st.integers(0, 10_000))
def test_any_order_of_the_same_facts_gives_the_same_present_stage(seed: int) -> None:
    random = Random(seed)
    facts: list[Event] = []
    for number in range(random.randint(1, 40)):
        at = START + random.randint(0, 700) * DAY
        match random.randint(0, 9):
            case 0:
                facts.append(account("c-1", at, random.choice(["open", "closed"]), number=random.randint(1, 2)))
            case 1:
                facts.append(profile("c-1", at, number + 1, relationship=random.choice(["active", "exited"])))
            case _:
                facts.append(paid("c-1", at, transaction_no=f"t-{number}"))
    end = START + random.randint(701, 1200) * DAY
    in_time = live(on_time(*facts), until=end)
    shuffled = [Heard(end, one) for one in random.sample(facts, len(facts))]
    assert live(shuffled).stage == in_time.stage


@given(st.integers(0, 10_000))
def test_a_person_of_several_files_is_in_the_stage_of_one_file_with_all_facts(seed: int) -> None:
    random = Random(seed)
    facts = [used("c-1", START + random.randint(0, 500) * DAY) for _ in range(random.randint(1, 30))]
    files = [Life("c-1"), Life("c-2"), Life("c-3")]
    for fact in facts:
        take(random.choice(files), fact)
    at = START + random.randint(501, 900) * DAY
    person = added(files[0], files[1:])
    decide(person, RULES, at, at)
    assert person.stage == live([Heard(at, fact) for fact in facts]).stage


def test_activity_puts_a_timer_off_without_a_row_written_for_it() -> None:
    life = live(active(40, every=3))
    life.is_changed = False
    timer = life.due_at
    for number in range(1, 40):
        at = START + (117 + number) * DAY
        take(life, used("c-1", at))
        assert decide(life, RULES, at, at) == []
    assert not life.is_changed
    assert life.due_at == timer
    due = next_due(life, RULES)
    assert due is not None
    assert timer is not None
    assert due.at > timer
    assert live_until(life, RULES, timer) == []
    assert life.due_at == due.at


def test_a_moment_is_in_utc() -> None:
    life = live(active(12, every=10))
    assert life.due_at is not None
    assert life.due_at.utcoffset() == timedelta(0)
    assert life.since is not None
    assert life.since.tzinfo is UTC
