"""What is answered about policies, and what only some may see: who knows a control can tell how to stay below it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field, JsonValue

from rapport.web import Principal, Problems
from scoring.policy.documents import EXAMPLE, PolicyContent
from scoring.policy.domain.rules import PolicyImpossible
from scoring.version.views import Status

PROBLEMS: Problems = {PolicyImpossible: (422, "The policy is not one of this bank")}

Withheld = Literal["risk"]
WITHHELD: list[Withheld] = ["risk"]
_KEPT: dict[str, JsonValue] = {
    "version": 1,
    "status": "approved",
    "effective_from": "1990-01-01T00:00:00Z",
    "withheld": [],
}


def sees_controls(principal: Principal) -> bool:
    """May the caller see controls of risk?"""
    return "risk-controls:read" in principal.scopes


def without_controls(document: Mapping[str, Any]) -> dict[str, Any]:
    """A stored document without controls of risk. A rule with nothing else is left out: it says whom one is on."""
    rules = [{name: one for name, one in rule.items() if name != "risk"} for rule in document["rules"]]
    return {**document, "rules": [rule for rule in rules if rule["entitlements"]]}


class PolicyView(PolicyContent):
    """One version, complete but for what is withheld."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE | _KEPT]})

    version: int
    status: Status
    effective_from: datetime | None
    withheld: list[Withheld] = Field(
        description="`risk`: rules are without controls, and those that hold only controls"
    )
