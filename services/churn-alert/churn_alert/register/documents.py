"""The register's rules as people write and review them: a JSON document, one a version."""

import json
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from churn_alert.register.domain.rules import Overdraft, RegisterRules, Rule
from churn_alert.register.domain.words import KINDS, Kind, Severity
from rapport.documents import Part, VersionDocument, read_versions
from rapport.events.money import minor_units

PUBLISHED = Path(__file__).parent / "published" / "register-1.json"
Cause = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
StaffRole = Literal["rm", "team_lead", "teller", "agent", "complaint_officer", "compliance"]
"""As the bank tells of its employees."""
Whole = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,14}$")]


class _Rule(Part):
    cause: Cause
    due_days: int = Field(ge=1, le=365)


class LoansDocument(_Rule):
    """How severe a class of a loan is; one that is not named is no risk."""

    severities: dict[Literal["special-mention", "substandard", "doubtful", "loss"], Severity]


class OverdraftsDocument(_Rule):
    """From which sum on, in units of the bank's currency, how severe."""

    severities: dict[Whole, Severity]


class AnswersDocument(_Rule):
    """How severe it is to be late with an answer, or with a solution."""

    severities: dict[Literal["respond", "resolve"], Severity]


class RulesDocument(Part):
    """What opens an entry by itself."""

    loan_classes: LoansDocument
    overdrafts: OverdraftsDocument
    missed_answers: AnswersDocument


class RegisterDocument(VersionDocument):
    """One version, complete. `causes`: what people may open an entry for, by risk."""

    model_config = ConfigDict(json_schema_extra={"example": json.loads(PUBLISHED.read_bytes())})

    causes: dict[Kind, tuple[Cause, ...]]
    owner_roles: tuple[StaffRole, ...] = Field(
        min_length=1, description="In which the bank employs who may be given an entry to deal with"
    )
    rules: RulesDocument

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if missing := [kind for kind in KINDS if not self.causes.get(kind)]:
            raise ValueError(f"causes.{missing[0]}: names at least one cause")
        causes = [cause for names in self.causes.values() for cause in names]
        if len(causes) != len(set(causes)):
            raise ValueError("causes: each is there once, of one risk")
        of = self.rules
        ruled: tuple[tuple[str, Cause, Kind], ...] = (
            ("loan_classes", of.loan_classes.cause, "credit"),
            ("overdrafts", of.overdrafts.cause, "credit"),
            ("missed_answers", of.missed_answers.cause, "operational"),
        )
        for place, cause, kind in ruled:
            if cause not in self.causes[kind]:
                raise ValueError(f"rules.{place}.cause: is one of causes.{kind}")
        return self

    def taken(self, currency: str) -> RegisterRules:
        """The same as the domain takes it, for a bank of this currency."""
        of = self.rules
        steps = sorted((minor_units(least, currency), severity) for least, severity in of.overdrafts.severities.items())
        late = of.missed_answers
        return RegisterRules(
            version=self.version,
            causes={kind: frozenset(self.causes[kind]) for kind in KINDS},
            loans=Rule(of.loan_classes.cause, dict(of.loan_classes.severities.items()), of.loan_classes.due_days),
            overdrafts=Overdraft(of.overdrafts.cause, tuple(steps), of.overdrafts.due_days),
            answers=Rule(late.cause, dict(late.severities.items()), late.due_days),
            owner_roles=frozenset(self.owner_roles),
            currency=currency,
        )


def read_register(own: Path | None = None, *, today: date) -> tuple[RegisterDocument, ...]:
    """Every version: the bank's `own`, a file or a folder of them, or else the published. Raises DocumentInvalid, which
    names the field at fault.
    """
    return read_versions(own, RegisterDocument, noun="risk register", published=[PUBLISHED], today=today)
