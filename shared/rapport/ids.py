"""Identifiers that sort by time: UUIDv7 for what is new, UUIDv8 for what is derived or foreign.

An id that is a function of its cause makes a repeated derivation the same event, which every inbox absorbs. The first
48 bits are milliseconds, so that an inbox is written at its right edge and can be partitioned by day.
"""

import hashlib
import os
import time
from datetime import datetime
from uuid import UUID

from asyncpg.pgproto import pgproto

_REST = (1 << 128) - 1 ^ 0xF << 76 ^ 0x3 << 62
"""All bits but those of the version and the variant."""
_V7 = 7 << 76 | 0x2 << 62
_V8 = 8 << 76 | 0x2 << 62


def _stamped(milliseconds: int, low_80_bits: int, version: int) -> UUID:
    stamped = (milliseconds << 80 | low_80_bits) & _REST | version
    # A uuid.UUID to everybody, made and sent to PostgreSQL ten times as fast: every event needs one.
    made: UUID = pgproto.UUID(stamped.to_bytes(16))
    return made


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562, 5.7) of the system clock."""
    return _stamped(time.time_ns() // 1_000_000, int.from_bytes(os.urandom(10)), _V7)


def derived_id(moment: datetime, *parts: object) -> UUID:
    """A UUIDv8 (RFC 9562, 5.8): the time bits of `moment`, the rest a hash of `parts`.

    The same moment and parts always give the same id, in every process. A moment before 1970 has time bits of zero; the
    last one of the calendar still fits.
    """
    framed = b""
    for part in parts:
        encoded = part if isinstance(part, bytes) else str(part).encode()
        # Each with its length before it: ("a", "bc") and ("ab", "c") are not the same.
        framed += len(encoded).to_bytes(4) + encoded
    digest = hashlib.blake2b(framed, digest_size=10).digest()
    milliseconds = int(moment.timestamp() * 1000)
    return _stamped(max(milliseconds, 0), int.from_bytes(digest), _V8)
