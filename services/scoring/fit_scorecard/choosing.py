"""Whether the lifetime value is worth its price: a feature that is dear to reckon has to rank customers better."""

from collections.abc import Sequence

from fit_scorecard.banks import Observed
from fit_scorecard.documents import columns, fitted_on, variables
from fit_scorecard.fitting import Fitted
from fit_scorecard.measures import rank_correlation

DEAR = "lifetime_value"
LEAST_GAIN = 0.005
"""Of rank correlation, on every bank looked at; set before any was: docs/decisions/0042."""


def chosen(bank: Observed, others: Sequence[Observed]) -> Fitted:
    """The fit on `bank`, without the lifetime value unless it gains `LEAST_GAIN` on every one of `others`."""
    whole = fitted_on(bank)
    if DEAR not in whole.features:
        return whole
    rest = fitted_on(bank, without=DEAR)
    gains = [(one.plan.seed, _rank(whole, one) - _rank(rest, one)) for one in others]
    if gains and min(gain for _, gain in gains) >= LEAST_GAIN:
        return whole
    told = ", ".join(f"{gain:+.3f} on bank {seed}" for seed, gain in gains)
    why = (
        f"left out, since it costs fourteen times what a decision does without it and has to add {LEAST_GAIN} of rank"
        f" correlation on every bank judged on; it adds {told or 'nothing that was looked at'}"
    )
    return rest._replace(dropped={**rest.dropped, DEAR: why})


def _rank(fitted: Fitted, bank: Observed) -> float:
    return rank_correlation(fitted.points_of(columns(bank.values), variables()), bank.contribution)
