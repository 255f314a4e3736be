"""Every operation of a service asked by several people in turn, so that one decides on what another asked for."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from customer_profile.duplicate.handlers import keep_found
from customer_profile.retention import handlers as retention
from customer_profile.retention.domain.due import Due
from deploy.local.stack import Stack
from rapport.events.bank import CustomerRecorded, EmployeeChanged, TransactionRecorded
from rapport.events.scoring import TierChanged
from rapport.web.scopes import ROLE_SCOPES
from simulator.marks import CORE
from simulator.publisher import publish
from simulator.wire import Wire, record
from tests.customer_profile.duplicate.test_api import AT, EVIDENCE, Likeness
from tests.customer_profile.facts import customer
from tests.customer_profile.quality.test_issues import WRONG
from tests.e2e.shipped import Bank
from tests.e2e.system import PARTITIONS, System
from tests.e2e.test_withdrawal import live
from tests.support.stack import FreshDatabase
from tests.support.walking import Operation

CUSTOMER = "c-7"
"""Who has signed in where a channel asks."""
PEOPLE = ("e-7", "e-8", "e-9")
"""One asks, another decides, and a third answers an appeal from what the two did."""
_PROOF = {"kind": "police-certificate", "digest": "5e" * 32}
_LATER = {"effective_from": "2099-01-01T00:00:00Z", "reason": "seen"}
BODIES: dict[str, dict[str, Any]] = {
    # Two files that nothing else is done to: a restricted one is not merged.
    "POST /merges": {"survivor": "c-500", "merged": "c-501", "reason": "known-to-staff", "evidence": _PROOF},
    "POST /data-quality/issues/{issue_id}/resolve": {"outcome": "waived", "note": "not-a-fault"},
    "POST /exports": {"purpose": "operations", "reason": "data-cleansing", "filters": {}},
    "POST /customers/{customer_id}/corrections": {"identity": {"phone": "139 0013 9000"}, "channel": "branch"},
    "POST /me/corrections": {"identity": {"email": "other@example.org"}, "channel": "branch"},
    "POST /alerts/{alert_id}/snooze": {"until": (datetime.now(UTC) + timedelta(days=9)).isoformat()},
    "POST /alerts/{alert_id}/assignment": {"owner": "e-8"},
    "POST /interventions/{intervention_id}/assignment": {"assignee": "e-8"},
    "POST /risk-register/{entry_id}/assignment": {"owner": "e-8", "due_on": "2030-01-31", "severity": "low"},
    "POST /policies/{version}/approve": _LATER,
    "POST /scorecards/{version}/approve": _LATER,
}
"""What is asked where the example of the document names nobody, or what is over."""
UNREACHED: dict[str, str] = {
    "GET /scorecards/{version}/shadow/swap-set": "the walk stops or withdraws a challenger first",
}
"""What nobody here succeeds with, and why."""
_IDS = 20
"""So many of the ids last learned are asked for, the newest first, until one does."""


@dataclass(slots=True)
class Used:
    """What was answered; which operations did what they are for, and what was answered where they did not."""

    statuses: Counter[int] = field(default_factory=Counter)
    done: set[str] = field(default_factory=set)
    refused: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, operation: Operation, answer: httpx.Response) -> None:
        self.statuses[answer.status_code] += 1
        if answer.is_success:
            self.done.add(name_of(operation))
        else:
            self.refused[name_of(operation)].add(answer.text)

    def not_done(self) -> dict[str, set[str]]:
        return {name: said for name, said in self.refused.items() if name not in self.done | UNREACHED.keys()}

    def tries(self, operation: Operation) -> int:
        return 1 if name_of(operation) in self.done else _IDS


def name_of(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


def callers(stack: Stack) -> Sequence[dict[str, str]]:
    """The headers of each: people who may everything, and at last a channel that acts for the customer."""
    tokens = [stack.issuer.token(list(ROLE_SCOPES), subject=one, step_up=True) for one in PEOPLE]
    tokens.append(stack.issuer.token(["channel"], subject="a-channel", customer=CUSTOMER, step_up=True))
    return [{"Authorization": f"Bearer {token}"} for token in tokens]


def drawn(customer_id: str, at: datetime) -> TransactionRecorded:
    """So much cash that it is to be reported."""
    return TransactionRecorded(
        source="core",
        transaction_no=f"cash-{customer_id}",
        account_id=f"a-{customer_id}",
        customer_id=customer_id,
        amount="60000.00",
        currency="CNY",
        direction="debit",
        kind="cash-withdrawal",
        initiator="customer",
        channel="branch",
        counterparty_class="cash",
        occurred_at=at,
    )


async def prepare(bank: Bank, profile: FreshDatabase) -> None:
    """What no request makes: lives that are scored, a record that a service cannot read, a number that fails its
    check, a pair that may be one person, and a file that is due to end.
    """
    system = System(bank.stack, bank.prefix)
    wire = Wire(prefix=bank.prefix, partitions=PARTITIONS)
    now = datetime.now(UTC)
    moment = int(now.timestamp() * 1000)
    unreadable = [
        record(wire.stamp(event, CORE), wire.key("c-1"), f"unreadable-{event.name}", moment, b"{}")
        for event in (CustomerRecorded, TransactionRecorded, TierChanged)
    ]
    wrong = customer("c-wrong", identity=WRONG)
    told = wire.told(wrong, wire.stamp(CustomerRecorded, CORE), identifier="recorded-wrong", time_ms=moment)
    here = [EmployeeChanged(employee_id=one, unit="B0001", role="rm", active=True, revision=1) for one in PEOPLE]
    staff = [
        wire.told(one, wire.stamp(EmployeeChanged, CORE), identifier=one.employee_id, time_ms=moment) for one in here
    ]
    # Of each something is done: one is referred, of others a dismissal is asked for and decided.
    cash = [drawn(f"c-{number}", now - timedelta(hours=number)) for number in range(30, 36)]
    drawings = [
        wire.told(one, wire.stamp(TransactionRecorded, CORE), identifier=one.transaction_no, time_ms=moment)
        for one in cash
    ]
    await publish([*unreadable, told, *staff, *drawings], bank.stack.bootstrap_servers)
    await live(system)
    await system.add("customer_profile", profile, max_poll_records=100, mode="wall")
    async with system.services[0].runtime.transactions.begin() as tx:
        await keep_found(tx, [Likeness("c-10", "c-11", 900, EVIDENCE)], model="persons-1", at=AT)
        await retention.propose(tx, [Due("c-20", "destroy", "identification", AT.date())], on=now.date())
    await system.close()
