"""When a customer is placed in a segment: as each of the bank's months begins, and by silence no sooner.

Not at every event: traits wander all day long, and whoever lies between two segments would go to and fro.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import NamedTuple

from scoring.segment.domain.model import SegmentModel, segment_of
from scoring.standing.domain.assets import beginning_of, month_of
from scoring.standing.domain.evidence import values_of
from scoring.standing.domain.rules import Rules
from scoring.standing.domain.state import Standing


@dataclass(frozen=True, slots=True)
class Membership:
    """The segment a customer is in as it was told, and when it is looked at next. `revision`: 0 before the first.

    `segments_version`: of the model that placed the customer here, which later ones may have confirmed.
    """

    customer_id: str
    due_at: datetime
    segment: str | None = None
    old_segment: str | None = None
    since: datetime | None = None
    segments_version: int | None = None
    revision: int = 0


class Placing(NamedTuple):
    """What customers are placed by."""

    model: SegmentModel
    rules: Rules


def next_month(at: datetime, zone: tzinfo) -> datetime:
    """The first beginning of a month of the bank's calendar after this moment."""
    return beginning_of(month_of(at.astimezone(zone).date()) + 1, zone)


def placed(known: Membership, standing: Standing, at: datetime, by: Placing) -> Membership:
    """The customer as of `at`, whose standing is as it was then: unchanged where the segment is the same, and where
    people alone decide on the customer, who refused to be sorted by automation or is restricted."""
    if standing.people_only:
        return known
    values = values_of(standing, at, by.rules.bank, by.rules.rates)
    name = segment_of(values, standing.holdings.loans_minor, by.model)
    if name == known.segment:
        return known
    since = at if known.since is None else max(at, known.since)
    return replace(
        known,
        segment=name,
        old_segment=known.segment,
        since=since,
        segments_version=by.model.version,
        revision=known.revision + 1,
    )


def lived(known: Membership, standing: Standing, until: datetime, by: Placing) -> Iterator[Membership]:
    """The customer after each month that began up to `until`, with nothing heard of them in between."""
    while known.due_at <= until:
        at = known.due_at
        known = replace(placed(known, standing, at, by), due_at=next_month(at, by.rules.bank.zone))
        yield known
