"""What services ask when a customer is to be reached, and what customer-profile, the only one who can, answers."""

from datetime import date
from typing import Annotated, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from rapport.events.base import Code, Event, Time, Token

ContactChannel = Literal["sms", "push", "wecom", "email"]
Number = Annotated[str, StringConstraints(pattern=r"^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,6})?$")]


class Parameter(BaseModel):
    """What a place of the template is filled with: a code, a number or a day, one of them. Never identity or words."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: Code
    code: Code | None = None
    number: Number | None = None
    day: date | None = None

    @model_validator(mode="after")
    def _is_one_value(self) -> Self:
        if [self.code, self.number, self.day].count(None) != 2:
            raise ValueError("has one of code, number and day")
        return self


class ContactRequested(Event):
    """A customer is to be told something for a purpose. Each request is answered once: delivered or refused.

    `request_id` is the asker's and names one message to one customer. `kind`: what the message is; customer-profile
    takes the stricter of it and of what the purpose is. `channels`: in order of preference.
    """

    name: ClassVar[str] = "contact-requested"
    producer: ClassVar[str] = "churn-alert"

    customer_id: Token
    request_id: Token
    purpose: Code
    kind: Literal["marketing", "service", "obligation"]
    template: Code
    template_version: int = Field(ge=1, le=1_000_000)
    language: Literal["zh", "en"] = "zh"
    parameters: Annotated[tuple[Parameter, ...], Field(max_length=20)] = ()
    channels: tuple[ContactChannel, ...] = Field(min_length=1, max_length=4)
    not_before: Time | None = None
    expires_at: Time


class ContactDelivered(Event):
    """A message was handed to the channel, whose adapter took it."""

    name: ClassVar[str] = "contact-delivered"
    producer: ClassVar[str] = "customer-profile"

    customer_id: Token
    request_id: Token
    channel: ContactChannel
    adapter: Code
    delivered_at: Time


class ContactRefused(Event):
    """A message does not reach the customer, for the reason given; the request is over.

    `no-consent`: never given, `refused`: declined or withdrawn. `adapter-failed`: tried, and not confirmed in time.
    `asked_too_soon`, with `refused`: the message asks for a consent, and the no that was said to that one is respected
    still; `may_ask_from` of consent-changed says how long.
    """

    name: ClassVar[str] = "contact-refused"
    producer: ClassVar[str] = "customer-profile"

    customer_id: Token
    request_id: Token
    reason: Literal[
        "no-consent", "refused", "quiet-hours-past-expiry", "capped", "status", "no-address", "template-unknown",
        "adapter-failed", "expired",
    ]  # fmt: skip
    asked_too_soon: bool = False
    refused_at: Time
