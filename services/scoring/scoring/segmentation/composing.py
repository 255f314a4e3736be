"""How segments are told joins the service, once all that decides is there: it looks on, and nothing asks it."""

from dataclasses import replace
from functools import partial
from typing import Any

from rapport.composition import Composition
from rapport.events.base import Event
from rapport.events.customer_profile import CustomersMerged, CustomersUnmerged
from rapport.messaging.poll import Handler
from rapport.messaging.retelling import States
from rapport.messaging.sweeper import Sweep
from scoring.segment.domain.model import SegmentModels
from scoring.segmentation.handlers import bring_model, fire_due_memberships, with_groups
from scoring.segmentation.store import customer_segments, read_states
from scoring.standing.domain.rules import Rules


def segmented(composition: Composition, segments: SegmentModels, rules: Rules) -> Composition:
    """The service that also tells which segment customers are in."""
    given: Any = {"models": segments, "rules": rules}
    heard = composition.subscriptions
    grouped: dict[type[Event], Handler] = {
        event: with_groups(heard[event], **given) for event in (CustomersMerged, CustomersUnmerged)
    }
    return replace(
        composition,
        subscriptions={**heard, **grouped},
        sweeps=(*composition.sweeps, Sweep("segments", customer_segments, partial(fire_due_memberships, **given))),
        states=(*composition.states, States("segments", read_states)),
        jobs={**composition.jobs, "segments": partial(bring_model, **given)},
        state={**composition.state, "segments": segments},
    )
