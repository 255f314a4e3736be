"""Evidence as people read it, and why this tier in one or two English sentences that a customer manager can pass on."""

from typing import TypedDict

from scoring.scorecard.domain import Dimension, Unit
from scoring.standing.domain.decision import Decision
from scoring.standing.domain.evidence import Evidence
from scoring.standing.domain.languages import value_of
from scoring.standing.domain.people import PeopleAct
from scoring.standing.domain.state import Bank
from scoring.standing.domain.worth import is_by_value

_SPOKEN_REASONS = 2
_BY_ACT: dict[PeopleAct, str] = {
    "override-began": "by people's override",
    "override-replaced": "by people's override that replaced another",
    "override-ended": "as people's override ended",
    "override-revoked": "as people revoked their override",
    "automation-refused": "as automated decisions were refused",
    "refusal-withdrawn": "as the refusal of automated decisions was taken back",
    "consent-refused": "as consent to tiering was declined or withdrawn",
    "consent-given": "as consent to tiering was given",
    "relationship-restricted": "as the relationship was restricted",
    "relationship-resumed": "as the restriction of the relationship was lifted",
}


class ToldEvidence(TypedDict):
    """One feature as told over REST and kept with a decision; numbers as decimal strings, money in whole units."""

    feature: str
    dimension: Dimension
    words: str
    unit: Unit
    value: str | None
    bin_from: str | None
    bin_below: str | None
    points: int
    typical_points: float
    shortfall: float


def told(item: Evidence, bank: Bank) -> ToldEvidence:
    """One feature as told."""
    feature, unit = item.feature, item.feature.unit
    return {
        "feature": feature.name,
        "dimension": feature.dimension,
        "words": feature.words,
        "unit": unit,
        "value": number(item.value, unit, bank),
        "bin_from": number(item.lower_edge, unit, bank),
        "bin_below": number(item.upper_edge, unit, bank),
        "points": item.points,
        "typical_points": feature.typical_points,
        "shortfall": round(item.shortfall, 3),
    }


def number(value: float | None, unit: Unit, bank: Bank) -> str | None:
    """A value or an edge as a decimal string; None where nothing is known."""
    if value is None:
        return None
    match unit:
        case "money":
            return f"{value / 10**bank.minor_digits:.{bank.minor_digits}f}"
        case "days" | "products" | "loan-class":
            return f"{value:.0f}"
        case _:
            return f"{value:.4f}"


def reason_in_words(item: Evidence, bank: Bank) -> str:
    """What holds a customer down: `active products held (1 product: 6 points, a typical customer has 10)`."""
    feature, value = item.feature, value_of(item.value, item.feature.unit, bank).en
    return f"{feature.words} ({value}: {item.points} points, a typical customer has {feature.typical_points:.0f})"


def explain(decision: Decision, bank: Bank) -> str:
    """Why this tier: what was decided when by which points, and what holds the customer down most."""
    day = decision.decided_at.astimezone(bank.zone).date().isoformat()
    shares = ", ".join(f"{name} {points}" for name, points in decision.points_by_dimension.items())
    made_of = f"{decision.points} points ({shares}; scorecard {decision.card.version})"
    if decision.people_act is not None:
        return f"The customer {_moved(decision)} on {day} {_BY_ACT[decision.people_act]}, with {made_of}."
    said = f"The customer {_moved(decision)} on {day} with {made_of}."
    value = decision.values.lifetime_value
    if is_by_value(decision.card.thresholds, decision.old_tier, decision.tier, decision.points, value):
        said += f" The tier rests on an expected lifetime value of {value_of(value, 'money', bank).en}."
    reasons = decision.reasons[:_SPOKEN_REASONS]
    if not reasons:
        return f"{said} Nothing earns fewer points than a typical customer has."
    return f"{said} Held down most by " + " and by ".join(reason_in_words(item, bank) for item in reasons) + "."


def _moved(decision: Decision) -> str:
    tier, old, ladder = decision.tier, decision.old_tier, decision.card.thresholds.tiers
    if old is None:
        return f"was first rated {tier}"
    if old == tier:
        return f"stayed {tier}, now step {decision.place.rank} of {decision.place.ladder} from the top,"
    if old not in ladder:
        return f"came from {old} of another ladder to {tier}"
    return f"{'rose' if ladder.index(tier) > ladder.index(old) else 'fell'} from {old} to {tier}"
