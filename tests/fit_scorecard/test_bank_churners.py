"""The machinery on real customers: who gave up a credit card, told from integer points in monotone bins."""

import csv
import sys
from math import nan

import numpy as np
import pytest
from sklearn.model_selection import StratifiedKFold

from fit_scorecard.fitting import Variable, fit
from fit_scorecard.measures import auc
from tests.support.data import data_file

ORDERED = {
    "Education_Level": ("Uneducated", "High School", "College", "Graduate", "Post-Graduate", "Doctorate"),
    "Income_Category": ("Less than $40K", "$40K - $60K", "$60K - $80K", "$80K - $120K", "$120K +"),
    "Card_Category": ("Blue", "Silver", "Gold", "Platinum"),
}
"""Words that have an order; "Unknown" is none of them. Gender and marital status have no order, and are left out."""
LEFT_OUT = {"CLIENTNUM", "Attrition_Flag", "Gender", "Marital_Status"}


def test_five_fold_auc_of_integer_points_is_at_least_0_93(capsys: pytest.CaptureFixture[str]) -> None:
    rows = list(csv.DictReader(data_file("BankChurners.csv").read_text().splitlines()))[1:]
    names = [name for name in rows[0] if name not in LEFT_OUT and not name.startswith("Naive_Bayes")]
    variables = [Variable(name) for name in names]
    table = np.array([[number(name, row[name]) for name in names] for row in rows])
    left = np.array([float(row["Attrition_Flag"] == "Attrited Customer") for row in rows])
    assert (len(rows), len(names)) == (10_127, 17)
    found = []
    for train, test in StratifiedKFold(5, shuffle=True, random_state=0).split(table, left):
        fitted = fit(table[train], left[train], variables)
        for points in fitted.features.values():
            assert list(points.points) in (sorted(points.points), sorted(points.points, reverse=True))
        assert any(why.startswith("wrong sign") for why in fitted.dropped.values())
        found.append(auc(fitted.points_of(table[test], variables), left[test]))
    with capsys.disabled():
        by_fold = ", ".join(f"{one:.3f}" for one in found)
        sys.stdout.write(f"\nBankChurners, AUC of integer points: {np.mean(found):.4f} (by fold {by_fold})\n")
    assert np.mean(found) >= 0.93


def number(name: str, text: str) -> float:
    """A word by its place in its order, a number as it is."""
    order = ORDERED.get(name)
    if order is None:
        return float(text)
    return float(order.index(text)) if text in order else nan
