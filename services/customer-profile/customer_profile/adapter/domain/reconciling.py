"""A core's own list of a day against what was told of it."""

from collections.abc import Mapping, Set
from dataclasses import dataclass

from customer_profile.adapter.domain.postings import Number


@dataclass(frozen=True, slots=True)
class Findings:
    """Numbers of postings, sorted. `waiting`: received, and parked until their account or their original comes."""

    equal: int
    missing: tuple[Number, ...]
    waiting: tuple[Number, ...]
    different: tuple[Number, ...]
    extra: tuple[Number, ...]

    @property
    def agrees(self) -> bool:
        """Whether the stream told all that the core lists, and nothing else."""
        return not (self.missing or self.waiting or self.different or self.extra)


def compare(
    listed: Mapping[Number, bytes], told: Mapping[Number, bytes], of_day: Set[Number], parked: Set[Number]
) -> Findings:
    """`listed`, `told`: content by number. `of_day`: told and dated in the day; `parked`: listed and waiting."""
    absent = listed.keys() - told.keys()
    same = {number for number in listed.keys() & told.keys() if listed[number] == told[number]}
    return Findings(
        equal=len(same),
        missing=tuple(sorted(absent - parked)),
        waiting=tuple(sorted(absent & parked)),
        different=tuple(sorted((listed.keys() & told.keys()) - same)),
        extra=tuple(sorted(of_day - listed.keys())),
    )
