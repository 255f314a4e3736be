"""Features, values and days as one says them in English and in Chinese."""

from datetime import date
from decimal import Decimal
from math import floor
from typing import Literal, NamedTuple

from scoring.scorecard.domain import Feature, Unit
from scoring.standing.domain.evidence import Evidence
from scoring.standing.domain.holdings import LOAN_CLASSES
from scoring.standing.domain.reaching import Change
from scoring.standing.domain.rounding import bounds_of
from scoring.standing.domain.state import Bank

Language = Literal["en", "zh"]
_LOAN_CLASSES = ("正常", "关注", "次级", "可疑", "损失")
_UNITS: dict[Unit, str] = {"days": "天", "products": "种"}
_SELDOM, _OFTEN = 0.05, 1.0
"""A count that fades over the years is no number of times, so it is told in words: none, few, many."""


class Spoken(NamedTuple):
    """The same in both languages."""

    en: str
    zh: str


_FEATURES = {
    "average_balance": Spoken("average balance over the last 90 days", "近90天平均余额"),
    "investments": Spoken("total of deposits, wealth products, funds and insurance", "存款、理财、基金和保险持有总额"),
    "turnover": Spoken("average monthly income and payments", "月均收支总额"),
    "activity_week": Spoken("own transactions in the last week", "近一周本人交易频率"),
    "activity_month": Spoken("own transactions in the last month", "近一个月本人交易频率"),
    "active_days": Spoken("days with own transactions in the last 90 days", "近90天内有本人交易的天数"),
    "products": Spoken("products held", "持有产品数"),
    "inflow_share": Spoken("share of income in all income and payments", "收入在收支总额中的占比"),
    "balance_trend": Spoken("average balance over the last 30 days", "近30天平均余额"),
    "penalty_interest": Spoken("charges of penalty interest in the last year", "近一年罚息次数"),
    "overdrafts": Spoken("payments in the last year that overdrew an account", "近一年透支次数"),
    "monthly_assets": Spoken("average daily assets last month", "上月日均资产"),
    "loan_class": Spoken("loan classification", "贷款五级分类"),
    "lifetime_value": Spoken("expected value of business in the next twelve months", "未来一年预期业务价值"),
}
"""As a customer hears them. A scorecard's own words stay with its evidence, for who works with the scorecard."""
_TIERS = {
    "low": Spoken("Standard", "标准"),
    "middle": Spoken("Preferred", "优享"),
    "high": Spoken("Premier", "尊享"),
}
"""What the tiers of the published ladder are called to a customer's face: no name judges."""
_NO_MORE = {
    "penalty_interest": Spoken("no more penalty interest from now on", "今后不再产生罚息"),
    "overdrafts": Spoken("no more overdrafts from now on", "今后不再透支"),
}


def name_of(feature: Feature) -> Spoken:
    """A feature; one that has no name here is called as the scorecard calls it."""
    return _FEATURES.get(feature.name, Spoken(feature.words, feature.words))


def tier_of(tier: str, *, with_id: bool = False) -> Spoken:
    """A tier as customers hear it; one that has no name here is called as the ladder calls it. `with_id`: for staff."""
    named = _TIERS.get(tier)
    if named is None:
        return Spoken(tier, f"“{tier}”")
    return Spoken(f"{named.en} ({tier})", f"“{named.zh}”（{tier}）") if with_id else Spoken(named.en, f"“{named.zh}”")


def day_of(day: date) -> Spoken:
    """A day."""
    return Spoken(day.isoformat(), f"{day.year}年{day.month}月{day.day}日")


def value_of(value: float | None, unit: Unit, bank: Bank) -> Spoken:
    """A value: `1,234.50 CNY`, `12 days`, `48%`, `84% of the 90-day average`; in Chinese `1,234.50元`, `12天`.

    Parts of a percent are dropped: who is short of what is asked for never looks as if it were reached.
    """
    if value is None:
        return Spoken("not known yet", "尚不清楚")
    match unit:
        case "money":
            return _money(f"{value / 10**bank.minor_digits:,.{bank.minor_digits}f}", bank)
        case "days" | "products":
            return _count(f"{value:.0f}", unit)
        case "times":
            return _often(value)
        case "share" | "ratio":
            return _percent(str(floor(Decimal(str(value)) * 100)), unit)
        case "loan-class":
            return _loan_class(value)


