"""Ledgers of one customer as tests need them, and the purposes of a bank with three."""

from datetime import UTC, datetime, timedelta
from typing import Any

from customer_profile.consent.domain.acts import Said, entered
from customer_profile.consent.domain.ledger import Entry
from customer_profile.consent.domain.purposes import Notice, Purpose, Purposes

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
NOW = BEGAN + 400 * DAY
DIGEST = "ab" * 32
SECOND_NOTICE = BEGAN + 100 * DAY

SMS = Purpose(
    code="marketing-sms",
    zh="短信营销",
    en="Text messages",
    legal_bases=("consent",),
    data_categories=("contact-details",),
    separate_consent=None,
    notices=(Notice(1, BEGAN, "告知", "Notice"), Notice(2, SECOND_NOTICE, "新告知", "New notice")),
)
TIERING = Purpose(
    code="tiering",
    zh="客户分层",
    en="Tiering",
    legal_bases=("consent",),
    data_categories=("accounts",),
    separate_consent=29,
    notices=(Notice(1, BEGAN, "告知", "Notice"),),
)
CONTRACT = Purpose("contract-performance", "履行合同", "Contract", ("contract",), ("accounts",), None, ())
PURPOSES = Purposes(1, 180 * DAY, {one.code: one for one in (SMS, TIERING, CONTRACT)})


def said(act: str = "granted", *, at: datetime = BEGAN + DAY, purpose: Purpose = SMS, **fields: Any) -> Said:
    """An act as a channel would rightly tell it."""
    notice = None if act == "withdrawn" else purpose.notice_at(at)
    rightly: dict[str, Any] = {
        "purpose": purpose.code,
        "act": act,
        "channel": "mobile",
        "occurred_at": at,
        "notice_version": notice and notice.version,
        "is_separate": purpose.separate_consent is not None,
        "evidence_digest": DIGEST if act == "granted" else None,
    }
    return Said(**rightly | fields)


def ledger(*acts: Said, known_at: datetime = NOW) -> list[Entry]:
    """These acts entered one after the other, each known a second after the one before."""
    entries: list[Entry] = []
    for number, act in enumerate(acts):
        purpose, now = PURPOSES.by_code[act.purpose], known_at + timedelta(seconds=number)
        entry = entered(act, purpose, entries, customer_id="c-1", by="e-1", now=now)
        if entry not in entries:
            entries.append(entry)
    return entries
