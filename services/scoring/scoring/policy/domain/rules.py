"""One policy: rules that give customers of certain tiers and classes measures, each with who may do what."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from scoring.classification.domain.classes import CLASSES, UNKNOWN, Limits
from scoring.policy.domain.measures import MEASURES, Kind, Value, fault_of_name
from scoring.segment.domain.names import NAMES
from scoring.version.domain.faults import MOST, Fault, FaultsFound

Condition = Literal["tier", "rank", "type", "attribute", "activity", "lifecycle", "segment"]
Who = Mapping[Condition, str]
"""What a customer is by each condition; `unknown` where that is not known."""
_LISTED: Mapping[str, tuple[str, ...]] = CLASSES | {"segment": tuple(name.en for name in NAMES)}
"""All there is of each condition that has a closed list; tiers are the bank's own, ranks numbers."""


class PolicyImpossible(FaultsFound):
    """The policy is not one of this bank; every reason is listed."""


class Grant(NamedTuple):
    """A measure with its value. `apply`: roles that carry it out. `exceed`: that may go beyond it for one customer."""

    measure: str
    value: Value
    apply: tuple[str, ...]
    exceed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """`when`: for each condition the values of which the customer has one; without conditions it holds for all."""

    name: str
    when: Mapping[Condition, Sequence[str]]
    entitlements: tuple[Grant, ...]
    risk: tuple[Grant, ...]

    def holds_for(self, who: Who) -> bool:
        """Is this customer meant?"""
        return all(who.get(condition, UNKNOWN) in values for condition, values in self.when.items())

    def faults(self, roles: Set[str]) -> list[Fault]:
        """Every fault of this rule. `roles`: that there are."""
        found = [fault.within("when") for fault in self._faults_of_conditions()]
        if not self.entitlements and not self.risk:
            found.append(Fault((), "gives nothing"))
        for name, kind, grants in self._lists():
            measures = [grant.measure for grant in grants]
            for place, grant in enumerate(grants):
                found += [fault.within(name, place) for fault in _faults_of(grant, kind, roles)]
                if grant.measure in measures[:place]:
                    found.append(Fault((name, place, "measure"), "is given twice by this rule"))
        return found

    def _lists(self) -> tuple[tuple[str, Kind, tuple[Grant, ...]], ...]:
        return ("entitlements", "entitlement", self.entitlements), ("risk", "risk", self.risk)

    def _faults_of_conditions(self) -> list[Fault]:
        found = []
        for condition, values in self.when.items():
            known = (*_LISTED[condition], UNKNOWN) if condition in _LISTED else None
            if not values:
                found.append(Fault((condition,), "names nothing, so the rule would hold for nobody"))
            for place, value in enumerate(values):
                if known is not None and value not in known:
                    found.append(Fault((condition, place), f"is none of {', '.join(known)}"))
                if value in values[:place]:
                    found.append(Fault((condition, place), "is named twice"))
        return found


@dataclass(frozen=True, slots=True)
class Policy:
    """One version, in force from its moment. Money is in whole units of `currency`, `limits` in minor ones."""

    name: str
    version: int
    currency: str
    effective_from: datetime
    limits: Limits
    rules: tuple[Rule, ...]


class Given(NamedTuple):
    """A measure that a customer gets, and the rule that gave it."""

    grant: Grant
    rule: str


def faults_of(rules: Mapping[int, Rule], roles: Set[str]) -> list[Fault]:
    """The faults of these rules, by their places in the document: all of them, or more than are told."""
    found: list[Fault] = []
    for place, rule in rules.items():
        found += [fault.within("rules", place) for fault in rule.faults(roles)]
        if len(found) > MOST:
            return found
    names = [rule.name for rule in rules.values()]
    for nth, place in enumerate(rules):
        if names[nth] in names[:nth]:
            found.append(Fault(("rules", place, "name"), "is the name of another rule"))
    return found


def unknown_tiers(rules: Sequence[Rule], tiers: Set[str]) -> list[Fault]:
    """Conditions on tiers that no ladder of the bank has: such a rule would hold for nobody."""
    return [
        Fault(("rules", place, "when", "tier", nth), f"is no tier of the bank: {', '.join(sorted(tiers))}")
        for place, rule in enumerate(rules)
        for nth, tier in enumerate(rule.when.get("tier", ()))
        if tier not in tiers
    ]


def given(policy: Policy, who: Who, kind: Kind) -> list[Given]:
    """What a customer gets: of all rules that hold, for each measure the value that outweighs the others.

    Of two rules with the same value the first in the document is named.
    """
    found: dict[str, Given] = {}
    for rule in policy.rules:
        if not rule.holds_for(who):
            continue
        for grant in rule.entitlements if kind == "entitlement" else rule.risk:
            before = found.get(grant.measure)
            if before is None or MEASURES[grant.measure].outweighs(grant.value, before.grant.value):
                found[grant.measure] = Given(grant, rule.name)
    return [found[name] for name in MEASURES if name in found]


def _faults_of(grant: Grant, kind: Kind, roles: Set[str]) -> list[Fault]:
    of_name = fault_of_name(grant.measure, kind)
    if of_name is not None:
        return [Fault(("measure",), of_name)]
    of_value = MEASURES[grant.measure].fault_of(grant.value)
    found = [] if of_value is None else [Fault(("value",), of_value)]
    for name, named in (("apply", grant.apply), ("exceed", grant.exceed)):
        found += [
            Fault((name, place), f"is not a role; roles are {', '.join(sorted(roles))}")
            for place, role in enumerate(named)
            if role not in roles
        ]
    if not grant.apply:
        found.append(Fault(("apply",), "names no role: nobody would carry it out"))
    both = sorted(set(grant.apply) & set(grant.exceed))
    if both:
        found.append(Fault(("exceed",), f"names who applies it: {', '.join(both)}; another role goes beyond it"))
    return found
