"""How much better a model that nobody can read would do: LightGBM on the same samples. Offline, and only if wanted."""

from importlib import import_module

import numpy as np

from churn_alert.proof.domain.reliability import ranking
from fit_risk_model.samples import Samples


def ceiling_of(train: Samples, test: Samples) -> dict[str, float]:
    """AUC, and that of those active in the last 90 days. Raises ModuleNotFoundError with what to install."""
    try:
        lightgbm = import_module("lightgbm")
    except ModuleNotFoundError as fault:
        raise ModuleNotFoundError("--ceiling needs LightGBM: pip install lightgbm") from fault
    # One thread: two on a shared machine took fifty times as long.
    machine = lightgbm.LGBMClassifier(
        n_estimators=200, learning_rate=0.03, num_leaves=15, min_child_samples=50, n_jobs=1, random_state=1, verbose=-1
    )
    machine.fit(train.values, train.outcomes)
    scores = np.asarray(machine.predict_proba(test.values)[:, 1])
    recent = test.recency <= 90.0
    found = {"auc": round(ranking(scores, test.outcomes), 3)}
    if 0.0 < test.outcomes[recent].mean() < 1.0:
        found["auc_active_in_the_last_90_days"] = round(ranking(scores[recent], test.outcomes[recent]), 3)
    return found
