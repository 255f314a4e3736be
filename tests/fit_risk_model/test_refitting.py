"""A refit: strictly out of time, refused where it degenerates, and otherwise the next version of the document."""

from datetime import UTC, datetime, timedelta
from random import Random

import numpy as np
import pytest

from churn_alert.risk.documents import RiskModelDocument, read_document
from churn_alert.risk.domain.behaviour import Bank as Rulebook
from churn_alert.risk.domain.calibration import Calibration
from fit_risk_model.archived import demand_no_gap, fallen
from fit_risk_model.books import Book, Told
from fit_risk_model.drafts import Draft, bettered, drafted
from fit_risk_model.fitting import RefitRefused, calibrated
from fit_risk_model.samples import Known
from fit_risk_model.sources import Source, lately, quartered
from fit_risk_model.windows import Windows, WindowsInvalid, drifted, seen_in
from tests.churn_alert.lives import paid

START = datetime(2025, 1, 1, tzinfo=UTC)
DAYS = 420
SOURCE = Source((30, 90), quartered, Known(timedelta(days=75), 10), {"silence": (0.1, None)}, "nothing")


def book_of(seed: int, *, truth: bool = True) -> Book:
    """Customers of a pace of their own, of whom some slow down for a month and stop; `truth`: or outcomes by lot."""
    random, lives, stops = Random(seed), {}, {}
    for number in range(160):
        key, pace = f"c-{number}", random.choice([0.3, 0.6, 1.2])
        stops[key] = random.uniform(90, DAYS) if random.random() < 0.6 else 10.0 * DAYS
        day, told = random.uniform(0, 20), []
        while day < min(stops[key], DAYS):
            at = START + timedelta(days=day)
            told.append(Told(at, paid(key, at, transaction_no=f"t-{day}")))
            slowed = pace / 4 if day > stops[key] - 30 else pace
            day += random.expovariate(slowed)
        if told:
            lives[key] = told

    def stopped(customer: str, at: datetime, days: int) -> bool | None:
        if at + timedelta(days=days) > START + timedelta(days=DAYS):
            return None
        if not truth:
            return Random(f"{customer} {at} {days}").random() < 0.3
        return (at - START).days + days >= stops[customer]

    return Book("a drawn bank", Rulebook("CNY", UTC), lives, START, DAYS, {"stopped": stopped})


def draft_of(book: Book, former: RiskModelDocument, *, recalibrates: bool = False) -> Draft:
    windows = SOURCE.windows(book.days, 90)
    seen = seen_in(book, windows, SOURCE.known, former.overdispersion)
    return drafted(book, seen, windows, SOURCE, former, recalibrates=recalibrates)


def test_a_refit_is_the_next_version_and_ranks_and_foretells_customers_of_a_later_time() -> None:
    former = read_document()
    draft = draft_of(book_of(1), former)
    again = RiskModelDocument.model_validate_json(draft.document.model_dump_json())
    assert again.version == former.version + 1
    assert [one.days for one in again.model().horizons] == [30, 90]
    assert again.model().upper == former.thresholds.upper
    for made in draft.made:
        assert made.figures["auc"] > 0.75
        assert made.figures["expected_calibration_error"] < 0.15


def test_a_recalibration_keeps_the_weights_and_warns_of_the_same_customers() -> None:
    former = read_document()
    document = draft_of(book_of(1), former, recalibrates=True).document
    before, after = former.model(), document.model()
    assert [one.weights for one in after.horizons] == [one.weights for one in before.horizons]
    assert after.upper_log_odds == pytest.approx(before.upper_log_odds, abs=0.01)
    assert after.horizons[0].calibration != before.horizons[0].calibration


def better_of(book: Book, former: RiskModelDocument) -> Draft:
    windows = SOURCE.windows(book.days, 90)
    return bettered(book, seen_in(book, windows, SOURCE.known, former.overdispersion), windows, SOURCE, former)


def test_only_a_horizon_that_foretells_a_later_time_better_is_taken_and_all_else_stays() -> None:
    former, book = read_document(), book_of(1)
    draft = better_of(book, former)
    named = f"version {former.version}"
    for made, before, after in zip(draft.made, former.horizons, draft.document.horizons, strict=True):
        is_better = made.figures["brier_score"] < made.figures[named]["brier_score"]
        assert made.figures["taken"] == is_better
        assert after == (made.document if is_better else before)
    assert any(made.figures["taken"] for made in draft.made)
    changed = {"version", "reason", "horizons", "card"}
    assert draft.document.model_dump(exclude=changed) == former.model_dump(exclude=changed)
    assert draft.document.version == former.version + 1

    twice = better_of(book_of(1), former).document
    written = [one.model_dump_json(indent=2) for one in (draft.document, twice)]
    assert written[0] == written[1]
    RiskModelDocument.model_validate_json(written[0]).model()


