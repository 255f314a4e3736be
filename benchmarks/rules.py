"""What the rules of churn-alert take of the processor at an event, room by room, in memory; and what they come to.

As a worker's polls ask them, without its rows: what is between a read and a write. The digest of all that is kept and
told is the same before and after a change that is to change nothing. `python -m benchmarks rules`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from hashlib import sha256
from time import process_time
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks.ground import CONSOLE, table
from benchmarks.lives import polls_of
from churn_alert.abnormal.domain.finding import Change, follow, forget_old
from churn_alert.abnormal.domain.judging import late
from churn_alert.abnormal.domain.state import Activity, is_late
from churn_alert.abnormal.domain.state import fold as fold_lead
from churn_alert.abnormal.domain.valuing import Rates
from churn_alert.abnormal.facts import posting_of, value_by
from churn_alert.abnormal.reading import read_reporting
from churn_alert.abnormal.reading import rules_of as reporting_of
from churn_alert.lifecycle.documents import read_stage_versions, stage_rules
from churn_alert.lifecycle.domain.deciding import Transition, live_until
from churn_alert.lifecycle.domain.deciding import decide as decide_stage
from churn_alert.lifecycle.domain.life import Life
from churn_alert.lifecycle.domain.putting_off import is_only_put_off
from churn_alert.lifecycle.facts import concerns_stages, made_at
from churn_alert.lifecycle.facts import fold as fold_life
from churn_alert.risk.documents import read_model_versions
from churn_alert.risk.domain.behaviour import Bank, Risk
from churn_alert.risk.domain.crossed import Crossed
from churn_alert.risk.domain.crossing import settle
from churn_alert.risk.domain.parts import Parts, count
from churn_alert.risk.domain.persons import ALONE
from churn_alert.risk.domain.watching import foreseen
from churn_alert.risk.facts import counted, effective_at, fold
from churn_alert.risk.normal_ranges import read_range_versions
from churn_alert.risk.telling import cleared, decided, lived
from churn_alert.risk.versions import rules_of
from rapport.clock import utc_now
from rapport.events.bank import TransactionRecorded
from rapport.events.base import AnyReceived
from rapport.messaging.service import Service
from rapport.messaging.transaction import Transaction
from rapport.serving import collect_rarely

EVENTS, CUSTOMERS, POLL, ROUNDS = 24_000, 1_000, 1_000, 5
ZONE, TODAY = ZoneInfo("Asia/Shanghai"), date(2026, 12, 1)
BANK = Bank("CNY", ZONE)
RULES = rules_of(BANK, read_model_versions(None, today=TODAY), read_range_versions(None, today=TODAY))
STAGES = stage_rules(read_stage_versions(None, today=TODAY), RULES)
REPORTING = reporting_of(read_reporting(currency="CNY", today=TODAY), ZONE)
VALUE_OF = value_by(Rates(()), REPORTING)
Events = Sequence[AnyReceived]


@dataclass
class Book:
    """What a worker would keep of everybody. `seconds`: of the processor, by room."""

    lives: dict[str, Life] = field(default_factory=dict)
    risks: dict[str, Risk] = field(default_factory=dict)
    crossed: dict[str, Crossed] = field(default_factory=dict)
    parts: dict[str, Parts] = field(default_factory=dict)
    leads: dict[str, Activity] = field(default_factory=dict)
    moved: list[Transition] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    told: list[Any] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def hear(self, events: Events) -> None:
        """One poll, room after room as the service has them."""
        ids = dict.fromkeys(event.data.customer_id for event in events)
        risks = {one: self._risk(one) for one in ids}
        for one in ids:
            life = self.lives.setdefault(one, Life(one))
            life.active_days, life.last_activity_at = risks[one].active_days, risks[one].last_activity_at
            life.is_changed = False
        self._timed("stages", lambda: self._stages([event for event in events if concerns_stages(event)]))
        tx = Transaction(_SERVICE, cast("AsyncConnection", None), utc_now())
        for event in events:
            risk, crossed = risks[event.data.customer_id], self.crossed.get(event.data.customer_id)
            if crossed and risk.level_since and effective_at(event.data) < risk.level_since:
                risk.crossed = crossed
        self._timed("risks", lambda: self._risks(tx, events, risks))
        self._timed("risks kept", lambda: _kept(risks))
        self.crossed |= {one: risk.crossed for one, risk in risks.items() if risk.crossed}
        self.told += [(one.event_id, one.topic, one.value) for one in tx.told]
        postings = [event for event in events if isinstance(event.data, TransactionRecorded)]
        self._timed("leads", lambda: self._leads(postings))
        for one in dict.fromkeys(event.data.customer_id for event in postings):
            forget_old(self.leads[one])

    def _timed(self, room: str, ask: Callable[[], None]) -> None:
        began = process_time()
        ask()
        self.seconds[room] = self.seconds.get(room, 0.0) + process_time() - began

    def _risk(self, customer_id: str) -> Risk:
        """As it is read from its row."""
        known = self.risks.get(customer_id)
        risk = Risk(customer_id) if known is None else replace(known, anchor=None, normal=None, crossed=None)
        self.risks[customer_id] = risk
        return risk

    def _stages(self, events: Events) -> None:
        for event in events:
            life = self.lives[event.data.customer_id]
            if life.due_at is not None and life.due_at <= event.at:
                self.moved += live_until(life, STAGES, event.at)
            days, last = life.active_days, life.last_activity_at
            if fold_life(life, event.data, STAGES) and not is_only_put_off(life, days, last, STAGES):
                self.moved += decide_stage(life, STAGES, event.at, made_at(event.data))

    def _risks(self, tx: Transaction, events: Events, risks: Mapping[str, Risk]) -> None:
        for event in events:
            risk = risks[event.data.customer_id]
            lived(tx, risk, ALONE, RULES, event.at, is_deciding=True)
            posting = fold(risk, event.data, BANK)
            if added := counted(event.data, posting):
                count(self.parts.setdefault(risk.customer_id, {}), *added)
            cleared(tx, risk, ALONE, RULES, event)
            decided(tx, risk, ALONE, RULES, event.at, cause=event)

    def _leads(self, events: Events) -> None:
        for event in events:
            state = self.leads.setdefault(event.data.customer_id, Activity(event.data.customer_id))
            posting = posting_of(event.data, REPORTING)
            if is_late(state.last_day, posting.day):
                added = late(posting, REPORTING, VALUE_OF, is_natural=state.is_natural)
                self.changes += [Change(state.customer_id, one.key, "late", one) for one in added]
            fold_lead(state, posting)
            self.changes += follow(state, posting.day, REPORTING, VALUE_OF)

    @property
    def digest(self) -> str:
        """Of all that is kept and told."""
        parts = (self.lives, self.risks, self.crossed, self.parts, self.leads, self.moved, self.changes, self.told)
        digest = sha256()
        for part in parts:
            for one in part.values() if isinstance(part, dict) else part:
                digest.update(repr(_plainly(one)).encode())
        return digest.hexdigest()[:16]


_UNSTORED = {"anchor", "normal", "crossed", "is_settled", "is_changed"}
_SERVICE = Service("churn-alert", {}, 24, "", is_stream_time=False, seal=cast("Any", None))


def _kept(risks: Mapping[str, Risk]) -> None:
    for risk in risks.values():
        if not risk.is_settled or risk.model_version != RULES.newest.model.version:
            settle(risk, RULES)
        risk.out_at = foreseen(risk)


def _plainly(one: Any) -> Any:
    if isinstance(one, Risk | Life | Activity):
        return [getattr(one, each.name) for each in fields(one) if each.name not in _UNSTORED]
    if isinstance(one, Crossed):
        return [one.direction, one.at, one.level_since, one.model_version, one.crossing_id, _plainly(one.state)]
    return one


def run() -> None:
    """Print µs an event of each room, the least of some rounds, and the digest."""
    collect_rarely()
    for load in ("plain", "mixed"):
        polls = polls_of(EVENTS, CUSTOMERS, POLL, is_plain=load == "plain")
        rounds = [_lived_through(polls) for _ in range(ROUNDS)]
        book = rounds[0]
        shown = table(f"{load}: {EVENTS:,} events of {CUSTOMERS:,} customers, digest {book.digest}", "", "µs an event")
        least = {room: min(one.seconds[room] for one in rounds) * 1e6 / EVENTS for room in book.seconds}
        for room, spent in least.items():
            shown.add_row(room, f"{spent:.1f}")
        shown.add_row("all", f"{sum(least.values()):.1f}")
        CONSOLE.print(shown)
        CONSOLE.print(f"{len(book.moved)} stages, {len(book.changes)} findings, {len(book.told)} crossings told")


def _lived_through(polls: Sequence[Events]) -> Book:
    book = Book()
    for events in polls:
        book.hear(events)
    return book
