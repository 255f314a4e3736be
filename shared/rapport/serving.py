"""One process of a service at work: its API, its worker or both, its health and metrics, until it is told to stop."""

import asyncio
import gc
import signal
import socket
from collections.abc import Mapping
from contextlib import suppress

from fastapi import FastAPI

from rapport.composition import Composition, Runtime
from rapport.messaging import tables
from rapport.messaging.worker import Worker, cancel
from rapport.row_security import NOTHING
from rapport.settings import ServiceSettings
from rapport.telemetry.logs import get_logger
from rapport.telemetry.metrics import Metrics
from rapport.telemetry.observer import DeliveryTelemetry
from rapport.telemetry.traces import Tracing
from rapport.web import create_app
from rapport.web.app import create_operations_app
from rapport.web.authentication import Authenticator
from rapport.web.backend import Backend
from rapport.web.health import Check
from rapport.web.keys import IssuerKeys, source
from rapport.web.principal import StepUp
from rapport.web.server import listen
from rapport.web.server import serve as serve_app

_KEPT_TRACES = 0.01
"""Share of the traces that begin at our own API and are kept; a trace begun elsewhere keeps what was decided there."""


def collect_rarely() -> None:
    """Let the cyclic garbage collector pass over what lives as long as the process, and look at the rest less often.

    A poll makes some ten thousand objects that all die with it, by reference count. With Python's own thresholds the
    collector walked everything alive again and again meanwhile: a third of a worker's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


async def serve(composition: Composition, settings: ServiceSettings, role: str) -> None:
    """Serve until SIGTERM or SIGINT; then finish what is in hand. Raises PortUnavailable and
    KeyChanged before anything is started.
    """
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    prefix = settings.model_config.get("env_prefix", "")
    inner = listen(settings.operations.host, settings.operations.port, setting=f"{prefix}OPERATIONS__PORT")
    metrics = Metrics(composition.name)
    tracing = Tracing.to_collector(composition.name, settings.telemetry.otlp_endpoint, share=_KEPT_TRACES)
    runtime = Runtime(composition, settings, role=role, observer=DeliveryTelemetry(metrics, tracing))
    if not await _has_right_keys(runtime, inner, stop):
        return
    worker = runtime.worker() if role in {"worker", "all"} else None
    checks: dict[str, Check] = {"worker": _is_well(worker)} if worker else {}
    operations = create_operations_app(
        engine=runtime.engine, metrics=metrics, checks=checks, figures=composition.figures
    )
    apps = [serve_app(operations, inner, stop=stop)]
    if role in {"api", "all"}:
        outer = listen(settings.api.host, settings.api.port, setting=f"{prefix}API__PORT")
        apps.append(serve_app(api_of(runtime, metrics=metrics, tracing=tracing, checks=checks), outer, stop=stop))
    working = asyncio.create_task(worker.run()) if worker else None
    collect_rarely()
    get_logger().info("started")
    try:
        await asyncio.gather(*apps)
    finally:
        if working is not None:
            await cancel(working)
        await runtime.close()
        if tracing is not None:
            tracing.close()
        get_logger().info("stopped")


async def _has_right_keys(runtime: Runtime, bound: socket.socket, stop: asyncio.Event) -> bool:
    """Asked before anything is served. A database that cannot be reached is waited for; False: told to stop first.

    Where it is not so, the runtime and the bound port are closed.
    """
    is_so = False
    try:
        while not stop.is_set():
            try:
                await runtime.check_keys()
            except OSError as away:
                get_logger().warning("the database cannot be reached, and is asked again", reason=type(away).__name__)
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), 1)
            else:
                is_so = True
                break
    finally:
        if not is_so:
            bound.close()
            await runtime.close()
    return is_so


def api_of(
    runtime: Runtime,
    *,
    metrics: Metrics | None = None,
    tracing: Tracing | None = None,
    checks: Mapping[str, Check] | None = None,
) -> FastAPI:
    """The API of a service as it is served, from its composition."""
    composition, settings = runtime.composition, runtime.settings
    keys = IssuerKeys(source(settings.auth.jwks))
    # Where a caller is not named nobody is seen: a route cannot read on behalf of the process.
    engine = runtime.engine.execution_options(sight=NOTHING)
    backend = Backend(
        service=composition.name,
        engine=engine,
        transactions=runtime.transactions.on(engine),
        authenticator=Authenticator(
            issuer=settings.auth.issuer,
            audience=settings.auth.audience,
            keys=keys,
            step_up=StepUp(settings.auth.step_up_acr, settings.auth.step_up_seconds),
        ),
        cipher=runtime.cipher,
        has_row_security=composition.has_row_security,
    )
    return create_app(
        title=composition.title,
        description=composition.description,
        backend=backend,
        settings=settings.api,
        routers=composition.routers,
        problems=composition.problems,
        state={**composition.state, "tables": (tables.metadata, composition.metadata)},
        checks=checks,
        metrics=metrics,
        tracing=tracing,
    )


def _is_well(worker: Worker) -> Check:
    async def check() -> str | None:
        return "; ".join(f"{part}: {fault}" for part, fault in worker.faults.items()) or None

    return check
