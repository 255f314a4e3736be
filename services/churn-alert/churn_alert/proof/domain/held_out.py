"""Of whom the worth of issued alerts is reckoned: the held out, with whom nothing was done, and as large a share of who
was not warned of. Of the treated nobody knows who would have left.
"""

from collections.abc import Mapping, Sequence
from hashlib import blake2b

from churn_alert.proof.domain.disclosure import LEAST
from churn_alert.proof.domain.verdict import Alarm
from rapport.behaviour.active_days import ActiveDays


def unacted(
    alarms: Sequence[Alarm], days: Mapping[str, ActiveDays]
) -> tuple[list[Alarm], dict[str, ActiveDays]] | None:
    """Their alerts and everybody's days who counts, each by the first alert's arm (`of["arm"]`), the first first; None
    where fewer than LEAST customers were held out.
    """
    arms: dict[str, str | None] = {}
    for one in alarms:
        arms.setdefault(one.customer_id, one.of.get("arm"))
    out = {customer for customer, arm in arms.items() if arm == "held-out"}
    if len(out) < LEAST:
        return None
    share = len(out) / sum(arm is not None for arm in arms.values())
    counted = {key: those for key, those in days.items() if key in out or (key not in arms and _place(key) < share)}
    return [one for one in alarms if one.customer_id in out], counted


def _place(customer_id: str) -> float:
    """Between 0 and 1, of a customer for ever the same and as good as by chance."""
    return int.from_bytes(blake2b(customer_id.encode(), digest_size=8, person=b"not-warned").digest()) / 2**64
