"""Why an alert was opened, in words: where each indicator is, where it usually is, how far that is, and since when."""

from datetime import timedelta
from typing import Any

from churn_alert.alert.domain.words import Spoken, explain
from churn_alert.risk.domain.indicators import Indicator
from tests.churn_alert.lives import BANK, START

FEWER = Indicator("transactions", 3.1, 13.2, None, baseline=24.0, deviations=-4.24, since=START + timedelta(hours=20))
SHARE = Indicator("account-activity", 0.35, 0.5, None, baseline=1.0, deviations=-4.0)
ANGRY = Indicator("service-feedback", 1.8, None, 0.9, baseline=0.1, deviations=5.5, since=START)
LITTLE = Indicator("product-use", 2.0, 5.0, None, baseline=12.0, deviations=-3.6, since=START)
UNKNOWN = Indicator("product-use", 0.0, None, None, enough_history=False)
LOW_WEEK = Indicator("activity-week", 0.2, 0.5, 1.5, part_of="transactions")
BUSY = Indicator("transactions-month", 2.0, 0.5, 1.5, part_of="transactions")
OUT = Indicator("outflow-month", 2.5, None, 0.6, part_of="account-activity")
QUIET = Indicator("days-without-activity", 12.0, None, 4.2, part_of="transactions")
COMPLAINT = Indicator("negative-feedback", 0.9, None, 0.5, part_of="service-feedback")
CHANCE = Indicator("chance-of-silence", 0.7, None, None, part_of="transactions")


def said(*indicators: Indicator, cause: Any = "silence") -> Spoken:
    return explain(cause, 0.751, 0.75, indicators, BANK.zone)


def test_each_of_the_four_says_where_it_is_and_usually_is_how_far_apart_and_since_when() -> None:
    assert said(FEWER, SHARE, ANGRY, LITTLE).en == (
        "Risk of leaving 75% (threshold 75%), reached by silence alone. Out of the normal range: "
        "own transactions at 3.1 a month, usually 24.0 (4.2 spreads below, since 2025-01-02); "
        "account turnover or balance at 35% of usual (4.0 spreads below); "
        "negative feedback at 1.8, usually 0.1 (5.5 spreads above, since 2025-01-01); "
        "uses of products and channels at 2.0 a month, usually 12.0 (3.6 spreads below, since 2025-01-01)."
    )


def test_the_same_is_said_in_chinese() -> None:
    assert said(FEWER, ANGRY, QUIET).zh == (
        "流失风险75%（阈值75%），仅因长期无活动而达到。超出正常范围："
        "本人交易每月3.1笔，通常24.0笔（低4.2个离散度，自2025-01-02起）；"
        "负面反馈1.8次，通常0.1次（高5.5个离散度，自2025-01-01起）；"
        "已有12天没有活动（该客户正常不超过4天）。"
    )


def test_days_are_those_of_the_banks_calendar() -> None:
    assert (START + timedelta(hours=20)).date().isoformat() == "2025-01-01"
    assert "since 2025-01-02" in said(FEWER).en


def test_a_part_is_said_where_its_whole_is_not_and_silence_always() -> None:
    words = said(FEWER, LOW_WEEK, QUIET, OUT).en
    assert "activity over a week" not in words
    assert "12 days without activity" in words
    assert "2.5 months of usual income have left" in words


def test_an_alert_of_before_the_four_is_still_explained_by_what_it_was_opened_on() -> None:
    assert said(LOW_WEEK, BUSY, OUT, QUIET, COMPLAINT, CHANCE).en == (
        "Risk of leaving 75% (threshold 75%), reached by silence alone. Out of the normal range: "
        "own activity over a week at 20% of usual (normal for this customer: 50% to 150%); "
        "2.5 months of usual income have left on balance (usual: at most 0.6); "
        "12 days without activity (normal for this customer: at most 4); a complaint or bad rating of late."
    )


def test_it_is_said_when_only_all_measures_together_are_unusual() -> None:
    assert "together they are" in said(BUSY, CHANCE, cause="event").en
    assert "综合来看异常" in said(BUSY, CHANCE, cause="event").zh


def test_of_what_too_little_is_known_it_says_that_and_no_range() -> None:
    words = said(FEWER, UNKNOWN)
    assert words.en.endswith("Not enough history to know what is normal: use of products.")
    assert words.zh.endswith("历史不足，尚不知正常范围：产品使用。")
