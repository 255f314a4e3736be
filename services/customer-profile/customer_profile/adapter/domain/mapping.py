"""A mapping as rules: which value of a raw record goes into which field of the contract, and how it is converted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Literal

from customer_profile.adapter.domain.converting import MISSING, UNKNOWN_CODE, Convert, Unfit, text

Path = tuple[str, ...]
Fields = dict[str, Any]
REVERSAL_SUFFIX = "-R"
"""Of a core that flags the posting itself: its reversal bears the same number, and must have one of its own."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How one field is made. Several `paths` are joined by a blank, as a date and a time in two columns."""

    paths: tuple[Path, ...]
    convert: Convert
    constant: str | None = None
    codes: Mapping[str, str] | None = None
    otherwise: str | None = None
    is_optional: bool = False

    def of(self, record: Any) -> Any:
        """The value for the contract; None where an optional one is missing. Raises Unfit."""
        if self.constant is not None:
            return self.constant
        if len(self.paths) == 1:
            found = look_up(record, self.paths[0])
        else:
            parts = [look_up(record, path) for path in self.paths]
            found = None if None in parts else " ".join(map(text, parts))
        if found is None:
            return self._missing()
        converted = self.convert(found)
        if self.codes is None:
            return converted
        code = self.codes.get(converted, self.otherwise)
        if code is None:
            raise Unfit(UNKNOWN_CODE)
        return code

    def _missing(self) -> str | None:
        if self.otherwise is None and not self.is_optional:
            raise Unfit(MISSING)
        return self.otherwise


@dataclass(frozen=True, slots=True)
class Condition:
    """Whether a record is of a kind: the value at `path` is one of `values`, as text."""

    path: Path
    values: frozenset[str]

    def holds(self, record: Any) -> bool:
        """A value that is not there is none of them."""
        value = look_up(record, self.path)
        try:
            return value is not None and text(value) in self.values
        except Unfit:
            return False


@dataclass(frozen=True, slots=True)
class Reversal:
    """Which records take back another, whose number `original` is; `occurred_at`: where it is a field of its own."""

    when: Condition
    original: Rule
    occurred_at: Rule | None


@dataclass(frozen=True, slots=True)
class DayEnd:
    """Which records say that the core's day is over."""

    when: Condition
    date: Rule


@dataclass(frozen=True, slots=True)
class Adapter:
    """One raw topic of one core. `only`: the records that are facts for us; all, without it."""

    source: str
    version: int
    topic: str
    tells: Literal["transaction-recorded", "account-changed"]
    zone: tzinfo
    parse: Callable[[bytes], Any]
    key: Rule
    fields: Mapping[str, Rule]
    only: Condition | None = None
    reversal: Reversal | None = None
    day_closed: DayEnd | None = None


@dataclass(slots=True)
class Mapped:
    """What a record says. Of the three either `day`, or `fields` with the faults found; neither: no fact for us.

    `unknown`: its fields that the mapping does not name.
    """

    fields: Fields | None = None
    original: str | None = None
    day: date | None = None
    faults: list[tuple[str, str]] = field(default_factory=list)
    unknown: frozenset[str] = frozenset()


def look_up(record: Any, path: Path) -> Any:
    """The value at a path of a record, None where there is none; an empty text is none."""
    for step in path:
        if isinstance(record, dict):
            record = record.get(step)
        elif isinstance(record, list) and step.isdecimal() and int(step) < len(record):
            record = record[int(step)]
        else:
            return None
    return None if isinstance(record, str) and (not record or record.isspace()) else record


def apply(adapter: Adapter, record: Any) -> Mapped:
    """Every field of a record, and every fault at once."""
    if adapter.day_closed is not None and adapter.day_closed.when.holds(record):
        made = Mapped()
        made.day = _made(made, "day_closed", adapter.day_closed.date, record)
        return made
    if adapter.only is not None and not adapter.only.holds(record):
        return Mapped()
    made = Mapped({"source": adapter.source} if adapter.tells == "transaction-recorded" else {})
    rules = adapter.fields
    if adapter.reversal is not None and adapter.reversal.when.holds(record):
        made.original = _made(made, "reversal.of", adapter.reversal.original, record)
        if adapter.reversal.occurred_at is not None:
            rules = {**rules, "occurred_at": adapter.reversal.occurred_at}
    fields: Fields = made.fields if made.fields is not None else {}
    for name, rule in rules.items():
        value = _made(made, name, rule, record)
        if value is not None:
            fields[name] = value
    if made.original is not None and fields.get("transaction_no") == made.original:
        fields["transaction_no"] = made.original + REVERSAL_SUFFIX
    return made


def _made(made: Mapped, name: str, rule: Rule, record: Any) -> Any:
    try:
        return rule.of(record)
    except Unfit as unfit:
        made.faults.append((name, unfit.fault))
        return None


def day_end(day: date, zone: tzinfo) -> datetime:
    """The first moment after a core's day."""
    after = day + timedelta(days=1)
    return datetime(after.year, after.month, after.day, tzinfo=zone)


def columns_of(line: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    """A line of a file by its columns. Raises Unfit for one with more or fewer."""
    if len(line) != len(names):
        raise Unfit("other-number-of-columns")
    return dict(zip(names, line, strict=True))
