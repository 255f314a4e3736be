"""Features, values and days as one says them in English and in Chinese."""

from datetime import date
from decimal import Decimal
from math import floor
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
_UNITS: dict[Unit, str] = {"days": "天", "products": "种", "times": "次"}


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
    """A value: `1,234.50 CNY`, `12 days`, `48%`; in Chinese `1,234.50元`, `12天`.

    Parts of a percent are dropped: who is short of what is asked for never looks as if it were reached.
    """
    if value is None:
        return Spoken("not known yet", "尚不清楚")
    match unit:
        case "money":
            return _money(f"{value / 10**bank.minor_digits:,.{bank.minor_digits}f}", bank)
        case "days" | "products" | "times":
            return _count(f"{value:.1f}" if unit == "times" else f"{value:.0f}", unit)
        case "share" | "ratio":
            percent = f"{floor(Decimal(str(value)) * 100)}%"
            return Spoken(percent, percent)
        case "loan-class":
            return Spoken(LOAN_CLASSES[int(value)], _LOAN_CLASSES[int(value)])


def bound_of(bound: Decimal, unit: Unit, bank: Bank) -> Spoken:
    """How far a value would have to go, with every digit that it is told with; money in whole units."""
    match unit:
        case "money":
            return _money(f"{bound:,f}", bank)
        case "days" | "products" | "times":
            return _count(f"{bound:f}", unit)
        case "share" | "ratio":
            percent = f"{bound * 100:f}".rstrip("0").rstrip(".") + "%"
            return Spoken(percent, percent)
        case "loan-class":
            place = min(max(int(bound), 0), len(LOAN_CLASSES) - 1)
            return Spoken(LOAN_CLASSES[place], _LOAN_CLASSES[place])


def _money(amount: str, bank: Bank) -> Spoken:
    return Spoken(f"{amount} {bank.currency}", f"{amount}{'元' if bank.currency == 'CNY' else bank.currency}")


def _count(count: str, unit: Unit) -> Spoken:
    return Spoken(f"{count} {unit.removesuffix('s') if count == '1' else unit}", f"{count}{_UNITS[unit]}")
