"""Every crossing by silence is found without an event, in the sweep after its moment, and none that is not there.

Against brute force: no timer, no stored state, no search that knows how the risk rises, but a look at every minute that
could be the first.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from churn_alert.risk.domain.behaviour import Posting, Risk, fold_posting, fold_use
from churn_alert.risk.domain.crossing import anchor_of, catch_up, decide, settle
from tests.churn_alert.lives import BANK, DAY, RULES, START

CUSTOMERS = 10_000
PERIOD = timedelta(minutes=1)
"""So often somebody sweeps."""
AHEAD = 200
MODEL = RULES.model


def acts(random: Random) -> list[tuple[datetime, Posting | None]]:
    """What one customer does in three months or more: postings, uses of a channel (None), then nothing."""
    now, found = random.uniform(0, 5), []
    pace, ends = random.choice([0.12, 0.25, 0.6, 1.5]), random.uniform(80, 140)
    while now < ends and len(found) < 60:
        at = START + timedelta(days=now)
        posting = Posting(at, random.randint(100, 90_000), random.random() < 0.1, True, "merchant")
        found.append((at, posting if random.random() < 0.7 else None))
        now += random.expovariate(pace)
    return found


def live(risk: Risk, events: list[tuple[datetime, Posting | None]], *, is_decided: bool) -> None:
    for at, posting in events:
        if is_decided:
            catch_up(risk, RULES, at)
        if posting is None:
            fold_use(risk, at, BANK.zone)
        else:
            fold_posting(risk, posting, BANK.zone)
        if is_decided:
            decide(risk, RULES, at)


def swept(risk: Risk, until: datetime) -> tuple[datetime, datetime] | None:
    """When the risk was raised by nobody but a sweeper that looks every period, and when it looked."""
    settle(risk, RULES)
    while risk.due_at is not None and risk.due_at <= until:
        now = START + -(-(risk.due_at - START) // PERIOD) * PERIOD
        crossing = catch_up(risk, RULES, now)
        if crossing is not None:
            assert (crossing.direction, crossing.cause) == ("up", "silence")
            return crossing.at, now
        if not risk.is_settled:
            settle(risk, RULES)
    return None


def by_brute_force(events: list[tuple[datetime, Posting | None]], level_since: datetime | None) -> datetime | None:
    """The first minute at which the risk of who did this is high enough, and may be: by day, by hour, by minute."""
    risk = Risk("c-1")
    live(risk, events, is_decided=False)
    days = {at.astimezone(BANK.zone).date() for at, _ in events}
    anchor = anchor_of(risk, RULES)
    if len(days) < MODEL.least_active_days or anchor is None:
        return None
    last = events[-1][0]
    begins = max(last, events[0][0] + MODEL.least_history, (level_since or START) + MODEL.rest if level_since else last)

    def is_high(at: datetime) -> bool:
        return MODEL.log_odds(anchor, (at - last) / DAY) >= MODEL.upper_log_odds

    return first_of(begins, AHEAD * DAY, (DAY, timedelta(hours=1), PERIOD), is_high)


def first_of(begins: datetime, span: timedelta, steps: tuple[timedelta, ...], holds: object) -> datetime | None:
    """The first point of a grid at which it holds, refined step by step between the last that does not and it."""
    assert callable(holds)
    if holds(begins):
        return begins
    step, *finer = steps
    for number in range(1, span // step + 1):
        at = begins + number * step
        if holds(at):
            return first_of(at - step, step, tuple(finer), holds) if finer else at
    return None


def silences() -> Iterator[tuple[tuple[datetime, datetime] | None, datetime | None]]:
    for number in range(CUSTOMERS):
        events = acts(Random(number))
        risk = Risk("c-1")
        live(risk, events, is_decided=True)
        if risk.is_raised:
            continue
        level_since = risk.level_since
        yield swept(risk, events[-1][0] + AHEAD * DAY), by_brute_force(events, level_since)


def test_the_sweeper_finds_every_crossing_by_silence_in_its_period_and_no_other() -> None:
    found = silent = 0
    for sweep, brute in silences():
        silent += 1
        assert (sweep is None) == (brute is None)
        if sweep and brute:
            found += 1
            crossed_at, fired_at = sweep
            assert abs(crossed_at - brute) <= PERIOD
            assert timedelta(0) <= fired_at - crossed_at < PERIOD
    assert silent > CUSTOMERS * 0.6
    assert found > CUSTOMERS * 0.4
