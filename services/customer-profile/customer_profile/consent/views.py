"""What is shown of consents: each purpose with what holds, and each act as it was entered."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from customer_profile.consent.domain.ledger import Act, Channel, Entry, State
from customer_profile.consent.domain.purposes import ITEMS, Article, DataCategory, LegalBasis, Notice

_DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_NOTICE: dict[str, Any] = {
    "version": 1,
    "digest": "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8",
    "in_force_from": "2025-12-31T16:00:00Z",
    "zh": "我行将使用您的手机号码，以短信向您介绍产品和活动。…",
    "en": "We use your mobile number to tell you of products and events by text message. …",
}
_PURPOSE: dict[str, Any] = {
    "purpose": "marketing-sms",
    "zh": "短信营销",
    "en": "Marketing by text message",
    "allowed": True,
    "since": "2026-03-02T08:15:00Z",
    "legal_bases": ["consent"],
    "article_13_items": [1],
    "separate_consent": None,
    "withdrawable": True,
    "data_categories": ["contact-details"],
    "notice_version": 1,
    "covers": ["contact-details"],
    "notice": _NOTICE,
    "may_ask": False,
    "may_ask_from": None,
}
CONSENTS: dict[str, Any] = {
    "customer_id": "9f1c0a6d2be84c5aa1d3",
    "files": ["9f1c0a6d2be84c5aa1d3"],
    "revision": 1,
    "consent_version": 4294967297,
    "at": "2026-03-02T09:00:00Z",
    "known_at": "2026-03-02T09:00:00Z",
    "purposes": [_PURPOSE],
}
ACT: dict[str, Any] = {
    "revision": 1,
    "purpose": "marketing-sms",
    "act": "granted",
    "legal_basis": "consent",
    "data_categories": ["contact-details"],
    "notice_version": 1,
    "notice_digest": _NOTICE["digest"],
    "separate_consent": None,
    "is_separate": False,
    "channel": "mobile",
    "evidence_digest": _DIGEST,
    "occurred_at": "2026-03-02T08:15:00Z",
    "recorded_at": "2026-03-02T08:15:02Z",
    "recorded_by": "https://login.bank.example app-1",
}
NEW_ACT = {
    name: ACT[name] for name in ("purpose", "act", "channel", "notice_version", "evidence_digest", "occurred_at")
}


class NoticeView(BaseModel):
    """The words by which a customer is asked."""

    version: int
    digest: str = Field(description="SHA-256 of the Chinese text, a line feed, the English text, in UTF-8")
    in_force_from: datetime
    zh: str
    en: str

    @classmethod
    def of(cls, notice: Notice) -> Self:
        """The view of a notice."""
        return cls(**asdict(notice), digest=notice.digest)


class PurposeView(BaseModel):
    """One purpose, and whether the bank may process for it."""

    purpose: str
    zh: str
    en: str
    allowed: bool
    since: datetime | None = Field(description="Without a break; null where no act of the customer's led to it")
    legal_bases: list[LegalBasis]
    article_13_items: list[int] = Field(description="The same as items of PIPL article 13(1)")
    separate_consent: Article | None = Field(description="The article of PIPL that wants consent to this alone")
    withdrawable: bool
    data_categories: list[DataCategory]
    notice_version: int | None = Field(description="Of the notice that the consent in force was given to")
    covers: list[DataCategory] | None = Field(
        description="The data that the consent in force was given for; null where none is. Where the purpose uses "
        "more by now the customer may be asked anew, and till then the rest is left out"
    )
    notice: NoticeView | None = Field(description="To be shown when the customer is asked; null where nobody is asked")
    may_ask: bool
    may_ask_from: datetime | None = Field(description="Null where there is nothing to ask")

    @classmethod
    def of(cls, state: State, at: datetime) -> Self:
        """The view of a state at that moment."""
        purpose, notice = state.purpose, state.purpose.notice_at(at)
        return cls(
            purpose=purpose.code,
            zh=purpose.zh,
            en=purpose.en,
            allowed=state.is_allowed,
            since=state.since,
            legal_bases=list(purpose.legal_bases),
            article_13_items=[ITEMS[basis] for basis in purpose.legal_bases],
            separate_consent=purpose.separate_consent,
            withdrawable=purpose.rests_on_consent,
            data_categories=list(purpose.data_categories),
            notice_version=state.notice_version,
            covers=None if state.covers is None else list(state.covers),
            notice=NoticeView.of(notice) if notice else None,
            may_ask=state.may_ask_from is not None and state.may_ask_from <= at,
            may_ask_from=state.may_ask_from,
        )


class ConsentsView(BaseModel):
    """All purposes for one customer, as of one moment, by what was known at another."""

    model_config = ConfigDict(json_schema_extra={"examples": [CONSENTS]})

    customer_id: str
    files: list[str] = Field(description="All files of the person that the caller sees; the acts on all files count")
    revision: int = Field(description="How many acts of this file were known")
    consent_version: int | None = Field(
        description="What decisions of other services are stamped with that knew just these acts, by the purposes of "
        "today: their version times 2^32, and `revision`; null before the first act"
    )
    at: datetime
    known_at: datetime
    purposes: list[PurposeView]


class ActView(BaseModel):
    """One row of the ledger."""

    model_config = ConfigDict(json_schema_extra={"examples": [ACT]})

    revision: int = Field(description="The number of the act among the customer's, in the order they were recorded")
    purpose: str
    act: Act
    legal_basis: LegalBasis
    data_categories: list[DataCategory] = Field(description="What the purpose was for then")
    notice_version: int | None
    notice_digest: str | None = Field(description="Of the words the customer was told")
    separate_consent: Article | None
    is_separate: bool
    channel: Channel
    evidence_digest: str | None
    occurred_at: datetime = Field(description="When the customer did it")
    recorded_at: datetime = Field(description="When the bank came to know of it")
    recorded_by: str = Field(description="Issuer and subject of the caller's token")

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """The view of an entry."""
        return cls.model_validate(entry, from_attributes=True)
