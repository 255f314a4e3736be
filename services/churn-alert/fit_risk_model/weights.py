"""The numbers of a model, fitted: the weights, the lifetime of MBG/NBD, and how much money usually leaves."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from churn_alert.risk.domain.crossing import Rules, anchor_of
from churn_alert.risk.domain.model import RiskModel, Weights
from churn_alert.risk.normal_ranges import read_ranges
from fit_risk_model.banks import BANK, Simulated, folded
from fit_risk_model.progress import shown
from fit_risk_model.samples import TERMS, Samples
from rapport.behaviour.fit import FitRefused, fit_mbg_of_loyal

LEAST = {"silence": 0.1}
"""The fit alone gives silence no weight beside the ratios; held up, so that every long silence raises the risk."""
MOST = {"negatives": 1.5}
"""How often simulated decliners complain is invented, so the fit is not believed further than this."""


def fit_weights(samples: Samples) -> Weights:
    """Logistic regression, lightly shrunk, each weight within its bounds."""
    terms, declining = samples
    bounds = [(None, None), *((LEAST.get(name, 0.0), MOST.get(name)) for name in TERMS)]

    def loss(beta: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        odds = beta[0] + terms @ beta[1:]
        apart = 1.0 / (1.0 + np.exp(-odds)) - declining
        slopes = np.concatenate([[apart.sum()], terms.T @ apart + 2.0 * beta[1:]])
        return float((np.logaddexp(0.0, odds) - declining * odds).sum() + (beta[1:] ** 2).sum()), slopes

    found = minimize(loss, np.array([-4.0] + [0.5] * len(TERMS)), jac=True, method="L-BFGS-B", bounds=bounds)
    return Weights(*(round(float(value), 3) for value in found.x))


def lifetime_of(bank: Simulated) -> str:
    """MBG/NBD on the customers' active days, in days; with a held at 1 where the free fit is refused."""
    risks = [folded(life) for life in shown(bank.lives.values(), f"active days of bank {bank.seed}")]
    histories = [risk.active_days.history(bank.end, BANK.zone) for risk in risks if risk.active_days]
    try:
        fit = fit_mbg_of_loyal(histories)
    except FitRefused as refusal:
        return f"none: {refusal}"
    if not fit.a_is_held:
        return str(fit.parameters)
    r, alpha, b = (float(f"{value:.4g}") for value in (fit.parameters.r, fit.parameters.alpha, fit.parameters.b))
    return f"r={r} alpha={alpha} a=1 b={b}, for the free fit is refused"


def usual_outflow(bank: Simulated, model: RiskModel) -> float:
    """What 95 % of the customers who do not decline stay below, as of their last event."""
    found = []
    for life in shown(bank.lives.values(), f"usual outflow of bank {bank.seed}"):
        anchor = anchor_of(folded(life), Rules(BANK, model, read_ranges().ranges()))
        if life.decline is None and anchor is not None and anchor.outflow is not None:
            found.append(anchor.outflow)
    return round(float(np.quantile(found, 0.95)), 2)
