"""A document that is too large is refused before anything of it is checked, and the field at fault is named."""

import json
from time import process_time
from typing import Any

import pytest
from pydantic import ValidationError

from scoring.policy.documents import EXAMPLE as POLICY
from scoring.policy.documents import PolicyContent
from scoring.scorecard.documents import EXAMPLE as SCORECARD
from scoring.scorecard.documents import ScorecardContent
from scoring.version.documents import VALUES, Content

LARGEST = 1_000_000
"""Bytes of a body; what is larger is 413 before it is read."""
BOTH = pytest.mark.parametrize(("kind", "good"), [(PolicyContent, POLICY), (ScorecardContent, SCORECARD)])
GRANT = {"measure": "fee-waiver", "value": 1, "apply": ["wizard"]}


def unknown(number: int) -> dict[str, int]:
    return {f"k{n}": 0 for n in range(number)}


HOSTILE: dict[str, tuple[dict[str, Any], str, str]] = {
    "unknown fields": (unknown(80_000), "k", "more than 10,000 values"),
    "unknown fields of a part": (
        {"classes": unknown(80_000), "thresholds": unknown(80_000)},
        "",
        "more than 200 items",
    ),
    "items": ({"rules": [0] * 300_000, "features": [0] * 300_000}, "", "more than 200 items"),
    "objects in lists": (
        {name: [{"name": "r", "entitlements": [{}] * 199}] * 199 for name in ("rules", "features")},
        "",
        "more than 10,000 values",
    ),
    "lists in lists": ({"author": [[[0] * 19] * 199] * 99}, "author", "more than 10,000 values"),
    "faults of rules": (
        {"rules": [{"name": "r", "when": {}, "risk": [GRANT] * 40}] * 199, "features": [unknown(199)] * 199},
        "",
        "more than 10,000 values",
    ),
}


def faults(kind: type[Content], said: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as found:
        kind.model_validate(said)
    return [(".".join(map(str, one["loc"])), one["msg"]) for one in found.value.errors()]


@BOTH
@pytest.mark.parametrize("name", HOSTILE)
def test_a_document_as_large_as_a_body_is_refused_early_naming_the_field(
    kind: type[Content], good: dict[str, Any], name: str
) -> None:
    planted, field, words = HOSTILE[name]
    assert len(json.dumps(planted, separators=(",", ":"))) < 2 * LARGEST
    began = process_time()
    found = faults(kind, good | planted)
    assert process_time() - began < 0.5, "it held the service for two seconds; now it takes some 20 ms"
    place, rule = found[0]
    assert words in rule
    assert place.startswith(field)
    assert place.partition(".")[0] in planted
    assert len(found) <= 2


@BOTH
def test_as_many_values_as_may_be_are_checked_and_one_more_is_too_many(
    kind: type[Content], good: dict[str, Any]
) -> None:
    def values(part: Any) -> int:
        inner = list(part.values()) if isinstance(part, dict) else part if isinstance(part, list) else []
        return 1 + sum(map(values, inner))

    room = VALUES - sum(map(values, good.values()))
    rows, rest = divmod(room - 1 - 1, 100)
    full = {"more": [[0] * 99] * rows + [0] * rest, "last": 0}
    assert sum(map(values, (good | full).values())) == VALUES
    assert faults(kind, good | full) == [(name, "Extra inputs are not permitted") for name in full]
    assert faults(kind, good | full | {"one": 0}) == [("one", "makes more than 10,000 values of the document")]
