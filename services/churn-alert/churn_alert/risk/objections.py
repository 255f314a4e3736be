"""What speaks against watching over a customer and doing anything for one: a no, a restriction, another file."""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal, Self

from churn_alert.risk.store.heeded import restricted
from rapport.consent.store import refused_by, refusing
from rapport.messaging.transaction import Transaction
from rapport.person.store import person_of_each

Reason = Literal["consent-refused", "restricted", "merged"]


async def purposes_refused(tx: Transaction, customer_ids: Collection[str]) -> dict[str, frozenset[str]]:
    """By each of these customers the purposes that are refused on any file of the person, as it is known now."""
    persons = await person_of_each(tx.connection, customer_ids)
    said = await refused_by(tx.connection, {file for person in persons.values() for file in person.files})
    return {
        one: frozenset(purpose for file in person.files for purpose in said.get(file, ()))
        for one, person in persons.items()
    }


class Objections:
    """Of some customers, what speaks against doing anything for them: as it is known now, on any file of the person."""

    def __init__(
        self, files: Mapping[str, Sequence[str]], merged: Collection[str], over: set[str], no: Mapping[str, set[str]]
    ) -> None:
        self._files, self._merged, self._over, self._no = files, merged, over, no

    @classmethod
    async def load(cls, tx: Transaction, customer_ids: Collection[str], purposes: Collection[str]) -> Self:
        """Of these customers, to these purposes."""
        persons = await person_of_each(tx.connection, customer_ids)
        files = {one: person.files for one, person in persons.items()}
        everything = {file for of_person in files.values() for file in of_person}
        merged = {one for one, person in persons.items() if person.survivor != one}
        no = {purpose: await refusing(tx.connection, everything, purpose) for purpose in sorted(purposes)}
        return cls(files, merged, await restricted(tx.connection, everything), no)

    def of(self, customer_id: str, purpose: str) -> Reason | None:
        """Why nothing is done for a customer that rests on this purpose; of several the customer's own word."""
        files = self._files[customer_id]
        if not self._no[purpose].isdisjoint(files):
            return "consent-refused"
        if not self._over.isdisjoint(files):
            return "restricted"
        return "merged" if customer_id in self._merged else None
