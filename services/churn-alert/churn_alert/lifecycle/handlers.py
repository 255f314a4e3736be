"""What churn-alert does about stages: load, fold, decide event by event, save what changed, tell."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Literal

from churn_alert.lifecycle.domain.deciding import Transition, decide, live_until
from churn_alert.lifecycle.domain.life import Life, Persons
from churn_alert.lifecycle.domain.putting_off import is_only_put_off
from churn_alert.lifecycle.domain.rules import StageRules
from churn_alert.lifecycle.facts import concerns_stages, fact_of, fold, made_at
from churn_alert.lifecycle.following import FollowStages, leave
from churn_alert.lifecycle.store.lives import load, outdated, persons_among, save
from churn_alert.lifecycle.store.transitions import keep_transitions
from churn_alert.risk.store.asked import AskedPerson
from rapport.ahead.queue import NOWHERE
from rapport.events.base import AnyReceived
from rapport.events.customer_profile import CustomerProfiled
from rapport.messaging.pages import page_by_page
from rapport.messaging.sweeper import Limits
from rapport.messaging.transaction import Transaction, Transactions
from rapport.person.handlers import ask_for_persons

_Told = tuple[Transition, AnyReceived | str, datetime]
"""A change of stage, what it is told for (an event, or the key of a timer), and when it was decided."""


async def on_facts(
    tx: Transaction, events: Sequence[AnyReceived], *, rules: StageRules, follow: FollowStages = leave
) -> None:
    """Fold what customers did, and what is told of them and their accounts; decide each again at every fact.

    To be called before risks take the same events: activity of before this poll is read from theirs. What time alone
    brought before an event is first. Of a file that was merged the person is asked for.
    """
    heard = [event for event in events if concerns_stages(event)]
    if not heard:
        return
    lives = await load(tx.connection, {event.data.customer_id for event in heard})
    persons = await persons_among(tx.connection, lives)
    moved: list[_Told] = []
    for event in heard:
        life = lives[event.data.customer_id]
        is_merged = life.customer_id in persons.merged_into
        if not is_merged:
            moved += _lived(life, persons, rules, moment_of(tx, event))
        days, last = life.active_days, life.last_activity_at
        if not fold(life, event.data, rules) or is_merged:
            continue
        if life.customer_id in persons.others or not is_only_put_off(life, days, last, rules):
            with persons.deciding(life) as person:
                decided = decide(person, rules, moment_of(tx, event), made_at(event.data))
            at = moment_of(tx, event)
            moved += [(one, event if one.cause == "event" else _timer(one), at) for one in decided]
    await _keep(tx, lives.values(), persons, moved, follow)
    # For what customers did, and for their accounts, risks ask.
    told_of = (event for event in heard if isinstance(event.data, CustomerProfiled))
    await ask_for_persons(tx, persons.merged_into, told_of)


async def live_on(
    tx: Transaction, events: Sequence[AnyReceived], *, rules: StageRules, follow: FollowStages = leave
) -> None:
    """What time alone brought these events' customers before them: for who then changes what may be concluded."""
    until = {event.data.customer_id: moment_of(tx, event) for event in reversed(events)}
    await fire_due_lives(tx, [], rules=rules, until=until, follow=follow)


async def fire_due_lives(
    tx: Transaction,
    customer_ids: Sequence[str],
    *,
    rules: StageRules,
    until: Mapping[str, datetime] | None = None,
    follow: FollowStages = leave,
) -> None:
    """Give who is due the stage that time alone brought, as of its moment; `until`: otherwise by the clock."""
    moments = until or {customer_id: tx.clock_of(customer_id) for customer_id in customer_ids}
    lives = await load(tx.connection, moments)
    persons = await persons_among(tx.connection, lives)
    moved: list[_Told] = []
    for life in lives.values():
        if life.customer_id not in persons.merged_into:
            moved += _lived(life, persons, rules, moments[life.customer_id])
    await _keep(tx, lives.values(), persons, moved, follow)


