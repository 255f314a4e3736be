"""What every event has in common: a past-tense fact about one subject, frozen once told.

An event class declares its wire name as a string, so that renaming the class never renames the topic. Readers ignore
fields they do not know: within a major version a producer may add optional ones.
"""

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Annotated, Any, ClassVar, Generic, Literal, Self, TypeVar
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

Token = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$")]
"""A random token made at the edge; never a bank's own customer or account number."""

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$")]
"""A short code of a list the bank keeps: a product, a channel, a unit."""


_YEARS = range(1900, 3000)
"""The ends of all calendars are infinite in PostgreSQL and come back without a zone: nothing compares with them."""


def _in_utc(moment: datetime) -> datetime:
    if moment.year not in _YEARS:
        raise ValueError(f"lies outside the years {_YEARS[0]} to {_YEARS[-1]}")
    return moment.astimezone(UTC)


Time = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A moment; one without a zone is refused. In UTC from here on: moments of one zone object are compared at once."""

Day = Annotated[date, Field(ge=date(_YEARS[0], 1, 1), le=date(_YEARS[-1], 12, 31))]
"""A day of the same years, so that days may be added to it and taken from it."""

_LAST_REVISION = 2**63 - 1


def _counted(revision: int) -> int:
    if revision > _LAST_REVISION:
        raise ValueError(f"is larger than {_LAST_REVISION}, the last number that readers can keep")
    return revision


Revision = Annotated[int, Field(ge=1), AfterValidator(_counted)]
"""Rises with each state of a subject; a core's own may be milliseconds since 1970. Readers keep it in a BIGINT."""

_SEPARATORS = str.maketrans("", "", " \t-‐‑–—().·\u200b\ufeff")


def _without_separators(told: Any) -> Any:
    """As people write numbers: `１３８ 1234-1234` → `13812341234`. What is no text stays for the next rule."""
    return unicodedata.normalize("NFKC", told).translate(_SEPARATORS) if isinstance(told, str) else told


Unseparated = BeforeValidator(_without_separators)
"""Of a number that people write: ordinary characters, and no separators."""

DataClass = Literal["C1", "C2", "C3"]
"""Class of personal financial information under JR/T 0171-2020; C3 is never carried."""


@cache
def _with_version(name: str) -> str:
    return name if name.rpartition(".v")[2].isdigit() else f"{name}.v1"


class Event(BaseModel):
    """One fact. `subject` names the field that keys the record; for a fact about a customer it is `customer_id`."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_max_length=4000, cache_strings="keys")

    name: ClassVar[str]
    producer: ClassVar[str]
    also_told_by: ClassVar[tuple[str, ...]] = ()
    """The other services that tell it: each for itself, or passing on what a system says that cannot tell it."""
    is_state: ClassVar[bool] = False
    data_class: ClassVar[DataClass] = "C2"
    is_confidential: ClassVar[bool] = False
    """Carries identity, free text or what compliance alone may know: one reader at most, short retention."""
    is_for_compliance: ClassVar[bool] = False
    """Confidential, and its reader is none of the services: who serves customers must not learn that it was told, by no
    metric either (AML law 2024, articles 7 and 35)."""
    subject: ClassVar[str] = "customer_id"

    @classmethod
    def is_about_customer(cls) -> bool:
        """Whether it lies among its customer's facts; what concerns everybody, as an exchange rate, does not."""
        return cls.subject == "customer_id"

    @property
    def customers(self) -> tuple[str, ...]:
        """Whose states it may change: a worker holds all of them while it is handled."""
        return (self.key,) if self.is_about_customer() else ()

    def without(self, customers: Collection[str]) -> Self | None:
        """What is left of it where nothing may be kept of these customers; None where it is nothing."""
        return None if self.is_about_customer() and self.key in customers else self

    @classmethod
    def wire_type(cls) -> str:
        """`ce_type`: the wire name with its major version, `transaction-recorded.v1`."""
        return _with_version(cls.name)

    @property
    def key(self) -> str:
        """The record's key: every event of one subject goes to one partition."""
        return str(getattr(self, self.subject))


E_co = TypeVar("E_co", bound=Event, covariant=True)


@dataclass(slots=True, eq=False)
class Received(Generic[E_co]):
    """An event as a handler gets it. Not frozen only because one is made for every event; nobody changes it later.

    `time` is the business time the producer gave it; `at` is the clock's reading it is handled at: the system clock, or
    in stream time the position of its partition, which never runs backwards. Decide at `at`, fold at the event's time.
    `published_ms` is when the record was written to Kafka, in milliseconds since 1970.
    """

    id: UUID
    data: E_co
    time: datetime
    at: datetime
    topic: str
    partition: int
    offset: int
    published_ms: int
    fingerprint: bytes
    traceparent: str | None = None
    raw: Any = None


AnyReceived = Received[Any]
