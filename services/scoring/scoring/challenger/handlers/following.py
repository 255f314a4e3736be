"""The shadow beside live decisions: given a connection for its own rows, and no transaction to tell anything in."""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from rapport.clock import utc_now
from rapport.telemetry.faults import kind
from rapport.telemetry.logs import get_logger
from scoring.challenger.domain.contest import Ring
from scoring.challenger.domain.course import Shadow
from scoring.challenger.store import challengers, shadows
from scoring.comparing import NEVER
from scoring.scorecard.domain import Scorecards
from scoring.scorecard.handlers import ScorecardUnreadable, card_of
from scoring.scorecard.store import scorecards
from scoring.standing.domain.rules import Rules
from scoring.standing.domain.state import Standing


class Shadows:
    """The shadows of the customers of one batch; who has none yet begins with their first event in it."""

    def __init__(self, version: int, rules: Rules, found: dict[str, Shadow]) -> None:
        """`rules`: with the challenger alone."""
        self._version = version
        self._rules = rules
        self._found = found

    def before(self, standing: Standing, at: datetime) -> None:
        """Decide what fell due before an event at `at`, which `standing` has not met yet."""
        shadow = self._found.get(standing.customer_id)
        if shadow is None:
            self._found[standing.customer_id] = Shadow.of(standing, at)
        else:
            shadow.reach(standing, self._rules, at)

    def after(self, standing: Standing, at: datetime) -> None:
        """Decide on the event that `standing` was just decided on."""
        self._found[standing.customer_id].meet(standing, self._rules, at)

    async def save(self, connection: AsyncConnection, partition_of: Callable[[str], int]) -> None:
        """Write them back, in one statement."""
        await shadows.save(connection, self._version, list(self._found.values()), partition_of=partition_of)


async def follow(
    connection: AsyncConnection, customer_ids: Collection[str], now: datetime, *, ring: Ring, rules: Rules
) -> Shadows | None:
    """The shadows of these customers, in one query; None where no challenger has begun. `now`: by the system clock."""
    await take_up(connection, ring, rules)
    if ring.rules is None or now < ring.begins_at:
        return None
    return Shadows(ring.version, ring.rules, await shadows.load(connection, ring.version, customer_ids))


async def take_up(connection: AsyncConnection, ring: Ring, rules: Rules, *, at_once: bool = False) -> None:
    """Know the challenger that is stored, compared when ten seconds are over or `at_once`.

    One that this release cannot read is none, and told in the log once: what it breaks is nobody's but its own.
    """
    began = utc_now()
    if not (at_once or ring.is_outdated(began)):
        return
    stored = await challengers.running(connection)
    if stored is None or stored.version == ring.unreadable:
        ring.version, ring.rules = 0, None
    else:
        if ring.version != stored.version:
            await _take(connection, stored.version, ring, rules)
        ring.begins_at = stored.begins_at
    ring.compared_at = began


async def _take(connection: AsyncConnection, version: int, ring: Ring, rules: Rules) -> None:
    try:
        card = card_of(await scorecards.document(connection, version), version, NEVER)
    except ScorecardUnreadable as unreadable:
        # Its text tells what the document says.
        get_logger().warning(
            "the challenger cannot be read and decides nothing", version=version, error=kind(unreadable)
        )
        ring.version, ring.rules, ring.unreadable = 0, None, version
    else:
        ring.version, ring.rules = version, replace(rules, cards=Scorecards([card]))
