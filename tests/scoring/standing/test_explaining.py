"""What a customer and what staff are told of a tier, in both languages, with the way up."""

from datetime import timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from scoring.scorecard.domain.features import KNOWN, Feature
from scoring.standing.domain.evidence import evidence_of
from scoring.standing.domain.explaining import texts_of
from scoring.standing.domain.languages import name_of, value_of
from scoring.standing.domain.people import Override
from scoring.standing.domain.reaching import way_up
from scoring.standing.domain.state import Standing
from tests.scoring.rules import BALANCE, BANK, card
from tests.scoring.standing.test_evidence import NOTHING
from tests.scoring.standing.test_reaching import values
from tests.scoring.standing.test_state import NOON


def standing(tier: str, below_since: object = None) -> Standing:
    return Standing("c-1", tier=tier, tier_since=NOON, decided_at=NOON, below_since=below_since)  # type: ignore[arg-type]


def texts(found: object = NOTHING, tier: str = "low", below_since: object = None):  # type: ignore[no-untyped-def]
    scorecard = card()
    evidence = evidence_of(scorecard, found)  # type: ignore[arg-type]
    return texts_of(standing(tier, below_since), scorecard, evidence, way_up(scorecard, evidence, tier), BANK)


def test_a_customer_is_told_the_tier_the_reasons_the_way_up_and_that_a_person_may_be_asked() -> None:
    told = texts(NOTHING._replace(average_balance=20_000.0, active_days=12)).customer
    assert told.en == (
        "You have been in the tier low since 2025-03-03. What counts most against a higher tier: average balance "
        "(200.00 CNY); balance trend (not known yet). Middle would be reached with average balance of at least "
        "1,000.00 CNY. This was decided automatically. You may ask for a review by a person."
    )
    assert told.zh == (
        "您自2025年3月3日起为“低”级客户。影响级别的主要因素：近90天平均余额（200.00元）；"
        "近30天平均余额与近90天之比（尚不清楚）。若近90天平均余额不低于1,000.00元，即可达到“中”级。"
        "本结果由系统自动评定。您可以要求人工复核。"
    )


def test_staff_also_hear_points_and_when_the_tier_would_fall() -> None:
    told = texts(NOTHING._replace(active_days=12), "middle", NOON).staff
    assert "18 points by scorecard 1" in told.en and "得18分" in told.zh
    assert "the tier falls on 2025-03-31 unless they rise" in told.en
    assert "将于2025年3月31日下调级别" in told.zh


@given(values, st.sampled_from(["low", "middle", "high"]), st.sampled_from([None, NOON - timedelta(days=3)]))
def test_whatever_is_known_both_languages_say_it_and_customers_hear_no_points(
    found: object, tier: str, below_since: object
) -> None:
    told = texts(found, tier, below_since)
    for spoken in (told.customer, told.staff):
        assert spoken.en.endswith(".") and spoken.zh.endswith("。")
        assert "None" not in spoken.en + spoken.zh
        assert "nan" not in spoken.en + spoken.zh
    assert "points" not in told.customer.en
    assert "分，" not in told.customer.zh
    assert ("reached" in told.customer.en) == (tier != "high")


def test_who_was_put_there_by_people_is_told_so_and_not_that_a_machine_did_it() -> None:
    scorecard = card()
    evidence = evidence_of(scorecard, NOTHING)
    by_people = standing("high")
    by_people.override = Override(UUID(int=1), "high", NOON + timedelta(days=30))
    told = texts_of(by_people, scorecard, evidence, None, BANK)
    assert "given by people" in told.customer.en and "automatically" not in told.customer.en
    assert "由银行工作人员评定" in told.customer.zh and "given by people" in told.staff.en


def test_who_refused_is_told_that_the_tier_stays_and_not_that_people_gave_it() -> None:
    scorecard = card()
    refused = standing("low")
    refused.people_only = True
    told = texts_of(refused, scorecard, evidence_of(scorecard, NOTHING), None, BANK)
    assert told.customer.en.endswith(
        "You have refused automated decisions: the tier stays as it is until people of the bank change it."
    )
    assert told.customer.zh.endswith("您已拒绝自动化决策，级别维持不变，须由工作人员评定后方可调整。")
    assert told.staff.en.endswith(
        "refused automated decisions: the tier stays as it is until people of the bank change it."
    )
    assert told.staff.zh.endswith("客户已拒绝自动化决策，级别维持不变，须由工作人员评定后方可调整。")
    for spoken in (told.customer, told.staff):
        assert "given by people" not in spoken.en and "由银行工作人员评定" not in spoken.zh
        assert "automatically" not in spoken.en and "系统自动" not in spoken.zh
    refused.override = Override(UUID(int=1), "low", NOON + timedelta(days=30))
    given = texts_of(refused, scorecard, evidence_of(scorecard, NOTHING), None, BANK)
    assert "given by people" in given.customer.en and "refused" not in given.customer.en


def test_every_known_feature_has_a_chinese_name_and_every_unit_is_said_in_both_languages() -> None:
    for name, (dimension, unit) in KNOWN.items():
        feature = Feature(name, dimension, unit, "words", (1.0,), (0, 1), 0, 0.5)
        assert name_of(feature).zh != "words", name
        spoken = value_of(1.0, unit, BANK)
        assert spoken.en and spoken.zh
    of_its_own = Feature("shoe_size", "value", "times", "size of shoes", (1.0,), (0, 1), 0, 0.5)
    assert name_of(of_its_own).zh == name_of(of_its_own).en == "size of shoes"
    assert name_of(BALANCE).zh == "近90天平均余额"
