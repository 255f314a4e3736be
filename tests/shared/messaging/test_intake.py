"""Which records are next: in stream time the order of life, in wall time whatever is there."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rapport.messaging.intake import Intake
from rapport.messaging.records import Arrival, RawRecord, TopicPartition

START = datetime(2025, 1, 1, tzinfo=UTC)
LEFT, RIGHT, OURS = "left", "right", "ours"


def _raw(topic: str, offset: int, hour: int, *, is_mark: bool = False) -> RawRecord:
    return RawRecord(topic, 0, offset, hour, b"c1", None if is_mark else b"{}", [])


def _decode(raw: RawRecord) -> Arrival:
    return Arrival(raw, START + timedelta(hours=raw.timestamp), is_mark=raw.value is None)


def _intake(*topics: str, merged: frozenset[str] = frozenset({LEFT, RIGHT})) -> Intake:
    intake = Intake(_decode, merged=merged)
    intake.assign({TopicPartition(topic, 0): 0 for topic in topics}, {})
    return intake


def _taken(intake: Intake, limit: int = 100) -> list[tuple[str, int]]:
    return [(arrival.raw.topic, arrival.raw.offset) for arrival in intake.take(limit)]


def test_topics_of_the_bank_are_merged_by_time() -> None:
    intake = _intake(LEFT, RIGHT)
    intake.add([_raw(LEFT, 0, 1), _raw(LEFT, 1, 4), _raw(LEFT, 2, 6), _raw(RIGHT, 0, 2), _raw(RIGHT, 1, 5)])
    assert _taken(intake) == [(LEFT, 0), (RIGHT, 0), (LEFT, 1), (RIGHT, 1)]


def test_what_is_ahead_of_the_slowest_topic_waits_until_that_topic_moves() -> None:
    intake = _intake(LEFT, RIGHT)
    intake.add([_raw(LEFT, 0, 1), _raw(LEFT, 1, 2)])
    assert _taken(intake) == []
    intake.add([_raw(RIGHT, 0, 9)])
    assert _taken(intake) == [(LEFT, 0), (LEFT, 1)]


def test_in_wall_time_nothing_waits() -> None:
    intake = _intake(LEFT, RIGHT, merged=frozenset())
    intake.add([_raw(LEFT, 0, 1), _raw(LEFT, 1, 2)])
    assert _taken(intake) == [(LEFT, 0), (LEFT, 1)]


def test_a_topic_of_another_service_is_neither_waited_for_nor_made_to_wait() -> None:
    intake = _intake(LEFT, RIGHT, OURS)
    intake.add([_raw(OURS, 0, 1), _raw(LEFT, 0, 1)])
    assert _taken(intake) == [(OURS, 0)]


def test_a_late_record_is_handled_at_once_and_never_turns_the_clock_back() -> None:
    intake = _intake(LEFT, RIGHT)
    intake.add([_raw(LEFT, 0, 5), _raw(LEFT, 1, 1), _raw(LEFT, 2, 9), _raw(RIGHT, 0, 6), _raw(RIGHT, 1, 9)])
    positions = [arrival.position for arrival in intake.take(100)]
    assert positions == sorted(positions, key=lambda moment: moment or START)


def test_records_before_the_assigned_offset_are_dropped() -> None:
    intake = Intake(_decode, merged=frozenset())
    intake.assign({TopicPartition(LEFT, 0): 5}, {})
    intake.add([_raw(LEFT, 4, 1), _raw(LEFT, 5, 1), _raw(LEFT, 5, 1), _raw(LEFT, 8, 2)])
    arrivals = intake.take(10)
    assert [(arrival.begins_at, arrival.raw.offset) for arrival in arrivals] == [(5, 5), (6, 8)]


def test_a_mark_frees_what_is_earlier_in_the_other_topics_and_nothing_else() -> None:
    intake = _intake(LEFT, RIGHT)
    intake.add([_raw(LEFT, 0, 5, is_mark=True), _raw(RIGHT, 0, 5, is_mark=True)])
    assert _taken(intake) == [(LEFT, 0), (RIGHT, 0)]
    intake.add([_raw(RIGHT, 1, 4), _raw(RIGHT, 2, 5)])
    assert _taken(intake) == [(RIGHT, 1)], "at the very moment of the mark, the left may still bring one that is first"
    intake.add([_raw(LEFT, 1, 5)])
    assert _taken(intake) == [(LEFT, 1)]
    intake.add([_raw(LEFT, 2, 6, is_mark=True)])
    assert _taken(intake) == [(RIGHT, 2)]


def test_the_last_marks_of_all_topics_are_read_to_the_end() -> None:
    intake = _intake(LEFT, RIGHT)
    intake.add([_raw(LEFT, 0, 1), _raw(LEFT, 1, 5, is_mark=True), _raw(RIGHT, 0, 5, is_mark=True)])
    assert _taken(intake) == [(LEFT, 0), (LEFT, 1), (RIGHT, 0)]


STEP = st.tuples(st.sampled_from([LEFT, RIGHT]), st.integers(0, 3), st.booleans())


@given(st.lists(STEP, max_size=80), st.lists(st.integers(1, 7), min_size=1, max_size=80))
def test_the_order_is_the_same_at_any_speed(steps: list[tuple[str, int, bool]], batches: list[int]) -> None:
    """However the fetches fall and however much is taken at once, events and clock are the same."""
    hours, offsets, records = {LEFT: 0, RIGHT: 0}, {LEFT: 0, RIGHT: 0}, []
    for topic, pause, is_mark in [*steps, (LEFT, 99, True), (RIGHT, 99, True)]:
        hours[topic] += pause
        records.append(_raw(topic, offsets[topic], hours[topic], is_mark=is_mark))
        offsets[topic] += 1
    at_once, slowly = _intake(LEFT, RIGHT), _intake(LEFT, RIGHT)
    at_once.add(records)
    life: list[Arrival] = []
    for turn in range(len(records)):
        size = batches[turn % len(batches)]
        slowly.add(records[:size])
        records = records[size:]
        life += slowly.take(size)
    while more := slowly.take(3):
        life += more
    assert _events(life) == _events(at_once.take(1000))


def _events(arrivals: list[Arrival]) -> list[tuple[str, int, datetime | None]]:
    return [(a.raw.topic, a.raw.offset, a.position) for a in arrivals if not a.is_mark]
