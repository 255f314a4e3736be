"""A refit that is worse than the model in force anywhere is refused, by the name of the figure and both its values."""

import pytest

from churn_alert.risk.documents import RiskModelDocument, read_document
from fit_risk_model.beside import Beside
from fit_risk_model.fitting import RefitRefused
from fit_risk_model.samples import Known, Seen, seen_at
from tests.fit_risk_model.test_refitting import SOURCE, book_of, draft_of

BOOK = book_of(1)
FORMER = read_document()


def seen() -> list[Seen]:
    known: Known = SOURCE.known
    return seen_at(BOOK, SOURCE.windows(BOOK.days, 90).test, known, FORMER.overdispersion)


def beside(draft: RiskModelDocument, former: RiskModelDocument = FORMER) -> Beside:
    found = Beside(draft, former)
    found.on_later_midnights(BOOK, seen())
    return found


def saying(draft: RiskModelDocument, by: float) -> RiskModelDocument:
    """The same, every probability moved by so much in log-odds: it ranks alike and is believed wrongly."""
    horizons = tuple(
        one.model_copy(
            update={
                "calibration": one.calibration.model_copy(
                    update={"points": tuple((x, y + by) for x, y in one.calibration.points)}
                )
            }
        )
        for one in draft.horizons
    )
    return draft.model_copy(update={"horizons": horizons, "version": draft.version + 1})


def test_what_is_no_worse_is_taken() -> None:
    fitted = draft_of(BOOK, FORMER).document
    found = beside(fitted)
    assert found.by_version().keys() == {"version 2", "version 3"}
    assert beside(FORMER.model_copy(update={"version": 3})).worse() == []


def test_what_foretells_a_later_time_worse_is_refused_with_both_values() -> None:
    fitted = draft_of(BOOK, FORMER).document
    found = beside(saying(fitted, 3.0), fitted)
    worse = found.worse()
    assert len(worse) == 4, "Brier score and calibration error of both horizons; the ranking is the same"
    for figure in worse:
        name, _, values = figure.rpartition(": ")
        assert name.startswith("a drawn bank, later, ")
        kind, mine, _, before = values.rsplit(" ", 3)
        assert kind in {"Brier score", "calibration error"}
        assert float(mine) > float(before)
    with pytest.raises(RefitRefused, match=r"worse by 4 of 6 figures: .*Brier score"):
        found.demand_not_worse()


@pytest.mark.parametrize(
    ("draft", "former", "is_worse"),
    [
        ({"bank 202: recall": 0.5}, {"bank 202: recall": 0.9}, True),
        ({"bank 202: recall": 0.9}, {"bank 202: recall": 0.5}, False),
        ({"bank 202: median lead in days": 3}, {"bank 202: median lead in days": 6.0}, True),
        ({"bank 202: median lead in days": None}, {"bank 202: median lead in days": 6.0}, True),
        ({"later: Brier score": 0.02}, {"later: Brier score": 0.01}, True),
        ({"later: Brier score": 0.01}, {"later: Brier score": 0.02}, False),
    ],
)
def test_more_is_better_of_all_but_of_errors_and_nothing_found_is_worse_than_something(
    draft: dict[str, float | None], former: dict[str, float | None], is_worse: bool
) -> None:
    found = Beside(FORMER.model_copy(update={"version": 3}), FORMER)
    found.columns = {"draft": draft, "former": former}
    assert bool(found.worse()) == is_worse


def test_the_card_of_the_model_in_force_has_both_columns_and_they_say_that_it_stays() -> None:
    refused = FORMER.card["refit_refused"]["figures"]
    found = Beside(FORMER.model_copy(update={"version": 3}), FORMER)
    found.columns = {"draft": refused["version 3"], "former": refused["version 2"]}
    with pytest.raises(RefitRefused, match=r"bank 7001: recall 0\.638 after 0\.964"):
        found.demand_not_worse()
