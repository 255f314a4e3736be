"""What feedback amounts to follows from kind, rating and, for the queue alone, the tier."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.case.domain.assessment import Kind, RatingMissing, assess, priority_of

KINDS: list[Kind] = ["complaint", "enquiry", "praise", "suggestion", "rating"]
kinds = st.sampled_from(KINDS)
ratings = st.none() | st.integers(1, 5)


@pytest.mark.parametrize(
    ("kind", "rating", "sentiment", "severity", "is_answer_owed"),
    [
        ("complaint", None, "negative", "medium", True),
        ("complaint", 2, "negative", "high", True),
        ("complaint", 5, "negative", "medium", True),
        ("enquiry", None, "neutral", "low", True),
        ("enquiry", 1, "negative", "medium", True),
        ("suggestion", 4, "positive", "low", True),
        ("praise", None, "positive", "low", False),
        ("praise", 3, "neutral", "low", False),
        ("praise", 2, "negative", "medium", True),
        ("rating", 1, "negative", "medium", True),
        ("rating", 2, "negative", "medium", True),
        ("rating", 3, "neutral", "low", False),
        ("rating", 5, "positive", "low", False),
    ],
)
def test_feedback_is_classified_by_kind_and_rating(
    kind: Kind, rating: int | None, sentiment: str, severity: str, is_answer_owed: bool
) -> None:
    found = assess(kind, rating)
    assert (found.sentiment, found.severity, found.is_answer_owed) == (sentiment, severity, is_answer_owed)


def test_a_rating_without_a_rating_is_refused() -> None:
    with pytest.raises(RatingMissing):
        assess("rating", None)


@pytest.mark.parametrize(
    ("kind", "rating", "priorities"),
    [
        ("complaint", 1, ["urgent", "urgent"]),
        ("complaint", None, ["high", "high"]),
        ("rating", 1, ["urgent", "high"]),
        ("enquiry", None, ["high", "normal"]),
        ("suggestion", None, ["high", "normal"]),
    ],
)
def test_the_top_tier_moves_a_case_up_the_queue_unless_it_is_a_complaint(
    kind: Kind, rating: int | None, priorities: list[str]
) -> None:
    severity = assess(kind, rating).severity
    assert [priority_of(kind, severity, is_top=is_top) for is_top in (True, False)] == priorities


@given(kinds, ratings)
def test_whoever_is_unhappy_is_owed_an_answer_and_never_called_content(kind: Kind, rating: int | None) -> None:
    if kind == "rating" and rating is None:
        return
    found = assess(kind, rating)
    if kind == "complaint" or (rating is not None and rating <= 2):
        assert found.is_answer_owed
        assert found.sentiment == "negative"
        assert found.severity != "low"


@given(ratings)
def test_every_complaint_has_the_same_priority_in_every_tier(rating: int | None) -> None:
    severity = assess("complaint", rating).severity
    top, other = (priority_of("complaint", severity, is_top=is_top) for is_top in (True, False))
    assert top == other != "normal"
