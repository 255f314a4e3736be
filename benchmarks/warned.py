"""A bank's book with its alerts, written straight into the tables of churn-alert: customers, stages, two years of
alerts with what was done about them and what came of it.

Every state is one that the rules made: risks are copies of a thousand lives that were folded, and each alert is told
with their indicators. Who is silent, warned of, held out and gone is drawn.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import asyncpg

from benchmarks.sweeping import live
from churn_alert.risk.documents import read_document
from churn_alert.risk.domain.behaviour import Bank, Risk
from churn_alert.risk.domain.crossing import Rules, anchor_of, decide, settle
from churn_alert.risk.domain.indicators import indicators_of
from churn_alert.risk.domain.normal import normal_of
from churn_alert.risk.normal_ranges import read_ranges
from churn_alert.risk.store.risks import save
from rapport.clock import utc_now
from rapport.database import create_engine
from rapport.messaging.partitions import partition_of

MONTHS = 24
_TEMPLATES = 1_000
_DAY = timedelta(days=1)
_CUSTOMERS = """
INSERT INTO customers (customer_id, partition) SELECT customer_id, partition FROM risks ON CONFLICT DO NOTHING
"""
_STAGES = """
INSERT INTO lifecycles (customer_id, partition, accounts, known_from, unit, profile_revision, stage, since, rule,
    revision, rules_version)
SELECT customer_id, partition, '[]', now() - interval '900 days', 'u-' || abs(hashtext(customer_id)) % 40, 1,
    (ARRAY['new', 'mature', 'mature', 'mature', 'lost'])[1 + abs(hashtext(customer_id)) % 5],
    now() - interval '1 day' * (abs(hashtext(customer_id)) % 700), 'r', 2, 1
FROM risks
"""
_CHANGES = """
INSERT INTO lifecycle_transitions (customer_id, revision, previous, previous_since, stage, rule, cause, happened_at,
    known_at, rules_version)
SELECT customer_id, 1, NULL, NULL, 'potential', 'r', 'event', known_from, known_from, 1 FROM lifecycles
UNION ALL
SELECT customer_id, 2, 'potential', known_from, stage, 'r', 'event', since, since, 1 FROM lifecycles
"""
_TIERS = """
INSERT INTO tiers (customer_id, tier, revision, decided_at, rank)
SELECT customer_id, (ARRAY['high', 'middle', 'low', 'low'])[1 + abs(hashtext(customer_id)) % 4], 1,
    now() - interval '900 days', abs(hashtext(customer_id)) % 4 FROM risks
"""
_SEGMENTS = """
INSERT INTO segments (customer_id, segment, revision, since)
SELECT customer_id, 'segment-' || abs(hashtext(customer_id || 's')) % 5, 1, now() - interval '900 days' FROM risks
"""
_MANAGERS = """
INSERT INTO customer_managers (customer_id, relationship_manager, revision)
SELECT customer_id, 'e-' || abs(hashtext(customer_id)) % 400, 1 FROM risks
"""
_EMPLOYEES = """
INSERT INTO employees (employee_id, role, unit, active, revision)
SELECT 'e-' || n, 'rm', 'u-' || n % 40, true, 1
FROM generate_series(0, 399) n
"""
# One in five of the book twice or thrice, the others never; the latest two months are open.
_ALERTS = """
INSERT INTO alerts (alert_id, customer_id, status, severity, cause, probability, threshold, indicators, model_version,
    horizon_days, crossing_id, opened_at, acknowledged_at, acknowledged_by, closed_at, closed_by, outcome, outcome_at,
    owner, tier, stage, segment, urgency, policy_version, playbook, playbook_version, experiment, arm, waiting_since,
    answer_by, partition, revision)
