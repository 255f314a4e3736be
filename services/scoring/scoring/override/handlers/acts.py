"""What people of the bank do to an override: it has its effect at once."""

from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

from rapport.ids import new_id
from rapport.messaging.transaction import Transaction
from rapport.privacy.keyring import Keyring
from scoring.override import store
from scoring.override.domain import (
    Against,
    OverrideImpossible,
    OverrideNotFound,
    OverrideNotInForce,
    Proposal,
    Wanted,
    faults_of,
)
from scoring.standing.domain.decision import Decision
from scoring.standing.domain.hands import hand_of
from scoring.standing.domain.people import Override, PeopleAct
from scoring.standing.domain.persons import FileMerged, Persons
from scoring.standing.domain.placing import put_on
from scoring.standing.domain.rules import Rules
from scoring.standing.domain.state import Standing, StandingNotFound
from scoring.standing.domain.tiering import catch_up, place
from scoring.standing.handlers import keep, load_heeding, tell
from scoring.standing.store.hands import keep_hands
from scoring.standing.store.persons import persons_among

Who = tuple[Standing, Persons]
"""A customer's own standing, and with which others it is decided."""


async def propose(
    tx: Transaction, customer_id: str, said: Wanted, *, by: str, rules: Rules, longest: timedelta, keyring: Keyring
) -> UUID:
    """Keep a proposal; nothing changes yet. Raises StandingNotFound, FileMerged and OverrideImpossible."""
    standing, _ = await _person(tx, customer_id, rules)
    if standing.decided_at is None:
        raise StandingNotFound
    now = tx.clock_of(customer_id)
    tiers = rules.cards.at(now).thresholds.tiers
    if found := faults_of(said.tier, said.until, tiers=tiers, now=now, longest=longest):
        raise OverrideImpossible(found)
    override_id = new_id()
    note = None
    if said.note:
        key = (await keyring.load(tx.connection, [customer_id]))[customer_id]
        note = key.encrypt("overrides", "note", said.note, row=str(override_id))
    row = {"override_id": override_id, "customer_id": customer_id, "proposed_by": by, "proposed_at": tx.now}
    await store.add(tx.connection, {**asdict(said), **row, "note": note})
    return override_id


async def approve(tx: Transaction, override_id: UUID, *, by: str, rules: Rules) -> None:
    """Have a proposal count from this moment on; one that is in force is replaced.

    Raises OverrideNotFound, OverrideNotProposed, ApproverIsProposer, FileMerged and OverrideOutdated.
    """
    proposal = await _found(tx, override_id)
    proposal.demand_second_person(by)
    at, who, changes = await _present(tx, proposal.customer_id, rules)
    proposal.demand_possible(rules.cards.at(at).thresholds.tiers, at)
    replaced = put_on(who[0], Override(override_id, proposal.tier, proposal.until), at)
    if replaced is not None:
        await store.keep_act(tx.connection, replaced, "replaced", by=by, at=tx.now)
    act: PeopleAct = "override-began" if replaced is None else "override-replaced"
    made = await _placed(tx, who, changes, at, rules, act)
    await store.keep_act(tx.connection, override_id, "approved", by=by, at=tx.now, revision=made)


async def reject(tx: Transaction, override_id: UUID, reason: Against, *, by: str) -> None:
    """Let a proposal never count. Raises OverrideNotFound, OverrideNotProposed and ApproverIsProposer."""
    (await _found(tx, override_id)).demand_second_person(by)
    await store.keep_act(tx.connection, override_id, "rejected", by=by, at=tx.now, reason=reason)


async def revoke(tx: Transaction, override_id: UUID, reason: Against, *, by: str, rules: Rules) -> None:
    """End an override that is in force. Raises OverrideNotFound, FileMerged and OverrideNotInForce."""
    proposal = await _found(tx, override_id)
    proposal.demand_in_force()
    at, who, changes = await _present(tx, proposal.customer_id, rules)
    if (standing := who[0]).override is None:  # its moment came, and no sweep has seen it
        raise OverrideNotInForce("The override has just ended by itself")
    standing.override = None
    made = await _placed(tx, who, changes, at, rules, "override-revoked")
    await store.keep_act(tx.connection, override_id, "revoked", by=by, at=tx.now, reason=reason, revision=made)


async def _found(tx: Transaction, override_id: UUID) -> Proposal:
    row = await store.find(tx.connection, override_id)
    if row is None:
        raise OverrideNotFound
    return store.proposal_of(row)


async def _person(tx: Transaction, customer_id: str, rules: Rules) -> Who:
    standings = await load_heeding(tx, [customer_id], rules)
    persons = await persons_among(tx.connection, standings)
    if customer_id in persons.merged_into:
        raise FileMerged(persons.merged_into[customer_id])
    return standings[customer_id], persons


async def _present(tx: Transaction, customer_id: str, rules: Rules) -> tuple[datetime, Who, list[Decision]]:
    """A customer as of this moment, and what had to be decided for that."""
    at = tx.clock_of(customer_id)
    standing, persons = who = await _person(tx, customer_id, rules)
    with persons.deciding(standing) as person:
        changes = catch_up(person, rules, at)
    return at, who, changes


async def _placed(
    tx: Transaction, who: Who, changes: list[Decision], at: datetime, rules: Rules, act: PeopleAct
) -> int | None:
    """The revision of what changed by that; None where the tier stayed."""
    standing, persons = who
    hand = hand_of(standing, at)
    with persons.deciding(standing) as person:
        made = place(person, rules, at, act)
    changes += [] if made is None else [made]
    await keep(tx, [standing], tell(tx, changes, None), rules.bank)
    await keep_hands(tx.connection, [hand], known_at=tx.now, partition_of=tx.partition_of, ends=tx.ends)
    return None if made is None else made.revision