def test_a_refit_that_foretells_nothing_better_than_the_model_there_is_is_refused() -> None:
    book = book_of(1)
    best = draft_of(book, read_document()).document
    with pytest.raises(RefitRefused, match=f"better than version {best.version}"):
        better_of(book, best)


def test_a_calibration_moves_by_how_much_more_drift_away_of_late() -> None:
    line = Calibration(((-4.0, -4.0), (4.0, 5.0)))
    quarter, half = np.array([1.0] * 25 + [0.0] * 75), np.array([1.0] * 50 + [0.0] * 50)
    moved = drifted(line, quarter, half)
    assert moved.points[0][1] == pytest.approx(-4.0 + np.log(75.5 / 25.5), abs=1e-4)
    assert moved.points[1][1] - moved.points[0][1] == pytest.approx(9.0, abs=1e-3)
    assert drifted(line, half, half) == line
    assert np.isfinite(drifted(line, half, np.zeros(100)).points[0][1])


def test_a_refit_on_what_cannot_be_foretold_is_refused() -> None:
    with pytest.raises(RefitRefused, match=r"the calibration: its slope|the test: AUC"):
        draft_of(book_of(2, truth=False), read_document())


def test_a_refit_on_too_few_is_refused() -> None:
    book = book_of(3)
    few = book._replace(lives=dict(list(book.lives.items())[:12]))
    with pytest.raises(RefitRefused, match=r"needed|fewer than"):
        draft_of(few, read_document())


def test_a_calibration_that_a_later_window_turns_round_is_refused() -> None:
    odds = np.linspace(-3, 3, 200)
    with pytest.raises(RefitRefused, match="slope"):
        calibrated(odds, (odds < 0).astype(float))
    with pytest.raises(RefitRefused, match="slope"):
        calibrated(odds, (np.arange(200) % 2).astype(float))


@pytest.mark.parametrize(
    ("windows", "named"),
    [
        (Windows((100, 150), (140,), (300,)), "calibrate: begins on day 140"),
        (Windows((100,), (200,), (280,)), "test: begins on day 280, before what came of the others, by day 290"),
        (Windows((), (200,), (400,)), "train and test"),
        (Windows((100,), (200,), (400,), (371,)), "recent: with a calibration, and its month over by day 400"),
        (Windows((100,), (), (400,), (300,)), "recent"),
    ],
)
def test_windows_that_are_not_out_of_time_are_refused_by_name(windows: Windows, named: str) -> None:
    with pytest.raises(WindowsInvalid, match=named):
        windows.demand_order(90)


def test_the_windows_of_a_bank_are_out_of_time_for_any_length_of_history() -> None:
    for days in range(380, 1200, 37):
        quartered(days, 90).demand_order(90)
        lately(days, 90).demand_order(90)


def test_who_drifts_away_in_a_banks_own_history_does_three_tenths_of_the_usual_or_nothing() -> None:
    at = START + timedelta(days=100)
    every = [Told(START + timedelta(days=day), paid("c-1", START + timedelta(days=day))) for day in range(200)]
    told = {
        "steady": every,
        "silent": every[:100],
        "slow": every[:100] + every[100:130:5],
        "slower": every[:100] + every[100:130:4],
        "new": every[95:],
    }
    fell = fallen(told, START + timedelta(days=200))
    assert [fell(key, at, 30) for key in told] == [False, True, True, True, None]
    assert fell("slower", at, 20) is True
    assert fell("steady", at, 120) is None


def test_a_history_in_which_nothing_was_told_of_anybody_for_days_is_refused_with_its_days() -> None:
    def told(days: range) -> list[Told]:
        return [Told(START + timedelta(days=day), paid("c-1", START + timedelta(days=day))) for day in days]

    demand_no_gap({"c-1": told(range(0, 40, 8)), "c-2": told(range(4, 40, 8))})
    demand_no_gap({})
    with pytest.raises(ValueError, match=r"gap: .* from 2025-01-11 00:00 to 2025-01-16 00:00"):
        demand_no_gap({"c-1": told(range(11)), "c-2": told(range(15, 30))})
