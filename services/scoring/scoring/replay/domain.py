"""What a replay comes to: the book of standings by some rules, and how two such books differ."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from scoring.scorecard.domain import Tier
from scoring.standing.domain.decision import Decision
from scoring.standing.domain.hands import Hand, lay
from scoring.standing.domain.rules import Rules
from scoring.standing.domain.state import Standing
from scoring.standing.domain.tiering import decide, decide_due, meet


@dataclass(slots=True)
class Book:
    """Standings as these rules make them, and how often each tier was changed for which."""

    rules: Rules
    standings: dict[str, Standing] = field(default_factory=dict)
    changes: Counter[tuple[Tier | None, Tier]] = field(default_factory=Counter)

    def meet(self, customer_id: str, at: datetime, fold: Callable[[Standing], None]) -> None:
        """One event of one customer; each customer's in their order."""
        self._count(meet(self._of(customer_id), self.rules, at, fold))

    def lay(self, hands: Iterable[Hand]) -> None:
        """What people did to customers, each customer's in order: between their events, where it was."""
        for hand in hands:
            self._count(lay(self._of(hand.customer_id), self.rules, hand))

    def close(self, until: datetime) -> None:
        """What fell due by silence up to this moment."""
        for standing in self.standings.values():
            self.be_silent(standing, until)

    def be_silent(self, standing: Standing, until: datetime) -> None:
        """The same of one customer."""
        self._count(decide_due(standing, self.rules, until))

    def decide(self, standing: Standing, at: datetime) -> None:
        """Decide one customer again, though nothing of the log happened."""
        change = decide(standing, self.rules, at)
        self._count([change] if change else [])

    def _of(self, customer_id: str) -> Standing:
        standing = self.standings.get(customer_id)
        if standing is None:
            standing = self.standings[customer_id] = Standing(customer_id)
        return standing

    def _count(self, made: Iterable[Decision]) -> None:
        for change in made:
            self.changes[change.old_tier, change.tier] += 1


@dataclass(frozen=True, slots=True)
class Part:
    """What one partition came to. `books`: by the rules that were asked, in their order. `until`: as of when; None for
    a partition in stream time in which nothing has happened."""

    partition: int
    until: datetime | None
    books: Sequence[Book]


class Placed(NamedTuple):
    """Where one customer stands in a book."""

    tier: Tier
    points: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two books of the same customers side by side. `migration`: customers by tier before and after."""

    customers: int
    migration: Mapping[tuple[Tier, Tier], int]
    points_before: Counter[int]
    points_after: Counter[int]

    @property
    def moved(self) -> int:
        """Customers in another tier than before."""
        return sum(count for (before, after), count in self.migration.items() if before != after)

    @classmethod
    def of(cls, pairs: Iterable[tuple[Placed, Placed]]) -> "Comparison":
        """Customers as they stand before and after."""
        migration: Counter[tuple[Tier, Tier]] = Counter()
        points_before: Counter[int] = Counter()
        points_after: Counter[int] = Counter()
        for before, after in pairs:
            migration[before.tier, after.tier] += 1
            points_before[before.points] += 1
            points_after[after.points] += 1
        return cls(sum(migration.values()), migration, points_before, points_after)
