"""What opens an entry by rule: the worst class of a customer's loans, what is overdrawn, an answer that is late."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from churn_alert.register.domain.words import KINDS, SEVERITIES, Kind, Severity
from rapport.errors import DomainError
from rapport.succession import Succeeded


class CauseUnknown(DomainError):
    """A cause that the register's document does not name for such a risk."""


class Held(NamedTuple):
    """A product that a customer holds, as far as the rules look at it; money in minor units of the bank's currency."""

    is_loan: bool
    minor: int
    loan_class: str | None


@dataclass(frozen=True, slots=True)
class Rule:
    """`severities`: by what is found; `due_days`: until when an entry is to be dealt with."""

    cause: str
    severities: Mapping[str, Severity]
    due_days: int


@dataclass(frozen=True, slots=True)
class Overdraft:
    """From which sum on, minor units, how severe; the lowest sum first."""

    cause: str
    severities: tuple[tuple[int, Severity], ...]
    due_days: int


@dataclass(frozen=True, slots=True)
class RegisterRules(Succeeded):
    """All of a document, in the bank's own currency. `owner_roles`: as which the bank employs who may deal with it."""

    version: int
    causes: Mapping[Kind, frozenset[str]]
    loans: Rule
    overdrafts: Overdraft
    answers: Rule
    owner_roles: frozenset[str]
    currency: str

    def kind_of(self, cause: str) -> Kind:
        """The risk that a cause is of. Raises CauseUnknown."""
        for kind in KINDS:
            if cause in self.causes[kind]:
                return kind
        raise CauseUnknown(f"cause: the register has no {cause}")


class Signal(NamedTuple):
    """What a rule says of a customer now; None: what it watches for is not so."""

    cause: str
    severity: Severity | None
    due_days: int


def of_holdings(holdings: Iterable[Held], rules: RegisterRules) -> tuple[Signal, Signal]:
    """What all that a customer holds says: of loans the worst class counts, of what is overdrawn the sum."""
    held = list(holdings)
    classes = [severity for one in held if (severity := rules.loans.severities.get(one.loan_class or ""))]
    overdrawn = -sum(min(one.minor, 0) for one in held if not one.is_loan)
    over = [severity for least, severity in rules.overdrafts.severities if overdrawn >= least]
    return (
        Signal(rules.loans.cause, max(classes, key=SEVERITIES.index, default=None), rules.loans.due_days),
        Signal(rules.overdrafts.cause, over[-1] if over else None, rules.overdrafts.due_days),
    )


def of_missed_answer(clock: Literal["respond", "resolve"], rules: RegisterRules) -> Signal:
    """An answer, or a solution, that was not given in time."""
    return Signal(rules.answers.cause, rules.answers.severities.get(clock), rules.answers.due_days)
