"""The states of several files added up: what a person comes to whose files were merged.

Each file keeps its own state and goes on filling it; the sum is made anew whenever it is asked for, so separating has
nothing to take apart. Adding is commutative like folding: however the events of a person are dealt out over files, the
sum is what one file with all of them would hold.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import reduce

from scoring.standing.domain.assets import Movements, Valuation, counting
from scoring.standing.domain.foreign import Accounts
from scoring.standing.domain.holdings import Holdings, ProductsOfKind
from scoring.standing.domain.opening import FirstDay, opening_of, united
from scoring.standing.domain.state import Standing

_COUNTED = (
    "transactions", "foreign_currency_transactions", "credits_minor", "debits_minor", "own_minor", "penalty_interests",
    "overdrafts",
)  # fmt: skip
DECIDED = (
    "tier", "tier_since", "below_since", "points", "decided_at", "revision", "due_at", "scorecard_tier",
    "scorecard_since", "override",
)  # fmt: skip
"""What a decision writes: a person's is the survivor's alone."""
_NOBODY = Standing("")
_OWN = ("customer_id", *DECIDED, "people_since", "profile_revision")


def added(survivor: Standing, others: Sequence[Standing]) -> Standing:
    """A person as one standing: what is known of all files, what was decided of the survivor.

    Who refused automated decisions on any file has refused, and so has who said no to tiering; a relationship that is
    restricted on any file is. The others are added in order of their ids, so that the decayed sums are the same to the
    bit.
    """
    first, *rest = sorted([survivor, *others], key=lambda one: one.customer_id)
    person = replace(first)
    for one in rest:
        _add(person, one)
    for name in _OWN:
        setattr(person, name, getattr(survivor, name))
    person.automation_refused = any(one.automation_refused for one in (survivor, *others))
    person.consent_refused = any(one.consent_refused for one in (survivor, *others))
    person.is_restricted = any(one.is_restricted for one in (survivor, *others))
    return person


def undecided(one: Standing) -> Standing:
    """The same with nothing decided: what is known alone, which no merge changes."""
    known = replace(one)
    for name in DECIDED:
        setattr(known, name, getattr(_NOBODY, name))
    return known


def _add(person: Standing, one: Standing) -> None:
    for name in _COUNTED:
        setattr(person, name, getattr(person, name) + getattr(one, name))
    person.sums = person.sums.merge(one.sums)
    if one.active_days is not None:
        days = one.active_days if person.active_days is None else person.active_days.merge(one.active_days)
        person.active_days = None if days.is_nothing else days
    person.movements = _movements(person.movements, one.movements)
    person.opening_minor += one.opening_minor + _corrected(person.first_days, one.first_days)
    person.first_days = _days(person.first_days, one.first_days)
    person.holdings = _holdings(person.holdings, one.holdings)
    currencies = person.foreign.keys() | one.foreign.keys()
    person.foreign = {
        currency: _accounts(person.foreign.get(currency, Accounts()), one.foreign.get(currency, Accounts()))
        for currency in sorted(currencies)
    }


def _movements(one: Movements, other: Movements) -> Movements:
    """Of the latest month that either has, and of the month before it."""
    earlier, later = sorted((one, other), key=lambda movements: movements.month)
    if earlier.month == later.month:
        return Movements(later.month, *(sum(pair) for pair in zip(one[1:], other[1:], strict=True)))
    if later.month - earlier.month > 1:
        return later
    return later._replace(
        moved_before=later.moved_before + earlier.moved, moment_before=later.moment_before + earlier.moment
    )


def _days(one: Mapping[str, FirstDay], other: Mapping[str, FirstDay]) -> dict[str, FirstDay]:
    both = {account: united(one[account], other[account]) for account in one.keys() & other.keys()}
    return {**one, **other, **both}


def _corrected(one: Mapping[str, FirstDay], other: Mapping[str, FirstDay]) -> int:
    """What is to be added where two files have postings of one account: each learned what it held before on its own."""
    return sum(
        opening_of(united(one[account], other[account])) - opening_of(one[account]) - opening_of(other[account])
        for account in one.keys() & other.keys()
    )


def _accounts(one: Accounts, other: Accounts) -> Accounts:
    return Accounts(
        one.balance + other.balance + _corrected(one.first_days, other.first_days),
        _movements(one.movements, other.movements),
        _days(one.first_days, other.first_days),
    )


def _holdings(one: Holdings, other: Holdings) -> Holdings:
    """What both hold. The revision is the sum of both: it grows with each word on either."""
    kinds = sorted(one.by_kind.keys() | other.by_kind.keys())
    nothing = ProductsOfKind(0, 0)
    held = {kind: _products(one.by_kind.get(kind, nothing), other.by_kind.get(kind, nothing)) for kind in kinds}
    return Holdings(
        held,
        one.revision + other.revision,
        max((told.as_of for told in (one, other) if told.as_of is not None), default=None),
        max((told.loan_class for told in (one, other) if told.loan_class is not None), default=None),
        _valuations(one.valuations, other.valuations),
    )


def _products(one: ProductsOfKind, other: ProductsOfKind) -> ProductsOfKind:
    return ProductsOfKind(one.products + other.products, one.minor + other.minor)


def _valuations(one: Sequence[Valuation], other: Sequence[Valuation]) -> Sequence[Valuation]:
    """By every day on which either changed, what both were worth together, as far back as either still counts."""
    days = sorted({told.day for told in (*one, *other)})
    worth = [reduce(_worth, (found for known in (one, other) if (found := _in_force(known, day)))) for day in days]
    summed = [told._replace(day=day) for day, told in zip(days, worth, strict=True)]
    return counting(summed) if summed else ()


def _in_force(known: Sequence[Valuation], day: int) -> Valuation | None:
    return next((told for told in reversed(known) if told.day <= day), None)


def _worth(one: Valuation, other: Valuation) -> Valuation:
    foreign = dict(one.foreign)
    for currency, minor in other.foreign:
        foreign[currency] = foreign.get(currency, 0) + minor
    return Valuation(one.day, one.revision + other.revision, one.minor + other.minor, tuple(sorted(foreign.items())))