async def decide_persons(
    tx: Transaction,
    moments: Mapping[str, datetime],
    *,
    rules: StageRules,
    cause: str,
    made: Literal["facts", "rules"] | None = None,
    follow: FollowStages = leave,
) -> None:
    """Decide these customers, who are held, as of their moments, for what changed beside their own facts.

    A file that is merged into another is decided no more. `cause`: of the ids under which it is told. `made`: when
    what changed came about, otherwise at the moment; "facts": by the latest fact of the person; "rules": by the day of
    the rules in force.
    """
    lives = await load(tx.connection, moments)
    persons = await persons_among(tx.connection, lives)
    moved: list[_Told] = []
    for customer_id, life in lives.items():
        if customer_id in persons.merged_into:
            # Nothing is left to be done by these rules either.
            newest = rules.newest.version
            life.is_changed = life.is_changed or (life.known_from is not None and life.rules_version != newest)
            life.rules_version = newest
            continue
        at = moments[customer_id]
        moved += _lived(life, persons, rules, at)
        with persons.deciding(life) as person:
            made_at = {"facts": person.last_fact_at, "rules": rules.at(at).effective_at}.get(made or "")
            decided = decide(person, rules, at, made_at or at)
        moved += [(one, f"{cause}:{customer_id}" if one.cause == "event" else _timer(one), at) for one in decided]
    await _keep(tx, lives.values(), persons, moved, follow)


async def decide_asked(
    tx: Transaction, asked: Mapping[str, AskedPerson], *, rules: StageRules, follow: FollowStages = leave
) -> None:
    """Decide persons for events that came on files merged into theirs."""
    for survivor, one in asked.items():
        await decide_persons(tx, {survivor: one.at}, rules=rules, cause=str(one.event_id), made="facts", follow=follow)


async def recheck_stages(transactions: Transactions, *, rules: StageRules, limits: Limits | None = None) -> None:
    """Upkeep: decide who was decided by older rules, page by page; nobody changes stage before the rules' own day.
    `limits`: how far silence may be judged."""

    async def recheck(tx: Transaction, customer_ids: Sequence[str]) -> None:
        moments = {customer_id: tx.clock_of(customer_id) for customer_id in customer_ids}
        await decide_persons(tx, moments, rules=rules, cause=f"stages:{rules.newest.version}", made="rules")

    await page_by_page(transactions, partial(outdated, version=rules.newest.version), recheck, limits=limits)


def moment_of(tx: Transaction, event: AnyReceived, customer_id: str | None = None) -> datetime:
    """When an event is decided of its customer, or of another whom it concerns, by whose own time.

    In stream time never before what has been reached: one that is handled once more may carry an older reading. What
    has waited for its time is decided as of it, before anything that came since.
    """
    if not tx.service.is_stream_time or event.offset == NOWHERE:
        return event.at
    own = event.data.customer_id
    return max(event.at, tx.clock_of(own)) if customer_id in {None, own} else tx.clock_of(customer_id)


def _lived(life: Life, persons: Persons, rules: StageRules, until: datetime) -> list[_Told]:
    if life.due_at is None or life.due_at > until:
        return []
    with persons.deciding(life) as person:
        moved = live_until(person, rules, until)
    return [(one, _timer(one), one.at) for one in moved]


def _timer(one: Transition) -> str:
    return f"stage:{one.customer_id}:{one.at.isoformat()}"


async def _keep(
    tx: Transaction, lives: Iterable[Life], persons: Persons, moved: Sequence[_Told], follow: FollowStages
) -> None:
    changed = []
    for life in lives:
        if life.customer_id in persons.merged_into and life.due_at is not None:
            life.due_at, life.is_changed = None, True
        if life.is_changed:
            changed.append(life)
    await save(tx.connection, changed, partition_of=tx.partition_of)
    if moved:
        await keep_transitions(tx.connection, [one for one, *_ in moved], known_at=tx.now)
        for one, cause, _ in moved:
            tx.tell(fact_of(one), time=one.at, cause=cause)
        await follow(tx, [(one, at) for one, _, at in moved])
