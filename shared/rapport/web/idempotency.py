"""Answers kept for repeats: a POST sent twice under one Idempotency-Key has one effect and one answer.

The answer lies in the same transaction as the effect, encrypted, and is swept after a day. A twin that is still running
is refused at once instead of waited for.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.exceptions import HTTPException

from rapport.messaging.transaction import Transactions
from rapport.privacy.encryption import CannotDecrypt, ServiceCipher
from rapport.web.principal import Principal

HEADER = "Idempotency-Key"
KEPT_FOR = timedelta(hours=24)
_FORM = re.compile(r"[\x21-\x7e]{1,128}")
_TRY_LOCK = text("SELECT pg_try_advisory_xact_lock(:lock)")
_FIND = text(
    "SELECT request_hash, status, answer FROM idempotency_keys "
    "WHERE subject = :subject AND operation = :operation AND key = ANY(CAST(:keys AS text[]))"
)
_KEEP = text(
    "INSERT INTO idempotency_keys (subject, operation, key, request_hash, status, answer, created_at) "
    "VALUES (:subject, :operation, :key, :request_hash, :status, :answer, :created_at)"
)
_SWEEP = text("DELETE FROM idempotency_keys WHERE created_at < :before")


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered: status, JSON body and, for something made, where it is."""

    status: int
    body: bytes
    location: str | None = None


@dataclass(frozen=True, slots=True)
class RepeatableRequest:
    """A request under a key: the same subject, operation and key is the same request, or a mistake of the caller's."""

    subject: str
    operation: str
    key: str
    content: bytes

    @classmethod
    async def of(cls, request: Request, principal: Principal) -> Self | None:
        """None without the header; 422 naming it when it is not 1 to 128 visible ASCII characters, sent once."""
        keys = request.headers.getlist(HEADER)
        if not keys:
            return None
        if len(keys) > 1 or not _FORM.fullmatch(keys[0]):
            location = ("header", HEADER)
            message = "must be 1 to 128 visible ASCII characters, sent once"
            raise RequestValidationError([{"type": "value_error", "loc": location, "msg": message}])
        content = request.url.query.encode() + b"\x00" + await request.body()
        return cls(principal.key, f"{request.method} {request.url.path}", keys[0], content)

    async def claim(self, connection: AsyncConnection, cipher: ServiceCipher) -> Answer | None:
        """The kept answer, or None: go on, nobody else will until this transaction ends. Raises 409 and 422."""
        if not (await connection.execute(_TRY_LOCK, {"lock": self._lock()})).scalar_one():
            raise HTTPException(409, f"A request with this {HEADER} is still running", headers={"Retry-After": "1"})
        # The release before kept keys as they came: its answers are found for the day that they are kept.
        keys = [*self._digests(cipher), self.key]
        kept = (await connection.execute(_FIND, {**self._place(), "keys": keys})).one_or_none()
        if kept is None:
            return None
        if kept.request_hash not in cipher.digests(self.content):
            message = "was used for a request with other content"
            raise RequestValidationError([{"type": "value_error", "loc": ("header", HEADER), "msg": message}])
        try:
            plain = json.loads(cipher.decrypt("idempotency_keys", "answer", kept.answer, row=self._row()))
        except CannotDecrypt:
            raise HTTPException(409, f"The answer of this {HEADER} can no longer be read") from None
        return Answer(kept.status, plain["body"].encode(), plain["location"])

    async def keep(self, connection: AsyncConnection, cipher: ServiceCipher, answer: Answer, *, now: datetime) -> None:
        """Store the answer beside the effect."""
        plain = json.dumps({"body": answer.body.decode(), "location": answer.location}).encode()
        sealed = cipher.encrypt("idempotency_keys", "answer", plain, row=self._row())
        digest = cipher.digests(self.content)[0]
        values = {
            "key": self._digests(cipher)[0],
            "request_hash": digest,
            "status": answer.status,
            "answer": sealed,
            "created_at": now,
        }
        await connection.execute(_KEEP, {**self._place(), **values})

    def _place(self) -> dict[str, str]:
        return {"subject": self.subject, "operation": self.operation}

    def _digests(self, cipher: ServiceCipher) -> list[str]:
        """What is stored for the key: a caller may have taken a number of the customer's for one."""
        return [digest.hex() for digest in cipher.digests(self._row().encode())]

    def _row(self) -> str:
        return f"{self.subject}\x00{self.operation}\x00{self.key}"

    def _lock(self) -> int:
        return int.from_bytes(hashlib.blake2b(self._row().encode(), digest_size=8).digest(), "big", signed=True)


async def sweep_idempotency_keys(connection: AsyncConnection, *, now: datetime) -> int:
    """Forget answers older than 24 h; returns how many."""
    return (await connection.execute(_SWEEP, {"before": now - KEPT_FOR})).rowcount


async def forget_old_answers(transactions: Transactions) -> None:
    """`sweep_idempotency_keys` as upkeep of the worker."""
    async with transactions.begin() as tx:
        await sweep_idempotency_keys(tx.connection, now=tx.now)
