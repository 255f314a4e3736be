"""A playbook may be for kinds of customers alone, by the names that scoring told."""

from pathlib import Path

import pytest

from churn_alert.playbook.domain.choosing import choose
from churn_alert.playbook.domain.playbooks import Situation
from rapport.documents import DocumentInvalid
from tests.churn_alert.lives import START
from tests.churn_alert.playbook.test_documents import Change, changed, later, of, shelf_of


@pytest.mark.parametrize(
    ("segment", "tier", "apart", "expected"),
    [
        ("savers", "low", "product-use", "advice-for-savers"),
        ("investors", None, "account-activity", "advice-for-savers"),
        ("savers", "low", "transactions", "care-of-all"),
        ("savers", "high", "product-use", "care-of-high"),
        ("quiet", "low", "product-use", "care-of-all"),
        (None, "low", "product-use", "care-of-all"),
    ],
)
def test_a_playbook_of_a_segment_is_taken_for_who_is_in_it_and_for_nobody_else(
    segment: str | None, tier: str | None, apart: str, expected: str
) -> None:
    situation = Situation("churn-warning", tier, None, frozenset({apart}), segment)
    found = choose(shelf_of(), situation, person="c-1", at=START)
    assert found is not None
    assert found.playbook.code == expected


FAULTS: dict[str, tuple[Change, str]] = {
    "no segment at all": (
        lambda d: of(d, "advice-for-savers").update(segments=[]),
        "playbooks.3.segments: Tuple should have at least 1 item",
    ),
    "a segment that is none": (lambda d: of(d, "advice-for-savers").update(segments=["rich people"]), "segments.0"),
    "a segment that is asked for after all": (
        lambda d: (
            of(d, "care-of-new").update(stages=[], segments=["savers"], indicators=["product-use"])
            or of(d, "advice-for-savers").update(segments=["savers"], indicators=["product-use"])
        ),
        "playbooks.advice-for-savers: is never taken, for care-of-new before it fits wherever it does",
    ),
    "others by their segment under the same name": (
        lambda d: of(later(d), "advice-for-savers", 1)["segments"].append("borrowers"),
        "the experiment care-of-warned treats otherwise than in version 1",
    ),
    "nothing for the rest but one segment": (
        lambda d: of(d, "care-of-all").update(segments=["typical"]),
        "it has no tiers, stages, segments and indicators",
    ),
}


@pytest.mark.parametrize(("change", "fault"), FAULTS.values(), ids=FAULTS)
def test_each_fault_is_named_with_its_field(tmp_path: Path, change: Change, fault: str) -> None:
    with pytest.raises(DocumentInvalid) as refused:
        shelf_of(changed(tmp_path, change))
    assert fault in str(refused.value)


def test_a_name_that_the_model_of_segments_may_have_some_day_is_taken_as_it_is(tmp_path: Path) -> None:
    shelf = shelf_of(changed(tmp_path, lambda d: of(d, "advice-for-savers").update(segments=["collectors"])))
    situation = Situation("churn-warning", apart=frozenset({"product-use"}), segment="collectors")
    found = choose(shelf, situation, person="c-1", at=START)
    assert found is not None
    assert found.playbook.code == "advice-for-savers"
