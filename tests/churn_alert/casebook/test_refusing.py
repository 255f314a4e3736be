"""Who refuses care is judged no more, in whichever arm: of a playbook that drives people to it nothing is concluded."""

from datetime import date

import pytest

from churn_alert.casebook.domain.cells import Count
from churn_alert.casebook.domain.evidence import evidence
from churn_alert.proof.documents import read_departure


@pytest.mark.parametrize(
    ("judged", "stayed", "conclusion"),
    [(4_800, 4_060, "keeps"), (4_450, 4_060, "keeps"), (4_450, 3_850, "uneven arms")],
)
def test_a_playbook_whose_leavers_refuse_care_instead_is_no_case_for_it(
    judged: int, stayed: int, conclusion: str
) -> None:
    """Who refuses is judged no more: where 350 of the treated are missing, they could be all of what it seems to do."""
    counts = [
        Count("care", 1, month, None, None, arm, drawn, seen, there)
        for month in (date(2025, 4, 1), date(2025, 5, 1))
        for arm, drawn, seen, there in (("treated", 4_800, judged, stayed), ("held-out", 1_200, 1_200, 950))
    ]
    design = read_departure().design()
    (one,) = evidence(counts, [], design, least=50, held_out_share=lambda *_: 0.2, planned=lambda *_: ())
    (cell,) = one.cells
    assert cell.found is not None
    assert cell.found.effect is not None
    assert cell.found.effect.low > 0
    assert cell.found.conclusion == conclusion
