"""A state as a document, beside the rows that hold the present one: without what was decided."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from churn_alert.risk.domain.before import Before
from churn_alert.risk.domain.behaviour import Risk
from churn_alert.risk.store.accounts import account_of
from rapport.behaviour.active_days import ActiveDays
from rapport.behaviour.decay import DecayedSums

_PLAIN = ("own_transactions", "channel_uses", "negative_feedbacks", "without_feedback")
_MOMENTS = ("first_event_at", "last_activity_at")


def cells_of(state: Risk) -> dict[str, Any]:
    """As it is kept."""
    days = state.active_days
    return {
        **{name: getattr(state, name) for name in _PLAIN + _MOMENTS},
        "sums": [state.sums.as_of, state.sums.values],
        "active_days": [days.first.isoformat(), days.to_bytes().hex()] if days else None,
        "accounts": [(account_id, *account) for account_id, account in sorted(state.accounts.items())],
    }


def state_of(customer_id: str, cells: Mapping[str, Any]) -> Risk:
    """As the rules take it."""
    as_of, values = cells["sums"]
    days = cells["active_days"]
    state = Risk(customer_id, sums=DecayedSums(_moment(as_of), tuple(values)))
    for name in _PLAIN:
        setattr(state, name, cells[name])
    for name in _MOMENTS:
        setattr(state, name, _moment(cells[name]))
    if days:
        state.active_days = ActiveDays.from_bytes(date.fromisoformat(days[0]), bytes.fromhex(days[1]))
    state.accounts = {one[0]: account_of(*one[1:]) for one in cells["accounts"]}
    return state


def cells_before(file: Risk) -> dict[str, Any] | None:
    """What a file keeps of itself before it was heard of again, if anything."""
    return {"at": file.before.at, **cells_of(file.before.state)} if file.before else None


def before_of(customer_id: str, cells: Mapping[str, Any] | None) -> Before | None:
    """The same as the rules take it."""
    return Before(datetime.fromisoformat(cells["at"]), state_of(customer_id, cells)) if cells else None


def _moment(cell: str | None) -> datetime | None:
    return datetime.fromisoformat(cell) if cell else None
