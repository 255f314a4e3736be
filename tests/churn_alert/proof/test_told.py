"""A truth file is read as the simulator writes it, and one that is none is refused by its line."""

from pathlib import Path

import pytest

from churn_alert.proof.domain.departure import Departure
from churn_alert.proof.told import TruthUnreadable, read_told
from simulator.bank import Bank, Plan
from simulator.truth import write_truth


def test_what_the_simulator_planted_is_what_is_read(tmp_path: Path) -> None:
    decliners = list(Bank(Plan(seed=3, customers=60, months=6, decliners=0.5)).decliners())
    write_truth(tmp_path / "truth.csv", decliners)
    assert read_told(tmp_path / "truth.csv") == {
        one.customer_id: [Departure(one.declines_from, one.gone_on)] for one in decliners
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("who,when\n", "its first line must name customer_id, declines_from, gone_on"),
        (
            "customer_id,declines_from,gone_on\nc-1,2025-03-01,\nc-2,soon,\n",
            "line 3: declines_from and gone_on are days",
        ),
        ("customer_id,declines_from,gone_on\nc-1\n", "line 2"),
    ],
)
def test_what_is_no_truth_file_is_refused_by_its_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "truth.csv"
    path.write_text(text)
    with pytest.raises(TruthUnreadable, match=said):
        read_told(path)
