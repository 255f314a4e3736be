"""A standing as JSON, written by hand: through the response model it would cost as much as the rest of the request.

What never changes of a scorecard's bins is written once; a test holds the text against the model.
"""

import json
from datetime import datetime
from functools import lru_cache
from typing import Any

from pydantic_core import to_json

from rapport.events.money import decimal_string
from scoring.scorecard.domain import Feature, Values
from scoring.segment.domain.model import SegmentModel
from scoring.standing.domain.evidence import (
    Evidence,
    evidence_of,
    foreign_assets_of,
    lifetime_value_of,
    points_by_dimension,
    reasons_in,
    values_of,
)
from scoring.standing.domain.foreign import Assets
from scoring.standing.domain.rules import Rules
from scoring.standing.domain.state import Bank, Standing
from scoring.standing.domain.words import number, reason_in_words, told
from scoring.standing.store.reading import Seen

_HERE = "@value@"


def standing_as_json(seen: Seen, as_of: datetime, rules: Rules, segments: SegmentModel | None) -> str:
    """The text of a `StandingView`: the tier as last decided, everything else as of `as_of`."""
    standing, bank, days = seen.standing, rules.bank, seen.standing.active_days
    card = rules.cards.at(as_of)
    values = values_of(standing, as_of, bank, rules.rates, rules.model_for(as_of, card))
    evidence = evidence_of(card, values)
    rest = {
        "customer_id": seen.customer_id,
        "merged_into": seen.merged_into,
        "files": seen.files or (standing.customer_id,),
        "tier": standing.tier,
        "tier_since": standing.tier_since,
        "below_since": standing.below_since,
        "decided_at": standing.decided_at,
        "due_at": standing.due_at,
        "scorecard_tier": standing.course.tier,
        "override_until": standing.override.until if standing.override else None,
        "people_only": standing.people_only,
        "consent_refused": standing.consent_refused,
        "is_restricted": standing.is_restricted,
        "revision": standing.revision,
        "points": sum([item.points for item in evidence]),
        "points_by_dimension": points_by_dimension(evidence),
        "reasons": [reason_in_words(item, bank) for item in reasons_in(evidence)],
        "transactions": standing.transactions,
        "foreign_currency_transactions": standing.foreign_currency_transactions,
        "first_active_on": days.first_day if days else None,
        "last_active_on": days.last_day if days else None,
        "foreign_assets": [_foreign(one) for one in foreign_assets_of(standing, as_of, bank, rules.rates)],
        "currency": bank.currency,
        "scorecard_version": card.version,
        "lifetime_value": _lifetime_value(standing, as_of, rules),
        "segment": None if segments is None else _segment(standing, values, segments),
        "as_of": as_of,
        "lag": seen.lag,
        "lag_known_at": seen.lag_known_at,
    }
    items = ",".join([_item(one, bank) for one in evidence])
    return f'{to_json(rest).decode()[:-1]},"evidence":[{items}]}}'


def _foreign(held: Assets) -> dict[str, Any]:
    rate = held.rate
    return {
        "currency": held.currency,
        "average": decimal_string(round(held.average), held.currency),
        "rate": f"{float(rate.price):.8f}" if rate else None,
        "rate_date": rate.day if rate else None,
    }


def _lifetime_value(standing: Standing, as_of: datetime, rules: Rules) -> dict[str, Any] | None:
    model = rules.models.latest
    minor = None if model is None else lifetime_value_of(standing, model, as_of, rules.bank)
    if model is None or minor is None:
        return None
    terms = model.fitted.terms
    return {
        "amount": number(minor, "money", rules.bank),
        "months": terms.periods,
        "calibration": terms.calibration,
        "standard_error": model.fitted.standard_error,
        "model_version": model.version,
    }


def _segment(standing: Standing, values: Values, model: SegmentModel) -> dict[str, Any]:
    segment = model.fitted.nearest(values, standing.holdings.loans_minor)
    return {"name": segment.name, "name_zh": segment.name_zh, "model_version": model.version}


def _item(item: Evidence, bank: Bank) -> str:
    before, after = _frame(item.feature, item.bin, item.points, bank)
    value = number(item.value, item.feature.unit, bank)
    return f"{before}null{after}" if value is None else f'{before}"{value}"{after}'


@lru_cache(maxsize=4096)
def _frame(feature: Feature, place: int | None, points: int, bank: Bank) -> tuple[str, str]:
    """The text of one bin before and after the value."""
    frame = told(Evidence(feature, None, place, points), bank) | {"value": _HERE}
    before, after = json.dumps(frame).split(f'"{_HERE}"')
    return before, after
