"""Documents as people write and review them: checked as a whole, and every fault is told with the path of its field."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from itertools import islice
from typing import Annotated, Any, ClassVar, Self, TypeVar

from pydantic import BeforeValidator, ConfigDict, Field, ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from rapport.events.base import Day
from rapport.events.money import MINOR_DIGITS
from rapport.web.bodies import Body
from scoring.version.domain.faults import AND_MORE, MOST, Fault, told

P = TypeVar("P", bound="Part")
LONGEST = 200
"""Items of any list of a document and fields of any object."""
_OF_FILES = ("version", "effective_from")
VALUES = 10_000
"""Values of a document, those inside others too: a policy of 160 rules with five measures each has so many.

What is longer or larger is refused before anything of it is checked: each value can be a fault, and telling a hundred
of a hundred thousand would hold everybody's requests for seconds.
"""


class Part(Body):
    """A part of a document."""

    model_config = ConfigDict(serialize_by_alias=True)


class Content(Part):
    """All that a version says, whatever number and date it gets."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,39}$", examples=["retail-cny"])
    currency: str = Field(pattern=r"^[A-Z]{3}$", examples=["CNY"])
    author: str = Field(min_length=1, max_length=120)
    reason: str = Field(min_length=1, max_length=1000)

    @classmethod
    def stored(cls, document: Mapping[str, Any]) -> Self:
        """Of a stored version, whose number and date have columns of their own. Raises ValidationError."""
        return cls.model_validate({name: one for name, one in document.items() if name not in _OF_FILES})

    @classmethod
    def broken_rules(cls, content: dict[str, Any]) -> list[Fault]:
        """Every rule that the parts of raw content break, as far as they can be read."""
        currency = content.get("currency")
        if isinstance(currency, str) and currency not in MINOR_DIGITS:
            return [Fault(("currency",), "is not an active currency")]
        return []

    @model_validator(mode="wrap")
    @classmethod
    def _with_every_fault(cls, content: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Rules are asked of every part that can be read, so that one malformed part hides no fault of another."""
        made, faults = None, [_line(fault) for fault in islice(_too_large(content), MOST + 1)]
        if not faults:
            try:
                made = handler(content)
            except ValidationError as invalid:
                faults = list(map(_again, invalid.errors(include_url=False, include_input=False)[: MOST + 1]))
            if isinstance(content, dict) and len(faults) <= MOST:
                faults += [_line(fault) for fault in cls.broken_rules(content)]
        if faults or made is None:
            raise ValidationError.from_exception_data(cls.__name__, told(faults, _line(AND_MORE)))
        return made


def _day_of(told: Any) -> Any:
    """A file is read strictly, and its fields come here as Python has them."""
    return date.fromisoformat(told) if isinstance(told, str) else told


class AsFile(Content):
    """What a version that the bank begins with says besides: its number, and the day it is in force from, in UTC."""

    noun: ClassVar[str]

    version: int = Field(ge=1, le=2**31 - 1, examples=[1])
    effective_from: Annotated[Day, BeforeValidator(_day_of)]

    @property
    def begins(self) -> datetime:
        """The first moment of the day."""
        return datetime.combine(self.effective_from, time(), tzinfo=UTC)


def minor_of(content: dict[str, Any]) -> int:
    """How many minor units the unit of the content's currency has; 1 where that is not known."""
    currency = content.get("currency")
    digits = MINOR_DIGITS.get(currency, 0) if isinstance(currency, str) else 0
    return int(10**digits)


def readable(part: type[P], content: Any) -> P | None:
    """A part of raw content, or None where it is malformed."""
    try:
        return part.model_validate(content)
    except ValidationError:
        return None


def _too_large(content: Any) -> Iterator[Fault]:
    """Lists and objects that are too long; of a document with too many values the field that is one too many."""
    counted = 0
    for name, whole in content.items() if isinstance(content, dict) else ():
        waiting: list[tuple[tuple[str | int, ...], Any]] = [((name,), whole)]
        while waiting:
            place, part = waiting.pop()
            counted += 1
            if counted > VALUES:
                yield Fault((name,), f"makes more than {VALUES:,} values of the document")
                return
            if not isinstance(part, list | dict):
                continue
            if len(part) > LONGEST:
                yield Fault(place, f"has more than {LONGEST} items")
            else:
                parts = part.items() if isinstance(part, dict) else enumerate(part)
                waiting += [((*place, inner), one) for inner, one in parts]


def _line(fault: Fault) -> InitErrorDetails:
    return InitErrorDetails(type=PydanticCustomError("value_error", fault.rule), loc=fault.place, input=None)


def _again(found: ErrorDetails) -> InitErrorDetails:
    """A line of an error, to be raised together with others."""
    kind = PydanticCustomError(found["type"], found["msg"], found.get("ctx"))
    return InitErrorDetails(type=kind, loc=found["loc"], input=None)
