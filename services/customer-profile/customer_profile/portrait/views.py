"""A whole customer on one page: each part with the time it is of, and how far behind its source it may be."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from customer_profile.account.views import AccountView
from customer_profile.consent.domain.ledger import State
from customer_profile.customer.api.views import CustomerView
from customer_profile.portrait.domain import RECENT, Kind, Month, Told
from customer_profile.portrait.examples import PORTRAIT
from customer_profile.portrait.marks import Mark, marks_of
from customer_profile.portrait.parts import ENTRIES, FEEDS, KINDS, shown_to
from customer_profile.portrait.store.reading import Found
from rapport.events.money import decimal_string
from rapport.privacy.catalogue.document import published
from rapport.privacy.keyring import CustomerKey
from rapport.privacy.showing import Hideable, display

_CLOSED = "resolved"


class Turnover(BaseModel):
    """Postings of one kind in one month."""

    kind: str
    count: int
    amount: str = Field(description="Decimal string")


class MonthView(BaseModel):
    """What was posted in one month of the bank's calendar, in one currency; reversed postings are taken out of it."""

    month: str = Field(description="YYYY-MM")
    currency: str = Field(description="ISO 4217")
    credits: list[Turnover]
    debits: list[Turnover]


class Part(Hideable):
    """One part of a portrait; `as_of` is null and `value` too, or empty, where nothing was told."""

    as_of: datetime | None = Field(description="As of when its source told it")
    lag: int = Field(description="Records of the customer's partition that were not handled at `lag_known_at`")

    def emptied(self) -> Self:
        """The same for who may not see it."""
        nothing: list[Any] | None = [] if isinstance(self, Accounts | Transactions | Consents | Words) else None
        return self.model_copy(update={"is_hidden": True, "as_of": None, "value": nothing})


class Accounts(Part):
    """The customer's accounts."""

    value: list[AccountView]


class Transactions(Part):
    """Frequency, amount and kind of what was posted, the latest month first."""

    value: list[MonthView]


class ConsentView(BaseModel):
    """What the customer allows for one purpose, and whether to ask."""

    purpose: str
    allowed: bool
    since: datetime | None = Field(description="Without a break; null where no act of the customer's led to it")
    notice_version: int | None = Field(description="Of the notice that the consent in force was given to")
    may_ask: bool = Field(description="Not where it is allowed, and not for some time after a no")


class Consents(Part):
    """Each purpose of the bank's; `lag` is none, since the ledger is this service's own."""

    value: list[ConsentView]


class Words(Part):
    """The latest words of another service, as it told them; see the event of the same name for the fields."""

    value: list[dict[str, Any]]


class Word(Part):
    """The latest word of another service, as it told it; see the event of the same name for the fields."""

    value: dict[str, Any] | None


class MarkView(BaseModel):
    """What the customer is marked as, by a part of the portrait that the caller sees, as of then."""

    mark: Mark = Field(
        description="`high-value`: in the highest tier; `potential-churn`: the risk of leaving is over its threshold; "
        "`high-risk`: holds a loan that is substandard, doubtful or lost"
    )
    part: str
    as_of: datetime


