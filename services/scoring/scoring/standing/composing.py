"""What is dated ahead is handled in its time, by standings and by whatever looks on."""

from rapport.ahead.composing import punctual
from rapport.composition import Composition
from rapport.events.bank import TransactionRecorded
from rapport.events.customer_profile import ConsentChanged, CustomerProfiled, CustomersMerged, CustomersUnmerged
from scoring.standing.facts import counts_from
from scoring.tables import events_ahead

_DECIDING = (CustomersMerged, CustomersUnmerged, CustomerProfiled, ConsentChanged)


def in_its_time(composition: Composition) -> Composition:
    """The service with every posting counted from its own time on."""
    return punctual(composition, events_ahead, TransactionRecorded, counts_from, others=_DECIDING)