SELECT gen_random_uuid(), r.customer_id,
    CASE WHEN d.is_open THEN 'opened' ELSE 'closed' END, (ARRAY['low', 'medium', 'high'])[1 + n % 3], 'silence',
    0.5 + random() * 0.45, 0.5, t.indicators, 2, 30, gen_random_uuid(), d.opened_at,
    CASE WHEN d.is_acted THEN d.opened_at + interval '1 hour' * (1 + 90 * random()) END,
    CASE WHEN d.is_acted THEN m.relationship_manager END,
    CASE WHEN NOT d.is_open THEN d.opened_at + interval '40 days' END, NULL,
    CASE WHEN NOT d.is_open THEN 'recovered' END, NULL, m.relationship_manager, i.tier, 'mature', s.segment, random(),
    1, 'care-of-all', 1, 'care-of-warned', d.arm, CASE WHEN d.is_open THEN d.opened_at END,
    CASE WHEN d.is_open THEN d.opened_at + interval '2 days' END, r.partition, 2
FROM (SELECT n, 1 + (n * 7919) % ($1 / 2) AS place FROM generate_series(1, $1) n) AS drawn
JOIN (SELECT row_number() OVER (ORDER BY customer_id) AS place, customer_id, partition FROM risks) r USING (place)
JOIN tiers i USING (customer_id) JOIN segments s USING (customer_id) JOIN customer_managers m USING (customer_id)
JOIN templates t ON t.number = n % (SELECT count(*) FROM templates)
CROSS JOIN LATERAL (SELECT now() - interval '1 day' * 730 * (n::float8 / $1) AS opened_at,
    CASE WHEN abs(hashtext(r.customer_id || 'arm')) % 5 = 0 THEN 'held-out' ELSE 'treated' END AS arm) o
CROSS JOIN LATERAL (SELECT o.opened_at, o.arm, o.opened_at > now() - interval '40 days' AS is_open,
    o.arm = 'treated' AND abs(hashtext(n::text)) % 10 < 7 AS is_acted) d
ORDER BY d.opened_at ON CONFLICT DO NOTHING
"""
_HISTORY = """
INSERT INTO alert_events (alert_id, number, step, happened_at, known_at)
SELECT alert_id, 1, 'opened', opened_at, opened_at FROM alerts
UNION ALL SELECT alert_id, 2, 'closed', closed_at, closed_at FROM alerts WHERE status = 'closed'
"""
_OUTCOMES = """
INSERT INTO alert_outcomes (alert_id, warned_on, gone_on, silent_days, definition, judged_at)
SELECT alert_id, opened_at::date,
    CASE WHEN random() < probability - 0.4 THEN opened_at::date + (random() * 60)::int END, (random() * 40)::int, 1,
    now() FROM alerts WHERE opened_at < now() - interval '91 days'
"""
_DONE = """
INSERT INTO interventions (intervention_id, customer_id, node, playbook, playbook_version, purpose, experiment, arm,
    opened_at, alert_id, status, assignee, reached, changed_at, ended_at, outcome, revision)
SELECT gen_random_uuid(), customer_id, 'churn-warning', playbook, 1, 'churn-care', experiment, arm, opened_at, alert_id,
    CASE WHEN status = 'closed' OR arm = 'held-out' THEN 'done' ELSE 'assigned' END, NULL, false, opened_at,
    CASE WHEN status = 'closed' OR arm = 'held-out' THEN opened_at + interval '2 days' END, NULL, 3 FROM alerts
"""
_LINES = """
INSERT INTO intervention_events (intervention_id, number, move, happened_at, known_at)
SELECT intervention_id, n, (ARRAY['proposed', 'begun', 'task-done'])[n], opened_at + interval '9 hours' * (n - 1),
    opened_at FROM interventions, generate_series(1, 3) n
WHERE n = 1 OR (arm = 'treated' AND (n = 2 OR abs(hashtext(intervention_id::text)) % 10 < 6))
"""
_TASKS = """
INSERT INTO intervention_steps (step_id, intervention_id, customer_id, partition, number, kind, action, taken_when,
    role, due, status, begun_at, due_by, ended_at, ended_by, outcome)