def reason_of(item: Evidence, bank: Bank) -> Spoken:
    """A feature with its value."""
    name, unit = name_of(item.feature), item.feature.unit
    value = value_of(item.value, unit, bank)
    is_of_usual = unit == "ratio" and item.value is not None
    return Spoken(f"{name.en} ({value.en})", f"{name.zh}为{value.zh}" if is_of_usual else f"{name.zh}（{value.zh}）")


def wish_of(change: Change, bank: Bank) -> Spoken:
    """What to keep to, so that a feature comes into a better bin and stays there.

    Of turnover that is to use the account, not to move money through it; of what fades, that nothing is added.
    """
    name, unit = name_of(change.feature), change.feature.unit
    at_least, below = bounds_of(change, bank)
    if unit == "times":
        if at_least is not None:
            return Spoken(f"{name.en}: more of them", f"{name.zh}：次数增加")
        none = Spoken(f"{name.en}: none from now on", f"{name.zh}：今后不再发生")
        return _NO_MORE.get(change.feature.name, none)
    if at_least is None:
        assert below is not None, "a change has one of the two"
        limit, is_class = bound_of(below, unit, bank), unit == "loan-class"
        return Spoken(
            f"{name.en} {'better than' if is_class else 'below'} {limit.en}",
            f"{name.zh}{'优于' if is_class else '低于'}{limit.zh}",
        )
    least = bound_of(at_least, unit, bank)
    if unit in _UNITS:  # at least 12 days with own transactions
        return Spoken(f"at least {least.en} {name.en.removeprefix(f'{unit} ')}", f"{name.zh}不少于{least.zh}")
    said = Spoken(f"{name.en} of at least {least.en}", f"{name.zh}不低于{least.zh}")
    if change.feature.name == "turnover":
        return Spoken(
            f"everyday income and payments through accounts at this bank (on average at least {least.en} a month)",
            f"日常收支主要通过本行账户进行（{said.zh}）",
        )
    return said


def bound_of(bound: Decimal, unit: Unit, bank: Bank) -> Spoken:
    """How far a value would have to go, with every digit that it is told with; money in whole units."""
    match unit:
        case "money":
            return _money(f"{bound:,f}", bank)
        case "days" | "products":
            return _count(f"{bound:f}", unit)
        case "times":
            return _often(float(bound))
        case "share" | "ratio":
            return _percent(f"{bound * 100:f}".rstrip("0").rstrip("."), unit)
        case "loan-class":
            return _loan_class(bound)


def _money(amount: str, bank: Bank) -> Spoken:
    return Spoken(f"{amount} {bank.currency}", f"{amount}{'元' if bank.currency == 'CNY' else bank.currency}")


def _count(count: str, unit: Unit) -> Spoken:
    return Spoken(f"{count} {unit.removesuffix('s') if count == '1' else unit}", f"{count}{_UNITS.get(unit, '')}")


def _often(times: float) -> Spoken:
    if times < _SELDOM:
        return Spoken("none", "无")
    return Spoken("few", "较少") if times <= _OFTEN else Spoken("many", "较多")


def _percent(percent: str, unit: Unit) -> Spoken:
    if unit == "ratio":
        return Spoken(f"{percent}% of the 90-day average", f"近90天平均水平的{percent}%")
    return Spoken(f"{percent}%", f"{percent}%")


def _loan_class(place: float | Decimal) -> Spoken:
    nearest = min(max(int(place), 0), len(LOAN_CLASSES) - 1)
    return Spoken(LOAN_CLASSES[nearest], _LOAN_CLASSES[nearest])
