"""Mappings as people write them: JSON documents, one a raw topic."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from rapport.events.base import Code

_SHORT = Annotated[str, Field(min_length=1, max_length=200)]


def _each_once(columns: list[str]) -> list[str]:
    if twice := sorted({name for name in columns if columns.count(name) > 1}):
        raise ValueError(f"names {', '.join(twice)} twice: only the last of them would be read")
    return columns


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class RuleDocument(_Part):
    """How a field is made: of `path` (several are joined by a blank) converted by `as`, or always of `value`."""

    path: _SHORT | Annotated[list[_SHORT], Field(min_length=1)] | None = None
    value: _SHORT | None = None
    conversion: str = Field(default="text", alias="as")
    format: _SHORT = "iso"
    decimal: Literal[".", ","] = "."
    implied_decimals: int = Field(default=0, ge=0, le=6)
    codes: dict[str, _SHORT] | None = None
    otherwise: _SHORT | None = None
    optional: bool = False

    @property
    def paths(self) -> list[str]:
        """None for a constant."""
        return [self.path] if isinstance(self.path, str) else self.path or []


class ConditionDocument(_Part):
    """Holds where the value at `path` is one of `is`; `true` and `false` are words too."""

    path: _SHORT
    values: list[_SHORT] = Field(alias="is", min_length=1)


class ReversalDocument(_Part):
    """Which records take back another, whose number `of` is."""

    when: ConditionDocument
    of: RuleDocument
    occurred_at: RuleDocument | None = None


class DayClosedDocument(_Part):
    """Which records say that a day is over, and which day."""

    when: ConditionDocument
    date: RuleDocument


class MappingDocument(_Part):
    """A raw topic, and what its records say in the words of the contract."""

    source: Code
    realm: Code | None = Field(default=None, description="Cores with one numbering of accounts and customers share one")
    version: int = Field(ge=1, le=1_000_000)
    topic: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,200}$")
    format: Literal["json", "csv"]
    tells: Literal["transaction-recorded", "account-changed"]
    zone: str
    key: RuleDocument = Field(description="What the core keys its records by: the account, so that its order is kept")
    delimiter: str = Field(default=";", min_length=1, max_length=1)
    columns: Annotated[list[_SHORT], AfterValidator(_each_once)] | None = None
    only: ConditionDocument | None = None
    fields: dict[str, RuleDocument]
    reversal: ReversalDocument | None = None
    day_closed: DayClosedDocument | None = None
