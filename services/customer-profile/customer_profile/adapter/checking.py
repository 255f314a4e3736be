"""Every fault of a mapping document, also where others keep it from being read as a whole."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, TypeVar
from zoneinfo import available_timezones

from pydantic import BaseModel, TypeAdapter, ValidationError

from customer_profile.adapter.documents import ConditionDocument, RuleDocument
from customer_profile.adapter.domain.converting import CONVERSIONS
from customer_profile.adapter.records import TARGETS
from rapport.events.catalogue import topics

_OURS = {"transaction-recorded": {"source", "reverses"}, "account-changed": set[str]()}
"""Fields that no mapping makes."""
_TOKENS = {"account_id", "customer_id"}
P = TypeVar("P", bound=BaseModel)


def broken_rules(content: Mapping[str, Any]) -> Iterator[str]:
    """What a document's own shape does not show: unknown fields, missing ones, conversions, paths, words, zone."""
    if content.get("zone") not in available_timezones() and "zone" in content:
        yield "zone: is not a name of the time zone database"
    if content.get("topic") in {event.name for event in topics()}:
        yield "topic: is one of the contract's own, whose records need no mapping"
    if content.get("format") == "csv" and not content.get("columns"):
        yield "columns: are needed for csv, in their order"
    columns = content.get("columns") if content.get("format") == "csv" else None
    names = columns if isinstance(columns, list) else None
    for place, rule in _rules(content):
        yield from (f"{place}: {fault}" for fault in _broken_rule(rule, names))
    for place, condition in _conditions(content):
        yield from (f"{place}.path: {fault}" for fault in _broken_path(condition.path, names))
    reversal = content.get("reversal")
    of = _readable(RuleDocument, reversal.get("of")) if isinstance(reversal, dict) else None
    if of is not None and of.conversion != "text":
        yield 'reversal.of.as: must be "text": it is compared with the numbers of postings'
    target = content.get("tells")
    if isinstance(target, str) and target in TARGETS:
        yield from _broken_fields(content, target)


def _broken_fields(content: Mapping[str, Any], target: str) -> Iterator[str]:
    contract = TARGETS[target].model_fields
    known = sorted(set(contract) - _OURS[target])
    given: Any = content.get("fields")
    fields = given if isinstance(given, dict) else {}
    for name in sorted(set(fields) - set(known)):
        yield f"fields.{name}: is no field of {target}; there are {', '.join(known)}"
    needed = {name for name, field in contract.items() if field.is_required()} - _OURS[target]
    # A posting without a customer takes the one of its account.
    for name in sorted(needed - set(fields) - ({"customer_id"} if target == "transaction-recorded" else set())):
        yield f"fields.{name}: {target} needs it and nothing maps it"
    for name in sorted(set(fields) & set(known)):
        rule = _readable(RuleDocument, fields[name])
        if rule is not None:
            info = contract[name]
            kind: Any = Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation
            takes: TypeAdapter[Any] = TypeAdapter(kind)
            yield from (f"fields.{name}{fault}" for fault in _unfit_words(name, rule, takes))


def _unfit_words(name: str, rule: RuleDocument, takes: TypeAdapter[Any]) -> Iterator[str]:
    if name in _TOKENS and rule.conversion != "token":
        yield '.as: must be "token": a core\'s own number never leaves'
    words = {".value": rule.value, ".otherwise": rule.otherwise}
    words |= {f".codes.{code}": word for code, word in (rule.codes or {}).items()}
    for place, word in words.items():
        try:
            takes.validate_python(word)
        except ValidationError as invalid:
            if word is not None:
                yield f"{place}: {invalid.errors(include_input=False)[0]['msg']}"


def _broken_rule(rule: RuleDocument, columns: list[Any] | None) -> Iterator[str]:
    if (rule.path is None) == (rule.value is None):
        yield "needs either a path or a value"
    if rule.conversion not in CONVERSIONS:
        yield f"as: {rule.conversion!r} is no conversion; there are {', '.join(CONVERSIONS)}"
    for path in rule.paths:
        yield from (f"path: {fault}" for fault in _broken_path(path, columns))


def _broken_path(path: str, columns: list[Any] | None) -> Iterator[str]:
    if columns is not None and path not in columns:
        yield f"{path!r} is no column"
    if not all(path.split(".")):
        yield f"{path!r} has an empty step"


def _rules(content: Mapping[str, Any]) -> Iterator[tuple[str, RuleDocument]]:
    parts = {"key": content.get("key")}
    for name in ("fields", "reversal", "day_closed"):
        inner = content.get(name)
        parts |= {f"{name}.{field}": rule for field, rule in (inner if isinstance(inner, dict) else {}).items()}
    for place, part in parts.items():
        rule = None if place.endswith(".when") else _readable(RuleDocument, part)
        if rule is not None:
            yield place, rule


def _conditions(content: Mapping[str, Any]) -> Iterator[tuple[str, ConditionDocument]]:
    parts = {"only": content.get("only")}
    for name in ("reversal", "day_closed"):
        inner = content.get(name)
        parts[f"{name}.when"] = inner.get("when") if isinstance(inner, dict) else None
    for place, part in parts.items():
        condition = _readable(ConditionDocument, part)
        if condition is not None:
            yield place, condition


def _readable(part: type[P], content: Any) -> P | None:
    try:
        return part.model_validate(content)
    except ValidationError:
        return None
