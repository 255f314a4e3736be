"""The floor of reading: FastAPI and asyncpg, one row by its key, no token, no rules.

`python -m benchmarks.bare DSN PORT`.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import uvicorn
from fastapi import FastAPI, Request

SQL = "SELECT customer_id, tier, tier_since, points, decided_at, revision FROM standings WHERE customer_id = $1"


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """A pool as large as ours."""
    app.state.pool = await asyncpg.create_pool(sys.argv[1], min_size=8, max_size=8)
    yield
    await app.state.pool.close()


app = FastAPI(lifespan=lifespan)


@app.get("/standings/{customer_id}")
async def show(customer_id: str, request: Request) -> dict[str, Any]:
    """One row."""
    return dict(await request.app.state.pool.fetchrow(SQL, customer_id))


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="error", access_log=False, loop="uvloop")
