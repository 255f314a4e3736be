"""One partition of the log lived again by the service's own rules: which alerts it would have raised, and on some days
what it would have said of everybody, each by nothing but what had been handled by then.

As if nobody had acted: what people did about an alert, and who refused care, is not in the bank's log.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from dataclasses import replace as changed
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from churn_alert.proof.domain.verdict import Alarm
from churn_alert.risk.domain.behaviour import Risk
from churn_alert.risk.domain.clearing import clear
from churn_alert.risk.domain.crossing import Crossing, Rules, anchor_of, catch_up, decide
from churn_alert.risk.domain.readiness import is_known
from churn_alert.risk.facts import counts_from, effective_at, fold
from rapport.ahead.queue import Queue
from rapport.behaviour.active_days import ActiveDays
from rapport.clock import utc_now
from rapport.events.bank import AccountChanged, InteractionRecorded, TransactionRecorded
from rapport.events.base import AnyReceived
from rapport.messaging.history import History
from rapport.messaging.service import Service

_TOLD = UUID(int=0)
"""What a crossing has here instead of the id of its fact: it can be cleared once it was told."""
_MOMENT = timedelta(microseconds=1)
_FOLDED = (TransactionRecorded, InteractionRecorded, AccountChanged)


class Said(NamedTuple):
    """What was known of a customer at the beginning of a day: the probability, and days without own activity."""

    customer_id: str
    day: date
    probability: float
    silent_days: int


@dataclass(slots=True)
class Part:
    """What one partition comes to. `days`: on which days each customer was active, by all that was read in the end;
    `first`: the day of the first event; `until`: the moment up to which it was lived. Both None where nothing happened.
    """

    alarms: list[Alarm] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    days: dict[str, ActiveDays] = field(default_factory=dict)
    first: date | None = None
    until: datetime | None = None


def behaving(service: Service) -> Service:
    """The service as if it heard the bank's facts that risks are made of, and no others."""
    return changed(service, hears={kind: one for kind, one in service.hears.items() if one in _FOLDED})


async def replayed(
    history: History,
    rules: Rules,
    until: datetime | None,
    left_out: Collection[str],
    *,
    read: Callable[[int], None] = lambda _: None,
) -> Part:
    """Everything published in a partition by `until`. Everybody is looked at on the first of each month; of `left_out`
    nothing is said. `read` hears how many records. Raises HistoryMissing.

    Looked is before the first event of that moment or later, so nothing of the days after is in what is said then.
    """
    replay = _Replay(rules, left_out)
    async for events in history.events(until):
        for event in events:
            replay.hear(event)
        read(history.passed.read)
        await asyncio.sleep(0)
    end = history.passed.position if history.is_stream_time else until or utc_now()
    return replay.part if end is None else replay.ended(end)


@dataclass(slots=True)
class _Replay:
    """`look_at`: when everybody is looked at next; `ahead`: what is dated ahead and has not come."""

    rules: Rules
    left_out: Collection[str]
    part: Part = field(default_factory=Part)
    risks: dict[str, Risk] = field(default_factory=dict)
    ahead: Queue = field(default_factory=lambda: Queue(counts_from))
    look_at: datetime | None = None

    def hear(self, event: AnyReceived) -> None:
        """Have it counted, at once or when it comes, after the looks before it."""
        if self.look_at is None:
            self.part.first = event.at.astimezone(self.rules.bank.zone).date()
            self.look_at = _month_after(event.at, self.rules)
        self._look_until(event.at)
        self._live(self.ahead.in_time([event]))

    def ended(self, end: datetime) -> Part:
        """What it came to once everything until then is lived."""
        self._look_until(end)
        self._live(self._come(end))
        for risk in self.risks.values():
            _note(self.part, self.rules, catch_up(risk, self.rules, end))
        self.part.until = end
        self.part.days = {key: one.active_days for key, one in self.risks.items() if one.active_days is not None}
        return self.part

    def _look_until(self, until: datetime) -> None:
        while self.look_at is not None and self.look_at <= until:
            self._live(self._come(self.look_at - _MOMENT))
            _look(self.part, self.risks, self.rules, self.look_at)
            self.look_at = _month_after(self.look_at, self.rules)

    def _come(self, until: datetime) -> list[AnyReceived]:
        return sorted(self.ahead.come_of_all(until), key=lambda event: event.at)

    def _live(self, events: Iterable[AnyReceived]) -> None:
        for event in events:
            if event.data.customer_id not in self.left_out:
                _live(self.part, self.risks, self.rules, event)


def _month_after(at: datetime, rules: Rules) -> datetime:
    """Midnight of the first of the next month, by the bank's calendar."""
    day = at.astimezone(rules.bank.zone).date().replace(day=1) + timedelta(days=32)
    return datetime.combine(day.replace(day=1), time.min, rules.bank.zone)


def _live(part: Part, risks: dict[str, Risk], rules: Rules, event: AnyReceived) -> None:
    """As `on_behaviour` does: what silence brought before the event, the event, and what it makes of the risk."""
    customer_id = event.data.customer_id
    risk = risks.get(customer_id)
    if risk is None:
        risk = risks[customer_id] = Risk(customer_id)
    _note(part, rules, catch_up(risk, rules, event.at))
    fold(risk, event.data, rules.bank)
    if risk.crossed is not None and effective_at(event.data) < risk.crossed.at:
        risk.crossed.crossing_id = _TOLD
        fold(risk.crossed.state, event.data, rules.bank)
        _note(part, rules, clear(risk, rules, event.at))
    _note(part, rules, decide(risk, rules, event.at))


def _note(part: Part, rules: Rules, crossing: Crossing | None) -> None:
    """A crossing upwards opens an alert: nobody takes one up here, so the last has closed with the crossing down."""
    if crossing is not None and crossing.direction == "up":
        of = {
            "month": f"{crossing.at.astimezone(rules.bank.zone):%Y-%m}",
            "cause": crossing.cause,
            "model": str(crossing.model.version),
        }
        day = crossing.at.astimezone(rules.bank.zone).date()
        part.alarms.append(Alarm(crossing.customer_id, day, crossing.probability, of))


def _look(part: Part, risks: dict[str, Risk], rules: Rules, at: datetime) -> None:
    """Reads and settles nothing: a life that is looked at goes on like one that is not."""
    day, rules = at.astimezone(rules.bank.zone).date(), rules.at(at)
    for risk in risks.values():
        anchor = anchor_of(risk, rules)
        if anchor is None or risk.active_days is None or not is_known(risk, rules.model, at):
            continue
        probability = rules.model.probability(anchor, anchor.silence(at))
        silent = max((day - risk.active_days.last).days - 1, 0)
        part.said.append(Said(risk.customer_id, day, probability, silent))
