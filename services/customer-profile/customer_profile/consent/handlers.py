"""What becomes of a customer's consents: each act is entered, and what holds then is told with all purposes."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.consent import store
from customer_profile.consent.domain.acts import ConsentImpossible, ConsentNotGranted, Said, entered
from customer_profile.consent.domain.asking import Asking, demand_may_ask
from customer_profile.consent.domain.ledger import Channel, Entry, State, of_person, state_of
from customer_profile.consent.domain.purposes import Purpose, Purposes
from customer_profile.customer import store as customers
from customer_profile.customer.domain import CustomerNotFound
from rapport.events.base import Event
from rapport.events.customer_profile import ConsentChanged, PurposeConsent
from rapport.ids import new_id
from rapport.messaging.retelling import version_told
from rapport.messaging.transaction import Transaction

CONSENTS = "consents"
"""By this name they are told again."""


async def record_act(
    tx: Transaction, customer_id: str, said: Said, *, purposes: Purposes, by: str, others: Iterable[Entry] = ()
) -> Entry:
    """Enter what a customer did; an act that is in the ledger already is returned and changes nothing. `others`: acts
    on other files of the person.

    Raises CustomerNotFound, ConsentImpossible, ConsentNotGranted and ConsentRecordedOtherwise.
    """
    if not await customers.load(tx.connection, [customer_id]):
        raise CustomerNotFound
    purpose = _purpose(said.purpose, purposes)
    ledger = (await store.load(tx.connection, [customer_id])).get(customer_id, [])
    entry = entered(said, purpose, ledger, customer_id=customer_id, by=by, now=tx.now, others=others)
    if entry.revision > len(ledger):
        await store.append(tx.connection, entry)
        # Where workers have begun to tell by a newer document than this process has, an act must not seem older.
        newest = max(purposes.version, await version_told(tx.connection, CONSENTS))
        tx.tell(changed([*ledger, entry], replace(purposes, version=newest)), time=entry.recorded_at)
    return entry


async def record_act_of_person(
    tx: Transaction, files: Sequence[str], said: Said, *, purposes: Purposes, by: str, others: Sequence[Entry] = ()
) -> Entry:
    """Enter the same act on these files of a person, who are locked: nobody is to ask which of them was meant. Returns
    it as of the first that it was entered on. A withdrawal is entered where there is a grant, and on the first file
    where the only ones are among the acts of `others`, the person's other files: a no on any of them is a no.

    Raises as `record_act`; ConsentNotGranted where no file has one.
    """
    entered, refused = [], None
    for file in files:
        try:
            entered.append(await record_act(tx, file, said, purposes=purposes, by=by))
        except ConsentNotGranted as refusal:
            refused = refusal
    if not entered and refused:
        if not others:
            raise refused
        entered.append(await record_act(tx, files[0], said, purposes=purposes, by=by, others=others))
    return entered[0]


async def note_asking(
    tx: Transaction,
    customer_id: str,
    code: str,
    channel: Channel,
    *,
    purposes: Purposes,
    by: str,
) -> Asking:
    """Note that the customer, who is locked, is asked. The acts on all files of the person count, seen or not.

    Raises ConsentImpossible and NotToBeAsked.
    """
    purpose = _purpose(code, purposes)
    notice = purpose.notice_at(tx.now)
    if notice is None:
        raise ConsentImpossible([("purpose", f"{code} has no notice in force: nobody is asked for it")])
    ledgers = await store.load_person(tx.connection, customer_id) or [[]]
    states = [state_of(entries, purpose, tx.now, ask_again_after=purposes.ask_again_after) for entries in ledgers]
    demand_may_ask(of_person(states), tx.now)
    asking = Asking(new_id(), customer_id, code, notice.version, channel, by, tx.now)
    await store.note(tx.connection, asking)
    return asking


def _purpose(code: str, purposes: Purposes) -> Purpose:
    if (purpose := purposes.by_code.get(code)) is None:
        raise ConsentImpossible([("purpose", f"is none of the bank's: {', '.join(purposes.by_code)}")])
    return purpose


def changed(ledger: Sequence[Entry], purposes: Purposes) -> ConsentChanged:
    """What the other services hear of a ledger that is not empty, as of its last row."""
    last = ledger[-1]
    states = [
        state_of(ledger, purpose, last.recorded_at, ask_again_after=purposes.ask_again_after)
        for purpose in purposes.by_code.values()
    ]
    return ConsentChanged(
        customer_id=last.customer_id,
        purposes=tuple(map(_told, states)),
        as_of=last.recorded_at,
        revision=purposes.revision_of(last.revision),
    )


def _told(state: State) -> PurposeConsent:
    return PurposeConsent(
        purpose=state.purpose.code,
        allowed=state.is_allowed,
        since=state.since,
        legal_basis=state.purpose.legal_bases[0],
        notice_version=state.notice_version,
        may_ask_from=state.may_ask_from if state.since and not state.is_allowed else None,
        data_categories=state.covers,
    )


async def present_consents(
    connection: AsyncConnection, after: str, limit: int, *, purposes: Purposes
) -> list[tuple[Event, datetime]]:
    """What is to be told again of the customers after this one."""
    customer_ids = await store.customers_after(connection, after, limit)
    ledgers = await store.load(connection, customer_ids)
    facts = [changed(ledgers[customer_id], purposes) for customer_id in customer_ids]
    return [(fact, fact.as_of) for fact in facts]
