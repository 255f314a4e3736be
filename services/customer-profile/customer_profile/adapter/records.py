"""A raw record as an event of this service's own: the contract's fact that its mapping makes of it, or what is wrong.

It never leaves the service. Nothing of a record is an exception's text: a fault is a field of ours and a word of ours.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict

from customer_profile.adapter.domain.converting import MALFORMED, Unfit
from customer_profile.adapter.domain.mapping import Adapter, Mapped, apply, day_end
from customer_profile.adapter.domain.naming import known_to, unknown_in
from customer_profile.adapter.domain.postings import Number
from rapport.clock import utc_now
from rapport.events.bank import AccountChanged, DayClosed, TransactionRecorded
from rapport.events.base import Event, Token
from rapport.messaging.decoding import Foreign, fingerprint
from rapport.messaging.records import RawRecord

UNREADABLE, REFUSED, FUTURE = "unreadable", "not-of-the-contract", "in-the-future"
_AHEAD = timedelta(days=1)
_LATEST_MS = 32_503_680_000_000
"""The year 3000: a producer may write any time into a record."""
_Original = TypedDict("_Original", {"reversal.of": Token})
_ORIGINAL = TypeAdapter(_Original)
"""The contract knows what is taken back only once it is found: until then its number is checked here."""
NOBODY = "unknown"
"""In place of the customer of an account that nobody has told of yet."""
_NAMES = ("transaction-recorded", "account-changed")
TARGETS: dict[str, type[TransactionRecorded | AccountChanged]] = dict(
    zip(_NAMES, (TransactionRecorded, AccountChanged), strict=True)
)


class CoreRecord(Event):
    """One record of a raw topic; each topic has a class of its own. Sealed like identity where it waits or has died.

    `original`: the number of the posting it takes back. Of `fact` and `faults` one is empty.
    """

    producer: ClassVar[str] = "core"
    subject: ClassVar[str] = "source"
    is_confidential: ClassVar[bool] = True

    source: str
    fact: TransactionRecorded | AccountChanged | DayClosed | None = None
    original: str | None = None
    faults: tuple[tuple[str, str], ...] = ()

    @property
    def number(self) -> Number:
        """Of a posting."""
        assert isinstance(self.fact, TransactionRecorded)
        return Number(self.source, self.fact.transaction_no)


class RawReader:
    """Reads the records of one raw topic as its mapping says. `event`: the class of what it makes."""

    def __init__(self, adapter: Adapter) -> None:
        self.adapter = adapter
        named = {"name": adapter.topic, "__doc__": CoreRecord.__doc__}
        self.event: type[CoreRecord] = type("CoreRecord", (CoreRecord,), named)
        self._target = TARGETS[adapter.tells]
        self._known = known_to(adapter)

    def __call__(self, raw: RawRecord) -> Foreign | None:
        """An event for any record but those that are no fact for us; one with faults is refused by its handler."""
        mapped = self.mapped(raw.value or b"")
        told = self._read(raw, mapped)
        return told if told is None else told._replace(unknown=mapped.unknown)

    def _read(self, raw: RawRecord, mapped: Mapped) -> Foreign | None:
        if mapped.faults:
            return self._faulty(raw, mapped.faults)
        if mapped.day is None and mapped.fields is None:
            return None
        try:
            if mapped.day is not None:
                return self._day(raw, mapped.day)
            if mapped.original is not None:
                _ORIGINAL.validate_python({"reversal.of": mapped.original})
            fact = self._target.model_validate({"customer_id": NOBODY, **(mapped.fields or {})})
            return self._told(fact, mapped.original)
        except ValidationError as invalid:
            return self._faulty(raw, refusals(invalid))
        except Unfit as unfit:
            return self._faulty(raw, [("record", unfit.fault)])

    def mapped(self, value: bytes) -> Mapped:
        """What the mapping makes of a record's value."""
        try:
            record = self.adapter.parse(value)
            found = apply(self.adapter, record)
            found.unknown = unknown_in(record, self._known)
            return found
        except Unfit as unfit:
            return Mapped(faults=[("record", unfit.fault)])
        except (ValueError, ArithmeticError, RecursionError):
            return Mapped(faults=[("record", UNREADABLE)])

    def _told(self, fact: TransactionRecorded | AccountChanged, original: str | None) -> Foreign:
        time = fact.occurred_at if isinstance(fact, TransactionRecorded) else fact.as_of
        if time > utc_now() + _AHEAD:
            raise Unfit(FUTURE)
        if isinstance(fact, AccountChanged):
            content = fingerprint(fact)
            return self._foreign(fact, time, f"account:{content.hex()}", content)
        return self._foreign(fact, time, fact.transaction_no, content_of(fact, original), original)

    def _day(self, raw: RawRecord, day: date) -> Foreign:
        # One slip in a year would close every day until then, for good.
        if day > (utc_now() + _AHEAD).date():
            raise Unfit(FUTURE)
        fact = DayClosed(source=self.adapter.source, business_date=day)
        name = f"day:{raw.topic}:{raw.partition}:{day}"
        return self._foreign(fact, day_end(day, self.adapter.zone).astimezone(UTC), name, fingerprint(fact))

    def _faulty(self, raw: RawRecord, faults: Sequence[tuple[str, str]]) -> Foreign:
        time = datetime.fromtimestamp(min(max(raw.timestamp, 0), _LATEST_MS) / 1000, UTC)
        event = self.event.model_construct(source=self.adapter.source, fact=None, original=None, faults=tuple(faults))
        content = hashlib.blake2b(raw.value or b"", digest_size=16).digest()
        return Foreign(event, time, raw.topic, f"{raw.partition}@{raw.offset}", content)

    def _foreign(
        self, fact: Any, time: datetime, identifier: str, content: bytes, original: str | None = None
    ) -> Foreign:
        # Not validated once more: the fact was, and the rest is ours.
        event = self.event.model_construct(source=self.adapter.source, fact=fact, original=original, faults=())
        return Foreign(event, time, "core:" + self.adapter.source, identifier, content)


def content_of(fact: TransactionRecorded, original: str | None) -> bytes:
    """What makes two records the same posting; see `domain/postings.py`."""
    parts = (fact.account_id, fact.direction, fact.amount, fact.currency, fact.occurred_at.isoformat(), original or "")
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=16).digest()


def refusals(invalid: ValidationError) -> list[tuple[str, str]]:
    """Which fields the contract refuses."""
    places = [".".join(map(str, error["loc"])) or "record" for error in invalid.errors(include_input=False)]
    return [(place, REFUSED) for place in dict.fromkeys(places)]


__all__ = ["MALFORMED", "NOBODY", "TARGETS", "CoreRecord", "RawReader", "content_of", "refusals"]
