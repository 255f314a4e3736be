"""Merging and separating move no counter of any service: 10,000 random steps over the models of all four, whose persons
are customer-profile's: by its rules at every step, and in a walk of its own by what its handlers told over PostgreSQL.

A merge that adds the other file's counters to the survivor's row, or carries them over, fails the same test.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

import pytest

from churn_alert.risk.domain.behaviour import Risk
from churn_alert.risk.domain.persons import added as added_risks
from churn_alert.risk.store.risks import _cells as cells_of_risk
from rapport.events.bank import TransactionRecorded
from rapport.events.feedback import FeedbackClassified
from scoring.standing.domain.adding import added as added_standings
from scoring.standing.domain.state import Standing
from scoring.standing.store.cells import cells_of
from tests.churn_alert.lives import START, complained, used
from tests.e2e.conserving import Book, Models, Said, total
from tests.e2e.persons import Ledger, Profile, Service
from tests.scoring.facts import reversal, salary, transaction
from tests.support.delivering import Delivering
from tests.support.serving import SUBJECTS
from tests.support.stack import FreshDatabase

FILES = [f"f-{number}" for number in range(6)]
STEPS, STEPS_IN_POSTGRESQL = 10_000, 300


@pytest.fixture
def service(fresh_database: Callable[..., FreshDatabase], key_folder: Path) -> Iterator[Service]:
    subject = SUBJECTS["customer_profile"]
    with asyncio.Runner() as runner:
        settings = subject.settings(fresh_database(subject.package), key_folder, mode="wall")
        delivering = Delivering(subject.runtime(settings))
        runner.run(delivering.begin())
        yield Service(delivering, runner, Random(6), FILES)
        runner.run(delivering.runtime.close())


class Adding(Models):
    """Broken: the survivor's row takes in what the other has, and the other keeps it."""

    def act(self, persons: Mapping[str, tuple[str, ...]]) -> None:
        known = self.persons
        super().act(persons)
        for survivor, files in persons.items():
            for merged in known.keys() & set(files) - {survivor}:
                self.take_in(survivor, merged)

    def take_in(self, survivor: str, merged: str) -> None:
        self.standings[survivor] = added_standings(self.standings[survivor], [self.standings[merged]])
        self.risks[survivor] = added_risks(self.risks[survivor], [self.risks[merged]])


class Moving(Adding):
    """Broken: it is carried over, so nothing is counted twice until the files are separated."""

    def take_in(self, survivor: str, merged: str) -> None:
        super().take_in(survivor, merged)
        self.standings[merged], self.risks[merged] = Standing(merged), Risk(merged)


