"""How the register is put into the service: what it hears, serves and refuses."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import tzinfo
from functools import partial
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from churn_alert.register.api import router
from churn_alert.register.documents import read_register
from churn_alert.register.domain.entries import CustomerNotKnown, DueDateOver, RiskEntryClosed, RiskEntryNotFound
from churn_alert.register.domain.rules import CauseUnknown
from churn_alert.register.handlers import Register, on_holdings, on_missed_answers
from churn_alert.register.store.entries import count_overdue
from rapport.bank_settings import BankSettings
from rapport.clock import utc_now
from rapport.composition import Composition
from rapport.documents import in_succession
from rapport.events.bank import HoldingChanged
from rapport.events.feedback import ResponseOverdue
from rapport.messaging.following import followed_by
from rapport.messaging.poll import Subscriptions
from rapport.telemetry.metrics import Figures
from rapport.web import Problems

_PROBLEMS: Problems = {
    RiskEntryNotFound: (404, "No such entry"),
    RiskEntryClosed: (409, "The entry is closed"),
    CustomerNotKnown: (404, "No such customer"),
    DueDateOver: (422, "The due date is over"),
    CauseUnknown: (422, "There is no such cause"),
}


def registered(composition: Composition, bank: BankSettings, rules: Path | None) -> Composition:
    """The service with the register. `rules`: documents instead of the published ones; DocumentInvalid where one breaks
    a rule.
    """
    documents = read_register(rules, today=utc_now().astimezone(bank.zone).date())
    register = Register(in_succession(documents, bank.zone, lambda one: one.taken(bank.currency)), bank.zone)
    names = ("kind",)
    text = "Entries of the risk register that are open though their due date is over"
    overdue = Figures("rapport_overdue_risk_entries", text, names, partial(_overdue, zone=bank.zone))
    hearing: Subscriptions = {
        HoldingChanged: partial(on_holdings, register=register),
        ResponseOverdue: partial(on_missed_answers, register=register),
    }
    return replace(
        composition,
        subscriptions=followed_by(composition.subscriptions, hearing),
        routers=(*composition.routers, router),
        problems={**composition.problems, **_PROBLEMS},
        figures=(*composition.figures, overdue),
        state={**composition.state, "register": register, "register_documents": documents},
    )


async def _overdue(connection: AsyncConnection, *, zone: tzinfo) -> Mapping[tuple[str, ...], float]:
    return await count_overdue(connection, utc_now().astimezone(zone).date())
