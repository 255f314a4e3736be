"""The rules of the relationship with a customer, without a database: which steps there are, in any order of words."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import get_args
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_profile.customer import domain
from customer_profile.customer.domain import (
    NO_IDENTITY,
    WAYS,
    Facts,
    File,
    Reason,
    Relationship,
    Stamp,
    Status,
    StepImpossible,
    StepNotPermitted,
)

START = datetime(2024, 1, 1, tzinfo=UTC)
FACTS = Facts("personal", "B1", None, None, 1990, "unknown", "active", date(2020, 1, 1))
STATES = get_args(Relationship)
RIGHTS = {"relationships:write", "relationships:restrict"}
FIRST = Stamp(START - timedelta(hours=1), UUID(int=1))


def file_in(state: Relationship, *, restricted: bool = False) -> File:
    """A file whose relationship stands there."""
    status = "closed" if state == "exited" else "active"
    file = domain.opened("c-1", replace(FACTS, status=status), NO_IDENTITY, FIRST, at=START)
    return replace(file, is_admitted=state != "admission", is_restricted=restricted or state == "restricted")


@pytest.mark.parametrize(("before", "after"), list(product(STATES, STATES)))
def test_a_step_leads_where_it_is_said_to_or_is_refused(before: Relationship, after: Relationship) -> None:
    file = file_in(before, restricted=before == "exited" and after in {"restricted", "exited"})
    file = replace(file, is_admitted=False) if "admission" in (before, after) else file
    way = WAYS.get((before, after))
    if way is None:
        with pytest.raises(StepImpossible, match="cannot be reached"):
            domain.demand(file, after, "reopened", RIGHTS)
        return
    domain.demand(file, after, way.reasons[0], {way.right})
    stepped = domain.stepped(file, after, way.reasons[0], at=START)
    assert (stepped.relationship, stepped.revision, stepped.as_of) == (after, file.revision + 1, START)


@pytest.mark.parametrize("way", WAYS)
def test_a_step_needs_its_right_and_one_of_its_reasons(way: tuple[Relationship, Relationship]) -> None:
    right, reasons = WAYS[way]
    file = file_in(way[0])
    with pytest.raises(StepNotPermitted, match=right):
        domain.demand(file, way[1], reasons[0], RIGHTS - {right})
    for reason in set(get_args(Reason)) - set(reasons):
        with pytest.raises(StepImpossible, match=reasons[0]) as refusal:
            domain.demand(file, way[1], reason, RIGHTS)
        assert refusal.value.faults[0][0] == "reason"


def test_who_serves_can_neither_restrict_nor_release() -> None:
    for way, (right, reasons) in WAYS.items():
        of_a_restriction = "restricted" in way or "restriction-lifted" in reasons
        assert of_a_restriction == (right == "relationships:restrict"), way


def test_a_restriction_outlasts_an_exit_and_its_reopening_by_the_core_or_by_people() -> None:
    exited = domain.stepped(file_in("restricted"), "exited", "closed-by-customer", at=START)
    assert (exited.relationship, exited.facts.status) == ("exited", "closed")
    by_core = domain.recorded(exited, FACTS, NO_IDENTITY, Stamp(START + timedelta(hours=1), UUID(int=2)), at=START)
    assert by_core.relationship == "restricted"
    assert domain.stepped(exited, "restricted", "reopened", at=START).relationship == "restricted"
    with pytest.raises(StepImpossible, match="what ended as restricted begins again so"):
        domain.stepped(exited, "active", "reopened", at=START)


def test_a_restriction_that_outlasted_an_exit_is_lifted_there_once() -> None:
    exited = domain.stepped(file_in("restricted"), "exited", "closed-by-customer", at=START)
    lifted = domain.stepped(exited, "exited", "restriction-lifted", at=START + timedelta(hours=1))
    assert lifted == replace(exited, is_restricted=False, revision=exited.revision + 1)
    with pytest.raises(StepImpossible, match="no restriction outlasted it"):
        domain.stepped(lifted, "exited", "restriction-lifted", at=START)
    assert domain.stepped(lifted, "active", "reopened", at=START).relationship == "active"


def test_the_core_admits_whom_it_tells_of() -> None:
    after = domain.recorded(
        file_in("admission"), FACTS, NO_IDENTITY, Stamp(START + timedelta(hours=1), UUID(int=2)), at=START
    )
    assert after.relationship == "active"


Told = tuple[int, int, Status]
"""A record of the core: the hour it was made, how many hours later it arrives, and what it says."""
Taken = tuple[int, Relationship, Relationship]
hours = st.integers(0, 20)
wishes = st.lists(st.tuples(hours, st.sampled_from(STATES)), max_size=6, unique_by=lambda wish: wish[0])
records = st.lists(
    st.tuples(hours, st.integers(0, 30), st.sampled_from(get_args(Status))), max_size=5, unique_by=lambda told: told[0]
)


def is_of_an_end(before: Relationship, after: Relationship) -> bool:
    return before != after and "exited" in (before, after)


def recomputed(taken: Sequence[Taken], records: Sequence[Told]) -> Relationship:
    """By looking for the latest word on each matter, without any file. What people say of one moment counts last."""
    ends = [(made, 0, status != "active") for made, _, status in records]
    ends += [(hour, 1, after == "exited") for hour, before, after in taken if is_of_an_end(before, after)]
    holds = [after == "restricted" for _, before, after in taken if not is_of_an_end(before, after)]
    admitted = [after for _, before, after in taken if (before, after) == ("admission", "active")]
    return domain.relationship_of(
        "closed" if max(ends, default=(0, 0, False))[2] else "active",
        is_admitted=bool(admitted or records),
        is_restricted=[False, *holds][-1],
    )


@given(wishes, records)
def test_where_it_stands_follows_from_all_words_whenever_the_cores_arrive(
    wishes: list[tuple[int, Relationship]], records: list[Told]
) -> None:
    arriving = [(made + late, 0, (made, status)) for made, late, status in records]
    file, taken = file_in("admission"), []
    for hour, is_wish, (made, said) in sorted([*arriving, *((hour, 1, (hour, to)) for hour, to in wishes)]):
        at = START + timedelta(hours=hour)
        if is_wish:
            to = said
            with suppress(StepImpossible):
                if (before := file.relationship, to) in WAYS:
                    file = domain.stepped(file, to, "deceased" if to == "exited" else "reopened", at=at)
                    taken.append((hour, before, to))
        else:
            stamp = Stamp(START + timedelta(hours=made), UUID(int=2))
            if domain.is_later(file, stamp):
                file = domain.recorded(file, replace(FACTS, status=said), NO_IDENTITY, stamp, at=at)
    assert file.relationship == recomputed(taken, records)
