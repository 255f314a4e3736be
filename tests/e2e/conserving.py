"""The models of all four services side by side, by file, and a book that is kept beside them by no code of theirs."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from churn_alert.risk.domain.behaviour import Risk
from churn_alert.risk.domain.persons import added as added_risks
from churn_alert.risk.facts import fold as fold_into_risk
from customer_profile.portrait.domain import Month, add_up
from customer_profile.portrait.facts import posting_of
from feedback.case.domain.lifecycle import Case, open_case
from rapport.events.bank import InteractionRecorded, TransactionRecorded
from rapport.events.feedback import FeedbackClassified
from scoring.standing.domain.adding import added as added_standings
from scoring.standing.domain.state import Standing
from scoring.standing.facts import fold as fold_into_standing
from tests.churn_alert.lives import BANK as BANK_OF_RISKS
from tests.feedback.said import submission
from tests.scoring.standing.test_state import BANK, SHANGHAI

Said = TransactionRecorded | InteractionRecorded | FeedbackClassified


class Figures(NamedTuple):
    """What is counted of a file, of a person or of all. Money in minor units."""

    postings: int = 0
    credits: int = 0
    debits: int = 0
    own: int = 0
    uses: int = 0
    complaints: int = 0
    cases: int = 0
    """Counted by feedback."""
    in_months: int = 0
    """Postings as customer-profile counts them."""
    moved_in_months: int = 0


def total(found: Iterable[Figures]) -> Figures:
    """Of all these together."""
    return Figures(*map(sum, zip(*found, strict=True)))


@dataclass
class Models:
    """The state of each file in each service. An act is entered, and nothing else is done."""

    files: Sequence[str]
    standings: dict[str, Standing] = field(init=False)
    risks: dict[str, Risk] = field(init=False)
    cases: dict[str, list[Case]] = field(init=False)
    months: dict[tuple[str, date], Month] = field(default_factory=dict)
    acts: int = 0
    persons: dict[str, tuple[str, ...]] = field(init=False)

    def __post_init__(self) -> None:
        self.standings = {file: Standing(file) for file in self.files}
        self.risks = {file: Risk(file) for file in self.files}
        self.cases = {file: [] for file in self.files}
        self.persons = {file: (file,) for file in self.files}

    def hear(self, said: Said, at: datetime) -> None:
        """An event of a file reaches every service that hears its kind."""
        file = said.customer_id
        fold_into_risk(self.risks[file], said, BANK_OF_RISKS)
        match said:
            case TransactionRecorded():
                fold_into_standing(self.standings[file], said, BANK)
                for month in add_up(self.months, [(posting_of(said), at)], SHANGHAI, at):
                    self.months[month.customer_id, month.month] = month
            case FeedbackClassified():
                number = sum(map(len, self.cases.values()))
                opened = open_case(submission(number, customer_id=file, submitted_at=at), at, is_top=False)
                self.cases[file].append(opened)

    def act(self, persons: Mapping[str, tuple[str, ...]]) -> None:
        """An act reaches every service: which files each of these persons has from now on."""
        self.acts += 1
        touched = {file for files in persons.values() for file in files}
        kept = {known: files for known, files in self.persons.items() if touched.isdisjoint(files)}
        self.persons = {**kept, **persons}

    def person_of(self, survivor: str) -> Figures:
        """The sum of a person, as each service makes it."""
        others = [file for file in self.persons[survivor] if file != survivor]
        standing = added_standings(self.standings[survivor], [self.standings[other] for other in others])
        risk = added_risks(self.risks[survivor], [self.risks[other] for other in others])
        files = {survivor, *others}
        months = [month for month in self.months.values() if month.customer_id in files]
        entries = [entry for month in months for entry in month.entries.values()]
        return Figures(
            standing.transactions,
            standing.credits_minor,
            standing.debits_minor,
            risk.own_transactions,
            risk.channel_uses,
            risk.negative_feedbacks,
            sum(len(self.cases[file]) for file in files),
            sum(count for count, _ in entries),
            sum(minor for _, minor in entries),
        )


@dataclass
class Book:
    """The independent count: what was said of each file."""

    lines: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def note(self, file: str, what: str, minor: int = 0) -> None:
        """One thing said: a `credit`, a `debit` that the customer made, a `use` or a `complaint`."""
        self.lines[file][what] += 1
        self.lines[file][f"{what} money"] += minor

    def take_back(self, file: str, what: str, minor: int) -> None:
        """A `credit` or `debit` that was said is undone: it counts nowhere, as if it had never been."""
        self.lines[file][what] -= 1
        self.lines[file][f"{what} money"] -= minor

    def of(self, files: Iterable[str]) -> Figures:
        """What was said of these files."""
        said: Counter[str] = Counter()
        for file in files:
            said.update(self.lines[file])
        postings, money = said["credit"] + said["debit"], said["credit money"] + said["debit money"]
        complaints = said["complaint"]
        return Figures(
            postings, said["credit money"], said["debit money"], said["debit"], said["use"], complaints, complaints,
            postings, money,
        )  # fmt: skip
