"""What leads are looked for by, each after all else that the service does of an event, and what judges persons."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from churn_alert.abnormal.facts import Watch
from churn_alert.abnormal.handlers import judge_persons, on_grouped, on_parties, on_postings, on_rates_set
from rapport.events.bank import ExchangeRateSet, TransactionRecorded
from rapport.events.customer_profile import CustomerProfiled, CustomersMerged, CustomersUnmerged
from rapport.messaging.poll import Subscriptions
from rapport.messaging.transaction import Transaction

Fire = Callable[[Transaction, Sequence[str]], Awaitable[None]]


def hearing(watch: Watch) -> Subscriptions:
    """What currencies cost comes before what is valued by it."""
    on_group = partial(on_grouped, watch=watch)
    return {
        ExchangeRateSet: on_rates_set,
        TransactionRecorded: partial(on_postings, watch=watch),
        CustomerProfiled: partial(on_parties, watch=watch),
        CustomersMerged: on_group,
        CustomersUnmerged: on_group,
    }


def swept(fire: Fire, watch: Watch) -> Fire:
    """The same sweep of persons, each of whom is then judged."""

    async def fire_and_judge(tx: Transaction, customer_ids: Sequence[str]) -> None:
        await fire(tx, customer_ids)
        await judge_persons(tx, customer_ids, watch=watch)

    return fire_and_judge
