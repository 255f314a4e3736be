"""A stored decision in both languages, for the customer and for staff: of then, by the version that made it."""

from collections.abc import Mapping
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.scorecard.domain import Scorecard
from scoring.standing.domain.decision import Cause
from scoring.standing.domain.explaining import Texts
from scoring.standing.domain.people import REFUSALS, TO_THE_SCORECARD, PeopleAct
from scoring.standing.domain.phrases import ACTS
from scoring.standing.domain.retelling import Past, retold
from tests.scoring.rules import BANK, card
from tests.scoring.standing.test_evidence import NOTHING
from tests.scoring.standing.test_reaching import values
from tests.scoring.standing.test_state import NOON

CARD = card()
RISEN = NOTHING._replace(average_balance=250_000.0, active_days=3)


def told(
    found: Mapping[str, float | None] | None = None,
    *,
    old: str | None = "low",
    tier: str = "middle",
    cause: Cause = "event",
    act: PeopleAct | None = None,
    by: Scorecard | None = CARD,
) -> Texts:
    points = CARD.points_of(RISEN)
    return retold(Past(old, tier, points, 1, cause, NOON, RISEN._asdict() if found is None else found, act), by, BANK)


def test_a_customer_is_told_the_change_the_reasons_of_then_and_what_would_have_reached_the_next_tier() -> None:
    customer = told().customer
    assert customer.en == (
        "On 2025-03-03 your customer tier changed from Standard to Preferred. What follows is as things were then. "
        "What counts most against a higher tier: days with own transactions in the last 90 days (3 days); "
        "average balance over the last 30 days (not known yet). "
        "Premier can be reached over time by keeping to this: average balance over the last 90 days of at least "
        "10,000.00 CNY. "
        "The review then decides. This was decided automatically. You may ask for a review by a person."
    )
    assert customer.zh == (
        "2025年3月3日，您的客户等级由“标准”调整为“优享”。以下内容以评定当时的情况为准。影响等级提升的主要因素："
        "近90天内有本人交易的天数（3天）；近30天平均余额（尚不清楚）。如持续满足以下条件，一段时间后有望达到“尊享”等级："
        "近90天平均余额不低于10,000.00元。届时以评定结果为准。本结果由系统自动评定。您可以要求人工复核。"
    )


def test_staff_also_hear_points_version_and_cause() -> None:
    staff = told(cause="time").staff
    assert staff.en.startswith(
        "On 2025-03-03 the tier changed from Standard (low) to Preferred (middle): 73 points by scorecard 1. "
        "Time alone changed the points. What follows is as things were then. Furthest below a typical customer: "
        "days with own transactions in the last 90 days (3 days): 5 points, usually 8; "
    )
    assert staff.zh.startswith(
        "2025年3月3日，客户等级由“标准”（low）调整为“优享”（middle）：按第1版评分卡得73分。起因：时间推移。"
    )
    assert "12 points are missing" in staff.en and "还差12分" in staff.zh


def test_the_first_rating_and_a_new_ladder_are_told_as_what_they_are() -> None:
    first = told(old=None).customer
    assert "was first set to Preferred" in first.en and "首次评定为“优享”" in first.zh
    stayed = told(old="middle").customer
    assert "stayed Preferred as the ladder" in stayed.en and "仍为“优享”" in stayed.zh


@pytest.mark.parametrize("act", get_args(PeopleAct))
def test_each_thing_that_people_did_is_told_and_only_what_the_scorecard_decides_is_told_as_automatic(
    act: PeopleAct,
) -> None:
    texts = told(cause="event" if act in REFUSALS else "override", act=act)
    for spoken in (texts.customer, texts.staff):
        said = [one for one, words in ACTS.items() if words.en in spoken.en or words.zh in spoken.zh]
        assert said == [act]
        assert "Something happened" not in spoken.en and "账户或产品发生变动" not in spoken.zh
        assert ("can be reached" in spoken.en, "有望" in spoken.zh) == (act in TO_THE_SCORECARD,) * 2
    automatic = "decided automatically" in texts.customer.en, "系统自动" in texts.customer.zh
    assert automatic == (act in TO_THE_SCORECARD,) * 2


def test_what_people_did_is_told_as_theirs_and_no_way_up_is_named_where_nobody_kept_what_it_was() -> None:
    by_people = told(cause="override")
    for spoken in (by_people.customer, by_people.staff):
        assert "people of the bank" in spoken.en and "银行工作人员" in spoken.zh
        assert "automatically" not in spoken.en and "系统自动" not in spoken.zh
        assert "can be reached" not in spoken.en and "有望" not in spoken.zh


def test_a_first_tier_that_no_points_gave_is_told_as_that_of_who_refused() -> None:
    refused = told(old=None, tier="low")
    for spoken in (refused.customer, refused.staff):
        assert "had been refused" in spoken.en and "已拒绝自动化决策" in spoken.zh
        assert "automatically" not in spoken.en and "can be reached" not in spoken.en


def test_what_cannot_be_made_again_is_said_to_be_so() -> None:
    unknown = told(by=None)
    assert "Scorecard 1 is not known here" in unknown.staff.en and "此处没有第1版评分卡" in unknown.staff.zh
    old = retold(Past("low", "middle", 73, 1, "event", NOON, None, None), CARD, BANK)
    assert "values it was made on were not kept" in old.staff.en and "未予保存" in old.staff.zh
    for texts in (unknown, old):
        assert "changed from Standard to Preferred" in texts.customer.en
        assert "can no longer be given in detail" in texts.customer.en and "无法详述" in texts.customer.zh


@given(
    values,
    st.sampled_from([None, "low", "gold"]),
    st.sampled_from(["low", "middle", "high", "gold"]),
    st.sampled_from(["event", "time", "override"]),
    st.sampled_from([None, *get_args(PeopleAct)]),
)
def test_every_decision_can_be_told(
    found: object, old: str | None, tier: str, cause: Cause, act: PeopleAct | None
) -> None:
    texts = told(found._asdict(), old=old, tier=tier, cause=cause, act=act)  # type: ignore[attr-defined]
    for spoken in (texts.customer, texts.staff):
        assert spoken.en.endswith(".") and spoken.zh.endswith("。")
        assert "None" not in spoken.en + spoken.zh
    assert "points by" not in texts.customer.en and "得" not in texts.customer.zh.replace("按得分", "")
