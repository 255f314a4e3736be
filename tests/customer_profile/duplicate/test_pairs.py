"""What becomes of a pair: open until decided, dismissed until its evidence is another, gone when nothing is left."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_profile.duplicate.domain.evidence import Likeness
from customer_profile.duplicate.domain.pairs import (
    DuplicateAlreadyDecided,
    Pair,
    ReasonUnfit,
    compared,
    decided,
)

AT = datetime(2026, 3, 2, tzinfo=UTC)
EVIDENCE: dict[Any, Any] = {"full_name": "exact", "phone": "exact"}
OTHER: dict[Any, Any] = {"full_name": "exact", "phone": "differs"}


def pair(number: int = 1, *, weight: int = 900, evidence: dict[Any, Any] | None = None, model: str = "m-1") -> Pair:
    return Pair(UUID(int=number), Likeness(f"a{number}", f"b{number}", weight, evidence or EVIDENCE), model, AT)


def dismissed(number: int = 1) -> Pair:
    return decided(pair(number), "dismissed", "relatives", by="e-1", at=AT)


def test_what_is_found_first_is_new_and_found_again_changes_nothing() -> None:
    assert compared([pair()], {}).new == (pair(),)
    again = compared([pair()], {pair().pair_id: pair()})
    assert (again.written, again.gone) == ((), ())


def test_an_open_pair_follows_what_is_found_and_keeps_when_it_was_found_first() -> None:
    later = Pair(pair().pair_id, pair(weight=700).likeness, "m-2", AT + timedelta(days=1))
    (changed,) = compared([later], {pair().pair_id: pair()}).changed
    assert (changed.likeness.weight, changed.model, changed.found_at) == (700, "m-2", AT)


def test_an_open_pair_that_is_not_alike_any_more_is_gone_and_a_decided_one_stays() -> None:
    accepted = decided(pair(3), "accepted", "same-life", by="e-1", at=AT)
    kept = {one.pair_id: one for one in (pair(1), dismissed(2), accepted)}
    assert compared([], kept).gone == (UUID(int=1),)


def test_a_dismissed_pair_comes_again_only_with_other_evidence() -> None:
    kept = {dismissed().pair_id: dismissed()}
    assert compared([pair(weight=5, model="m-2")], kept).written == (), "another weight is no other evidence"
    (reopened,) = compared([pair(evidence=OTHER)], kept).reopened
    assert (reopened.state, reopened.reason, reopened.decided_by) == ("open", None, None)


def test_an_accepted_pair_is_not_asked_about_again() -> None:
    accepted = decided(pair(), "accepted", "same-life", by="e-1", at=AT)
    assert compared([pair(evidence=OTHER)], {accepted.pair_id: accepted}).written == ()


def test_a_reason_must_be_one_of_its_decision() -> None:
    with pytest.raises(ReasonUnfit, match="relatives"):
        decided(pair(), "dismissed", "same-life", by="e-1", at=AT)


def test_who_comes_second_is_refused() -> None:
    with pytest.raises(DuplicateAlreadyDecided, match="dismissed"):
        decided(dismissed(), "accepted", "same-life", by="e-2", at=AT)


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 3)), max_size=8), st.sets(st.integers(1, 6)))
def test_a_run_after_a_run_changes_nothing(first: list[tuple[int, int]], decided_on: set[int]) -> None:
    """Whatever is found and whatever is decided on meanwhile: what is kept then is what is found."""
    found = list({number: pair(number, weight=weight) for number, weight in first}.values())
    kept = {one.pair_id: dismissed(one.pair_id.int) if one.pair_id.int in decided_on else one for one in found}
    again = compared(found, kept)
    assert (again.new, again.reopened, again.changed, again.gone) == ((), (), (), ())
    beside = {**kept, UUID(int=9): pair(9)}
    assert compared(found, beside).gone == (UUID(int=9),)
