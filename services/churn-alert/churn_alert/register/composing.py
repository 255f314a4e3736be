"""How the register is put into the service: what it hears, serves and refuses."""

from dataclasses import replace
from functools import partial
from pathlib import Path

from churn_alert.register.api import router
from churn_alert.register.documents import read_register
from churn_alert.register.domain.entries import CustomerNotKnown, DueDateOver, RiskEntryClosed, RiskEntryNotFound
from churn_alert.register.domain.rules import CauseUnknown, RegisterRulesInvalid
from churn_alert.register.handlers import Register, on_holdings, on_missed_answers
from rapport.bank_settings import BankSettings
from rapport.composition import Composition
from rapport.events.bank import HoldingChanged
from rapport.events.feedback import ResponseOverdue
from rapport.messaging.following import followed_by
from rapport.messaging.poll import Subscriptions
from rapport.settings import SettingsInvalid
from rapport.web import Problems

_PROBLEMS: Problems = {
    RiskEntryNotFound: (404, "No such entry"),
    RiskEntryClosed: (409, "The entry is closed"),
    CustomerNotKnown: (404, "No such customer"),
    DueDateOver: (422, "The due date is over"),
    CauseUnknown: (422, "There is no such cause"),
    RegisterRulesInvalid: (422, "The rules of the register are malformed"),
}


def registered(composition: Composition, bank: BankSettings, rules: Path | None) -> Composition:
    """The service with the register. `rules`: a document instead of the published one; SettingsInvalid where it breaks
    a rule.
    """
    try:
        document = read_register(rules)
        register = Register(document.taken(bank.currency), bank.zone)
    except RegisterRulesInvalid as fault:
        raise SettingsInvalid(str(fault)) from fault
    hearing: Subscriptions = {
        HoldingChanged: partial(on_holdings, register=register),
        ResponseOverdue: partial(on_missed_answers, register=register),
    }
    return replace(
        composition,
        subscriptions=followed_by(composition.subscriptions, hearing),
        routers=(*composition.routers, router),
        problems={**composition.problems, **_PROBLEMS},
        state={**composition.state, "register": register, "register_document": document},
    )