class Walk:
    """Random steps: events on any file, and merges and their undoing, the latest of a person first."""

    def __init__(self, models: Models, profile: Profile, seed: int) -> None:
        self.models, self.profile, self.book = models, profile, Book()
        self.draw = Random(seed)
        self.said: list[Said] = []
        self.postings: list[tuple[TransactionRecorded, str, int]] = []
        self.persons: dict[str, frozenset[str]] = {file: frozenset({file}) for file in FILES}
        self.merges: list[tuple[UUID, str, str, frozenset[str]]] = []
        self.number = 0

    def step(self) -> None:
        self.number += 1
        chance = self.draw.random()
        if chance < 0.15 and len(self.persons) > 1:
            self.merge()
        elif chance < 0.3 and self.merges:
            self.separate()
        else:
            self.say()

    def merge(self) -> None:
        survivor, merged = self.draw.sample(sorted(self.persons), 2)
        merge_id, said = self.profile.merge(survivor, merged)
        taken = self.persons.pop(merged)
        self.merges.append((merge_id, survivor, merged, taken))
        self.persons[survivor] |= taken
        self.models.act(said)

    def separate(self) -> None:
        """The latest merge of a person that has one."""
        survivor = self.draw.choice(sorted({survivor for _, survivor, _, _ in self.merges if survivor in self.persons}))
        place = max(place for place, (_, other, _, _) in enumerate(self.merges) if other == survivor)
        merge_id, _, merged, taken = self.merges.pop(place)
        self.persons[survivor] -= taken
        self.persons[merged] = taken
        self.models.act(self.profile.unmerge(merge_id))

    def told(self, *survivors: str) -> dict[str, tuple[str, ...]]:
        return {survivor: tuple(sorted(self.persons[survivor])) for survivor in survivors}

    def say(self) -> None:
        file, minor = self.draw.choice(FILES), self.draw.randrange(1, 10**7)
        at = START + timedelta(minutes=self.draw.randrange(self.number + 1))
        amount, account = f"{minor / 100:.2f}", f"a-{self.draw.randrange(4)}"
        match self.draw.choice(["credit", "debit", "debit", "use", "complaint", "reversal"]):
            case "reversal" if self.postings:
                self.take_back(at)
                return
            case "credit" as what:
                said: Said = salary(at, file, amount, account_id=account)
            case "debit" as what:
                said = transaction(at, file, amount=amount, account_id=account, balance_after="100.00")
            case "complaint" as what:
                said, minor = complained(file, at), 0
            case _:
                what, said, minor = "use", used(file, at), 0
        if isinstance(said, TransactionRecorded):
            self.postings.append((said, what, minor))
        self.book.note(file, what, minor)
        self.hear(said, at)

    def take_back(self, at: datetime) -> None:
        """Some posting, whoever its file is of by now."""
        original, what, minor = self.postings.pop(self.draw.randrange(len(self.postings)))
        self.book.take_back(original.customer_id, what, minor)
        self.hear(reversal(original, at), at)

    def hear(self, said: Said, at: datetime) -> None:
        self.models.hear(said, at)
        self.said.append(said)

    def check(self) -> None:
        """Who is one person, each person's figures, and those of all."""
        assert self.models.persons == self.told(*self.persons)
        figures = {survivor: self.models.person_of(survivor) for survivor in self.persons}
        assert figures == {survivor: self.book.of(files) for survivor, files in self.persons.items()}
        assert total(figures.values()) == self.book.of(FILES)


def walk(models: Models, profile: Profile, steps: int) -> Walk:
    walked = Walk(models, profile, seed=67)
    for _ in range(steps):
        walked.step()
        walked.check()
    while walked.merges:
        walked.separate()
        walked.check()
    return walked


def demand_untouched(walked: Walk) -> None:
    """Every file's own counters are those of one that no act ever touched."""
    models, untouched = walked.models, Models(FILES)
    for said in walked.said:
        untouched.hear(said, said.submitted_at if isinstance(said, FeedbackClassified) else said.occurred_at)
    for file in FILES:
        assert cells_of(models.standings[file]) == cells_of(untouched.standings[file])
        assert cells_of_risk(models.risks[file]) == cells_of_risk(untouched.risks[file])
    assert (models.cases, models.months) == (untouched.cases, untouched.months)


def test_at_every_step_a_persons_figures_are_the_sum_of_its_files_and_all_persons_make_up_what_was_booked() -> None:
    walked = walk(Models(FILES), Ledger(FILES), STEPS)
    assert walked.models.acts > STEPS / 5
    demand_untouched(walked)


def test_the_same_holds_of_what_customer_profile_tells_and_no_row_of_a_file_there_changes_by_it(
    service: Service,
) -> None:
    before = service.rows()
    walked = walk(Models(FILES), service, STEPS_IN_POSTGRESQL)
    assert walked.models.acts > STEPS_IN_POSTGRESQL / 5
    demand_untouched(walked)
    assert service.rows() == before


@pytest.mark.parametrize("broken", [Adding, Moving])
def test_a_merge_that_touches_a_row_of_a_file_is_found(broken: Callable[[list[str]], Models]) -> None:
    with pytest.raises(AssertionError):
        walk(broken(FILES), Ledger(FILES), 200)
