"""The one way a request changes anything: one transaction, its customers locked, repeats answered from memory.

The commit is over before the answer is made, so a failed commit is never answered with success.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.responses import Response

from rapport.errors import sqlstate
from rapport.messaging.transaction import Transaction
from rapport.web.backend import backend
from rapport.web.idempotency import HEADER, Answer, RepeatableRequest
from rapport.web.principal import Principal

M = TypeVar("M", bound=BaseModel)
_DEADLOCK = "40P01"


async def write(
    request: Request,
    principal: Principal,
    *,
    act: Callable[[Transaction], Awaitable[M | None]],
    customers: Sequence[str] = (),
    status: int = 201,
    location: Callable[[M], str] | None = None,
    is_kept: bool = True,
) -> Response:
    """Run `act` in a transaction that holds the customers, commit, and answer with what it returned.

    With an Idempotency-Key a repeat gets the first answer again (`Idempotency-Replayed: true`) and `act` does not run;
    a repeat with other content is 422, one whose twin still runs 409. What `act` raises rolls everything back and is
    not kept, so a refused request may be sent again. `act` returning None answers without a body; it runs again from
    the start when PostgreSQL ended the first transaction to resolve a deadlock.
    `is_kept=False`: what is answered must lie nowhere, so an Idempotency-Key is refused.
    """
    repeatable = await RepeatableRequest.of(request, principal)
    if repeatable and not is_kept:
        message = "is not taken here: this answer is not kept, and a repeat is an act of its own"
        raise RequestValidationError([{"type": "value_error", "loc": ("header", HEADER), "msg": message}])

    async def attempt() -> Response:
        behind = backend(request)
        async with behind.transactions.begin(sight=behind.sight_of(principal)) as tx:
            tx.traceparent = request.state.traceparent
            # The key comes before the customers: a twin must hear 409 at once, not wait for the lock its twin holds.
            kept = await repeatable.claim(tx.connection, behind.cipher) if repeatable else None
            if kept is None:
                await tx.lock(customers)
                answer = _answer(await act(tx), status, location)
                if repeatable:
                    await repeatable.keep(tx.connection, behind.cipher, answer, now=tx.now)
        return _response(kept, is_replayed=True) if kept else _response(answer, is_replayed=False)

    try:
        return await attempt()
    except Exception as error:
        if sqlstate(error) != _DEADLOCK:
            raise
        # Who wakes parked events locks a customer, then a position; a poll the reverse. Nothing happened: once more.
        return await attempt()


def _answer(made: M | None, status: int, location: Callable[[M], str] | None) -> Answer:
    if made is None:
        return Answer(status, b"")
    return Answer(status, made.model_dump_json().encode(), location(made) if location else None)


def _response(answer: Answer, *, is_replayed: bool) -> Response:
    headers = {"Location": answer.location} if answer.location else {}
    if is_replayed:
        headers["Idempotency-Replayed"] = "true"
    media_type = "application/json" if answer.body else None
    return Response(answer.body, answer.status, headers, media_type)
