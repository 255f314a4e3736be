"""The customer's copy (PIPL article 45): what the bank knows of them, with where from, what for and how long.

What the catalogue lets a customer see is in it, identity in clear; nothing that the bank judges, and nobody else.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from customer_profile.account.views import ACCOUNT, AccountView
from customer_profile.consent.domain.ledger import Entry as Act
from customer_profile.consent.domain.ledger import states_of
from customer_profile.consent.domain.purposes import Purposes
from customer_profile.consent.views import ACT, CONSENTS, ActView, PurposeView
from customer_profile.contact.domain.contact import Contact
from customer_profile.correction.domain import Correction
from customer_profile.correction.views import OWN, OwnCorrectionView
from customer_profile.customer.domain import AgeBand, File, Gender, Rule, Status, Type
from customer_profile.customer.identity import MaskedIdentity, masked
from customer_profile.own_view import AS_CUSTOMER, Files
from customer_profile.portrait.domain import Kind, Told
from customer_profile.portrait.examples import PORTRAIT
from customer_profile.portrait.store import Found
from customer_profile.portrait.views import MonthView, months_of
from customer_profile.unmasking.domain import OwnCopy as CopyPurpose
from rapport.privacy.catalogue.document import InBoth, Retention, published
from rapport.privacy.keyring import CustomerKey
from rapport.privacy.showing import display

PURPOSE: CopyPurpose = "own-copy"
_CORE, _OTHERS = "the core bank's record, and corrections over REST", "the bank's systems"
SOURCES: Mapping[str, str] = {
    **dict.fromkeys(("full-name", "id-type", "id-number", "phone", "email", "address"), _CORE),
    **dict.fromkeys(("customer-token", "customer-relation", "demographics", "organisation-unit"), _CORE),
    **dict.fromkeys(("automated-decision-refusal", "identity-fault"), _CORE),
    **dict.fromkeys(("account-token", "account-state", "account-balance", "currency-and-rate"), "the core bank"),
    **dict.fromkeys(("posting-sums", "portrait-fact", "product-and-channel", "holding"), _OTHERS),
    "risk-preference": "the customer's own answers when risk was assessed",
    "tier-decision": "reckoned from what is here; the explanation says how",
    "feedback-case": "what the customer told the bank, over any channel",
    "consent": "the customer's own acts, over any channel",
    "correction-trail": "the customer's own requests, over any channel",
    "contact": "what the bank told the customer",
    "one-customer": "the bank's staff, or one paper on two files",
}
"""Attributes of the copy, by their entry in the catalogue, and where each is from."""
_STAFFS = frozenset({"relationship_manager"})
_TOLD: Mapping[Kind, tuple[str, ...]] = {
    "holdings": ("holdings",),
    "risk-preference": ("risk_tolerance", "investment_experience", "assessed_at", "valid_until"),
    "tier": ("tier", "decided_at"),
    "case": ("case_id", "status", "changed_at"),
    "case-class": ("case_id", "kind", "channel", "submitted_at"),
    "interaction": ("kind", "channel", "product", "occurred_at"),
}
_HOLDING = ("product", "kind", "amount", "currency", "status")
"""Fields of what others tell that a customer is given. What they tell beside them is the bank's judgement, or ours."""


class CopiedAttribute(BaseModel):
    """One attribute of the copy, as the data catalogue has it."""

    code: str
    name: InBoth
    purpose: str
    legal_basis: list[int] = Field(description="Items of article 13 PIPL")
    scenes: list[str]
    retention: Retention
    source: str


class CopiedFile(BaseModel):
    """One file of the person. `corrected`: fields that were corrected here, and when."""

    customer_id: str
    type: Type
    status: Status
    identity: MaskedIdentity | None = Field(description="In clear: it is the customer's own")
    identity_faults: dict[str, Rule]
    birth_year: int | None
    age_band: AgeBand
    gender: Gender
    unit: str
    region: str | None
    customer_since: date
    refuses_automated_decisions: bool
    recorded_at: datetime
    corrected: dict[str, datetime]

    @classmethod
    def of(cls, file: File, key: CustomerKey | None) -> Self:
        """The copy of a file. Raises CannotDecrypt when its ciphertext was tampered with."""
        facts = file.facts
        return cls(
            customer_id=file.customer_id,
            type=facts.type,
            status=facts.status,
            identity=masked(file.identity, key, AS_CUSTOMER, purpose=PURPOSE),
            identity_faults=dict(file.faults),
            birth_year=facts.birth_year,
            age_band=file.age_band,
            gender=facts.gender,
            unit=facts.unit,
            region=facts.region,
            customer_since=facts.customer_since,
            refuses_automated_decisions=facts.refuses_automated_decisions,
            recorded_at=file.recorded.at,
            corrected={field: at for field, at in file.corrected.items() if field not in _STAFFS},
        )


class CopiedContact(BaseModel):
    """A message that reached the customer; the words are kept nowhere."""

    model_config = ConfigDict(from_attributes=True)

    purpose: str
    template: str
    channel: str | None
    sent_at: datetime | None


