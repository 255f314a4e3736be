"""Makes a service's API out of its routers: the same edge, problems, health, authentication and limits for all."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from fastapi import APIRouter, FastAPI
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import Response

from rapport.settings import ApiSettings
from rapport.telemetry.metrics import Figures, Metrics
from rapport.telemetry.scrape import Scrape
from rapport.telemetry.traces import Tracing
from rapport.web import catalogue, door, operations
from rapport.web.backend import Backend
from rapport.web.docs import install_docs
from rapport.web.edge import Edge
from rapport.web.health import Check, database_answers, health_router
from rapport.web.limits import RateLimit
from rapport.web.openapi import complete_openapi
from rapport.web.problems import Problems, install_problems

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_app(  # noqa: PLR0913 - by name only; a service says here all that is its own
    *,
    title: str,
    backend: Backend,
    settings: ApiSettings,
    routers: Sequence[APIRouter],
    problems: Problems,
    version: str = "0.1.0",
    description: str = "",
    checks: Mapping[str, Check] | None = None,
    state: Mapping[str, Any] | None = None,
    lifespan: Lifespan | None = None,
    metrics: Metrics | None = None,
    tracing: Tracing | None = None,
) -> FastAPI:
    """The API of one service.

    `problems` maps every domain error to its status and title; `checks` are asked by `/health/ready` beside the
    database; `state` are objects of the service's own that its operations find on `request.app.state.<name>`.
    """
    app = _bare(title, version=version, description=description, lifespan=lifespan, has_docs=settings.docs)
    app.state.backend = backend
    app.state.authenticator = backend.authenticator
    app.state.rate_limit = RateLimit(settings.requests_per_second, settings.burst)
    for name, value in (state or {}).items():
        setattr(app.state, name, value)
    install_problems(app, {**operations.PROBLEMS, **door.PROBLEMS, **problems}, malformed=door.count_unknown)
    # In this order: FastAPI tries one router after another, and the service's own are asked most.
    health = health_router({"database": database_answers(backend.engine), **(checks or {})})
    for router in (*routers, operations.router, catalogue.router, health):
        app.include_router(router)
    complete_openapi(app)
    if settings.docs:
        install_docs(app)
    app.add_middleware(Edge, metrics=metrics or Metrics(backend.service), tracing=tracing)
    return app


def create_operations_app(
    *,
    engine: AsyncEngine,
    metrics: Metrics,
    checks: Mapping[str, Check] | None = None,
    figures: Sequence[Figures] = (),
) -> FastAPI:
    """Health and `/metrics`, without tokens: served on an inner address, beside a worker and beside an API."""
    app = _bare(f"{metrics.service} operations", has_docs=False)
    install_problems(app, {})
    app.include_router(health_router({"database": database_answers(engine), **(checks or {})}))
    scrape = Scrape(engine, metrics, figures)

    @app.get("/metrics")
    async def show_metrics() -> Response:
        return Response(await scrape.render(), media_type=CONTENT_TYPE_LATEST)

    app.add_middleware(Edge, metrics=Metrics(metrics.service))
    return app


def _bare(
    title: str, *, has_docs: bool, version: str = "0", description: str = "", lifespan: Lifespan | None = None
) -> FastAPI:
    return FastAPI(
        title=title,
        version=version,
        description=description,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json" if has_docs else None,
        # FastAPI's own telemetry records query strings and the messages of exceptions: personal data both.
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
    )
