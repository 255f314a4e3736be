"""When a file is due: the law wins, the latest file of a person decides, and a day-by-day recount agrees."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_profile.customer.domain import CustomerClass
from customer_profile.retention.domain.due import Action, Known, after, due, not_in_force, schedule
from rapport.privacy.catalogue.document import Retention, published

KEPT = published().retentions
LEFT = date(2016, 2, 29)
DAYS = st.dates(date(2005, 1, 1), date(2024, 12, 31))
PERIODS = st.builds("P{}{}".format, st.integers(1, 12), st.sampled_from("DMY"))


def file(customer_id: str = "c-1", **known: Any) -> Known:
    said: dict[str, Any] = {"customer_class": "ordinary", "ended_on": LEFT, "last_used_on": LEFT}
    return Known(customer_id, **said | known)


FILES = st.builds(
    Known,
    st.just("c-1"),
    st.sampled_from(["core", "ordinary", "potential"]),
    st.none() | DAYS,
    DAYS,
    st.none() | DAYS,
    st.frozensets(st.sampled_from(["hold", "open-case", "open-correction"]), max_size=1),
)
OVER = st.lists(st.builds(replace, FILES, ended_on=DAYS, postponed_by=st.just(frozenset())), min_size=1, max_size=3)
PERSONS = st.lists(FILES, min_size=1, max_size=3)


def policy(*periods: str) -> dict[str, Retention]:
    """Three periods, by group: each class has the same."""
    words = {"since": "then", "reason": "for this test alone", "confirmed": True}
    return {
        group: Retention.model_validate({"core": it, "ordinary": it, "potential": it, **words})
        for group, it in zip(("relationship", "identification", "transaction"), periods, strict=True)
    }


POLICIES = st.builds(policy, PERIODS, PERIODS, PERIODS)


def is_kept(begin: date, period: str, on: date) -> bool:
    """Whether a period still runs, by counting days one by one: months are over when their day, or its end, comes."""
    number, unit, passed, day = int(period[1:-1]), period[-1], 0, begin
    while day < on:
        day += timedelta(days=1)
        ends_a_month = day.day == begin.day or (day.day < begin.day and (day + timedelta(days=1)).day == 1)
        passed += {"D": True, "M": ends_a_month, "Y": ends_a_month and day.month == begin.month}[unit]
    return passed < number


def recounted(person: Sequence[Known], kept: dict[str, Retention], on: date) -> str | None:
    """What is due of the first file, from what is still kept of any of the person's files."""
    begins = [one.ended_on or (one.last_used_on if one.customer_class == "potential" else None) for one in person]
    if None in begins or any(one.postponed_by for one in person):
        return None
    running = set()
    for one, begin in zip(person, begins, strict=True):
        assert begin is not None
        froms = {"relationship": begin, "identification": begin, "transaction": one.last_posting_on}
        running |= {
            group
            for group, since in froms.items()
            if since and is_kept(since, getattr(kept[group], one.customer_class), on)
        }
    if not running:
        return "destroy"
    return "archive" if "relationship" not in running and person[0].ended_on else None


@given(PERSONS, POLICIES, DAYS)
def test_what_is_due_is_what_counting_day_by_day_finds(
    person: list[Known], kept: dict[str, Retention], on: date
) -> None:
    found = due(person[0], person, kept, on=on)
    assert (found and found.action) == recounted(person, kept, on)


@given(OVER, POLICIES, DAYS)
def test_what_is_due_stays_due_and_nothing_was_due_the_day_before_it_began(
    person: list[Known], kept: dict[str, Retention], on: date
) -> None:
    found = due(person[0], person, kept, on=on)
    if found is None:
        return
    assert found.since <= on
    assert due(person[0], person, kept, on=on + timedelta(days=1)) is not None
    before = due(person[0], person, kept, on=found.since - timedelta(days=1))
    assert before is None or (before.action, found.action) == ("archive", "destroy")


@given(PERSONS, FILES, POLICIES, DAYS)
def test_another_file_of_the_person_never_brings_anything_forward(
    person: list[Known], other: Known, kept: dict[str, Retention], on: date
) -> None:
    alone, together = schedule(person, kept), schedule([*person, other], kept)
    if together is not None:
        assert alone is not None
        assert alone.destroy_on <= together.destroy_on
        assert alone.archive_on <= together.archive_on


