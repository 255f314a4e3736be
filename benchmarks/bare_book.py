"""The floor of what is read of a whole book: FastAPI and asyncpg, one statement over the same rows, no token, no rules.

`python -m benchmarks.bare_book DSN PORT`.
"""

import sys
from typing import Any

import uvicorn
from fastapi import FastAPI, Request

from benchmarks.bare import lifespan

_DAYS = "date_part('day', happened_at - previous_since)"
READS = {
    "proof": """SELECT date_trunc('month', a.opened_at) AS month, a.arm, count(*), count(o.alert_id), count(o.gone_on)
        FROM alerts a LEFT JOIN alert_outcomes o USING (alert_id) WHERE a.opened_at >= now() - interval '15 months'
        GROUP BY 1, 2""",
    "tasks": """SELECT s.step_id, s.customer_id, s.action, s.role, s.status, s.begun_at, s.due_by, i.playbook
        FROM intervention_steps s JOIN interventions i USING (intervention_id)
        WHERE s.kind = 'task' AND s.begun_at IS NOT NULL ORDER BY s.due_by, s.step_id LIMIT 50""",
    "alerts": "SELECT * FROM alerts ORDER BY opened_at DESC, alert_id DESC LIMIT 50",
    "funnel": "SELECT stage, unit, count(*) FROM lifecycles GROUP BY 1, 2",
    "dwell": f"SELECT previous, {_DAYS} AS days, count(*) FROM lifecycle_transitions GROUP BY 1, 2",
}


app = FastAPI(lifespan=lifespan)


@app.get("/{name}")
async def show(name: str, request: Request) -> list[dict[str, Any]]:
    """Its rows."""
    return [dict(row) for row in await request.app.state.pool.fetch(READS[name])]


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="error", access_log=False, loop="uvloop")
