"""The hash of what is known of a customer: every single thing that is known changes it, what was decided does not."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any

import pytest

from rapport.behaviour.daily_counts import DailyCounts
from scoring.standing.domain.assets import Movements, Valuation
from scoring.standing.domain.foreign import Accounts
from scoring.standing.domain.hashing import state_hash
from scoring.standing.domain.holdings import Holdings, ProductsOfKind
from scoring.standing.domain.state import Standing
from tests.scoring.standing.test_state import DAY, NOON, folded, posting

TODAY = NOON.date().toordinal()


def known() -> Standing:
    """A customer of whom everything is known that can be, by postings and products in two currencies."""
    standing = folded(
        posting(NOON, 10_000, balance_after=-500),
        posting(NOON + DAY, 90_000, is_credit=True, balance_after=89_500),
        posting(NOON + DAY, 700, kind="penalty-interest", is_own=False),
        posting(NOON + 2 * DAY, 3_000, currency="USD", account_id="a-2", balance_after=1_000),
    )
    valuations = (Valuation(TODAY, 1, 500, (("USD", 70),)), Valuation(TODAY + 1, 2, 600))
    standing.holdings = Holdings({"wealth": ProductsOfKind(2, 600)}, 2, NOON, 1, valuations)
    return standing


def of(**changes: Any) -> Callable[[Standing], Standing]:
    return lambda standing: replace(standing, **changes)


def of_sum(place: int) -> Callable[[Standing], Standing]:
    """One decayed sum is more by the least that can be told."""

    def change(standing: Standing) -> Standing:
        values = list(standing.sums.values)
        values[place] += abs(values[place]) * 2**-52 or 5e-324
        return replace(standing, sums=replace(standing.sums, values=tuple(values)))

    return change


def of_held(**changes: Any) -> Callable[[Standing], Standing]:
    return lambda standing: replace(standing, holdings=replace(standing.holdings, **changes))


def of_moved(place: str) -> Callable[[Standing], Standing]:
    def change(standing: Standing) -> Standing:
        return replace(
            standing, movements=standing.movements._replace(**{place: getattr(standing.movements, place) + 1})
        )

    return change


def of_foreign(**changes: Any) -> Callable[[Standing], Standing]:
    return lambda standing: replace(standing, foreign={"USD": replace(standing.foreign["USD"], **changes)})


COUNTS = (
    "transactions", "foreign_currency_transactions", "credits_minor", "debits_minor", "opening_minor", "own_minor",
    "penalty_interests", "overdrafts",
)  # fmt: skip
CHANGES: dict[str, Callable[[Standing], Standing]] = {
    "customer_id": of(customer_id="c-2"),
    **{name: of(**{name: 41}) for name in COUNTS},
    "sums": lambda standing: replace(standing, sums=replace(standing.sums, as_of=NOON + 3 * DAY)),
    **{f"sums.{place}": of_sum(place) for place in range(20)},
    "active_days": of(active_days=DailyCounts(date(2025, 3, 2), 0).add(date(2025, 3, 2))),
    "movements": of(movements=Movements()),
    **{f"movements.{place}": of_moved(place) for place in Movements._fields},
    "first_days": of(first_days={}),
    "holdings": of_held(by_kind={"wealth": ProductsOfKind(2, 601)}),
    "holdings.products": of_held(by_kind={"wealth": ProductsOfKind(3, 600)}),
    "holdings.kind": of_held(by_kind={"fund": ProductsOfKind(2, 600)}),
    "holdings.revision": of_held(revision=3),
    "holdings.as_of": of_held(as_of=NOON + timedelta(microseconds=1)),
    "holdings.loan_class": of_held(loan_class=2),
    "holdings.valuations": of_held(valuations=(Valuation(TODAY, 1, 500, (("USD", 71),)), Valuation(TODAY + 1, 2, 600))),
    "foreign": of(foreign={"EUR": Accounts()}),
    "foreign.balance": of_foreign(balance=7),
    "foreign.movements": of_foreign(movements=Movements()),
    "foreign.first_days": of_foreign(first_days={}),
}
DECIDED: dict[str, Any] = {
    **dict.fromkeys(("tier_since", "below_since", "decided_at", "due_at", "scorecard_since", "people_since"), NOON),
    **dict.fromkeys(("points", "revision", "profile_revision"), 7),
    **{
        "tier": "high",
        "scorecard_tier": "low",
        "automation_refused": True,
        "consent_refused": True,
        "is_restricted": True,
    },
}


@pytest.mark.parametrize("name", CHANGES)
def test_whatever_is_known_changes_the_hash_though_it_alone_differs(name: str) -> None:
    changed = CHANGES[name](known())
    assert changed != known(), "the change is one"
    assert state_hash(changed) != state_hash(known())


def test_equal_customers_have_equal_hashes_whatever_was_decided_of_them() -> None:
    assert state_hash(known()) == state_hash(known())
    for name, value in DECIDED.items():
        assert state_hash(replace(known(), **{name: value})) == state_hash(known()), name


def test_every_field_of_a_customer_is_known_or_decided() -> None:
    names = {field.name for field in fields(Standing)}
    assert names == {name for name in CHANGES if "." not in name} | DECIDED.keys() | {"override"}
