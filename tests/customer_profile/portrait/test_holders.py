"""What the documents of a portrait hold is in the data catalogue as what it is, not only as part of a portrait."""

from typing import get_args

import pytest

from customer_profile.portrait.domain import Kind
from customer_profile.portrait.facts import _STATES, _WORDS
from customer_profile.portrait.store.facts import ENTRIES, portrait_facts
from rapport.events.bank import InteractionRecorded
from rapport.events.base import Event
from rapport.privacy.catalogue.columns import codes_of
from rapport.privacy.catalogue.document import published
from rapport.privacy.catalogue.fields import entry_of_field, leaves_of

KINDS: dict[type[Event], Kind] = {
    **{event: kind for event, (kind, _) in _STATES.items()},
    **{event: kind for event, (kind, _, _) in _WORDS.items()},
    InteractionRecorded: "interaction",
}
NOT_KEPT = {"customer_id", "occurred_at", "consent_refused"}


def test_every_kind_says_what_it_holds() -> None:
    assert set(KINDS.values()) == set(get_args(Kind)) == set(ENTRIES)
    assert set(codes_of(portrait_facts.c.document, published())) == {"portrait-fact", *ENTRIES.values()}


@pytest.mark.parametrize("event", KINDS, ids=lambda event: event.name)
def test_a_document_holds_what_the_fields_of_its_event_are(event: type[Event]) -> None:
    fields = [entry_of_field(event.name, name, published()) for name in leaves_of(event) if name not in NOT_KEPT]
    held = {one.code for one in fields if one is not None and one.domain not in {"technical", "staff"}}
    assert held == {ENTRIES[KINDS[event]]}
