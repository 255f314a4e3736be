"""A customer's behaviour, from tallies, accounts and holdings, as it is answered."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from churn_alert.risk.behaviour_views import (
    AccountBehaviour,
    AccountsPart,
    ChannelBehaviour,
    ChannelShare,
    HeldView,
    Pace,
    ProductBehaviour,
    Scale,
    ServiceBehaviour,
)
from churn_alert.risk.domain.accounts import Account, Accounts
from churn_alert.risk.domain.parts import AUTOMATIC, OWN, POSTINGS, Parts, added_up, shares
from churn_alert.risk.domain.tallies import Tally
from churn_alert.risk.store.holdings import Held
from rapport.behaviour.decay import average_balance, rate
from rapport.events.money import decimal_string
from rapport.privacy.catalogue.document import published
from rapport.privacy.showing import display


def products_of(parts: Parts, scale: Scale) -> list[ProductBehaviour]:
    """By product, in the order of their codes; what names none is last."""
    streams = added_up(parts, lambda part: (part.product, part.stream if part.stream in POSTINGS else "uses"))
    through = added_up(parts, lambda part: (part.product, part.channel) if part.stream != AUTOMATIC else None)
    names = sorted({product for product, _ in streams}, key=lambda name: (name is None, name or ""))
    return [
        ProductBehaviour(
            product=name,
            own=_pace(streams.get((name, OWN)), scale),
            automatic=_pace(streams.get((name, AUTOMATIC)), scale),
            uses=_pace(streams.get((name, "uses")), scale),
            channels=[
                ChannelShare(channel=channel, share=share)
                for channel, share in shares(
                    (channel, tally.a_month(scale.at)[0])
                    for (product, channel), tally in through.items()
                    if product == name
                )
            ],
        )
        for name in names
    ]


def channels_of(parts: Parts, scale: Scale) -> list[ChannelBehaviour]:
    """By channel, what the customer does of themselves."""
    found = added_up(parts, lambda part: (part.channel, part.stream == OWN) if part.stream != AUTOMATIC else None)
    return [
        ChannelBehaviour(
            channel=name, own=_pace(found.get((name, True)), scale), uses=_pace(found.get((name, False)), scale)
        )
        for name in sorted({channel for channel, _ in found})
    ]


def services_of(parts: Parts, scale: Scale) -> list[ServiceBehaviour]:
    """By kind of contact and channel."""
    found = added_up(parts, lambda part: (part.stream, part.channel) if part.stream not in POSTINGS else None)
    return [
        ServiceBehaviour(kind=kind, channel=channel, uses=Pace.of(tally, scale))
        for (kind, channel), tally in sorted(found.items())
    ]


def accounts_of(accounts: Accounts, parts: Parts, scale: Scale, roles: Collection[str]) -> AccountsPart:
    """The accounts, unless these roles may not see balances."""
    if display(published().by_code["account-balance"], roles) != "clear":
        return AccountsPart(is_hidden=True)
    streams = added_up(parts, lambda part: (part.account_id, part.stream) if part.account_id else None)
    return AccountsPart(items=tuple(_account(name, one, streams, scale) for name, one in sorted(accounts.items())))


def stream_of(parts: Parts, stream: str, scale: Scale) -> Pace | None:
    """All of one stream."""
    return _pace(added_up(parts, lambda part: part.stream if part.stream == stream else None).get(stream), scale)


def held_of(held: Sequence[Held]) -> HeldView | None:
    """What all files hold together."""
    if not held:
        return None
    products = sorted(product for one in held for product in one.products)
    return HeldView(products=products, most=sum(one.most for one in held), as_of=max(one.as_of for one in held))


def _account(name: str, one: Account, streams: Mapping[Any, Tally], scale: Scale) -> AccountBehaviour:
    (flow,) = one.flow.read(scale.at)
    balance = one.balance.minor if one.balance and not one.is_foreign else None

    def mean(flow: float) -> str | None:
        if balance is None or not one.counts:
            return None
        return decimal_string(round(average_balance(balance, flow)), scale.currency)

    return AccountBehaviour(
        account_id=name,
        type=one.standing.type if one.standing else None,
        status=one.standing.status if one.standing else None,
        balance=None if balance is None else decimal_string(balance, scale.currency),
        balance_of_late=mean(flow.month),
        balance_of_the_year=mean(flow.year),
        net_flow_a_month=decimal_string(round(rate(flow.month, 30.0) * 30.0), scale.currency),
        own=_pace(streams.get((name, OWN)), scale),
        automatic=_pace(streams.get((name, AUTOMATIC)), scale),
    )


def _pace(tally: Tally | None, scale: Scale) -> Pace | None:
    return Pace.of(tally, scale) if tally else None