@given(PERSONS, POLICIES, DAYS)
def test_an_archived_file_is_not_archived_again_but_destroyed_as_any(
    person: list[Known], kept: dict[str, Retention], on: date
) -> None:
    fresh, again = (
        due(one, [one, *person[1:]], kept, on=on) for one in (person[0], replace(person[0], is_archived=True))
    )
    assert again == (None if fresh and fresh.action == "archive" else fresh)


@pytest.mark.parametrize(
    ("day", "period", "wanted"),
    [
        (LEFT, "P10Y", date(2026, 2, 28)),
        (LEFT, "P4Y", date(2020, 2, 29)),
        (date(2025, 1, 31), "P1M", date(2025, 2, 28)),
        (date(2025, 12, 31), "P14D", date(2026, 1, 14)),
        (date(2025, 11, 30), "P13M", date(2026, 12, 30)),
    ],
)
def test_a_period_ends_on_its_day_or_on_the_last_of_a_month_that_lacks_it(day: date, period: str, wanted: date) -> None:
    assert after(day, period) == wanted


@pytest.mark.parametrize(
    ("customer_class", "archive_on", "destroy_on"),
    [
        ("core", date(2019, 2, 28), date(2026, 2, 28)),
        ("ordinary", date(2019, 2, 28), date(2026, 2, 28)),
        ("potential", date(2017, 2, 28), date(2017, 2, 28)),
    ],
)
def test_by_the_published_catalogue_a_customer_is_kept_for_ten_years_and_who_never_was_one_for_one(
    customer_class: CustomerClass, archive_on: date, destroy_on: date
) -> None:
    found = schedule([file(customer_class=customer_class)], KEPT)
    assert found is not None
    assert (found.archive_on, found.destroy_on) == (archive_on, destroy_on)


def test_a_posting_after_the_end_keeps_the_file_for_ten_years_from_then() -> None:
    found = schedule([file(last_posting_on=date(2016, 6, 1))], KEPT)
    assert found is not None
    assert (found.destroy_on, found.rule) == (date(2026, 6, 1), "transaction")


def test_a_customer_who_has_not_left_is_never_due_and_who_never_was_one_is_by_the_last_use() -> None:
    standing = file(ended_on=None)
    assert due(standing, [standing], KEPT, on=date(2100, 1, 1)) is None
    potential = replace(standing, customer_class="potential")
    found = due(potential, [potential], KEPT, on=date(2017, 2, 28))
    assert found is not None
    assert (found.action, found.since) == ("destroy", date(2017, 2, 28))


def test_a_file_whose_person_has_another_that_stands_is_kept() -> None:
    left, stands = file(), file("c-2", ended_on=None)
    assert due(left, [left], KEPT, on=date(2030, 1, 1)) is not None
    assert due(left, [left, stands], KEPT, on=date(2030, 1, 1)) is None


@pytest.mark.parametrize(
    ("actions", "proposals", "named"),
    [
        (["archive"], ["relationship"], "relationship"),
        (["archive"], ["identification", "transaction"], None),
        (["archive", "destroy"], ["transaction"], "transaction"),
        (["destroy"], ["relationship", "identification"], "relationship, identification"),
        (["destroy"], ["decision"], None),
    ],
)
def test_no_file_ends_by_a_period_that_is_a_proposal(
    actions: list[Action], proposals: list[str], named: str | None
) -> None:
    kept = {name: one.model_copy(update={"confirmed": name not in proposals}) for name, one in KEPT.items()}
    rules = published().model_copy(update={"retentions": kept})
    found = not_in_force(rules, actions, on=rules.effective)
    assert [f"the periods of {named} are proposals" in fault for fault in found] == [True] * bool(named)


def test_no_file_ends_before_the_day_from_which_the_catalogue_holds() -> None:
    kept = {name: one.model_copy(update={"confirmed": True}) for name, one in KEPT.items()}
    rules = published().model_copy(update={"retentions": kept})
    assert not_in_force(rules, ["destroy"], on=rules.effective) == []
    (fault,) = not_in_force(rules, ["destroy"], on=rules.effective - timedelta(days=1))
    assert fault == f"version {rules.version} of the data catalogue is in force from {rules.effective} on"
