"""What the rules of customers' files refuse."""

from collections.abc import Iterable
from datetime import date

from rapport.errors import DomainError


class CustomerNotFound(DomainError):
    """No customer of this id is recorded, or it is another's: who asks hears the same words."""

    def __init__(self, words: str = "no customer with this customer_id is recorded") -> None:
        super().__init__(words)


class CustomerDestroyed(DomainError):
    """What was recorded of this customer was destroyed, its period being over; the token is not used again."""

    def __init__(self, on: date, rule: str, policy_version: int) -> None:
        super().__init__(
            f"the file was destroyed on {on}, by the rule {rule} of the data catalogue, version {policy_version}"
        )


class CustomerAlreadyRecorded(DomainError):
    """There is a file of this id already; it is corrected, not made again."""


class CustomerChangedMeanwhile(DomainError):
    """The file is not as the caller last saw it."""


class StepImpossible(DomainError):
    """The relationship does not go there from where it stands, or not for this reason. `faults` names what is wrong."""

    def __init__(self, field: str, rule: str) -> None:
        self.faults = [(field, rule)]
        super().__init__(f"{field} {rule}")


class StepNotPermitted(DomainError):
    """The caller may not take this step."""


class StepNeeded(DomainError):
    """A correction would move the relationship without a reason; a step is taken for one."""


class IdentityByTwoPersons(DomainError):
    """People correct an identity by asking, and another person decides."""


class CustomerRestricted(DomainError):
    """The file of a restricted customer is corrected by who restricts, and by nobody else."""


class IdentityIncomplete(DomainError):
    """A customer has no identity at all, or one with name, document type and document number."""


class IdentityOnAnotherFile(DomainError):
    """The same paper is on another customer's file; which one is for a look-up to say, which is noted."""

    def __init__(self) -> None:
        self.faults = [("identity.id_number", "is on another customer's file")]
        super().__init__("identity.id_number is on another customer's file")


class IdentityInvalid(DomainError):
    """Fields of the identity break their rules. `faults` names each field, as it was asked, and its rule."""

    def __init__(self, faults: Iterable[tuple[str, str]]) -> None:
        self.faults = [(f"identity.{field}", rule) for field, rule in faults]
        super().__init__("; ".join(f"{field} {rule}" for field, rule in self.faults))
