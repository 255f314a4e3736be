"""What a process knows of what is stored: how long it goes by it without looking again."""

from datetime import UTC, datetime, timedelta

import pytest

from scoring.challenger.domain.contest import Ring
from scoring.comparing import Compared
from scoring.exchange_rate.domain import Rates
from scoring.lifetime_value.domain.model import LifetimeModels
from scoring.segment.domain.model import SegmentModels

NOON = datetime(2026, 6, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize("kind", [Rates, LifetimeModels, SegmentModels, Ring])
def test_everything_is_looked_at_at_first_and_when_ten_seconds_are_over(kind: type[Compared]) -> None:
    known, other = kind(), kind()
    assert known.is_outdated(NOON)
    known.compared_at = NOON
    assert not known.is_outdated(NOON + timedelta(seconds=10))
    assert known.is_outdated(NOON + timedelta(seconds=10.1))
    assert other.is_outdated(NOON), "what one of them knows says nothing of another"


def test_a_clock_that_was_set_back_keeps_nobody_from_looking() -> None:
    known = Compared()
    known.compared_at = NOON
    assert known.is_outdated(NOON - timedelta(minutes=1))