class CopiedAct(ActView):
    """An act of consent, on which file; not who of the bank's entered it."""

    recorded_by: str = Field(exclude=True)
    customer_id: str


@dataclass(frozen=True, slots=True)
class Known:
    """Everything a copy is made of: of all files of the person, `found` by the one that was signed in with."""

    found: Found
    files: Files
    corrections: Sequence[Correction]
    contacts: Sequence[Contact]


def _attributes() -> list[dict[str, Any]]:
    """Those that the catalogue lets a customer see in a copy."""
    by_code, retentions = published().by_code, published().retentions
    return [
        {
            "code": code,
            "name": entry.name,
            "purpose": entry.purpose,
            "legal_basis": list(entry.legal_basis),
            "scenes": list(entry.scenes),
            "retention": retentions[entry.retention],
            "source": source,
        }
        for code, source in SOURCES.items()
        if display(entry := by_code[code], AS_CUSTOMER, PURPOSE) == "clear"
    ]


def _words(facts: Mapping[Kind, Sequence[Told]], *kinds: Kind) -> list[dict[str, Any]]:
    """What others told of these kinds, as far as the customer is given it."""
    return [_part(one.document, _TOLD[kind]) for kind in kinds for one in facts.get(kind, ())]


def _part(document: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: document[name] for name in names if name in document}


COPY: dict[str, Any] = {
    "made_at": "2026-03-02T08:15:00Z",
    "customer_id": ACCOUNT["customer_id"],
    "attributes": [],
    "files": [],
    "accounts": [ACCOUNT],
    "turnover": PORTRAIT["transactions"]["value"],
    "holdings": [],
    "risk_preference": [],
    "tier": [{"tier": "high", "decided_at": "2026-03-02T16:00:00Z"}],
    "cases": [{"case_id": "k-81", "status": "opened", "changed_at": "2026-03-02T16:00:00Z"}],
    "interactions": [],
    "purposes": CONSENTS["purposes"],
    "acts": [{name: value for name, value in ACT.items() if name != "recorded_by"} | {"customer_id": "c-1"}],
    "corrections": [OWN],
    "contacts": [],
}


class OwnCopy(BaseModel):
    """All that the bank knows of a customer and may show them, of all files of the person."""

    model_config = ConfigDict(json_schema_extra={"examples": [COPY]})

    made_at: datetime
    customer_id: str = Field(description="The file that was signed in with")
    attributes: list[CopiedAttribute] = Field(description="What for, by which right, how long, and where it is from")
    files: list[CopiedFile]
    accounts: list[AccountView]
    turnover: list[MonthView] = Field(description="All months there are; postings themselves are the core bank's")
    holdings: list[dict[str, Any]]
    risk_preference: list[dict[str, Any]] = Field(description="As last assessed; none: never")
    tier: list[dict[str, Any]] = Field(description="Of the person; why is explained under the link of `/me`")
    cases: list[dict[str, Any]] = Field(description="What the customer brought to the bank, and how far it is")
    interactions: list[dict[str, Any]] = Field(description="The last twenty of each file")
    purposes: list[PurposeView] = Field(description="What the customer allows now")
    acts: list[CopiedAct] = Field(description="How it came about")
    corrections: list[OwnCorrectionView]
    contacts: list[CopiedContact]

    @classmethod
    def of(cls, known: Known, purposes: Purposes, made_at: datetime) -> Self:
        """The copy. A part that the catalogue does not let a customer see is empty."""
        found, attributes = known.found, _attributes()
        may_see = {attribute["code"] for attribute in attributes}

        def given(code: str, part: Iterable[Any]) -> list[Any]:
            return list(part) if code in may_see else []

        states = states_of(list(found.consents.values()), purposes, made_at)
        acts = (act for file in found.person.files for act in found.consents.get(file, []))
        held = [holding for word in _words(found.facts, "holdings") for holding in word["holdings"]]
        return cls(
            made_at=made_at,
            customer_id=found.file.customer_id,
            attributes=[CopiedAttribute(**one) for one in attributes],
            files=[CopiedFile.of(file, key) for file, key in known.files],
            accounts=given("account-state", map(AccountView.of, found.accounts)),
            turnover=given("posting-sums", months_of(found.months)),
            holdings=given("holding", (_part(one, _HOLDING) for one in held)),
            risk_preference=given("risk-preference", _words(found.facts, "risk-preference")[:1]),
            tier=given("tier-decision", _words(found.facts, "tier")[:1]),
            cases=given("feedback-case", _words(found.facts, "case", "case-class")),
            interactions=given("portrait-fact", _words(found.facts, "interaction")),
            purposes=given("consent", (PurposeView.of(state, made_at) for state in states)),
            acts=given("consent", map(_act, acts)),
            corrections=given("correction-trail", map(OwnCorrectionView.of, known.corrections)),
            contacts=given("contact", map(CopiedContact.model_validate, known.contacts)),
        )


def _act(entry: Act) -> CopiedAct:
    return CopiedAct.model_validate(entry, from_attributes=True)
