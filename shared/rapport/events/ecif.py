"""What the bank's ECIF (enterprise customer information file) tells, where there is one: which files are one customer.

It is no core: it closes no days, so its topic has no marks, and nothing rests on when its word comes.
"""

from collections.abc import Collection
from typing import ClassVar, Literal, Self

from pydantic import model_validator

from rapport.events.base import Event, Time, Token


class CustomerMergeRecorded(Event):
    """Two files are one customer, this one surviving, or they are not; of two words the later counts."""

    name: ClassVar[str] = "customer-merge-recorded"
    producer: ClassVar[str] = "ecif"

    customer_id: Token
    merged: Token
    status: Literal["merged", "separated"]
    recorded_at: Time

    @property
    def customers(self) -> tuple[str, ...]:
        """Both files: it says who their person is."""
        return (self.customer_id, self.merged)

    def without(self, customers: Collection[str]) -> Self | None:
        """It says nothing of one file alone."""
        return self if set(customers).isdisjoint(self.customers) else None

    @model_validator(mode="after")
    def _speaks_of_two_files(self) -> Self:
        if self.merged == self.customer_id:
            raise ValueError("merged is another file than customer_id")
        return self
