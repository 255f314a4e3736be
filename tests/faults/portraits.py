"""Customers of whom every source tells at once: the core their files and postings, other services what they decide,
and the bank's ECIF which of their files are one customer.

Times come in no order, and of each four revisions the last first, as behind a relay that was frozen; none comes twice,
for between equal ones an id decides that no recount knows. Words on merging stay within a household, so that a person
has few files however long the campaign is.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import get_args

from rapport.events.bank import Channel, RiskAssessed
from rapport.events.base import Event
from rapport.events.churn_alert import LifecycleChanged, RiskThresholdCrossed
from rapport.events.ecif import CustomerMergeRecorded
from rapport.events.feedback import CaseChanged, FeedbackClassified
from rapport.events.scoring import TierChanged
from simulator.marks import CORE
from simulator.wire import Record, Wire
from tests.faults.crowd import DAY_MS, Crowd, ago
from tests.faults.files import Files, Person
from tests.faults.population import TOLD, Customer, Population

_POSTINGS, _WORDS, _MERGES = 0.35, 0.2, 0.015
"""Shares of what is told; the rest is of files and accounts."""
_FOND, _USES = 0.2, 0.5
"""So many customers use channels so often that their oldest uses are no longer kept."""
_HOUSEHOLD = 3
_VALID = timedelta(days=365)


@dataclass(slots=True)
class Known:
    """What must be remembered of one, by each who tells of it. `household`: the tokens of all who live in it."""

    file: Person
    posting: Customer
    household: list[str]
    is_fond: bool
    words: int = 0
    cases: list[str] = field(default_factory=list)

    @property
    def customer_id(self) -> str:
        """The token."""
        return self.file.customer_id


class Portraits(Crowd[Known]):
    """Each customer's file and postings are told as other loads tell them."""

    sources = {  # noqa: RUF012 - a ClassVar of the base
        **Files.sources,
        **dict.fromkeys(TOLD, CORE),
        RiskAssessed: CORE,
        TierChanged: "scoring",
        LifecycleChanged: "churn-alert",
        RiskThresholdCrossed: "churn-alert",
        CaseChanged: "feedback",
        FeedbackClassified: "feedback",
        CustomerMergeRecorded: "ecif",
    }

    def __init__(self, seed: int, wire: Wire) -> None:
        self._files, self._population = Files(seed, wire), Population(seed, wire)
        self._household: list[str] = []
        super().__init__(seed, wire)

    def newcomer(self) -> Known:
        """One who joins, and moves in with others where there is room."""
        file = self._files.newcomer()
        if len(self._household) == _HOUSEHOLD:
            self._household = []
        self._household.append(file.customer_id)
        posting = replace(self._population.newcomer(), customer_id=file.customer_id)
        return Known(file, posting, self._household, self._rng.random() < _FOND)

    def facts(self, customer: Known) -> Iterator[Record]:
        """What is told of one next."""
        luck = self._rng.random()
        if luck < _MERGES:
            yield from self._merging(customer)
        elif luck < _MERGES + _WORDS:
            yield self._word(customer)
        elif customer.is_fond and self._rng.random() < _USES:
            yield self._population.use(customer.posting)
        elif luck < _MERGES + _WORDS + _POSTINGS:
            yield from self._population.facts(customer.posting)
        else:
            yield from self._files.facts(customer.file)

    def _merging(self, customer: Known) -> Iterator[Record]:
        """What the ECIF says of two files, and often, as of another moment, that it is not so."""
        others = [one for one in customer.household if one != customer.customer_id]
        if others:
            other = self._rng.choice(others)
            for status in self._rng.choice((("merged",), ("merged", "separated"))):
                at = ago(self._rng.randrange(60 * DAY_MS))
                said = {"merged": other, "status": status, "recorded_at": at}
                yield self._record(CustomerMergeRecorded(customer_id=customer.customer_id, **said), at)

    def _word(self, customer: Known) -> Record:
        customer.words += 1
        kinds = (self._tier, self._stage, self._risk_borne, self._crossing, self._case, self._classified)
        at = ago(self._rng.randrange(60 * DAY_MS))
        return self._record(self._rng.choice(kinds)(customer, at), at)

    def _revision(self, customer: Known) -> int:
        return (customer.words + 4) ^ 3

    def _tier(self, customer: Known, at: datetime) -> Event:
        return TierChanged(
            customer_id=customer.customer_id,
            old_tier="middle",
            tier=self._rng.choice(("high", "low")),
            points=self._rng.randint(300, 700),
            points_by_dimension={"value": self._rng.randint(0, 200)},
            reasons=(),
            scorecard_version=1,
            decided_at=at,
            revision=self._revision(customer),
        )

    def _stage(self, customer: Known, at: datetime) -> Event:
        stage = self._rng.choice(("potential", "new", "mature", "lost"))
        revision = self._revision(customer)
        return LifecycleChanged(customer_id=customer.customer_id, stage=stage, since=at, as_of=at, revision=revision)

    def _risk_borne(self, customer: Known, at: datetime) -> Event:
        return RiskAssessed(
            customer_id=customer.customer_id,
            risk_tolerance=self._rng.choice(("C1", "C3", "C5")),
            investment_experience=self._rng.choice(("none", "1-3-years")),
            assessed_at=at,
            valid_until=at.date() + _VALID,
            revision=self._revision(customer),
        )

    def _crossing(self, customer: Known, at: datetime) -> Event:
        return RiskThresholdCrossed(
            customer_id=customer.customer_id,
            direction=self._rng.choice(("up", "down")),
            cause="event",
            probability=self._rng.randint(0, 100) / 100,
            threshold=0.5,
            horizon_days=90,
            indicators=(),
            model_version=1,
            crossed_at=at,
        )

    def _case(self, customer: Known, at: datetime) -> Event:
        return CaseChanged(
            customer_id=customer.customer_id,
            case_id=self._case_of(customer),
            status=self._rng.choice(("opened", "responded", "resolved", "reopened")),
            priority=self._rng.choice(("urgent", "normal")),
            changed_at=at,
        )

    def _classified(self, customer: Known, at: datetime) -> Event:
        return FeedbackClassified(
            customer_id=customer.customer_id,
            case_id=self._case_of(customer),
            kind="complaint",
            sentiment=self._rng.choice(("negative", "neutral")),
            severity=self._rng.choice(("low", "high")),
            channel=self._rng.choice(get_args(Channel)),
            submitted_at=at - timedelta(milliseconds=self._rng.randrange(DAY_MS)),
        )

    def _case_of(self, customer: Known) -> str:
        if not customer.cases or self._rng.random() < 0.3:
            customer.cases.append(f"k-{self._rng.getrandbits(64):016x}")
        return self._rng.choice(customer.cases)
