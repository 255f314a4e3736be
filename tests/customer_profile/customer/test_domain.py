"""The rules of a customer's file, without a database."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_profile.customer import domain
from customer_profile.customer.domain import NO_IDENTITY, SEALED, Facts, File, IdentityIncomplete, Stamp

START = datetime(2024, 1, 1, tzinfo=UTC)
FACTS = Facts("personal", "B1", None, None, 1990, "unknown", "active", date(2020, 1, 1))
WHOLE = {field: field.encode() for field in SEALED}

stamps = st.builds(
    lambda hours, low: Stamp(START + timedelta(hours=hours), UUID(int=low)), st.integers(0, 9), st.integers(0, 2**32)
)
facts = st.builds(
    lambda unit, manager, year, status: replace(
        FACTS, unit=unit, relationship_manager=manager, birth_year=year, status=status
    ),
    st.sampled_from(["B1", "B2", "B3"]),
    st.sampled_from([None, "e-1"]),
    st.sampled_from([None, 1960, 2010]),
    st.sampled_from(["active", "closed"]),
)
identities = st.one_of(
    st.just(NO_IDENTITY), st.just(WHOLE), st.just({**WHOLE, "phone": b"another", "phone_index": b"of another"})
)
Record = tuple[Stamp, Facts, domain.Sealed]
records = st.lists(st.tuples(stamps, facts, identities), min_size=1, max_size=8, unique_by=lambda record: record[0])


def fold(records: Sequence[Record], file: File | None = None, at: datetime = START) -> File:
    for stamp, told, identity in records:
        if domain.is_later(file, stamp):
            file = (
                domain.opened("c-1", told, identity, stamp, at=at)
                if file is None
                else domain.recorded(file, told, identity, stamp, at=at)
            )
    assert file is not None
    return file


def but_history(file: File) -> File:
    """The file without what counts changes rather than telling what is."""
    return replace(file, revision=0)


@given(records, st.randoms(use_true_random=False))
def test_the_file_is_the_same_for_any_order_and_duplication_of_the_same_records(
    records: list[Record], random: Random
) -> None:
    shuffled = records + random.choices(records, k=3)
    random.shuffle(shuffled)
    assert but_history(fold(shuffled)) == but_history(fold(records))


@given(records)
def test_the_latest_record_is_the_file(records: list[Record]) -> None:
    stamp, told, identity = max(records)
    file = fold(records)
    assert (file.recorded, file.facts, file.identity) == (stamp, told, identity)


@given(records, st.randoms(use_true_random=False))
def test_a_correction_survives_what_was_recorded_before_it_in_any_order(records: list[Record], random: Random) -> None:
    corrected = {"unit": "B9"}, {"phone": b"corrected", "phone_index": b"its index"}
    begun = fold([(Stamp(START - timedelta(hours=1), UUID(int=1)), FACTS, WHOLE)])
    file = domain.corrected(begun, *corrected, at=START + timedelta(days=1))
    random.shuffle(records)
    after = fold(records, file, at=START + timedelta(days=1))
    assert (after.facts.unit, after.identity["phone"]) == ("B9", b"corrected")
    assert after.identity["phone_index"] == b"its index"
    told, identity = max(records)[1:]
    without = {"phone": None, "phone_index": None}
    assert replace(after.facts, unit="") == replace(told, unit="")
    assert {**after.identity, **without} == {**identity, **without}


@given(records, st.integers(0, 8))
def test_it_does_not_matter_when_among_the_records_a_correction_arrives(records: list[Record], position: int) -> None:
    first, at = (Stamp(START - timedelta(hours=1), UUID(int=1)), FACTS, WHOLE), START + timedelta(days=1)

    def corrected_after(number: int) -> File:
        before = fold([first, *records[:number]], at=at)
        # What staff sees is what it corrects; ciphertext stands for any value.
        file = domain.corrected(before, {"gender": "female"}, WHOLE, at=at)
        return but_history(fold(records[number:], file, at=at))

    assert corrected_after(min(position, len(records))) == corrected_after(0)


def test_a_later_record_of_the_core_replaces_a_correction() -> None:
    file = domain.corrected(fold([(Stamp(START, UUID(int=1)), FACTS, WHOLE)]), {"unit": "B9"}, {}, at=START)
    same_moment = domain.recorded(file, FACTS, WHOLE, Stamp(START, UUID(int=2)), at=START)
    assert (same_moment.facts.unit, list(same_moment.corrected)) == ("B9", ["unit"])
    later = domain.recorded(file, FACTS, WHOLE, Stamp(START + timedelta(seconds=1), UUID(int=2)), at=START)
    assert (later.facts.unit, later.corrected) == ("B1", {})


def test_a_correction_counts_even_if_the_clock_of_the_core_is_ahead() -> None:
    ahead = Stamp(START + timedelta(hours=9), UUID(int=1))
    file = domain.corrected(fold([(ahead, FACTS, WHOLE)]), {"unit": "B9"}, {}, at=START)
    again = domain.recorded(file, FACTS, WHOLE, ahead._replace(id=UUID(int=2)), at=START)
    assert again.facts.unit == "B9"


@pytest.mark.parametrize("field", ["full_name", "id_type", "id_number"])
def test_an_identity_without_name_or_document_is_refused(field: str) -> None:
    file = fold([(Stamp(START, UUID(int=1)), FACTS, NO_IDENTITY)])
    with pytest.raises(IdentityIncomplete):
        domain.corrected(file, {}, {name: value for name, value in WHOLE.items() if name != field}, at=START)


@pytest.mark.parametrize(
    ("open_accounts", "manager", "expected"),
    [(0, None, "potential"), (0, "e-1", "potential"), (1, None, "ordinary"), (3, "e-1", "core")],
)
def test_the_class_follows_from_accounts_and_manager(open_accounts: int, manager: str | None, expected: str) -> None:
    assert domain.class_of(replace(FACTS, relationship_manager=manager), open_accounts) == expected


@given(st.integers(1880, 2100), st.datetimes(datetime(1890, 1, 1), datetime(2160, 1, 1), timezones=st.just(UTC)))
def test_the_age_band_changes_at_its_due_time_and_at_no_moment_before(birth_year: int, at: datetime) -> None:
    due = domain.next_age_band_at(birth_year, at)
    now = domain.age_band_of(birth_year, at)
    if due is None:
        assert domain.age_band_of(birth_year, datetime(2999, 1, 1, tzinfo=UTC)) == now
        return
    assert due > at
    assert domain.age_band_of(birth_year, due - timedelta(microseconds=1)) == now
    assert domain.age_band_of(birth_year, due) != now


@given(st.integers(1930, 2020))
def test_a_life_passes_through_the_bands_by_silence_alone(birth_year: int) -> None:
    file = domain.opened(
        "c-1",
        replace(FACTS, birth_year=birth_year),
        NO_IDENTITY,
        Stamp(START, UUID(int=1)),
        at=datetime(1931, 1, 1, tzinfo=UTC),
    )
    bands = [file.age_band]
    while file.due_at is not None:
        due_at = file.due_at
        file = domain.aged(file)
        assert file.as_of == due_at
        bands.append(file.age_band)
    assert bands == ["under-18", "18-29", "30-44", "45-59", "60-plus"]


def test_a_customer_whose_birth_year_is_unknown_never_ages() -> None:
    assert domain.age_band_of(None, START) == "unknown"
    assert domain.next_age_band_at(None, START) is None


def test_an_archived_file_falls_due_for_nothing_until_the_relationship_begins_again() -> None:
    left = replace(FACTS, status="closed")
    file = replace(fold([(Stamp(START, UUID(int=1)), left, NO_IDENTITY)]), archived_at=START, due_at=None)
    late = fold([(Stamp(START + timedelta(hours=1), UUID(int=2)), replace(left, unit="B2"), NO_IDENTITY)], file)
    assert (late.facts.unit, late.archived_at, late.due_at) == ("B2", START, None)
    back = fold([(Stamp(START + timedelta(hours=2), UUID(int=3)), FACTS, NO_IDENTITY)], late)
    assert (back.archived_at, back.due_at) == (None, domain.next_age_band_at(1990, START))
