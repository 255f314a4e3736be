"""The numbers of delivery, by names of our own."""

import pytest

from rapport.messaging.offsets import Counts
from rapport.messaging.records import TopicPartition
from rapport.telemetry.metrics import Metrics
from rapport.telemetry.observer import DeliveryTelemetry


def _value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, {"service": "scoring", **labels})


def test_a_poll_is_counted_by_topic_and_outcome() -> None:
    metrics = Metrics("scoring")
    observer = DeliveryTelemetry(metrics)
    tp = TopicPartition("transaction-recorded", 3)
    counts = Counts(received=10, applied=7, duplicate=2, dead_lettered=1)
    observer.committed({tp: counts}, {tp: 42}, 0.01)
    observer.committed({tp: counts}, {tp: 0}, 0.01)
    for outcome, number in {"received": 20, "applied": 14, "duplicate": 4, "dead_lettered": 2}.items():
        assert _value(metrics, "rapport_events_total", topic="transaction-recorded", outcome=outcome) == number
    assert _value(metrics, "rapport_events_total", topic="transaction-recorded", outcome="skipped") is None
    assert _value(metrics, "rapport_lag_events", topic="transaction-recorded", partition="3") == 0
    assert _value(metrics, "rapport_poll_events_sum") == 20
    assert _value(metrics, "rapport_poll_seconds_count") == 2


def test_reactions_are_measured_from_publication_to_fact() -> None:
    metrics = Metrics("scoring")
    DeliveryTelemetry(metrics).relayed("tier-changed", 3, [0.004, 0.02, 0.5])
    assert _value(metrics, "rapport_relayed_events_total", topic="tier-changed") == 3
    assert _value(metrics, "rapport_reaction_seconds_count", topic="tier-changed") == 3
    assert _value(metrics, "rapport_reaction_seconds_bucket", topic="tier-changed", le="0.05") == 2


def test_what_needs_a_person_shows() -> None:
    metrics = Metrics("scoring")
    observer = DeliveryTelemetry(metrics)
    assert _value(metrics, "rapport_consumer_stopped") == 0
    observer.fenced()
    observer.rolled_back(TimeoutError())
    observer.part_failed("relay", OSError())
    observer.sweep_failed("risk", "RiskMissing: there is no such risk")
    observer.stopped("100 dead letters in a row")
    assert _value(metrics, "rapport_fenced_polls_total") == 1
    assert _value(metrics, "rapport_rolled_back_polls_total", error="TimeoutError") == 1
    assert _value(metrics, "rapport_failed_parts_total", part="relay") == 1
    assert _value(metrics, "rapport_failed_sweeps_total", sweep="risk") == 1
    assert _value(metrics, "rapport_consumer_stopped") == 1


@pytest.mark.parametrize("name", ["scoring", "feedback"])
def test_two_services_in_one_process_share_no_counter(name: str) -> None:
    metrics = Metrics(name)
    assert b"rapport_fenced_polls_total{" not in metrics.render()
