"""What is dated ahead is handled in its time, by stages, risks and tallies alike."""

from churn_alert.risk.facts import counts_from
from churn_alert.tables import events_ahead
from rapport.ahead.composing import punctual
from rapport.composition import Composition
from rapport.events.bank import TransactionRecorded
from rapport.events.customer_profile import ConsentChanged, CustomerProfiled, CustomersMerged, CustomersUnmerged

_DECIDING = (CustomersMerged, CustomersUnmerged, CustomerProfiled, ConsentChanged)


def in_its_time(composition: Composition) -> Composition:
    """The service, to be called before what hears the same facts in its own way is put around it."""
    return punctual(composition, events_ahead, TransactionRecorded, counts_from, others=_DECIDING)
