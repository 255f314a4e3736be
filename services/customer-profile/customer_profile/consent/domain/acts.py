"""What may be entered into the ledger: every reason against an act is told at once, each with its field."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from customer_profile.consent.domain.ledger import Act, Channel, Entry
from customer_profile.consent.domain.purposes import Purpose
from rapport.errors import DomainError

Fault = tuple[str, str]


class ConsentImpossible(DomainError):
    """The act cannot have been as it is told."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"{field} {rule}" for field, rule in faults))
        self.faults = faults


class ConsentNotGranted(ConsentImpossible):
    """There is nothing to withdraw."""


class ConsentRecordedOtherwise(ConsentImpossible):
    """The act is in the ledger with another proof or notice, and nothing there is altered."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a channel or an employee says a customer did. `is_separate`: the customer was asked for this alone."""

    purpose: str
    act: Act
    channel: Channel
    occurred_at: datetime
    notice_version: int | None
    is_separate: bool
    evidence_digest: str | None


def entered(
    said: Said,
    purpose: Purpose,
    entries: list[Entry],
    *,
    customer_id: str,
    by: str,
    now: datetime,
    others: Iterable[Entry] = (),
) -> Entry:
    """The next row of a customer's ledger, or the one that says the same already. `others`: acts on other files of the
    person, whose grant is taken back on this one.

    Raises ConsentImpossible, ConsentNotGranted for a withdrawal of what was never granted, and
    ConsentRecordedOtherwise.
    """
    if faults := faults_of(said, purpose, now):
        raise ConsentImpossible(faults)
    if said.act == "withdrawn":
        _demand_grant(said, [*entries, *others])
    if same := next((entry for entry in entries if _is_same(entry, said)), None):
        _demand_same(same, said)
        return same
    notice = purpose.notice_at(said.occurred_at) if said.act != "withdrawn" else None
    return Entry(
        customer_id=customer_id,
        revision=len(entries) + 1,
        purpose=said.purpose,
        act=said.act,
        legal_basis="consent",
        data_categories=purpose.told_of(notice) if notice else purpose.data_categories,
        notice_version=notice.version if notice else None,
        notice_digest=notice.digest if notice else None,
        separate_consent=purpose.separate_consent,
        is_separate=said.is_separate,
        channel=said.channel,
        evidence_digest=said.evidence_digest,
        occurred_at=said.occurred_at,
        # A clock that was set back must not put a row before one that was there.
        recorded_at=max(now, *(entry.recorded_at for entry in entries)) if entries else now,
        recorded_by=by,
    )


def faults_of(said: Said, purpose: Purpose, now: datetime) -> list[Fault]:
    """The rules that the act breaks by itself."""
    if not purpose.rests_on_consent:
        bases = " and ".join(purpose.legal_bases)
        return [("purpose", f"rests on {bases}: there is nothing to grant, decline or withdraw")]
    faults = []
    if said.occurred_at > now:
        faults.append(("occurred_at", "lies in the future"))
    faults += _faults_of_withdrawal(said) if said.act == "withdrawn" else _faults_of_answer(said, purpose)
    if said.act == "granted":
        faults += _faults_of_grant(said, purpose)
    return faults


def _faults_of_withdrawal(said: Said) -> list[Fault]:
    return [("notice_version", "is of no withdrawal")] if said.notice_version is not None else []


def _faults_of_answer(said: Said, purpose: Purpose) -> list[Fault]:
    notice = purpose.notice_at(said.occurred_at)
    if notice is None:
        return [("occurred_at", f"lies before the first notice of {purpose.code}")]
    if said.notice_version != notice.version:
        return [("notice_version", f"must be {notice.version}, the notice in force at occurred_at")]
    return []


def _faults_of_grant(said: Said, purpose: Purpose) -> list[Fault]:
    faults = []
    if said.evidence_digest is None:
        faults.append(("evidence_digest", "is required for a grant: the bank has to prove it"))
    if purpose.separate_consent is not None and not said.is_separate:
        article = f"PIPL article {purpose.separate_consent}"
        faults.append(("is_separate", f"must be true: {purpose.code} needs a consent of its own, {article}"))
    return faults


def _demand_grant(said: Said, entries: Iterable[Entry]) -> None:
    granted = [entry.occurred_at for entry in entries if (entry.purpose, entry.act) == (said.purpose, "granted")]
    if not granted:
        raise ConsentNotGranted([("purpose", "was never granted by this customer")])
    if said.occurred_at < min(granted):
        raise ConsentImpossible([("occurred_at", "lies before the grant that it would withdraw")])


def _demand_same(entry: Entry, said: Said) -> None:
    remedy = "differs from what was recorded of this act: correct it, or name the moment of another act in occurred_at"
    fields = ("notice_version", "evidence_digest")
    if faults := [(name, remedy) for name in fields if getattr(entry, name) != getattr(said, name)]:
        raise ConsentRecordedOtherwise(faults)


def _is_same(entry: Entry, said: Said) -> bool:
    """The same act of the same moment: a repeat, however it came to be sent twice."""
    told = (said.purpose, said.act, said.occurred_at)
    return (entry.purpose, entry.act, entry.occurred_at) == told
