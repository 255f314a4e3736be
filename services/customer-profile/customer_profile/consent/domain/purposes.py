"""What the bank processes personal information for, on which legal basis, and what customers are told of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal

LegalBasis = Literal["consent", "contract", "legal-obligation"]
DataCategory = Literal[
    "identity", "contact-details", "accounts", "holdings", "transactions", "interactions", "tiers", "feedback"
]
Article = Literal[23, 25, 29, 39]

ITEMS: Mapping[LegalBasis, int] = {"consent": 1, "contract": 2, "legal-obligation": 3}
"""Of PIPL article 13(1). Items 4 to 7 (emergencies, news, what is public, other laws) are no basis of a bank's CRM."""
SENSITIVE: frozenset[DataCategory] = frozenset({"accounts", "holdings", "transactions"})
"""Financial accounts and what lies on them: PIPL article 28(1)."""

_BITS_OF_ACTS = 32


@dataclass(frozen=True, slots=True)
class Notice:
    """What a customer is told before being asked, in force until the next version is. `data_categories`: of what it
    tells; none: of all that the purpose uses.
    """

    version: int
    in_force_from: datetime
    zh: str
    en: str
    data_categories: tuple[DataCategory, ...] | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of both texts, a line feed between them, in UTF-8: what the ledger keeps as proof of the words."""
        return sha256(f"{self.zh}\n{self.en}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Purpose:
    """One purpose. `separate_consent`: the article of PIPL that wants consent to it alone; notices in order."""

    code: str
    zh: str
    en: str
    legal_bases: tuple[LegalBasis, ...]
    data_categories: tuple[DataCategory, ...]
    separate_consent: Article | None
    notices: tuple[Notice, ...]

    @property
    def rests_on_consent(self) -> bool:
        """Then nothing is allowed before a grant, and a grant can be withdrawn (articles 13, 15); else nobody is asked.

        A purpose rests on consent alone or not at all: whoever withdraws must not find another basis behind it.
        """
        return self.legal_bases == ("consent",)

    def told_of(self, notice: Notice) -> tuple[DataCategory, ...]:
        """The data that consent given to this notice covers: who agreed to less is not taken to have agreed to more."""
        return self.data_categories if notice.data_categories is None else notice.data_categories

    def notice_at(self, at: datetime) -> Notice | None:
        """The notice in force then."""
        return next((notice for notice in reversed(self.notices) if notice.in_force_from <= at), None)


@dataclass(frozen=True, slots=True)
class Purposes:
    """A version of all purposes. `ask_again_after`: how long a no is respected (Order 790 article 22(5))."""

    version: int
    ask_again_after: timedelta
    by_code: Mapping[str, Purpose]

    def revision_of(self, acts: int) -> int:
        """Of what follows from so many acts by these purposes: rises with either, and the version counts before."""
        return (self.version << _BITS_OF_ACTS) + acts


def faults_of(purpose: Purpose) -> list[str]:
    """The rules that a purpose breaks, each naming its field."""
    faults = []
    if "consent" in purpose.legal_bases and not purpose.rests_on_consent:
        faults.append("legal_bases: consent stands alone, or withdrawing it would mean nothing")
    is_sensitive = bool(SENSITIVE.intersection(purpose.data_categories))
    if purpose.rests_on_consent and is_sensitive and purpose.separate_consent is None:
        faults.append("separate_consent: sensitive data need one, PIPL article 29")
    if not purpose.rests_on_consent and purpose.separate_consent is not None:
        faults.append("separate_consent: only a purpose that rests on consent has one")
    if purpose.rests_on_consent != bool(purpose.notices):
        faults.append("notices: a purpose has them if, and only if, it rests on consent")
    return faults + _faults_of_notices(purpose)


def _faults_of_notices(purpose: Purpose) -> list[str]:
    faults = []
    if [notice.version for notice in purpose.notices] != list(range(1, len(purpose.notices) + 1)):
        faults.append("notices: versions count up from 1")
    moments = [notice.in_force_from for notice in purpose.notices]
    if moments != sorted(set(moments)):
        faults.append("notices: each is in force later than the one before")
    told = [set(purpose.told_of(notice)) for notice in purpose.notices]
    if any(more - set(purpose.data_categories) for more in told):
        faults.append("notices: data_categories are some of the purpose's")
    if told and told[-1] != set(purpose.data_categories):
        faults.append("notices: the last tells of all data_categories of the purpose")
    return faults
