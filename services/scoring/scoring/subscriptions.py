"""What scoring hears, and what each fact starts."""

from collections.abc import Sequence
from functools import partial

from rapport.erasure.archive import of_standing_relationships
from rapport.events.bank import EmployeeChanged, ExchangeRateSet, HoldingChanged, TransactionRecorded
from rapport.events.base import AnyReceived
from rapport.events.churn_alert import LifecycleChanged
from rapport.events.customer_profile import (
    ConsentChanged,
    CustomerErased,
    CustomerProfiled,
    CustomersMerged,
    CustomersUnmerged,
)
from rapport.messaging.poll import Subscriptions
from rapport.messaging.transaction import Transaction
from rapport.sight.handlers import on_employees_changed, on_managers_told
from scoring.challenger.domain.contest import Ring
from scoring.challenger.handlers.following import follow
from scoring.classification.handlers import on_lifecycles_changed, on_profiles_for_classes
from scoring.exchange_rate.handlers import on_rates_set
from scoring.fairness.handlers import on_profiles_for_groups
from scoring.override.handlers.refusals import on_customers_profiled, on_tiering_consents
from scoring.standing.domain.rules import Rules
from scoring.standing.erasing import on_files_ended
from scoring.standing.handlers import on_bank_facts
from scoring.standing.merging import on_customers_grouped
from scoring.standing.shadowing import Beside
from scoring.tables import customer_managers, employees


def subscriptions(rules: Rules, ring: Ring, beside: Beside | None = None) -> Subscriptions:
    """One handler for the bank's two, so that in stream time a batch of them keeps its order of time. Who refuses
    automated decisions or tiering comes after them: the bank's facts of the same poll are decided before it, by the
    consents of then. A challenger and `beside` look on. Who is one customer comes first, who is erased after all else.
    """
    handler = partial(on_bank_facts, rules=rules, shadowing=partial(follow, ring=ring, rules=rules), beside=beside)

    async def on_profiles(tx: Transaction, events: Sequence[AnyReceived]) -> None:
        await on_customers_profiled(tx, events, rules=rules)
        await on_profiles_for_groups(tx, await of_standing_relationships(tx, events))
        await on_profiles_for_classes(tx, events)
        await on_managers_told(tx, events, table=customer_managers)

    on_grouped = partial(on_customers_grouped, rules=rules)
    on_rates = partial(on_rates_set, rates=rules.rates, currency=rules.bank.currency)
    return {
        CustomersMerged: on_grouped,
        CustomersUnmerged: on_grouped,
        ExchangeRateSet: on_rates,
        TransactionRecorded: handler,
        HoldingChanged: handler,
        CustomerProfiled: on_profiles,
        ConsentChanged: partial(on_tiering_consents, rules=rules),
        LifecycleChanged: on_lifecycles_changed,
        EmployeeChanged: partial(on_employees_changed, table=employees),
        CustomerErased: partial(on_files_ended, rules=rules),
    }
