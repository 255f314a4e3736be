"""The register's rules as people write and review them: a JSON document, one a version."""

import json
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from churn_alert.register.domain.rules import Overdraft, RegisterRules, RegisterRulesInvalid, Rule
from churn_alert.register.domain.words import KINDS, Kind, Severity
from rapport.events.base import Day
from rapport.events.money import minor_units

PUBLISHED = Path(__file__).parent / "published" / "register-1.json"
Cause = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
Whole = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,14}$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Rule(_Part):
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


class RulesDocument(_Part):
    """What opens an entry by itself."""

    loan_classes: LoansDocument
    overdrafts: OverdraftsDocument
    missed_answers: AnswersDocument


class RegisterDocument(_Part):
    """One version, complete. `causes`: what people may open an entry for, by risk."""

    model_config = ConfigDict(json_schema_extra={"example": json.loads(PUBLISHED.read_bytes())})

    name: Cause
    version: int = Field(ge=1, le=2**31 - 1)
    author: Words
    reason: Words
    effective: Day
    causes: dict[Kind, tuple[Cause, ...]]
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
            currency=currency,
        )


def read_register(path: Path | None = None) -> RegisterDocument:
    """The document at `path`, or the published one. Raises RegisterRulesInvalid, which names the field at fault."""
    source = path or PUBLISHED
    try:
        return RegisterDocument.model_validate_json(source.read_bytes())
    except OSError as fault:
        raise RegisterRulesInvalid(f"{source.name}: cannot be read") from fault
    except ValidationError as fault:
        error = fault.errors()[0]
        field = ".".join(str(part) for part in error["loc"])
        raise RegisterRulesInvalid(f"{source.name}: {field}: {error['msg']}".replace(": : ", ": ")) from fault
