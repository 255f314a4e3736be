"""Every process decides by what is stored, without a restart. Apart from what decides and tells, so that whoever may do
neither has the rules as they are."""

from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.clock import utc_now
from scoring.exchange_rate import handlers as exchange
from scoring.lifetime_value.handlers import taking_up as models
from scoring.scorecard import handlers as cards
from scoring.standing.domain.rules import Rules


def is_outdated(rules: Rules) -> bool:
    """Is it time to hold these against what is stored?"""
    now = utc_now()
    return any(known.is_outdated(now) for known in (rules.cards, rules.models, rules.rates))


async def take_up(rules: Rules, connection: AsyncConnection, *, at_once: bool = False) -> None:
    """Decide by the scorecards, models and rates that are stored, compared when ten seconds are over or `at_once`."""
    await cards.take_up_approved(rules.cards, connection, at_once=at_once)
    await models.take_up_fitted(rules.models, connection, at_once=at_once)
    await exchange.take_up_told(rules.rates, connection, rules.bank.currency, at_once=at_once)
