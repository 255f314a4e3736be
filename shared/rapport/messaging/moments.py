"""When what an event says came about, and whether that is yet to come."""

from datetime import datetime
from functools import lru_cache
from types import UnionType
from typing import get_args

from pydantic import BaseModel

from rapport.events.base import Event

_NAMES = ("occurred_at", "submitted_at", "recorded_at", "as_of")


def yet_to_come(event: Event, latest: datetime) -> str | None:
    """The field of a moment after `latest`, also of what the event is about, as of a posting that it takes back."""
    for within, name in _moments_of(type(event)):
        holder = getattr(event, within) if within else event
        if holder is not None and getattr(holder, name) > latest:
            return f"{within}.{name}" if within else name
    return None


@lru_cache
def _moments_of(event_class: type[Event]) -> tuple[tuple[str | None, str], ...]:
    own: list[tuple[str | None, str]] = [(None, name) for name in _NAMES if name in event_class.model_fields]
    for within, field in event_class.model_fields.items():
        said = field.annotation
        for kind in get_args(said) if isinstance(said, UnionType) else (said,):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                own += [(within, name) for name in _NAMES if name in kind.model_fields]
    return tuple(own)
