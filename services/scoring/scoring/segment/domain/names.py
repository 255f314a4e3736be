"""The names that segments can have, a closed list: whoever asks for a segment asks for one of these."""

from typing import NamedTuple


class Name(NamedTuple):
    """What a segment can be called: who has much of a trait (`sign` 1), or little (-1); without one, neither."""

    en: str
    zh: str
    trait: str | None
    sign: int


NAMES = (
    Name("investors", "投资型", "investments", 1),
    Name("savers", "储蓄型", "average_balance", 1),
    Name("borrowers", "借贷型", "loans", 1),
    Name("transactors", "交易型", "turnover", 1),
    Name("everyday-users", "日常型", "active_days", 1),
    Name("multi-product", "多产品型", "products", 1),
    Name("accounts-only", "无理财型", "investments", -1),
    Name("low-balance", "低余额型", "average_balance", -1),
    Name("low-turnover", "低流水型", "turnover", -1),
    Name("quiet", "低活跃型", "active_days", -1),
    Name("few-products", "少产品型", "products", -1),
    Name("typical", "普通型", None, 0),
)
