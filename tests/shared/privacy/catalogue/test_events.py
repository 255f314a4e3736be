"""No event carries who somebody is or what people write, but on the topics that are kept apart for it."""

from collections.abc import Iterator

import pytest
from pydantic import create_model

from rapport.events.base import Event
from rapport.events.catalogue import events
from rapport.privacy.catalogue.document import published
from rapport.privacy.catalogue.fields import entry_of_field, leaves_of

CONFIDENTIAL = {"customer-recorded", "feedback-submitted"}
FOR_COMPLIANCE = {"abnormal-activity-detected"}


def spilled(event: type[Event]) -> Iterator[str]:
    """Fields of an event for everybody that are identity, words, or of what is hidden from most, by the catalogue."""
    for name in leaves_of(event):
        entry = entry_of_field(event.name, name, published())
        is_open = entry is not None and entry.kind == "other" and entry.mask == "none" and not entry.encrypted
        if not event.is_confidential and not is_open:
            yield f"{event.name}.{name} is {entry.code if entry else 'unknown'}"


def test_identity_and_words_are_on_the_two_confidential_topics_alone() -> None:
    assert len(events()) > 20
    assert {event.name for event in events() if event.is_confidential} == CONFIDENTIAL | FOR_COMPLIANCE
    assert {event.name for event in events() if event.is_for_compliance} == FOR_COMPLIANCE
    assert [fault for event in events() for fault in spilled(event)] == []


@pytest.mark.parametrize(
    "field", [one for entry in published().entries if entry.kind != "other" for one in entry.names]
)
def test_a_field_of_identity_or_words_in_another_event_is_found(field: str) -> None:
    name, _, last = field.rpartition(".")
    planted = create_model("Planted", __base__=Event, **{last: (str, ...)})  # type: ignore[call-overload]
    planted.name = name or "planted"
    assert list(spilled(planted)) == [f"{planted.name}.{last} is {published().by_name[field].code}"]
    planted.is_confidential = True
    assert list(spilled(planted)) == []
