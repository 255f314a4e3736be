"""One short text for all that is known of a customer, so that two can be held against each other."""

import json
from hashlib import blake2b

from scoring.standing.domain.assets import rows_of
from scoring.standing.domain.foreign import documents_of
from scoring.standing.domain.state import Standing

_COUNTED = (
    "customer_id", "transactions", "foreign_currency_transactions", "credits_minor", "debits_minor", "opening_minor",
    "own_minor", "penalty_interests", "overdrafts",
)  # fmt: skip


def state_hash(standing: Standing) -> str:
    """A hash, to the bit, of all that is known of a customer: equal for equal events however they came.

    What was decided of the customer is not in it.
    """
    held, sums = standing.holdings, standing.sums
    known = [getattr(standing, name) for name in _COUNTED]
    known += [sums.as_of, sums.values, standing.active_days, standing.movements, standing.first_days]
    known += [held.by_kind, held.revision, held.as_of, held.loan_class, rows_of(held.valuations)]
    if standing.foreign:
        known.append(documents_of(standing.foreign))
    written = json.dumps(known, default=str, sort_keys=True)
    return blake2b(written.encode(), digest_size=16).hexdigest()
