"""What is shown of contacts and of the rules they follow."""

from datetime import datetime, time
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from customer_profile.contact.domain.contact import Contact, Reason, State
from customer_profile.contact.domain.policy import Channel, Kind, KindRules
from customer_profile.contact.handlers import Rules

CONTACT: dict[str, Any] = {
    "request_id": "churn-alert.01JPZ",
    "purpose": "churn-care",
    "kind": "marketing",
    "template": "care-offer",
    "template_version": 1,
    "requested_at": "2026-03-02T08:15:00Z",
    "expires_at": "2026-03-09T16:00:00Z",
    "state": "refused",
    "channel": None,
    "adapter": None,
    "attempts": 0,
    "sent_at": None,
    "due_at": None,
    "answered_at": "2026-03-02T08:15:01Z",
    "reason": "refused",
    "policy_version": 1,
    "consent_version": 4294967297,
}
POLICY: dict[str, Any] = {
    "version": 1,
    "quiet_from": "21:00:00",
    "quiet_until": "08:00:00",
    "time_zone": "Asia/Shanghai",
    "kinds": [{"kind": "marketing", "at_most": 2, "in_days": 7, "quiet_hours": True, "relationships": ["active"]}],
    "purposes": [{"purpose": "marketing-sms", "kind": "marketing", "channels": ["sms"]}],
    "templates": [{"template": "care-offer", "version": 1, "purpose": "churn-care", "channels": ["push", "sms"]}],
    "channels": ["email", "push", "sms", "wecom"],
}


class ContactView(BaseModel):
    """One request to reach the customer, and what became of it; never the words, nor where they went."""

    model_config = ConfigDict(json_schema_extra={"examples": [CONTACT]})

    request_id: str
    purpose: str
    kind: Kind
    template: str
    template_version: int
    requested_at: datetime
    expires_at: datetime
    state: State
    channel: Channel | None
    adapter: str | None = Field(description="What took the message")
    attempts: int = Field(description="How often it was handed over, or was about to be; an adapter takes it once")
    sent_at: datetime | None = Field(description="From when on it counts into the cap")
    due_at: datetime | None = Field(description="When it is decided again; null once it is answered")
    answered_at: datetime | None
    reason: Reason | None = Field(description="Of a refusal")
    policy_version: int | None = Field(description="Of the contact policy it was last decided by; null before it was")
    consent_version: int | None = Field(
        description="`consent_version` of the customer's consents when it was last decided; null before the first act"
    )

    @classmethod
    def of(cls, contact: Contact) -> Self:
        """The view of a contact."""
        return cls.model_validate(contact, from_attributes=True)


class ContactKindView(BaseModel):
    """What holds for messages of one kind."""

    kind: Kind
    at_most: int | None = Field(description="In any period of `in_days`; null: any number")
    in_days: int | None
    quiet_hours: bool
    relationships: list[str] = Field(description="With whom they are reached at all; the dead never are")

    @classmethod
    def of(cls, kind: Kind, rules: KindRules) -> Self:
        """The view of a kind."""
        return cls(
            kind=kind,
            at_most=rules.cap.at_most if rules.cap else None,
            in_days=rules.cap.within.days if rules.cap else None,
            quiet_hours=rules.heeds_quiet_hours,
            relationships=sorted(rules.relationships),
        )


class ContactPurposeView(BaseModel):
    """What a message for one purpose is, and how it may go."""

    purpose: str
    kind: Kind
    channels: list[Channel]


class ContactTemplateView(BaseModel):
    """One version of a message."""

    template: str
    version: int
    purpose: str
    channels: list[Channel]


class ContactPolicyView(BaseModel):
    """When customers may be reached, for what, and with which messages."""

    model_config = ConfigDict(json_schema_extra={"examples": [POLICY]})

    version: int
    quiet_from: time
    quiet_until: time
    time_zone: str = Field(description="Of the bank; a customer's own counts too, where the region has another")
    kinds: list[ContactKindView]
    purposes: list[ContactPurposeView]
    templates: list[ContactTemplateView]
    channels: list[Channel] = Field(description="Those that have an adapter")

    @classmethod
    def of(cls, rules: Rules) -> Self:
        """The view of all rules."""
        policy = rules.policy
        return cls(
            version=policy.version,
            quiet_from=policy.quiet_hours.begins,
            quiet_until=policy.quiet_hours.ends,
            time_zone=str(policy.bank_zone),
            kinds=[ContactKindView.of(kind, one) for kind, one in policy.kinds.items()],
            purposes=[
                ContactPurposeView(purpose=code, kind=one.kind, channels=sorted(one.channels))
                for code, one in policy.purposes.items()
            ],
            templates=[
                ContactTemplateView(
                    template=one.code, version=one.version, purpose=one.purpose, channels=sorted(one.words)
                )
                for one in rules.templates.values()
            ],
            channels=sorted(rules.channels),
        )