class PortraitView(BaseModel):
    """The four domains of data (basic, account, transaction, risk preference) and what the services make of them."""

    model_config = ConfigDict(json_schema_extra={"examples": [PORTRAIT]})

    marks: list[MarkView] = Field(description="Empty where nothing marks the customer; none by a part that is hidden")
    basic: CustomerView
    accounts: Accounts
    transactions: Transactions
    holdings: Word
    risk_preference: Word
    tier: Word = Field(description="With points by dimension and the reasons that hold them down")
    lifecycle: Word
    churn_risk: Word = Field(description="Of the last crossing of a threshold, with its indicators")
    open_alert: Word = Field(description="That somebody is to look after this customer; null where none is open")
    open_cases: Words = Field(description="The latest first, each with its classification where there is one")
    consents: Consents
    interactions: Words = Field(description="The last twenty, the latest first")
    lag_known_at: datetime | None = Field(description="When the worker last looked how far behind it is")

    @classmethod
    def of(
        cls,
        found: Found,
        consents: Sequence[State],
        key: CustomerKey | None,
        roles: Collection[str],
        *,
        topic_prefix: str,
        at: datetime,
    ) -> Self:
        """The view of a portrait, and of what is allowed at a moment, for these roles. Raises CannotDecrypt when
        identity was tampered with.
        """
        lags = {
            part: sum(found.lags.get(topic_prefix + event.name, 0) for event in events)
            for part, events in FEEDS.items()
        }
        facts = shown_to(found.facts, roles)
        cases, uses = _open_cases(facts), facts.get("interaction", [])[:RECENT]
        whole = cls(
            marks=[MarkView(**one._asdict()) for one in marks_of(facts)],
            basic=CustomerView.of(found.file, key, found.person, roles),
            accounts=Accounts(
                as_of=max((one.as_of for one in found.accounts), default=None),
                lag=lags["accounts"],
                value=[AccountView.of(one) for one in found.accounts],
            ),
            transactions=Transactions(
                as_of=max((one.as_of for one in found.months), default=None),
                lag=lags["transactions"],
                value=months_of(found.months),
            ),
            consents=Consents(
                as_of=max((act.recorded_at for acts in found.consents.values() for act in acts), default=None),
                lag=0,
                value=[_consent(state, at) for state in consents],
            ),
            open_cases=_words(cases, lags["open_cases"]),
            interactions=_words(uses, lags["interactions"]),
            lag_known_at=found.lag_known_at,
            **{part: _word(facts.get(kind, []), lags[part]) for part, kind in KINDS.items()},
        )
        hidden = _hidden(whole, roles)
        marks = [one for one in whole.marks if one.part not in hidden]
        return whole.model_copy(update={**hidden, "marks": marks})


def _hidden(whole: PortraitView, roles: Collection[str]) -> dict[str, Part]:
    """The parts that these roles do not see, emptied."""
    entries = published().by_code
    unseen = [part for part, code in ENTRIES.items() if display(entries[code], roles) != "clear"]
    return {name: getattr(whole, name).emptied() for name in unseen}


def _word(told: list[Told], lag: int) -> Word:
    if not told:
        return Word(as_of=None, lag=lag, value=None)
    return Word(as_of=told[0].as_of, lag=lag, value=dict(told[0].document))


def _consent(state: State, at: datetime) -> ConsentView:
    return ConsentView(
        purpose=state.purpose.code,
        allowed=state.is_allowed,
        since=state.since,
        notice_version=state.notice_version,
        may_ask=state.may_ask_from is not None and state.may_ask_from <= at,
    )


def _words(told: list[Told], lag: int) -> Words:
    return Words(
        as_of=max((one.as_of for one in told), default=None), lag=lag, value=[dict(one.document) for one in told]
    )


def _open_cases(facts: Mapping[Kind, list[Told]]) -> list[Told]:
    classes = {one.document["case_id"]: one.document for one in facts.get("case-class", [])}
    return [
        one._replace(document={**classes.get(one.document["case_id"], {}), **one.document})
        for one in facts.get("case", [])
        if one.document["status"] != _CLOSED
    ]


def months_of(months: Iterable[Month]) -> list[MonthView]:
    """Views of these months by currency, the latest first."""
    found: dict[tuple[str, str], MonthView] = {}
    for one in sorted(months, key=lambda month: month.month, reverse=True):
        for entry, (count, minor) in sorted(one.entries.items()):
            place = (f"{one.month:%Y-%m}", entry.currency)
            view = found.setdefault(place, MonthView(month=place[0], currency=place[1], credits=[], debits=[]))
            of = view.credits if entry.direction == "credit" else view.debits
            of.append(Turnover(kind=entry.kind, count=count, amount=decimal_string(minor, entry.currency)))
    return list(found.values())
