"""A fitted model of segments, its versions, and what one says of a customer: the nearest centroid, in arithmetic."""

from dataclasses import dataclass
from datetime import datetime
from math import copysign, expm1, inf, log1p

from scoring.comparing import Compared
from scoring.scorecard.domain import Values

TRAITS = ("average_balance", "investments", "loans", "turnover", "active_days", "products")
"""What customers are clustered on, in this order."""
MONEY = frozenset({"average_balance", "investments", "loans", "turnover"})
"""Those of them that are money; the others are counts."""


def traits_of(values: Values, loans_minor: int, unit: int) -> tuple[float, ...]:
    """A customer's traits, each as its signed logarithm. `unit`: minor units of a whole one of the bank's currency, so
    that money below one is next to nothing, as a count below one is."""
    natural = (
        values.average_balance / unit,
        values.investments / unit,
        loans_minor / unit,
        values.turnover / unit,
        values.active_days,
        values.products,
    )
    return tuple([copysign(log1p(abs(one)), one) for one in natural])


def natural_of(trait: float) -> float:
    """The inverse of the signed logarithm."""
    return copysign(expm1(abs(trait)), trait)


@dataclass(frozen=True, slots=True)
class Scale:
    """By which one trait is told: from the centre of all customers, in steps of their spread. Both in logarithms."""

    trait: str
    centre: float
    spread: float


@dataclass(frozen=True, slots=True)
class Segment:
    """One cluster. `centroid`: on the scales of its model; `customers`: of the book, as of the fit."""

    name: str
    name_zh: str
    centroid: tuple[float, ...]
    customers: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """One clustering that was tried: how well apart clusters lie, and how far they are the same on another draw.

    `follows`: begun at the centroids of the former version, not afresh.
    """

    clusters: int
    silhouette: float
    stability: float
    follows: bool = False


@dataclass(frozen=True, slots=True)
class Figures:
    """What a fit rests on. `stability`: mean adjusted Rand index of refits on customers drawn anew, 1 if the same.

    `kept`: segments that are the former version's, and bear its names. `renamed`: share of the customers whose segment
    has another name than by the former version; None for the first.
    """

    customers: int
    fitted_on: int
    silhouette: float
    stability: float
    kept: int
    renamed: float | None
    tried: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Fitted:
    """A model as of the moment it was fitted for."""

    as_of: datetime
    unit: int
    scales: tuple[Scale, ...]
    segments: tuple[Segment, ...]
    figures: Figures

    def nearest(self, values: Values, loans_minor: int) -> Segment:
        """The segment whose centroid is nearest to a customer; of two as near the first."""
        told = zip(traits_of(values, loans_minor, self.unit), self.scales, strict=True)
        at = [(trait - scale.centre) / scale.spread for trait, scale in told]
        least, found = inf, self.segments[0]
        for segment in self.segments:
            away = sum([(here - there) ** 2 for here, there in zip(at, segment.centroid, strict=True)])
            if away < least:
                least, found = away, segment
        return found

    def natural(self, segment: Segment) -> tuple[float, ...]:
        """A centroid's traits as people read them: money in whole units, and counts."""
        return tuple(
            natural_of(scale.centre + scale.spread * place)
            for scale, place in zip(self.scales, segment.centroid, strict=True)
        )


@dataclass(frozen=True, slots=True)
class SegmentModel:
    """One version; it never changes."""

    version: int
    made_at: datetime
    fitted: Fitted


def segment_of(values: Values, loans_minor: int, model: SegmentModel | None) -> str | None:
    """The name of a customer's segment, by what is known of them now; None without a model."""
    return None if model is None else model.fitted.nearest(values, loans_minor).name


class SegmentModels(Compared):
    """The latest version of one bank. One object for a process: what is fitted meanwhile is taken up in it."""

    def __init__(self) -> None:
        self.latest: SegmentModel | None = None
