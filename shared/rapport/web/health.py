"""Whether the process lives and whether it can serve: the only operations without a token.

Readiness tells the truth: each check is tried at every question, briefly, and a failed one is named.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from fastapi import APIRouter
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import JSONResponse, Response

from rapport.web.problems import problem

Check = Callable[[], Awaitable[str | None]]
"""Returns None when all is well, else what is wrong in a few words of our own; raising counts as wrong too."""

_CHECK_SECONDS = 2.0


def database_answers(engine: AsyncEngine) -> Check:
    """The database answers a query."""

    async def check() -> str | None:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
        return None

    return check


async def failed_checks(checks: Mapping[str, Check]) -> dict[str, str]:
    """Which checks fail now, and why; all are asked at once, none for longer than two seconds."""

    async def ask(check: Check) -> str | None:
        try:
            async with asyncio.timeout(_CHECK_SECONDS):
                return await check()
        except TimeoutError:
            return "does not answer in time"
        except Exception as error:  # noqa: BLE001 - whatever a check raises means not ready
            return f"fails with {type(error).__name__}"

    answers = await asyncio.gather(*(ask(check) for check in checks.values()))
    return {name: answer for name, answer in zip(checks, answers, strict=True) if answer is not None}


def health_router(checks: Mapping[str, Check]) -> APIRouter:
    """`/health/live` and `/health/ready`."""
    router = APIRouter(prefix="/health", tags=["health"])

    @router.get("/live", summary="The process lives")
    async def live() -> Response:
        return JSONResponse({"status": "live"})

    @router.get("/ready", summary="The service can serve", responses={503: {"description": "It cannot; says why"}})
    async def ready() -> Response:
        failed = await failed_checks(checks)
        if failed:
            errors = [{"check": name, "reason": reason} for name, reason in failed.items()]
            return problem(503, "Not ready", errors=errors)
        return JSONResponse({"status": "ready", "checks": sorted(checks)})

    return router
