"""The course of an intervention: one step after the other, each ended by an answer, a person or time."""

from collections.abc import Callable
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_alert.intervention.domain.course import Change, Intervention, InterventionAlreadyOver, TaskNotOpen
from churn_alert.intervention.domain.doing import (
    assign,
    cancel,
    caught_up,
    end_task,
    heard_delivered,
    heard_refused,
)
from churn_alert.intervention.facts import fact_of, request_of
from tests.churn_alert.intervention.courses import DAY, HOUR, begin, intervention, told
from tests.churn_alert.lives import START

SOON = START + HOUR
ORDER = ("proposed", "assigned", "contacted", "done", "cancelled")


def test_a_message_that_is_delivered_is_a_contact_and_what_is_for_the_unreached_is_left_out() -> None:
    one = intervention()
    assert (one.status, one.steps[0].status) == ("proposed", "requested")
    changes = heard_delivered(one, 1, SOON, "push")
    assert told(changes) == [("delivered", 1, "push"), ("done", None, "reached")]
    over = changes[-1].after
    assert (over.status, over.outcome, over.ended_at) == ("done", "reached", SOON)
    assert changes[0].after.status == "contacted"
    assert [step.status for step in over.steps] == ["delivered", "skipped", "skipped"]


def test_a_message_that_is_refused_by_the_cap_has_the_next_channel_tried_and_then_a_person_call() -> None:
    one = heard_refused(intervention(), 1, SOON, "capped")[-1].after
    assert (one.steps[0].outcome, one.steps[1].status) == ("capped", "requested")
    assert request_of(one, one.steps[1]).channels == ("email",)
    changes = heard_refused(one, 2, SOON + HOUR, "no-address")
    assert told(changes) == [("refused", 2, "no-address"), ("begun", 3, "care-call")]
    task = changes[-1].after.steps[2]
    assert (task.status, task.due_by) == ("open", SOON + HOUR + 7 * DAY)
    ended = end_task(changes[-1].after, 3, SOON + DAY, outcome="content", reached=True, by="e-1")
    assert told(ended) == [("task-done", 3, "content"), ("done", None, "content")]
    assert [one.after.status for one in ended] == ["contacted", "done"]


def test_an_answer_that_never_comes_is_given_up_a_day_after_the_message_expired() -> None:
    one = intervention()
    assert caught_up(one, START + 8 * DAY - HOUR) == []
    changes = caught_up(one, START + 8 * DAY)
    assert told(changes) == [("refused", 1, "unanswered"), ("requested", 2, "care-letter")]
    assert {change.line.at for change in changes} == {START + 8 * DAY}
    late = heard_delivered(changes[-1].after, 1, START + 9 * DAY, "sms")
    assert told(late) == [("delivered", 1, "sms")], "it did reach the customer, and no step begins for it"
    assert late[-1].after.steps[1].status == "requested"


def test_a_task_that_nobody_ends_is_overdue_once_and_stays_open() -> None:
    one = intervention("care-of-high")
    changes = caught_up(one, START + 30 * DAY)
    assert told(changes) == [("overdue", 1, None)]
    late = changes[-1].after
    assert (late.steps[0].status, late.steps[0].overdue_at) == ("open", START + 3 * DAY)
    assert caught_up(late, START + 60 * DAY) == []
    assert end_task(late, 1, START + 31 * DAY, outcome="content", reached=True, by="e-1")[-1].after.status == "done"


def test_of_who_is_held_out_nothing_is_asked_planned_or_waited_for() -> None:
    changes = begin("care-of-all", arm="held-out")
    assert told(changes) == [("proposed", None, None), ("held-out", None, None)]
    one = changes[-1].after
    assert (one.status, one.outcome, one.steps, one.reached) == ("done", "held-out", (), False)
    assert cancel(one, SOON, "recovered") == []
    with pytest.raises(InterventionAlreadyOver):
        assign(one, SOON, to="e-1", by=None)


def test_nothing_is_ended_twice_nor_before_it_began() -> None:
    one = intervention("care-of-high")
    with pytest.raises(TaskNotOpen):
        end_task(one, 2, SOON, outcome="content", reached=True, by="e-1")
    over = end_task(one, 1, START - DAY, outcome="content", reached=True, by="e-1")[-1].after
    assert over.ended_at == START, "an outcome is no older than what it is of"
    with pytest.raises(TaskNotOpen):
        end_task(over, 1, SOON, outcome="content", reached=True, by="e-1")
    gone = cancel(one, SOON, "recovered")[-1].after
    with pytest.raises(TaskNotOpen):
        end_task(gone, 1, SOON, outcome="content", reached=True, by="e-1")
    assert (gone.status, gone.reason, [step.status for step in gone.steps]) == (
        "cancelled",
        "recovered",
        ["cancelled", "cancelled"],
    )


