"""What four services hold of files that are merged and separated, beside the book and beside who is one person."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from churn_alert.risk.domain.crossing import anchor_of
from churn_alert.risk.domain.persons import added
from churn_alert.risk.domain.readiness import is_known
from churn_alert.risk.store import risks as risk_store
from rapport.person.store import persons_of
from scoring.standing.domain.evidence import values_of
from scoring.standing.store import persons as standing_persons
from scoring.standing.store import standings as standing_store
from tests.e2e.conserving import Book
from tests.e2e.merging import People
from tests.e2e.system import Served, System

_ROWS = {
    "scoring": "SELECT customer_id, transactions, credits_minor, debits_minor FROM standings",
    "churn_alert": "SELECT customer_id, own_transactions, channel_uses, "
    "negative_feedbacks + coalesce(jsonb_array_length(ahead), 0) FROM risks",
    "feedback": "SELECT customer_id, count(*) FROM cases GROUP BY 1",
    "customer_profile": "SELECT customer_id, sum((e ->> 3)::bigint), sum((e ->> 4)::bigint) "
    "FROM portrait_months, jsonb_array_elements(entries) e GROUP BY 1",
}
"""What each service counts of each file, read off its rows by no code of the service; with what waits for its time,
which while the bank is not heard is longer than until the next sweep."""


async def rows_of(system: System) -> dict[str, dict[str, tuple[int, ...]]]:
    """Service → file → what it counts of it."""
    found = {}
    for served in system.services:
        rows = await served.cells(_ROWS[served.name])
        found[served.name] = {row[0]: tuple(map(int, row[1:])) for row in rows}
    return found


@dataclass
class Comparison:
    """Of `files`, that are of `persons` (survivor → files) and of which the book says what was said."""

    files: Sequence[str]
    persons: Mapping[str, frozenset[str]]
    book: Book
    compared: int = 0
    risks_compared: int = 0
    """Of who does not wait; in a run that is to be more than none, see `Walk.risks_compared`."""
    differences: list[str] = field(default_factory=list)

    async def of(self, system: System, people: People) -> "Comparison":
        """Persons everywhere, what is counted of each file, and what each person is decided on and shown."""
        services = {served.name: served for served in system.services}
        for served in system.services:
            await self._grouping(served)
        self._counters(await rows_of(system))
        await self._tiers(services["scoring"])
        await self._risks(services["churn_alert"])
        await self._portraits(people)
        return self

    def same(self, what: str, found: object, said: object) -> None:
        """One more compared."""
        self.compared += 1
        if found != said:
            self.differences.append(f"{what}: {found} and not {said}")

    async def _grouping(self, served: Served) -> None:
        async with served.runtime.engine.connect() as connection:
            found = await persons_of(connection, self.files)
        for survivor in self.persons.keys() | found.keys():
            said = tuple(sorted(self.persons.get(survivor, ())))
            self.same(f"{served.name}, files of {survivor}", found.get(survivor, ()), said)

    def _counters(self, found: Mapping[str, Mapping[str, tuple[int, ...]]]) -> None:
        for file in self.files:
            said = self.book.of([file])
            by_service = {
                "scoring": (said.postings, said.credits, said.debits),
                "churn_alert": (said.own, said.uses, said.complaints),
                "feedback": (said.cases,),
                "customer_profile": (said.in_months, said.moved_in_months),
            }
            for service, counted in by_service.items():
                nothing = (0,) * len(counted)
                self.same(f"{service}, counters of {file}", found[service].get(file, nothing), counted)

    async def _tiers(self, scoring: Served) -> None:
        rules = scoring.runtime.composition.state["rules"]
        async with scoring.runtime.engine.connect() as connection:
            own = await standing_store.load(connection, self.files)
            whole = await standing_persons.load_persons(connection, self.persons)
        decided = {file for file, one in own.items() if one.decided_at is not None} & self.persons.keys()
        due = {file for file, one in own.items() if one.due_at is not None}
        self.same("due by silence, or decided, and not both", sorted(due ^ decided), [])
        heard_of = {survivor for survivor, files in self.persons.items() if self.book.of(files).postings}
        self.same("persons who have postings and are not decided", sorted(heard_of - decided), [])
        for survivor, one in whole.items():
            if one.decided_at is not None:
                values = values_of(one, one.decided_at, rules.bank, rules.rates)
                self.same(f"points of {survivor}", one.points, rules.cards.at(one.decided_at).points_of(values))
        self.same("scoring, persons still to be decided", await scoring.rows("SELECT 1 FROM person_due_times"), [])

    async def _risks(self, churn: Served) -> None:
        rules = churn.runtime.composition.state["rules"]
        async with churn.runtime.engine.connect() as connection:
            own = await risk_store.load(connection, self.files)
        waiting = await self._waiting(churn)
        for survivor, files in self.persons.items():
            if survivor in waiting:
                continue
            one = added(own[survivor], [own[file] for file in files if file != survivor])
            now = rules.at(one.decided_at) if one.decided_at else rules
            anchor = anchor_of(one, now)
            if anchor and one.decided_at and is_known(one, now.model, one.decided_at):
                self.risks_compared += 1
                said = now.model.probability(anchor, anchor.silence(one.decided_at))
                self.same(f"risk of {survivor}", one.probability, said)
        open_of = set(await churn.rows("SELECT customer_id FROM alerts WHERE status <> 'closed'"))
        self.same("alerts open of files that are merged into another", sorted(open_of - self.persons.keys()), [])

    async def _waiting(self, churn: Served) -> set[str]:
        """Persons to be decided still: what came on another of their files waits while the bank is not heard, whose
        postings here are months old. Who is of one file again was decided when that came about.
        """
        asked = set(await churn.rows("SELECT customer_id FROM person_due_times"))
        return {survivor for survivor, files in self.persons.items() if survivor in asked and len(files) > 1}

    async def _portraits(self, people: People) -> None:
        """Whichever file it is asked by, a portrait's turnover is that of all files of the person."""
        for files in self.persons.values():
            said = self.book.of(files)
            answers = await asyncio.gather(*(people.lead.get(f"/customers/{file}/portrait") for file in files))
            for file, answer in zip(files, answers, strict=True):
                assert answer.status_code == 200, answer.text
                months = (answer.json()["transactions"] or {"value": []})["value"]
                entries = [entry for month in months for entry in (*month["credits"], *month["debits"])]
                shown = (sum(entry["count"] for entry in entries), sum(Decimal(e["amount"]) * 100 for e in entries))
                self.same(f"portrait by {file}", shown, (said.in_months, said.moved_in_months))
