"""What people do to an override, and what a customer's refusal does: each has its effect at once, in the same way."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

from rapport.events.base import Received
from rapport.events.customer_profile import CustomerProfiled
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
from scoring.standing.domain.hands import Hand, hand_of
from scoring.standing.domain.people import Override, PeopleAct
from scoring.standing.domain.placing import heed_refusal, put_on
from scoring.standing.domain.rules import Rules
from scoring.standing.domain.state import Standing, StandingNotFound
from scoring.standing.domain.tiering import catch_up, decide, place
from scoring.standing.handlers import Made, keep, load_heeding, tell
from scoring.standing.store.hands import keep_hands


async def propose(
    tx: Transaction,
    customer_id: str,
    said: Wanted,
    *,
    by: str,
    rules: Rules,
    longest: timedelta,
    keyring: Keyring,
) -> UUID:
    """Keep a proposal; nothing changes yet. Raises StandingNotFound and OverrideImpossible."""
    standing = (await load_heeding(tx, [customer_id], rules))[customer_id]
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

    Raises OverrideNotFound, OverrideNotProposed, ApproverIsProposer and OverrideOutdated.
    """
    proposal = await _found(tx, override_id)
    proposal.demand_second_person(by)
    at, standing, changes = await _present(tx, proposal.customer_id, rules)
    proposal.demand_possible(rules.cards.at(at).thresholds.tiers, at)
    replaced = put_on(standing, Override(override_id, proposal.tier, proposal.until), at)
    if replaced is not None:
        await store.keep_act(tx.connection, replaced, "replaced", by=by, at=tx.now)
    act: PeopleAct = "override-began" if replaced is None else "override-replaced"
    made = await _placed(tx, standing, changes, at, rules, act)
    await store.keep_act(tx.connection, override_id, "approved", by=by, at=tx.now, revision=made)


async def reject(tx: Transaction, override_id: UUID, reason: Against, *, by: str) -> None:
    """Let a proposal never count. Raises OverrideNotFound, OverrideNotProposed and ApproverIsProposer."""
    (await _found(tx, override_id)).demand_second_person(by)
    await store.keep_act(tx.connection, override_id, "rejected", by=by, at=tx.now, reason=reason)


async def revoke(tx: Transaction, override_id: UUID, reason: Against, *, by: str, rules: Rules) -> None:
    """End an override that is in force. Raises OverrideNotFound and OverrideNotInForce."""
    proposal = await _found(tx, override_id)
    proposal.demand_in_force()
    at, standing, changes = await _present(tx, proposal.customer_id, rules)
    if standing.override is None:  # its moment came, and no sweep has seen it
        raise OverrideNotInForce("The override has just ended by itself")
    standing.override = None
    made = await _placed(tx, standing, changes, at, rules, "override-revoked")
    await store.keep_act(tx.connection, override_id, "revoked", by=by, at=tx.now, reason=reason, revision=made)


async def on_customers_profiled(tx: Transaction, events: Sequence[Received[CustomerProfiled]], *, rules: Rules) -> None:
    """Who refuses automated decisions keeps their tier until people change it; the higher revision counts.

    Of a customer of whom nothing else was heard only a refusal is kept. It counts from when it is heard.
    """
    standings = await load_heeding(tx, {event.data.customer_id for event in events}, rules)
    changed: dict[str, Standing] = {}
    changes: list[Made] = []
    hands: list[Hand] = []
    for event in events:
        standing, refuses = standings[event.data.customer_id], event.data.refuses_automated_decisions
        if standing.decided_at is None and not refuses:
            continue
        # No earlier than what is decided already: a request may have come in between, or the bank's facts of this poll.
        # Where nothing is decided, stream time may not have begun.
        at = max(event.at, standing.decided_at or event.time, standing.tier_since or event.at)
        made = catch_up(standing, rules, at)
        if heed_refusal(standing, refuses=refuses, revision=event.data.revision, at=at):
            hands.append(hand_of(standing, at))
            is_new = standing.decided_at is None
            act: PeopleAct = "automation-refused" if refuses else "refusal-withdrawn"
            change = decide(standing, rules, at, people_act=act) if is_new else place(standing, rules, at, act)
            made += [] if change is None else [change]
        changes += tell(tx, made, event)
        changed[standing.customer_id] = standing
    await keep(tx, list(changed.values()), changes, rules.bank)
    await _keep_hands(tx, hands)


async def _found(tx: Transaction, override_id: UUID) -> Proposal:
    row = await store.find(tx.connection, override_id)
    if row is None:
        raise OverrideNotFound
    return store.proposal_of(row)


async def _present(tx: Transaction, customer_id: str, rules: Rules) -> tuple[datetime, Standing, list[Decision]]:
    """A customer as of this moment, and what had to be decided for that."""
    at = tx.clock_of(customer_id)
    standing = (await load_heeding(tx, [customer_id], rules))[customer_id]
    return at, standing, catch_up(standing, rules, at)


async def _placed(
    tx: Transaction, standing: Standing, changes: list[Decision], at: datetime, rules: Rules, act: PeopleAct
) -> int | None:
    """The revision of what changed by that; None where the tier stayed."""
    hand = hand_of(standing, at)
    made = place(standing, rules, at, act)
    changes += [] if made is None else [made]
    await keep(tx, [standing], tell(tx, changes, None), rules.bank)
    await _keep_hands(tx, [hand])
    return None if made is None else made.revision


async def _keep_hands(tx: Transaction, hands: Sequence[Hand]) -> None:
    await keep_hands(tx.connection, hands, known_at=tx.now, partition_of=tx.partition_of, ends=tx.ends)
