"""What is dated ahead is handled in its time, by stages, risks, tallies and calendars alike."""

from dataclasses import replace
from pathlib import Path

from churn_alert.feed.documents import read_feed_rules
from churn_alert.feed.handlers import limited
from churn_alert.risk.facts import counts_from
from churn_alert.tables import events_ahead
from rapport.ahead.composing import punctual
from rapport.composition import Composition
from rapport.events.bank import TransactionRecorded
from rapport.events.customer_profile import ConsentChanged, CustomerProfiled, CustomersMerged, CustomersUnmerged

_DECIDING = (CustomersMerged, CustomersUnmerged, CustomerProfiled, ConsentChanged)


def in_its_time(composition: Composition, feed_rules: Path | None) -> Composition:
    """The service, to be called once all is there that hears the same facts, but before what dates them.

    `feed_rules`: by which silence is held, a document instead of the published one, read here for whoever else holds
    any. Raises DocumentInvalid.
    """
    document = read_feed_rules(feed_rules)
    limits = limited(document.rules())
    composition = replace(composition, state={**composition.state, "feed_rules": document, "silence_limits": limits})
    return punctual(composition, events_ahead, TransactionRecorded, counts_from, others=_DECIDING, limits=limits)
