"""What a customer and what staff are told of a tier, in both languages, with the way up."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.scorecard.domain.features import KNOWN, Feature
from scoring.standing.domain.evidence import Evidence, evidence_of
from scoring.standing.domain.explaining import Texts, texts_of
from scoring.standing.domain.languages import Spoken, name_of, reason_of, value_of, wish_of
from scoring.standing.domain.people import Override, PeopleAct
from scoring.standing.domain.phrases import ACTS
from scoring.standing.domain.reaching import Change, way_up
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
        "Your customer tier has been Standard since 2025-03-03. What counts most against a higher tier: average "
        "balance over the last 90 days (200.00 CNY); average balance over the last 30 days (not known yet). Preferred "
        "can be reached over time by keeping to this: average balance over the last 90 days of at least 1,000.00 CNY. "
        "The review then decides. This was decided automatically. You may ask for a review by a person."
    )
    assert told.zh == (
        "您自2025年3月3日起的客户等级为“标准”。影响等级提升的主要因素：近90天平均余额（200.00元）；"
        "近30天平均余额（尚不清楚）。如持续满足以下条件，一段时间后有望达到“优享”等级：近90天平均余额不低于1,000.00元。"
        "届时以评定结果为准。本结果由系统自动评定。您可以要求人工复核。"
    )


def test_staff_also_hear_points_and_when_the_tier_would_fall() -> None:
    told = texts(NOTHING._replace(active_days=12), "middle", NOON).staff
    assert "Tier Preferred (middle) since 2025-03-03, 18 points by scorecard 1" in told.en
    assert "自2025年3月3日起等级为“优享”（middle），按第1版评分卡得18分。" in told.zh
    assert "the tier falls on 2025-03-31 unless they rise" in told.en
    assert "将于2025年3月31日下调等级" in told.zh
    assert "(0.00 CNY): 0 points, usually 50" in told.en and "（0.00元）：0分，一般客户50分" in told.zh


def test_a_customer_whose_points_lie_below_the_tier_is_told_since_when_and_until_when() -> None:
    told = texts(NOTHING._replace(active_days=12), "middle", NOON).customer
    assert "Since 2025-03-03 what counts has been lower than this tier asks for" in told.en
    assert "may change from 2025-03-31 on" in told.en
    assert "自2025年3月3日起，部分项目低于该等级的要求；如未恢复，等级可能自2025年3月31日起调整。" in told.zh
    fine = texts(NOTHING._replace(active_days=12), "middle").customer
    assert "lower than this tier" not in fine.en and "部分项目低于" not in fine.zh


def test_who_is_at_the_top_hears_of_nothing_against_a_higher_tier() -> None:
    at_the_top = texts(tier="high").customer
    assert at_the_top.en == (
        "Your customer tier has been Premier since 2025-03-03. This was decided automatically. You may ask for a "
        "review by a person."
    )
    assert "因素" not in at_the_top.zh
    falling = texts(tier="high", below_since=NOON).customer
    assert "Lower than usual: average balance over the last 90 days (0.00 CNY)" in falling.en
    assert "higher tier" not in falling.en and "影响等级提升" not in falling.zh


def test_a_customer_hears_no_name_of_a_tier_that_judges_and_a_bank_s_own_names_stay() -> None:
    for tier, en, zh in (("low", "Standard", "标准"), ("middle", "Preferred", "优享"), ("high", "Premier", "尊享")):
        told = texts(tier=tier).customer
        assert f"tier has been {en} since" in told.en and f"客户等级为“{zh}”。" in told.zh
        for judging in ("low ", "middle", "high ", "“低”", "“中”", "“高”"):
            assert judging not in told.en + told.zh
    own = texts(tier="gold")
    assert "has been gold since" in own.customer.en and "客户等级为“gold”。" in own.customer.zh
    assert "Tier gold since" in own.staff.en


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
    assert "分，" not in told.customer.zh and "即可" not in told.customer.zh
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
    refused.automation_refused = True
    told = texts_of(refused, scorecard, evidence_of(scorecard, NOTHING), None, BANK)
    assert told.customer.en.endswith(
        "You have refused automated decisions: the tier stays as it is until people of the bank change it."
    )
    assert told.customer.zh.endswith("您已拒绝自动化决策，等级维持不变，须由工作人员评定后方可调整。")
    assert told.staff.en.endswith(
        "refused automated decisions: the tier stays as it is until people of the bank change it."
    )
    assert told.staff.zh.endswith("客户已拒绝自动化决策，等级维持不变，须由工作人员评定后方可调整。")
    for spoken in (told.customer, told.staff):
        assert "given by people" not in spoken.en and "由银行工作人员评定" not in spoken.zh
        assert "automatically" not in spoken.en and "系统自动" not in spoken.zh
    refused.override = Override(UUID(int=1), "low", NOON + timedelta(days=30))
    given = texts_of(refused, scorecard, evidence_of(scorecard, NOTHING), None, BANK)
    assert "given by people" in given.customer.en and "refused" not in given.customer.en


def explained_after(act: PeopleAct, *, override: bool = False, refused: bool = False) -> Texts:
    scorecard = card()
    moved = standing("middle")
    moved.automation_refused = refused
    moved.override = Override(UUID(int=1), "middle", NOON + timedelta(days=30)) if override else None
    return texts_of(moved, scorecard, evidence_of(scorecard, NOTHING), None, BANK, people_act=act)


def test_what_people_did_that_led_to_the_present_tier_is_told_once() -> None:
    for act in ("override-began", "override-replaced"):
        for spoken in (given := explained_after(act, override=True)).customer, given.staff:
            assert spoken.en.count(ACTS[act].en) == spoken.zh.count(ACTS[act].zh) == 1
            assert spoken.en.count("given by people") == 1
    for act in ("override-ended", "override-revoked", "refusal-withdrawn"):
        for spoken in (back := explained_after(act)).customer, back.staff:
            assert ACTS[act].en in spoken.en and ACTS[act].zh in spoken.zh
        assert back.customer.en.endswith("You may ask for a review by a person.")
    first = explained_after("automation-refused", refused=True).customer
    assert ACTS["automation-refused"].en in first.en and "decided automatically" not in first.en


def test_a_tier_that_people_gave_and_the_scorecard_has_come_to_as_well_is_told_as_the_scorecards() -> None:
    for act in ("override-began", "override-replaced", "automation-refused"):
        later = explained_after(act)
        assert "given by people" not in later.customer.en + later.staff.en and "refused" not in later.customer.en
        assert "decided automatically" in later.customer.en


def reason(name: str, value: float | None) -> Spoken:
    dimension, unit, *_ = KNOWN[name]
    feature = Feature(name, dimension, unit, name, (1.0,), (0, 1), 0, 0.5)
    return reason_of(Evidence(feature, value, None, 0), BANK)


def wish(name: str, *, at_least: float | None = None, below: float | None = None) -> Spoken:
    dimension, unit, *_ = KNOWN[name]
    feature = Feature(name, dimension, unit, name, (1.0,), (0, 1), 0, 0.5)
    return wish_of(Change(feature, 0.0, at_least, below, 1), BANK)


def test_counts_that_fade_are_said_without_fractions_and_what_helps_is_no_more_of_them() -> None:
    assert [reason("overdrafts", times).zh for times in (0.0, 0.3, 1.4)] == [
        "近一年透支次数（无）", "近一年透支次数（较少）", "近一年透支次数（较多）"
    ]  # fmt: skip
    assert reason("penalty_interest", 1.4) == (
        "charges of penalty interest in the last year (many)",
        "近一年罚息次数（较多）",
    )
    assert wish("overdrafts", below=0.2) == ("no more overdrafts from now on", "今后不再透支")
    assert wish("penalty_interest", below=0.2).zh == "今后不再产生罚息"


def test_ratios_are_said_against_the_usual_and_loans_as_better_than_a_class() -> None:
    assert reason("activity_week", 0.2).zh == "近一周本人交易频率为近90天平均水平的20%"
    assert reason("activity_week", None).zh == "近一周本人交易频率（尚不清楚）"
    assert wish("balance_trend", at_least=0.85).zh == "近30天平均余额不低于近90天平均水平的85%"
    assert reason("inflow_share", 0.48).zh == "收入在收支总额中的占比（48%）"
    assert wish("loan_class", below=2.0) == ("loan classification better than substandard", "贷款五级分类优于次级")


def test_nobody_is_asked_to_move_money_through_the_account() -> None:
    assert wish("turnover", at_least=570_000.0) == (
        "everyday income and payments through accounts at this bank (on average at least 5,700.00 CNY a month)",
        "日常收支主要通过本行账户进行（月均收支总额不低于5,700.00元）",
    )


ASKED = {
    "average_balance": (
        100.0,
        "average balance over the last 90 days of at least 1.00 CNY",
        "近90天平均余额不低于1.00元",
    ),
    "active_days": (
        12.0,
        "at least 12 days with own transactions in the last 90 days",
        "近90天内有本人交易的天数不少于12天",
    ),
    "products": (1.0, "at least 1 product held", "持有产品数不少于1种"),
    "activity_month": (
        0.9,
        "own transactions in the last month of at least 90% of the 90-day average",
        "近一个月本人交易频率不低于近90天平均水平的90%",
    ),
    "inflow_share": (
        0.5,
        "share of income in all income and payments of at least 50%",
        "收入在收支总额中的占比不低于50%",
    ),
    "monthly_assets": (100.0, "average daily assets last month of at least 1.00 CNY", "上月日均资产不低于1.00元"),
}


@pytest.mark.parametrize("name", ASKED)
def test_what_is_asked_for_reads_as_one_says_it(name: str) -> None:
    least, *said = ASKED[name]
    assert wish(name, at_least=least) == tuple(said)


def test_every_known_feature_has_a_name_of_its_own_without_a_banks_words_and_every_unit_is_said_in_both_languages() -> (
    None
):
    named = []
    for name, (dimension, unit, *_) in KNOWN.items():
        named.append(name_of(Feature(name, dimension, unit, "words", (1.0,), (0, 1), 0, 0.5)))
        assert not {"words", "posting", "credits", "debits", "turnover"} & set(named[-1].en.split())
        spoken = value_of(1.0, unit, BANK)
        assert spoken.en and spoken.zh
    assert len({one.en for one in named}) == len({one.zh for one in named}) == len(KNOWN)
    of_its_own = Feature("shoe_size", "value", "times", "size of shoes", (1.0,), (0, 1), 0, 0.5)
    assert name_of(of_its_own).zh == name_of(of_its_own).en == "size of shoes"
    assert name_of(BALANCE).zh == "近90天平均余额"
