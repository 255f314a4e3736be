"""What one transaction does to cases: gathered decision by decision, told as it is decided, written once at the end.

Every way a case can change ends here, so each change has its row, its line of history and its fact.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from feedback.case.domain.clocks import Clock, fall_due
from feedback.case.domain.history import Entry, breach_entry, status_entry
from feedback.case.domain.lifecycle import Case
from feedback.case.store import changes
from rapport.events.base import AnyReceived
from rapport.events.feedback import CaseChanged, FeedbackClassified, ResponseOverdue
from rapport.messaging.transaction import Transaction


class Outcome:
    """Use one a transaction; nothing is in the database before `save`."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._opened: list[tuple[Case, bytes | None]] = []
        self._changed: list[Case] = []
        self._clocks: dict[tuple[UUID, int, str], Clock] = {}
        self._entries: list[Entry] = []

    def fire(self, clocks: Iterable[Clock], until: datetime) -> list[Clock]:
        """Breach what fell due by then, each as of its own deadline; returns those that can still fall due."""
        waiting = list(clocks)
        for clock in fall_due(waiting, until):
            self._keep([clock])
            self._entries.append(breach_entry(clock, recorded_at=self._tx.now))
            fact = ResponseOverdue(
                customer_id=clock.customer_id, case_id=str(clock.case_id), clock=clock.name, due_at=clock.deadline_at
            )
            self._tx.tell(fact, time=clock.deadline_at, cause=clock.timer_key)
        return [clock for clock in waiting if clock.due_at is not None and clock.due_at > until]

    def take_in(self, case: Case, text: bytes | None, *, cause: AnyReceived | None, actor: str | None) -> None:
        """Feedback that is new. Its class is told as of the customer's own moment, its case as of its opening."""
        self._opened.append((case, text))
        self._keep(case.clocks)
        self._entries.append(status_entry(case, case.submitted_at, recorded_at=self._tx.now, actor=actor))
        fact = FeedbackClassified(
            customer_id=case.customer_id,
            case_id=str(case.case_id),
            kind=case.kind,
            sentiment=case.sentiment,
            severity=case.severity,
            channel=case.channel,
            submitted_at=case.submitted_at,
        )
        self._tx.tell(fact, time=case.submitted_at, cause=cause)
        if case.status != "recorded":
            self._tell_change(case, case.opened_at, cause)

    def change(self, case: Case, at: datetime, *, actor: str, words: bytes | None = None) -> None:
        """A person brought the case to the status it has now."""
        self._changed.append(case)
        self._keep(clock for clock in case.clocks if clock.run == case.run)
        self._entries.append(status_entry(case, at, recorded_at=self._tx.now, actor=actor, words=words))
        self._tell_change(case, at, None)

    async def save(self) -> None:
        """Write everything."""
        connection = self._tx.connection
        await changes.add_cases(connection, self._opened)
        for case in self._changed:
            await changes.change_case(connection, case)
        await changes.save_clocks(connection, self._clocks.values(), self._tx.partition_of)
        await changes.append(connection, self._entries)

    def _keep(self, clocks: Iterable[Clock]) -> None:
        self._clocks |= {(clock.case_id, clock.run, clock.name): clock for clock in clocks}

    def _tell_change(self, case: Case, at: datetime, cause: AnyReceived | None) -> None:
        assert case.status != "recorded", "feedback that is owed no answer never changes"
        fact = CaseChanged(
            customer_id=case.customer_id,
            case_id=str(case.case_id),
            status=case.status,
            priority=case.priority,
            changed_at=at,
        )
        self._tx.tell(fact, time=at, cause=cause)
