"""What is booked without the customer: income, standing orders, the savings plan, interest."""

from simulator.bank.intents import Account, Intent, Posting
from simulator.bank.kinds import INTEREST, PENALTY_INTEREST, REPAYMENT, SAVE, SETTLEMENT
from simulator.bank.life import HOUR, Life
from simulator.bank.plan import BusinessDay

_YEARLY_RATE = {"current": 0.001, "savings": 0.012}
_PENALTY_A_MONTH = 0.015
_STANDING_ORDERS_FOLLOW_AFTER = 21
"""Days after the income went elsewhere until the standing orders follow it."""


def automatic_postings(life: Life, day: BusinessDay) -> list[Intent]:
    """All that the bank's own night and morning runs book for this customer on that day."""
    intents: list[Intent] = []
    of_month = day.date.day
    if of_month in life.paydays:
        intents += _income(life, day)
    if day.index < life.course.income_until + _STANDING_ORDERS_FOLLOW_AFTER:
        for order in life.orders:
            if order.day == of_month:
                minor = -int(order.minor * (1 + order.varies * (2 * life.rng.random() - 1)))
                product = life.holdings.repaid if order.kind is REPAYMENT else None
                if order.kind is not REPAYMENT or product is not None:
                    ms = day.start_ms + 6 * HOUR + int(life.rng.random() * HOUR)
                    intents.append(Posting(ms, life.accounts[0], minor, order.kind, product))
    if of_month == 21:
        intents += [posting for account in life.accounts if (posting := _interest(account, day)) is not None]
    return intents


def _income(life: Life, day: BusinessDay) -> list[Intent]:
    factor = life.course.income(day.index)
    if factor == 0:
        return []
    if life.persona.income is SETTLEMENT:
        factor *= life.rng.uniform(0.5, 1.6)
    elif day.date.month == 1 and life.persona.name in ("salaried", "wealthy"):
        factor *= 1.8  # the thirteenth month
    ms = day.start_ms + 8 * HOUR + int(life.rng.random() * HOUR)
    income = int(life.income * factor)
    intents: list[Intent] = [Posting(ms, life.accounts[0], income, life.persona.income)]
    if len(life.accounts) > 1:
        intents.append(Posting(ms + HOUR, life.accounts[0], -income // 10, SAVE, to=life.accounts[1]))
    return intents


def _interest(account: Account, day: BusinessDay) -> Posting | None:
    """Credit interest by the quarter, penalty interest by the month."""
    ms = day.start_ms + 2 * HOUR
    if account.balance < 0:
        return Posting(ms, account, int(account.balance * _PENALTY_A_MONTH), PENALTY_INTEREST)
    if day.is_quarter_interest:
        return Posting(ms, account, int(account.balance * _YEARLY_RATE[account.type] / 4), INTEREST)
    return None
