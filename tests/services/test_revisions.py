"""A revision that comes from outside is kept as it is told, or refused with its field: never a column too narrow."""

import pytest
from pydantic import ValidationError
from sqlalchemy import BigInteger

from rapport.composition import Composition
from rapport.events.base import Event
from rapport.events.catalogue import events
from tests.support.serving import Subject

OURS = {
    "churn_alert": {
        "alerts.revision",
        "lifecycles.revision",
        "lifecycle_transitions.revision",
        "interventions.revision",
        "abnormal_activities.revision",
        "risk_entries.revision",
        "retention_months.revision",
    },
    "scoring": {"standings.revision", "decisions.revision", "override_acts.revision", "appeals.revision"},
}
"""Counted up by one by the service itself, at most once an event of one customer."""
LARGEST = 2**63 - 1


def revisioned() -> list[type[Event]]:
    return [event for event in events() if "revision" in event.model_fields]


def test_columns_of_revisions_from_outside_are_as_wide_as_their_contract(
    subject: Subject, composition: Composition
) -> None:
    columns = [cell for table in composition.metadata.tables.values() for cell in table.columns]
    narrow = {str(cell) for cell in columns if "revision" in cell.name and not isinstance(cell.type, BigInteger)}
    assert narrow == OURS.get(subject.package, set())


@pytest.mark.parametrize("event", revisioned(), ids=lambda event: event.name)
def test_no_event_has_a_revision_that_no_column_holds(event: type[Event]) -> None:
    for revision, words in ((0, "greater than or equal to 1"), (LARGEST + 1, f"larger than {LARGEST}")):
        with pytest.raises(ValidationError) as found:
            event.model_validate({"revision": revision})
        assert [words in one["msg"] for one in found.value.errors() if one["loc"] == ("revision",)] == [True]
    with pytest.raises(ValidationError) as found:
        event.model_validate({"revision": LARGEST})
    assert ("revision",) not in {one["loc"] for one in found.value.errors()}
