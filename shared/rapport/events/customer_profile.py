"""What customer-profile tells: facts about a customer without identity."""

from collections.abc import Collection
from typing import ClassVar, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from rapport.events.base import Code, Event, Revision, Time, Token


class CustomerProfiled(Event):
    """The identity-free facts of a customer, as they are now. A higher revision replaces a lower one.

    `relationship`: of a restricted customer the bank keeps and protects what it has, so a reader neither advertises
    to one nor decides on one by machine; none where it was told before there was such a word. scoring leaves such a
    customer's tier to people, churn-alert warns of none (nor of who exited or is not `active` by status), feedback
    answers all alike; that none is contacted is seen to by customer-profile itself.
    """

    name: ClassVar[str] = "customer-profiled"
    producer: ClassVar[str] = "customer-profile"
    is_state: ClassVar[bool] = True

    customer_id: Token
    type: Literal["personal", "corporate", "institution"]
    customer_class: Literal["core", "ordinary", "potential"]
    relationship_manager: Token | None = None
    unit: Code
    region: Code | None = None
    age_band: Literal["under-18", "18-29", "30-44", "45-59", "60-plus", "unknown"] = "unknown"
    gender: Literal["female", "male", "unknown"] = "unknown"
    status: Literal["active", "closed", "deceased"]
    refuses_automated_decisions: bool = False
    relationship: Literal["admission", "active", "restricted", "exited"] | None = None
    as_of: Time
    revision: Revision


class CustomerErased(Event):
    """What the bank held of a customer is archived, for the law alone to be kept, or destroyed; nothing of it is said.

    Of who is archived a reader forgets what no law asks it to keep, of who is destroyed everything, and from then on it
    heeds nothing that is told of such a customer, late or again. `rule`: the retention of the data catalogue whose
    period was over.
    """

    name: ClassVar[str] = "customer-erased"
    producer: ClassVar[str] = "customer-profile"

    customer_id: Token
    scope: Literal["archived", "destroyed"]
    rule: Code
    policy_version: int = Field(ge=1)
    as_of: Time


class PurposeConsent(BaseModel):
    """Whether data may be processed for one purpose.

    `since`: without a break; none where no act of the customer's led to it. `notice_version`: of the words that a
    consent in force was given to. `may_ask_from`: after a no, before when nobody asks for this consent again.
    `data_categories`: what the consent in force was given for; what a purpose uses besides is not used of this one.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    purpose: Code
    allowed: bool
    since: Time | None = None
    legal_basis: Literal["consent", "contract", "legal-obligation"]
    notice_version: int | None = Field(default=None, ge=1)
    may_ask_from: Time | None = None
    data_categories: tuple[Code, ...] | None = None


class ConsentChanged(Event):
    """What a customer allows, all purposes as they are now. A higher revision replaces a lower one.

    A customer of whom none was told has consented to nothing.
    """

    name: ClassVar[str] = "consent-changed"
    producer: ClassVar[str] = "customer-profile"
    is_state: ClassVar[bool] = True

    customer_id: Token
    purposes: tuple[PurposeConsent, ...]
    as_of: Time
    revision: Revision


class Person(BaseModel):
    """All files of one customer, sorted; `survivor` is the one that the customer is known by from then on."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    survivor: Token
    files: tuple[Token, ...] = Field(min_length=1)

    def without(self, customers: Collection[str]) -> list["Person"]:
        """The persons that are left of it without these files."""
        left = tuple(file for file in self.files if file not in customers)
        if self.survivor in customers:
            return [Person(survivor=file, files=(file,)) for file in left]
        return [Person(survivor=self.survivor, files=left)]

    @model_validator(mode="after")
    def _is_one_of_its_files(self) -> Self:
        if list(self.files) != sorted(set(self.files)):
            raise ValueError("files are sorted, each once")
        if self.survivor not in self.files:
            raise ValueError("survivor is one of the files")
        return self


class _Grouped(Event):
    """Which files are one customer, of every file that an act touched: one record says the whole act.

    It is told under each of these files. `revision` numbers the acts of the whole bank, so a reader takes for each file
    what is higher than it knows; between topics and partitions it needs no order.
    """

    producer: ClassVar[str] = "customer-profile"
    is_state: ClassVar[bool] = True

    customer_id: Token
    persons: tuple[Person, ...] = Field(min_length=1)
    act_id: UUID
    reason: Code
    as_of: Time
    revision: Revision

    @property
    def customers(self) -> tuple[str, ...]:
        """All files of the act: whoever takes it has them, so no event on one comes in between."""
        return tuple(file for person in self.persons for file in person.files)

    def without(self, customers: Collection[str]) -> Self | None:
        """The same act on the other files. Of who was known by one of these each other file is by itself, until an act
        says otherwise. The record of one of these is nothing: its repeats under the others say the rest.
        """
        if self.customer_id in customers:
            return None
        persons = (left for person in self.persons for left in person.without(customers))
        return self.model_copy(update={"persons": tuple(persons)})

    @model_validator(mode="after")
    def _names_each_file_once(self) -> Self:
        files = self.customers
        if len(files) != len(set(files)):
            raise ValueError("a file is of one person")
        if self.customer_id not in files:
            raise ValueError("customer_id is a file of one of the persons")
        return self


class CustomersMerged(_Grouped):
    """Files turned out to be one customer. Nothing in them changes: each keeps what is its own, to be summed over."""

    name: ClassVar[str] = "customers-merged"


class CustomersUnmerged(_Grouped):
    """A merge was undone: the files are the customers that they were before it."""

    name: ClassVar[str] = "customers-unmerged"
