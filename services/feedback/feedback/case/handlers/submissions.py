"""Takes in what customers say, from the channels' topic or over REST: the same rules, whichever way it came."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from feedback.case.domain.assessment import RatingMissing
from feedback.case.domain.clocks import Clock
from feedback.case.domain.lifecycle import Case, CustomerErasedHere, Submission, open_case
from feedback.case.handlers.deadlines import fire_due_clocks
from feedback.case.handlers.outcome import Outcome
from feedback.case.store import changes
from feedback.tables import tiers
from rapport.events.bank import FeedbackSubmitted
from rapport.events.base import Received
from rapport.ids import derived_id
from rapport.messaging.transaction import Transaction
from rapport.privacy.keyring import CustomerKey, Keyring
from rapport.tier.domain import CustomerTier
from rapport.tier.store import tiers_of


async def on_feedback_submitted(
    tx: Transaction, events: Sequence[Received[FeedbackSubmitted]], *, keyring: Keyring
) -> None:
    """Event by event: what fell due before it is breached, then it opens its case, which may be overdue at once.

    What is a case already, however long ago it came first, is left alone.
    """
    said = [_submission(event) for event in events]
    customers = {submission.customer_id for submission in said}
    known = await changes.known(tx.connection, [submission.case_id for submission in said])
    known_tiers = await tiers_of(tx.connection, tiers, customers)
    keys = await keyring.load(tx.connection, {submission.customer_id for submission in said if submission.text})
    running: dict[str, list[Clock]] = defaultdict(list)
    for clock in await changes.due_clocks(tx.connection, customers, max(event.at for event in events)):
        running[clock.customer_id].append(clock)
    outcome = Outcome(tx)
    for event, submission in zip(events, said, strict=True):
        customer = submission.customer_id
        running[customer] = outcome.fire(running[customer], event.at)
        if submission.case_id in known:
            continue
        try:
            case = open_case(submission, event.at, is_top=_is_top(known_tiers.get(customer)))
        except RatingMissing as refusal:
            tx.refuse(event, f"RatingMissing: {refusal}")
            continue
        outcome.take_in(case, _encrypted(submission, keys), cause=event, actor=None)
        running[customer] += outcome.fire(case.clocks, event.at)
    await outcome.save()


async def record_feedback(tx: Transaction, submission: Submission, *, keyring: Keyring, by: str) -> Case:
    """Take in what a channel or an employee hands over in a request. Raises RatingMissing, and
    CustomerErasedHere, for a case would be all that is kept of them."""
    customer = submission.customer_id
    if customer in tx.destroyed:
        raise CustomerErasedHere
    await fire_due_clocks(tx, [customer])
    known_tiers = await tiers_of(tx.connection, tiers, [customer])
    keys = await keyring.load(tx.connection, [customer] if submission.text else [])
    case = open_case(submission, tx.clock_of(customer), is_top=_is_top(known_tiers.get(customer)))
    outcome = Outcome(tx)
    outcome.take_in(case, _encrypted(submission, keys), cause=None, actor=by)
    await outcome.save()
    return case


def _is_top(tier: CustomerTier | None) -> bool:
    return tier is not None and tier.is_top


def _submission(event: Received[FeedbackSubmitted]) -> Submission:
    """The id of a case is a function of the event that opens it: a replay gives every case the name it had."""
    data = event.data
    return Submission(
        case_id=derived_id(event.time, "case", event.id),
        customer_id=data.customer_id,
        channel=data.channel,
        kind=data.kind,
        rating=data.rating,
        language=data.language,
        product=data.product,
        unit=data.unit,
        submitted_at=data.submitted_at,
        text=data.text.strip(),
    )


def _encrypted(submission: Submission, keys: Mapping[str, CustomerKey]) -> bytes | None:
    if not submission.text:
        return None
    return keys[submission.customer_id].encrypt("cases", "text", submission.text, row=str(submission.case_id))
