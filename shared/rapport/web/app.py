"""Makes a service's API out of its routers: the same edge, problems, health, authentication and limits for all."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from fastapi import APIRouter, FastAPI

from rapport.settings import ApiSettings
from rapport.web.backend import Backend
from rapport.web.edge import Edge
from rapport.web.health import Check, database_answers, health_router
from rapport.web.limits import RateLimit
from rapport.web.problems import Problems, install_problems

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_app(
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
) -> FastAPI:
    """The API of one service.

    `problems` maps every domain error to its status and title; `checks` are asked by `/health/ready` beside the
    database; `state` are objects of the service's own that its operations find on `request.app.state.<name>`.
    """
    app = FastAPI(
        title=title,
        version=version,
        description=description,
        lifespan=lifespan,
        docs_url="/docs" if settings.docs else None,
        redoc_url=None,
        openapi_url="/openapi.json" if settings.docs else None,
        # FastAPI's own telemetry records query strings and the messages of exceptions: personal data both.
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
    )
    app.state.backend = backend
    app.state.authenticator = backend.authenticator
    app.state.rate_limit = RateLimit(settings.requests_per_second, settings.burst)
    for name, value in (state or {}).items():
        setattr(app.state, name, value)
    install_problems(app, problems)
    app.include_router(health_router({"database": database_answers(backend.engine), **(checks or {})}))
    for router in routers:
        app.include_router(router)
    app.add_middleware(Edge)
    return app
