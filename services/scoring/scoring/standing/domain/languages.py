"""Features, values and days as one says them in English and in Chinese."""

from datetime import date
from typing import Literal, NamedTuple

from scoring.scorecard.domain import Feature, Unit
from scoring.standing.domain.holdings import LOAN_CLASSES
from scoring.standing.domain.state import Bank

Language = Literal["en", "zh"]
_FEATURES = {
    "average_balance": "近90天平均余额",
    "investments": "存款、理财、基金和保险持有额",
    "turnover": "月均收支总额",
    "activity_week": "近一周主动交易频率与近90天之比",
    "activity_month": "近一月主动交易频率与近90天之比",
    "active_days": "近90天内主动交易天数",
    "products": "持有产品数",
    "inflow_share": "收入在收支总额中的占比",
    "balance_trend": "近30天平均余额与近90天之比",
    "penalty_interest": "罚息次数",
    "overdrafts": "透支次数",
    "monthly_assets": "上月日均资产",
    "loan_class": "贷款五级分类",
    "lifetime_value": "未来一年客户价值",
}
"""What a scorecard calls a feature is its own, in the bank's words; these are for whoever reads Chinese."""
_LOAN_CLASSES = ("正常", "关注", "次级", "可疑", "损失")
_TIERS = {"low": "低", "middle": "中", "high": "高"}
_UNITS = {"days": "天", "products": "种", "times": "次"}


class Spoken(NamedTuple):
    """The same in both languages."""

    en: str
    zh: str


def name_of(feature: Feature) -> Spoken:
    """A feature; one that has no Chinese name yet is called as the scorecard calls it."""
    return Spoken(feature.words, _FEATURES.get(feature.name, feature.words))


def tier_of(tier: str) -> Spoken:
    """A tier; names that the bank gave itself stay as they are."""
    return Spoken(tier, f"“{_TIERS.get(tier, tier)}”级")


def day_of(day: date) -> Spoken:
    """A day."""
    return Spoken(day.isoformat(), f"{day.year}年{day.month}月{day.day}日")


def value_of(value: float | None, unit: Unit, bank: Bank) -> Spoken:
    """A value: `1,234.50 CNY`, `12 days`, `48%`; in Chinese `1,234.50元`, `12天`."""
    if value is None:
        return Spoken("not known yet", "尚不清楚")
    match unit:
        case "money":
            amount = f"{value / 10**bank.minor_digits:,.{bank.minor_digits}f}"
            return Spoken(f"{amount} {bank.currency}", f"{amount}{'元' if bank.currency == 'CNY' else bank.currency}")
        case "days" | "products":
            return Spoken(f"{value:.0f} {unit.removesuffix('s') if value == 1 else unit}", f"{value:.0f}{_UNITS[unit]}")
        case "times":
            return Spoken(f"{value:.1f} times", f"{value:.1f}次")
        case "share" | "ratio":
            return Spoken(f"{value:.0%}", f"{value:.0%}")
        case "loan-class":
            return Spoken(LOAN_CLASSES[int(value)], _LOAN_CLASSES[int(value)])