SELECT gen_random_uuid(), i.intervention_id, i.customer_id, c.partition, 1, 'task', 'care-call', 'always',
    'rm', interval '3 days', CASE WHEN i.status = 'done' THEN 'done' ELSE 'open' END, i.opened_at,
    i.opened_at + interval '3 days', i.ended_at, NULL, NULL
FROM interventions i JOIN customers c USING (customer_id) WHERE i.arm = 'treated'
"""
_FIGURES = (_CUSTOMERS, _STAGES, _CHANGES, _TIERS, _SEGMENTS, _MANAGERS, _EMPLOYEES)
_OF_ALERTS = (_HISTORY, _OUTCOMES, _DONE, _LINES, _TASKS)


async def fill(dsn: str, customers: int, alerts: int) -> None:
    """Write the book; `dsn` with the rights of a migration, as SQLAlchemy writes it."""
    now = utc_now()
    lives = list(_lives(now))
    engine = create_engine(dsn, application="warned", statement_timeout_ms=600_000)
    async with engine.begin() as connection:
        await save(connection, [risk for risk, _ in lives], partition_of=partition_of)
    await engine.dispose()
    driver = await asyncpg.connect(dsn.replace("+asyncpg", ""))
    try:
        await _copy(driver, customers)
        for statement in _FIGURES:
            await driver.execute(statement)
        await driver.execute("CREATE TEMPORARY TABLE templates (number integer PRIMARY KEY, indicators jsonb)")
        await driver.copy_records_to_table("templates", records=list(enumerate(told for _, told in lives)))
        await driver.execute(_ALERTS.replace("$1", str(alerts)))
        for statement in _OF_ALERTS:
            await driver.execute(statement)
        await driver.execute("VACUUM ANALYZE")
    finally:
        await driver.close()


async def _copy(driver: asyncpg.Connection, customers: int) -> None:
    columns = await driver.fetch(
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'risks' "
        "AND column_name NOT IN ('customer_id', 'partition') ORDER BY ordinal_position"
    )
    ids = [(f"c-{n % _TEMPLATES}", f"c-{n % _TEMPLATES}-{n}") for n in range(customers - _TEMPLATES)]
    await driver.execute("CREATE TEMPORARY TABLE copies (template text, customer_id text, partition smallint)")
    await driver.copy_records_to_table("copies", records=[(of, one, partition_of(one)) for of, one in ids])
    await driver.execute(
        f"INSERT INTO risks (customer_id, partition, {', '.join(row[0] for row in columns)}) "
        f"SELECT c.customer_id, c.partition, {', '.join(f't.{row[0]}' for row in columns)} FROM risks t "
        "JOIN copies c ON c.template = t.customer_id"
    )


def _lives(now: datetime) -> Iterator[tuple[Risk, str]]:
    """Risks as the rules made them, with their indicators as they are kept: of two years, one in four silent at the
    end.
    """
    bank = Bank("CNY", ZoneInfo("Asia/Shanghai"))
    rules = Rules(bank, read_document().model(), read_ranges().ranges())
    number = 0
    made = 0
    while made < _TEMPLATES:
        number += 1
        random, risk = Random(number), Risk(f"c-{made}")
        at, ends = now - random.uniform(400, 730) * _DAY, now - _silence(random) * _DAY
        pace = random.choice([0.1, 0.3, 1.0])
        live(risk, random, at, ends, pace=pace, zone=bank.zone)
        risk.is_settled = False
        decide(risk, rules, ends)
        settle(risk, rules)
        anchor = anchor_of(risk, rules)
        if anchor is not None:
            made += 1
            found = indicators_of(risk, anchor, rules.model, normal_of(risk, rules.ranges), ends)
            yield risk, json.dumps([asdict(one) for one in found], default=datetime.isoformat)


def _silence(random: Random) -> float:
    return random.uniform(20, 400) if random.random() < 0.25 else random.uniform(0, 10)
