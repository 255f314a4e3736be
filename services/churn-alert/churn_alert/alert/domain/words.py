"""Why an alert was opened, in words that whoever looks after the customer understands at once, in both languages.

Of each of the four indicators that left its range it says where it is, where it usually is, by how many spreads, and
since when; of its parts only the days without activity besides, since that is what people ask next.
"""

from collections.abc import Sequence
from datetime import tzinfo
from typing import NamedTuple

from churn_alert.risk.domain.crossing import Cause
from churn_alert.risk.domain.indicators import ACTIVITY, FEEDBACK, FOUR, PRODUCT_USE, TRANSACTIONS, Indicator


class Spoken(NamedTuple):
    """The same in English and in Chinese."""

    en: str
    zh: str


_OF_FOUR = {
    TRANSACTIONS: Spoken(
        "own transactions at {value:.1f} a month, usually {baseline:.1f}",
        "本人交易每月{value:.1f}笔，通常{baseline:.1f}笔",
    ),
    ACTIVITY: Spoken("account turnover or balance at {value:.0%} of usual", "账户收支或余额为平常的{value:.0%}"),
    FEEDBACK: Spoken(
        "negative feedback at {value:.1f}, usually {baseline:.1f}", "负面反馈{value:.1f}次，通常{baseline:.1f}次"
    ),
    PRODUCT_USE: Spoken(
        "uses of products and channels at {value:.1f} a month, usually {baseline:.1f}",
        "产品和渠道使用每月{value:.1f}次，通常{baseline:.1f}次",
    ),
}
_NAMES = {
    TRANSACTIONS: Spoken("own transactions", "本人交易"),
    ACTIVITY: Spoken("account activity", "账户活跃度"),
    FEEDBACK: Spoken("feedback", "服务反馈"),
    PRODUCT_USE: Spoken("use of products", "产品使用"),
}
_OF_RATIO = {
    "activity-week": Spoken("own activity over a week", "近一周本人活跃度"),
    "activity-month": Spoken("own activity over a month", "近一个月本人活跃度"),
    "transactions-month": Spoken("own transactions over a month", "近一个月本人交易"),
    "channel-use-month": Spoken("use of app, web and branch over a month", "近一个月手机、网上和网点使用"),
    "inflow-month": Spoken("money coming in over a month", "近一个月资金流入"),
}
_DAYS = "days-without-activity"
_OF_OTHERS = {
    "outflow-month": Spoken(
        "{value:.1f} months of usual income have left on balance (usual: at most {high:.1f})",
        "净流出相当于{value:.1f}个月的平常收入（通常不超过{high:.1f}）",
    ),
    "negative-feedback": Spoken("a complaint or bad rating of late", "近期有投诉或差评"),
    _DAYS: Spoken(
        "{value:.0f} days without activity (normal for this customer: at most {high:.0f})",
        "已有{value:.0f}天没有活动（该客户正常不超过{high:.0f}天）",
    ),
}


def explain(
    cause: Cause, probability: float, threshold: float, indicators: Sequence[Indicator], zone: tzinfo
) -> Spoken:
    """`Risk of leaving 78% (threshold 75%), reached by silence alone. Out of the normal range: …`; days as the bank's
    calendar has them, by `zone`."""
    head = Spoken(
        f"Risk of leaving {probability:.0%} (threshold {threshold:.0%}), "
        f"reached {'by silence alone' if cause == 'silence' else 'with the latest event'}.",
        f"流失风险{probability:.0%}（阈值{threshold:.0%}），"
        f"{'仅因长期无活动而' if cause == 'silence' else '因最近一次事件而'}达到。",
    )
    said = {one.name for one in indicators if one.name in FOUR and (one.is_low or one.is_high)}
    apart = [words for one in indicators if one.part_of not in said or one.name == _DAYS if (words := _out(one, zone))]
    unknown = [_NAMES[one.name] for one in indicators if one.name in FOUR and not one.enough_history]
    if apart:
        en, zh = "; ".join(one.en for one in apart), "；".join(one.zh for one in apart)
        body = Spoken(f" Out of the normal range: {en}.", f"超出正常范围：{zh}。")
    else:
        body = Spoken(
            " No single measure is out of this customer's normal range; together they are.",
            "没有单项指标超出该客户的正常范围，但综合来看异常。",
        )
    if unknown:
        en, zh = ", ".join(one.en for one in unknown), "、".join(one.zh for one in unknown)
        tail = Spoken(f" Not enough history to know what is normal: {en}.", f"历史不足，尚不知正常范围：{zh}。")
    else:
        tail = Spoken("", "")
    return Spoken(head.en + body.en + tail.en, head.zh + body.zh + tail.zh)


def _out(one: Indicator, zone: tzinfo) -> Spoken | None:
    if one.name in _OF_FOUR and (one.is_low or one.is_high):
        return _of_four(one, zone)
    if one.name in _OF_RATIO and one.is_low:
        low, high = one.normal_low, one.normal_high
        en, zh = _OF_RATIO[one.name]
        return Spoken(
            f"{en} at {one.value:.0%} of usual (normal for this customer: {low:.0%} to {high:.0%})",
            f"{zh}为平常的{one.value:.0%}（该客户正常为{low:.0%}至{high:.0%}）",
        )
    if one.name in _OF_OTHERS and one.is_high:
        return Spoken(*(words.format(value=one.value, high=one.normal_high) for words in _OF_OTHERS[one.name]))
    return None


def _of_four(one: Indicator, zone: tzinfo) -> Spoken:
    en, zh = (words.format(value=one.value, baseline=one.baseline or 0.0) for words in _OF_FOUR[one.name])
    spreads = abs(one.deviations or 0.0)
    since = one.since.astimezone(zone).date() if one.since else None
    return Spoken(
        f"{en} ({spreads:.1f} spreads {'below' if one.is_low else 'above'}{f', since {since}' if since else ''})",
        f"{zh}（{'低' if one.is_low else '高'}{spreads:.1f}个离散度{f'，自{since}起' if since else ''}）",
    )
