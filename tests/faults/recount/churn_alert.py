"""Churn-alert recounted: risks from postings and uses of channels, each crossing told under its own id, and what
`stages` recounts beside.
"""

from tests.faults.recount import persons, stages
from tests.faults.recount.book import Recount
from tests.faults.recount.folding import COME, Folding

# Money that comes from or goes to the bank or the customer's own accounts has not come from outside.
_EXPECTED = """
CREATE VIEW recount.folded AS
SELECT customer_id, at, is_activity, NOT is_reversal AS is_noted, own, 0 AS used,
    CASE WHEN outside THEN credit ELSE 0 END AS inflow,
    CASE WHEN outside THEN (credit * minor)::float8 ELSE 0 END AS inflow_square,
    CASE WHEN outside THEN credit - debit ELSE 0 END AS net_flow, 0 AS negative
FROM (SELECT *, coalesce(counterparty NOT IN ('bank', 'own-account'), true) AS outside FROM recount.postings) AS p
UNION ALL SELECT customer_id, at, true, true, 0, 1, 0, 0, 0, 0 FROM recount.book WHERE what = 'use';
CREATE TABLE recount.expected AS
SELECT customer_id, sum(own)::int AS own_transactions, sum(used)::int AS channel_uses,
    min((at AT TIME ZONE 'Asia/Shanghai')::date) FILTER (WHERE is_activity) AS active_days_from,
    count(DISTINCT (at AT TIME ZONE 'Asia/Shanghai')::date) FILTER (WHERE is_activity)::int AS active_day_count,
    min(at) FILTER (WHERE is_noted) AS first_event_at, max(at) FILTER (WHERE is_activity) AS last_activity_at
FROM recount.folded GROUP BY customer_id;
"""

_SAME = (
    "t.topic = 'risk-threshold-crossed' "
    "AND t.event_id = c.crossing_id::text AND t.customer_id = c.customer_id AND t.fact ->> 'direction' = c.direction "
    "AND (t.fact ->> 'crossed_at')::timestamptz = c.crossed_at"
)

_UNTOLD = f"SELECT count(*) FROM risk_crossings c WHERE NOT EXISTS (SELECT FROM recount.told t WHERE {_SAME})"
_UNFOUNDED = (
    "SELECT count(*) FROM recount.told t WHERE t.topic = 'risk-threshold-crossed' "
    f"AND NOT EXISTS (SELECT FROM risk_crossings c WHERE {_SAME})"
)
_TWO_OPEN = (
    "SELECT count(*) FROM (SELECT FROM alerts WHERE status <> 'closed' GROUP BY customer_id HAVING count(*) > 1) AS x"
)
_WITHOUT_CAUSE = (
    "SELECT count(*) FROM alerts a WHERE NOT EXISTS (SELECT FROM risk_crossings c "
    "WHERE c.crossing_id = a.crossing_id AND c.direction = 'up')"
)

_FOLDING = Folding(
    heard=("posting", "use"),
    table="risks",
    expected=_EXPECTED,
    exact={
        "own_transactions": "s.own_transactions",
        "channel_uses": "s.channel_uses",
        "active_days_from": "s.active_days_from",
        "active_day_count": "coalesce(bit_count(s.active_days), 0)::int",
        "first_event_at": "s.first_event_at",
        "last_activity_at": "s.last_activity_at",
    },
    counts=("own_transactions", "channel_uses"),
    zero=(),
    sums={
        "own": "own",
        "uses": "used",
        "inflow": "inflow",
        "inflow_squares": "inflow_square",
        "net_flow": "net_flow",
        "negatives": "negative",
    },
)

CHURN_ALERT = Recount(
    heard=(*_FOLDING.heard, "holding", *stages.HEARD, *persons.TOPICS),
    script=_FOLDING.script() + persons.COPIES + stages.SCRIPT,
    figures={"decisions": "SELECT count(*) FROM risk_crossings", **stages.FIGURES, **persons.FIGURES},
    demands=(
        ("untold", _UNTOLD, "crossings are not on Kafka"),
        ("unfounded", _UNFOUNDED, "facts on Kafka that nobody decided"),
        ("disordered", _TWO_OPEN, "customers with two open alerts"),
        ("disordered", _WITHOUT_CAUSE, "alerts without a crossing"),
        *stages.DEMANDS,
    ),
    due=COME,
)
