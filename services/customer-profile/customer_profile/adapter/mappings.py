"""From mapping documents to adapters: of one, of a file, of the folder that a service reads when it starts."""

import csv
import json
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import JsonValue, ValidationError

from customer_profile.adapter.checking import broken_rules
from customer_profile.adapter.documents import ConditionDocument, MappingDocument, RuleDocument
from customer_profile.adapter.domain import converting
from customer_profile.adapter.domain.converting import Convert, Unfit
from customer_profile.adapter.domain.mapping import Adapter, Condition, DayEnd, Reversal, Rule, columns_of
from customer_profile.adapter.domain.mapping import Path as Steps
from customer_profile.adapter.tokens import NumberTokens, read_token_key
from rapport.documents import STANDS_TWICE, said_twice

EXAMPLES = Path(__file__).parent / "examples"


class MappingInvalid(Exception):
    """A document is no mapping; the text lists every fault with its place."""


def read_mapping(content: JsonValue, key: bytes) -> Adapter:
    """The adapter that a document describes; its tokens are made with `key`. Raises MappingInvalid."""
    faults: list[str] = []
    try:
        document = MappingDocument.model_validate(content, strict=True)
    except ValidationError as invalid:
        faults += [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in invalid.errors(include_input=False)]
    # By its parts as well, as far as they can be read: who corrects a document wants all faults of it, not the first.
    faults += dict.fromkeys(broken_rules(content if isinstance(content, dict) else {}))
    if faults:
        raise MappingInvalid("\n".join(f"  {fault}" for fault in faults))
    return _adapter(document, key)


class _Making:
    """Makes rules of documents, with the zone and the tokens of one mapping."""

    def __init__(self, document: MappingDocument, key: bytes) -> None:
        self.zone = ZoneInfo(document.zone)
        self._is_nested = document.format == "json"
        self._tokens = NumberTokens(key, document.realm or document.source)

    def rule(self, rule: RuleDocument, name: str = "") -> Rule:
        """The rule of a field; its name says whether a token is an account's or a customer's."""
        paths = tuple(self.path(path) for path in rule.paths)
        return Rule(paths, self._convert(rule, name), rule.value, rule.codes, rule.otherwise, rule.optional)

    def condition(self, condition: ConditionDocument) -> Condition:
        """The same as the rules take it."""
        return Condition(self.path(condition.path), frozenset(condition.values))

    def path(self, path: str) -> Steps:
        """A column is one step, whatever its name."""
        return tuple(path.split(".")) if self._is_nested else (path,)

    def _convert(self, rule: RuleDocument, name: str) -> Convert:
        decimal = converting.decimal_of(mark=rule.decimal, implied=rule.implied_decimals)
        made: dict[str, Convert] = {
            "text": converting.text,
            "token": converting.token(self._tokens.customer if name == "customer_id" else self._tokens.account),
            "amount": converting.amount(decimal),
            "magnitude": converting.magnitude(decimal),
            "signed": converting.signed(decimal),
            "sign": converting.sign(decimal),
            "time": converting.moment(rule.format, self.zone),
            "date": converting.day(rule.format),
        }
        return made[rule.conversion]


def _adapter(document: MappingDocument, key: bytes) -> Adapter:
    making = _Making(document, key)
    reversal, closing = document.reversal, document.day_closed
    return Adapter(
        source=document.source,
        version=document.version,
        topic=document.topic,
        tells=document.tells,
        zone=making.zone,
        parse=_json if document.format == "json" else _csv(document.columns or [], document.delimiter),
        key=making.rule(document.key),
        fields={name: making.rule(rule, name) for name, rule in document.fields.items()},
        only=making.condition(document.only) if document.only else None,
        reversal=Reversal(
            making.condition(reversal.when),
            making.rule(reversal.of),
            making.rule(reversal.occurred_at) if reversal.occurred_at else None,
        )
        if reversal
        else None,
        day_closed=DayEnd(making.condition(closing.when), making.rule(closing.date)) if closing else None,
    )


def _json(value: bytes) -> Any:
    return json.loads(value, parse_float=Decimal)


def _csv(columns: list[str], delimiter: str) -> Any:
    def parse(value: bytes) -> dict[str, str]:
        try:
            lines = list(csv.reader([value.decode()], delimiter=delimiter))
        except csv.Error:
            raise Unfit("unreadable") from None
        return columns_of(lines[0] if lines else [], columns)

    return parse


def read_adapters(folder: Path | None, key_file: Path | None) -> list[Adapter]:
    """Those that the settings name; none without a folder. Raises MappingInvalid and KeyFileInvalid."""
    if folder is None:
        return []
    if key_file is None:
        raise MappingInvalid("CUSTOMER_PROFILE_ADAPTER__TOKEN_KEY_FILE is missing: tokens are made with it")
    return read_folder(folder, read_token_key(key_file))


def read_folder(folder: Path, key: bytes) -> list[Adapter]:
    """The mappings of a folder's `*.json`. Raises MappingInvalid, which lists the faults of all of them."""
    found: list[Adapter] = []
    faults: list[str] = []
    for file in sorted(folder.glob("*.json")):
        try:
            found.append(read_file(file, key))
        except MappingInvalid as invalid:
            faults.append(str(invalid))
    topics = [adapter.topic for adapter in found]
    faults += [f"{folder}: two mappings read {topic}" for topic in sorted({t for t in topics if topics.count(t) > 1})]
    if not found and not faults:
        faults.append(f"{folder}: there is no *.json in it")
    if faults:
        raise MappingInvalid("\n".join(faults))
    return found


def read_file(file: Path, key: bytes) -> Adapter:
    """The mapping in a file. Raises MappingInvalid."""
    try:
        written = file.read_bytes()
        content = json.loads(written)
        if twice := said_twice(written):
            raise MappingInvalid("\n".join(f"  {name}: {STANDS_TWICE}" for name in twice))
        return read_mapping(content, key)
    except MappingInvalid as invalid:
        raise MappingInvalid(f"{file} is no mapping:\n{invalid}") from None
    except (OSError, ValueError) as fault:
        raise MappingInvalid(f"{file} cannot be read as JSON ({type(fault).__name__})") from None
