"""A case from opening to resolution and back, by any sequence of deeds and any passing of time."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.case.domain.clocks import ALLOWED, Clock, fall_due
from feedback.case.domain.lifecycle import (
    AnswerNotOwed,
    Case,
    CaseAlreadyAnswered,
    CaseAlreadyResolved,
    CaseNotAnswered,
    CaseNotResolved,
    open_case,
    reopen,
    resolve,
    respond,
)
from rapport.errors import DomainError
from tests.feedback.said import DAY, HOUR, MONDAY, WORDS, submission

deeds = st.sampled_from(["respond", "resolve", "reopen", "wait"])
waits = st.integers(0, 40).map(lambda hours: hours * HOUR) | st.timedeltas(timedelta(0), timedelta(days=3))
scripts = st.lists(st.tuples(waits, deeds), max_size=15)


def do(case: Case, deed: str, at: datetime) -> Case:
    match deed:
        case "respond":
            return respond(case, at)
        case "resolve":
            return resolve(case, at, root_cause=None)
        case "reopen":
            return reopen(case, at)
        case _:
            return case


def settled(case: Case, until: datetime) -> tuple[Case, list[Clock]]:
    """The case with what fell due by then breached, and the breaches."""
    breaches = fall_due(case.clocks, until)
    now = {(clock.run, clock.name): clock for clock in breaches}
    return replace(case, clocks=tuple(now.get((c.run, c.name), c) for c in case.clocks)), breaches


def played(
    script: list[tuple[timedelta, str]], *, sweeps: int = 0, known_after: timedelta = HOUR
) -> tuple[Case, list[Clock]]:
    """The case after a script, and every breach told; `sweeps`: how often somebody looks between two deeds."""
    now = MONDAY + known_after
    case, told = settled(open_case(submission(), now, is_top=False), now)
    for wait, deed in [*script, (5 * DAY, "wait")]:
        for look in range(1, sweeps + 1):
            case, breaches = settled(case, now + wait * look / (sweeps + 1))
            told += breaches
        now += wait
        case, breaches = settled(case, now)
        told += breaches
        try:
            case = do(case, deed, now)
        except DomainError:
            continue
    return case, told


@given(scripts)
def test_no_clock_is_ever_negative_and_each_run_has_one_of_each(script: list[tuple[timedelta, str]]) -> None:
    case, _ = played(script)
    assert all(clock.stopped_at is None or clock.stopped_at >= clock.started_at for clock in case.clocks)
    assert all(clock.deadline_at - clock.started_at == ALLOWED for clock in case.clocks)
    names = Counter((clock.run, clock.name) for clock in case.clocks)
    assert names == {(run, name): 1 for run in range(1, case.run + 1) for name in ("respond", "resolve")}


@given(scripts)
def test_a_breach_is_told_once_a_run_exactly_as_of_its_deadline(script: list[tuple[timedelta, str]]) -> None:
    case, told = played(script)
    assert len({clock.timer_key for clock in told}) == len(told)
    for clock in case.clocks:
        is_late = clock.stopped_at is None or clock.stopped_at >= clock.deadline_at
        assert clock.breached_at == (clock.deadline_at if is_late else None)
    assert {clock.timer_key for clock in told} == {c.timer_key for c in case.clocks if c.breached_at is not None}


@given(scripts, st.integers(1, 4))
def test_how_often_somebody_looks_changes_nothing(script: list[tuple[timedelta, str]], sweeps: int) -> None:
    assert played(script, sweeps=sweeps) == played(script)


@given(scripts, st.timedeltas(timedelta(days=-2), timedelta(days=4)))
def test_however_late_we_hear_of_it_the_clocks_count_from_the_submission(
    script: list[tuple[timedelta, str]], known_after: timedelta
) -> None:
    case, _ = played(script, known_after=known_after)
    first = [clock for clock in case.clocks if clock.run == 1]
    assert {clock.started_at for clock in first} == {MONDAY}
    assert all(clock.stopped_at is None or clock.stopped_at >= MONDAY for clock in case.clocks)


def test_an_answer_at_the_deadline_itself_is_too_late() -> None:
    case, breaches = settled(open_case(submission(), MONDAY, is_top=False), MONDAY + DAY)
    assert [clock.name for clock in breaches] == ["respond", "resolve"]
    just_before, none = settled(open_case(submission(), MONDAY, is_top=False), MONDAY + DAY - timedelta(microseconds=1))
    assert none == []
    assert respond(just_before, MONDAY + DAY).status == respond(case, MONDAY + DAY).status == "responded"


def test_reopening_starts_both_clocks_again_and_leaves_the_first_run_as_it_was() -> None:
    resolved = resolve(
        respond(open_case(submission(), MONDAY, is_top=False), MONDAY + HOUR), MONDAY + 2 * HOUR, root_cause="fee"
    )
    again = reopen(resolved, MONDAY + 9 * DAY)
    assert again.clocks[:2] == resolved.clocks
    assert [(clock.name, clock.run, clock.due_at) for clock in again.clocks[2:]] == [
        ("respond", 2, MONDAY + 10 * DAY),
        ("resolve", 2, MONDAY + 10 * DAY),
    ]


@pytest.mark.parametrize(
    ("deeds_before", "deed", "refusal"),
    [
        (["respond"], "respond", CaseAlreadyAnswered),
        (["respond", "resolve"], "respond", CaseAlreadyResolved),
        ([], "resolve", CaseNotAnswered),
        (["respond", "resolve"], "resolve", CaseAlreadyResolved),
        (["respond", "resolve", "reopen"], "resolve", CaseNotAnswered),
        ([], "reopen", CaseNotResolved),
        (["respond"], "reopen", CaseNotResolved),
        (["respond", "resolve", "reopen"], "reopen", CaseNotResolved),
    ],
)
def test_what_the_state_forbids_is_refused_by_name(
    deeds_before: list[str], deed: str, refusal: type[DomainError]
) -> None:
    case = open_case(submission(), MONDAY, is_top=False)
    for number, before in enumerate(deeds_before):
        case = do(case, before, MONDAY + number * HOUR)
    with pytest.raises(refusal):
        do(case, deed, MONDAY + DAY)


@pytest.mark.parametrize("deed", ["respond", "resolve", "reopen"])
def test_feedback_that_is_owed_no_answer_takes_none(deed: str) -> None:
    praise = open_case(submission(kind="praise"), MONDAY, is_top=True)
    assert (praise.status, praise.clocks) == ("recorded", ())
    with pytest.raises(AnswerNotOwed):
        do(praise, deed, MONDAY)


def test_the_words_of_a_customer_show_in_no_representation() -> None:
    assert WORDS not in repr(submission())
