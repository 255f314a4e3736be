"""Lifetime values of simulated banks: by a model as the service would have fitted it that day, or truly not known."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, time

import numpy as np
import pytest

from fit_scorecard.banks import BANK, Observed, observed
from fit_scorecard.card import card_of
from fit_scorecard.documents import document_of, fitted_on
from fit_scorecard.judging import judged
from fit_scorecard.lifetime import Lifetime, lifetime_of
from rapport.behaviour.daily_counts import DailyCounts
from rapport.events.bank import TransactionRecorded
from rapport.events.money import minor_units
from scoring.lifetime_value.domain.fitting import fit, terms_of
from scoring.lifetime_value.domain.model import Activity, LifetimeModel
from scoring.scorecard.domain import Values
from scoring.standing.domain.state import Standing
from simulator.bank import Bank
from simulator.wire import moment
from tests.scoring.lifetime_value.banks import FITTED, NOW, book_of, customers

PLACE = Values._fields.index("lifetime_value")


@pytest.fixture(scope="module")
def valued() -> Observed:
    """A small bank whose customers are valued by a model of others."""
    return observed(1, 60, Lifetime(LifetimeModel(1, NOW, FITTED)))


@pytest.fixture(scope="module")
def unvalued() -> Observed:
    """The same bank, too small to determine a model of its own."""
    return observed(1, 60)


def card(bank: Observed) -> str:
    fitted = fitted_on(bank)
    document = document_of(fitted, bank, "to be looked at")
    return " ".join(card_of(document, fitted, bank, [judged(document, bank, bank)], "a command").split())


def standings_of(everybody: Mapping[str, Activity]) -> dict[str, Standing]:
    return {key: Standing(key, active_days=one.days, own_minor=one.minor) for key, one in everybody.items()}


def activity_before(midnight: datetime, bank: Observed) -> dict[str, Activity]:
    """Own days and money of each customer by what the core had told before then, counted from its records."""
    minor: Counter[str] = Counter()
    days: defaultdict[str, Counter[datetime]] = defaultdict(Counter)
    for record in Bank(bank.plan).records():
        if moment(record.time_ms) >= midnight:
            break
        if record.topic != TransactionRecorded.name or b'"customer_id"' not in record.value:
            continue
        fact = TransactionRecorded.model_validate_json(record.value)
        if fact.initiator == "customer":
            of, sign = (fact.reverses, -1) if fact.reverses else (fact, 1)
            day = of.occurred_at.astimezone(BANK.zone).date()
            days[fact.customer_id][datetime.combine(day, time.min)] += sign
            minor[fact.customer_id] += sign * minor_units(fact.amount, fact.currency)
    return {
        key: Activity(_counts([day for day, times in one.items() if times > 0]), minor[key])
        for key, one in days.items()
    }


def _counts(days: list[datetime]) -> DailyCounts:
    first, *others = (day.date() for day in sorted(days))
    counts = DailyCounts.on(first)
    for day in others:
        counts = counts.add(day)
    return counts


def test_a_model_is_the_one_that_the_service_fits_to_the_same_customers_at_the_same_moment() -> None:
    everybody = customers(600)
    found = lifetime_of(standings_of(everybody), NOW, BANK)
    expected = fit(book_of(everybody), terms_of(0.001, 0.08))
    assert found.model is not None and found.refusal == ""
    assert found.model.fitted.as_of == NOW
    assert asdict(found.model.fitted.activity) == pytest.approx(asdict(expected.activity), rel=1e-4)
    assert asdict(found.model.fitted.terms) == pytest.approx(asdict(expected.terms), rel=1e-4)


def test_customers_are_valued_by_what_was_known_on_the_day_and_nothing_of_the_year_after(valued: Observed) -> None:
    midnight = datetime.combine(valued.scored_on, time.min, BANK.zone)
    activity = activity_before(midnight, valued)
    expected = [FITTED.value_of(one.days, one.minor, midnight, BANK.zone) for _, one in sorted(activity.items())]
    found = valued.values[:, PLACE]
    assert found[~np.isnan(found)] == pytest.approx(expected)
    assert not np.array_equal(found, valued.later[:, PLACE])


def test_where_no_model_is_determined_the_value_is_known_of_nobody_and_the_card_says_why(unvalued: Observed) -> None:
    assert unvalued.lifetime.model is None
    assert np.isnan(unvalued.values[:, PLACE]).all() and np.isnan(unvalued.later[:, PLACE]).all()
    said = card(unvalued)
    assert f"refused to fit a model ({unvalued.lifetime.refusal})" in said
    assert "`lifetime_value`: was not known of anybody" in said


def test_where_there_is_a_model_the_card_says_what_it_rests_on(valued: Observed) -> None:
    said = card(valued)
    assert "900 customers, with a calibration of 0.970 ± 0.010" in said
    assert "a margin of 0.1% and a discount of 8% a year" in said
    assert "was not known of anybody" not in said