def test_an_answer_that_comes_again_changes_nothing_and_a_delivery_after_the_end_is_noted() -> None:
    one = heard_delivered(intervention(), 1, SOON, "push")[-1].after
    assert heard_delivered(one, 1, SOON + HOUR, "push") == []
    assert heard_refused(one, 1, SOON + HOUR, "capped") == []
    gone = cancel(intervention(), SOON, "consent-refused")[-1].after
    changes = heard_delivered(gone, 1, SOON + HOUR, "push")
    assert told(changes) == [("delivered", 1, "push")]
    assert (changes[-1].after.status, changes[-1].after.reached) == ("cancelled", True)


def test_the_same_beginning_derived_again_has_the_same_ids_and_the_same_requests() -> None:
    first, second = intervention(), intervention()
    assert first == second
    assert request_of(first, first.steps[0]) == request_of(second, second.steps[0])
    assert begin("care-of-all", at=SOON)[-1].after.intervention_id != first.intervention_id


def test_a_message_on_a_product_says_which_and_when() -> None:
    one = intervention("money-falls-free")
    asked = request_of(one, one.steps[0])
    assert [(part.name, part.code, part.day) for part in asked.parameters] == [
        ("on", None, START.date()),
        ("product", "WM-30D", None),
    ]
    assert (asked.purpose, asked.kind, asked.expires_at) == ("contract-performance", "service", START + 3 * DAY)


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["answer", "refuse", "end", "assign", "wait", "cancel"]),
        st.integers(1, 3),
        st.floats(0, 9),
        st.booleans(),
    ),
    max_size=12,
)
BOOKS = st.sampled_from(["care-of-all", "care-of-high", "care-of-new", "welcome", "repair-service"])


def played(one: Intervention, act: str, number: int, at: datetime, *, flag: bool) -> list[Change]:
    number = min(number, len(one.steps))
    step = one.steps[number - 1]
    acts: dict[str, Callable[[], list[Change]]] = {
        "assign": lambda: assign(one, at, to=f"e-{number}", by=None),
        "wait": lambda: caught_up(one, at),
        "cancel": lambda: cancel(one, at, "recovered") if flag else [],
        "answer": lambda: heard_delivered(one, number, at, "push") if step.request_id else [],
        "refuse": lambda: heard_refused(one, number, at, "capped") if step.request_id else [],
        "end": lambda: end_task(one, number, at, outcome="content", reached=flag, by="e-1"),
    }
    try:
        return acts[act]()
    except (TaskNotOpen, InterventionAlreadyOver):
        return []


@given(BOOKS, ACTS)
def test_whatever_happens_the_course_stays_whole(book: str, acts: list[tuple[str, int, float, bool]]) -> None:
    changes = begin(book)
    now = START
    for act, number, days, flag in acts:
        now += days * DAY
        changes += caught_up(changes[-1].after, now)
        changes += played(changes[-1].after, act, number, now, flag=flag)
    assert [change.line.number for change in changes] == list(range(1, len(changes) + 1))
    moments = [change.line.at for change in changes]
    assert moments == sorted(moments)
    requested = [change.line.step for change in changes if change.line.move == "requested"]
    assert len(requested) == len(set(requested)), "no message is asked for twice"
    for before, change in zip(changes, changes[1:], strict=False):
        one = change.after
        fact_of(change)
        assert sum(step.goes_on for step in one.steps) <= (0 if one.is_over else 1)
        assert all(step.goes_on or step.due_at is None for step in one.steps)
        assert ORDER.index(one.status) >= ORDER.index(before.after.status)
        if before.after.is_over:
            assert (one.status, change.line.move) == (before.after.status, "delivered")
        assert one.is_over == (one.ended_at is not None)
    last = changes[-1].after
    assert last.is_over or sum(step.goes_on for step in last.steps) == 1


@given(BOOKS, st.lists(st.floats(0, 40), max_size=6))
def test_however_often_somebody_looks_silence_brings_the_same(book: str, looks: list[float]) -> None:
    once = caught_up(intervention(book), START + 60 * DAY)
    one, often = intervention(book), []
    for look in [*sorted(looks), 60.0]:
        often += caught_up(one, START + look * DAY)
        one = often[-1].after if often else one
    assert often == once
