"""What the operations answer. No view but `CaseDetail` shows a word that anybody wrote."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from feedback.case.api import examples
from feedback.case.domain.assessment import Kind, Priority, Sentiment, Severity
from feedback.case.domain.clocks import Clock, ClockName
from feedback.case.domain.history import CaseFile, Entry, Happening, place_of_words
from feedback.case.domain.lifecycle import Case, Status
from rapport.events.bank import Channel
from rapport.privacy.keyring import CustomerKey


def _shown(example: Mapping[str, Any]) -> ConfigDict:
    return ConfigDict(from_attributes=True, json_schema_extra={"example": dict(example)})


class Receipt(BaseModel):
    """What a channel may show the customer: that it arrived, and by when an answer and a solution are promised."""

    model_config = _shown(examples.RECEIPT)

    case_id: UUID = Field(description="Names the feedback from now on")
    status: Literal["opened", "recorded"] = Field(description="`recorded`: kept with thanks, no answer is owed")
    submitted_at: datetime
    respond_by: datetime | None = Field(description="Null when no answer is owed")
    resolve_by: datetime | None

    @classmethod
    def of(cls, case: Case) -> "Receipt":
        """The receipt of a case that was just taken in."""
        until = {clock.name: clock.deadline_at for clock in case.clocks}
        return cls(
            case_id=case.case_id,
            status="recorded" if case.status == "recorded" else "opened",
            submitted_at=case.submitted_at,
            respond_by=until.get("respond"),
            resolve_by=until.get("resolve"),
        )


class ClockView(BaseModel):
    """One run of a clock: when it began and must stop, when it did, and whether its deadline passed before."""

    clock: ClockName
    run: int = Field(description="1 for the case as opened, one more with every reopening")
    started_at: datetime
    due_at: datetime = Field(description="24 hours after the start")
    stopped_at: datetime | None
    breached_at: datetime | None = Field(description="The deadline, if it passed before the stop")
    is_overdue: bool = Field(description="Breached and still running")

    @classmethod
    def of(cls, clock: Clock) -> "ClockView":
        """A clock as it is shown."""
        return cls(
            clock=clock.name,
            run=clock.run,
            started_at=clock.started_at,
            due_at=clock.deadline_at,
            stopped_at=clock.stopped_at,
            breached_at=clock.breached_at,
            is_overdue=clock.is_overdue,
        )


class CaseView(BaseModel):
    """A case without anybody's words."""

    model_config = _shown(examples.CASE)

    case_id: UUID
    customer_id: str
    channel: Channel
    kind: Kind
    rating: int | None
    language: str
    product: str | None
    unit: str | None
    sentiment: Sentiment
    severity: Severity
    priority: Priority = Field(description="Decided when the case was opened")
    status: Status
    run: int
    root_cause: str | None
    submitted_at: datetime = Field(description="The customer's moment: the clocks count from it")
    opened_at: datetime = Field(description="When this service took it in")
    clocks: list[ClockView] = Field(description="Of every run, the oldest first; none when no answer is owed")

    @classmethod
    def of(cls, case: Case) -> "CaseView":
        """A case as it is shown in lists and after a change."""
        return cls(**_fields(case))


def _fields(case: Case) -> dict[str, Any]:
    plain = {name: getattr(case, name) for name in CaseView.model_fields if name != "clocks"}
    return {**plain, "clocks": [ClockView.of(clock) for clock in case.clocks]}


class EntryView(BaseModel):
    """A line of the history, with both times."""

    happening: Happening
    run: int
    happened_at: datetime = Field(description="When it was so, on the customer's clock")
    recorded_at: datetime = Field(description="When it was written")
    actor: str | None = Field(description="Who did it; null for the channels' topic and for silence")
    root_cause: str | None
    words: str | None = Field(description="The answer, or the reason of a reopening; null after erasure")
    consent_version: int | None = Field(
        description="The revision of the customer's consents that was known then; null where none was"
    )

    @classmethod
    def of(cls, entry: Entry, key: CustomerKey | None) -> "EntryView":
        """A line with its words in clear, if the customer's key is still there."""
        place = place_of_words(entry.case_id, entry.run, entry.happening)
        words = (
            None if entry.words is None or key is None else key.decrypt("case_events", "words", entry.words, row=place)
        )
        return cls(
            happening=entry.happening,
            run=entry.run,
            happened_at=entry.happened_at,
            recorded_at=entry.recorded_at,
            actor=entry.actor,
            root_cause=entry.root_cause,
            words=words,
            consent_version=entry.consent_version,
        )


class CaseDetail(CaseView):
    """A case with what the customer and the staff wrote."""

    model_config = _shown(examples.DETAIL)

    text: str | None = Field(description="What the customer said; null if nothing, or after erasure")
    history: list[EntryView]

    @classmethod
    def opened(cls, file: CaseFile, key: CustomerKey | None) -> "CaseDetail":
        """A file with its words in clear. Without the customer's key they are gone."""
        case = file.case
        text = None
        if file.text is not None and key is not None:
            text = key.decrypt("cases", "text", file.text, row=str(case.case_id))
        return cls(**_fields(case), text=text, history=[EntryView.of(entry, key) for entry in file.history])
