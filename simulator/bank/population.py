"""Draws the customers of a plan, each from a source of chance of its own."""

from datetime import timedelta
from random import Random

from simulator.bank.corrections import Corrections
from simulator.bank.credit import first_class, strain, weakness
from simulator.bank.customer import Customer
from simulator.bank.decline import Decline, make_course
from simulator.bank.holdings import Holdings, first_holdings
from simulator.bank.intents import Account
from simulator.bank.kinds import HOUSEHOLD, PREMIUM, RENT, REPAYMENT, SETTLEMENT, UTILITY
from simulator.bank.life import Life, StandingOrder
from simulator.bank.people import make_person
from simulator.bank.personas import PERSONAS, Persona
from simulator.bank.plan import Plan
from simulator.bank.plants import Planted, make_plant
from simulator.bank.shelf import Shelf
from simulator.bank.tokens import chance, digest, token
from simulator.bank.writing import CustomerPen, Pen

_LOWEST, _HIGHEST = 1_000, 5_000_000
"""Of a basket, in minor units."""
_JOINING = 0.1
_QUIET = next(persona.share for persona in PERSONAS if persona.name == "quiet")
_COULD_DECLINE = (1 - _JOINING) * (1 - _QUIET)
"""Nobody can see a decline of somebody who has just come or hardly ever came."""


def make_customer(plan: Plan, shelf: Shelf, pen: Pen, number: int) -> Customer:
    """The customer of that number: the same in a bank of ten and in a bank of a million."""
    rng = chance(plan.seed, "customer", number)
    persona = rng.choices(PERSONAS, [kind.share for kind in PERSONAS])[0]
    customer_id = token("c", plan.seed, number)
    serial = f"{digest(plan.seed, 'serial', number) & (1 << 56) - 1:014x}"
    person = make_person(rng, persona.ages, plan.start)
    joins = rng.randrange(1, max(2, int(plan.length * 0.7))) if rng.random() < _JOINING else 0
    since = plan.start + timedelta(days=joins) if joins else plan.start - timedelta(days=rng.randint(30, 5000))
    declines = rng.random() < plan.decliners / _COULD_DECLINE and joins == 0 and persona.name != "quiet"
    course = make_course(rng, plan.length, declines=declines)
    unit = list(shelf.branches)[digest(plan.seed, "branch", number) % len(shelf.branches)]
    managers = shelf.managers[unit]
    has_manager = persona.name == "wealthy" or rng.random() < 0.15
    monthly = int(persona.income_median * 100 * rng.lognormvariate(0, 0.4))
    holdings = first_holdings(rng, persona, monthly)
    luck = chance(plan.seed, "luck", number)
    weak = weakness(luck)
    if holdings.loan:
        holdings.loan_class = first_class(luck, weak)
    pace = min(4.0, max(0.15, rng.gammavariate(3.0, 1 / 3.0)))
    life = Life(
        rng=rng,
        customer_id=customer_id,
        persona=persona,
        course=course,
        mix=persona.mix,
        rate=persona.daily_rate * pace,
        basket=_basket(persona, monthly, pace),
        income=monthly,
        paydays=persona.paydays if persona.income is SETTLEMENT else (rng.choice(persona.paydays),),
        orders=tuple(_orders(rng, persona, monthly, holdings)),
        language=person.speaks,
        unit=unit,
        accounts=_accounts(rng, plan.seed, number, persona, monthly),
        holdings=holdings,
        weakness=weak,
        luck=luck,
    )
    strain(life)
    manager = rng.choice(managers) if has_manager else None
    written = CustomerPen(pen, customer_id, serial)
    region = shelf.branches[unit]
    plant = None
    if plan.abnormal and joins == 0 and not declines:
        # Of a chance of its own: who is planted lives the same life beside it.
        of_plants = chance(plan.seed, "abnormal", number)
        plant = make_plant(of_plants, plan.length) if of_plants.random() < plan.abnormal else None
    return Customer(number, life, person, written, Corrections(luck), joins, since, region, manager, plant=plant)


def decline_of(plan: Plan, customer: Customer) -> Decline | None:
    """The customer's line of the truth file, if any."""
    course = customer.life.course
    if course.kind is None:
        return None
    gone = course.gone_on(plan.length)
    return Decline(
        customer.life.customer_id,
        plan.start + timedelta(days=course.declines_from),
        None if gone is None else plan.start + timedelta(days=gone),
        course.kind,
    )


def planted_of(plan: Plan, customer: Customer) -> Planted | None:
    """The customer's line of the truth file on what is abnormal, if any."""
    if customer.plant is None:
        return None
    first, last = (plan.start + timedelta(days=day) for day in (min(customer.plant.doings), max(customer.plant.doings)))
    return Planted(customer.life.customer_id, customer.plant.kind, first, last)


def _basket(persona: Persona, monthly: int, pace: float) -> int:
    """Such that a month's own spending takes about three quarters of a month's income."""
    qr, card, withdraw, deposit, transfer, *_ = persona.weekly
    baskets = (0.5 * qr + 1.6 * card + 4.0 * withdraw + 3.0 * transfer - 6.0 * deposit) * 4.33 * pace
    earned = monthly * (len(persona.paydays) if persona.income is SETTLEMENT else 1)
    return min(_HIGHEST, max(_LOWEST, int(0.75 * earned / max(baskets, 0.5))))


def _orders(rng: Random, persona: Persona, monthly: int, holdings: Holdings) -> list[StandingOrder]:
    orders = []
    if persona.name != "student" and rng.random() < 0.8:
        orders.append(StandingOrder(rng.randint(16, 24), UTILITY, rng.randint(8_000, 40_000), 0.3))
    if holdings.loan:
        orders.append(StandingOrder(rng.randint(18, 25), REPAYMENT, int(monthly * rng.uniform(0.15, 0.3))))
    elif persona.name == "salaried" and rng.random() < 0.4:
        orders.append(
            StandingOrder(rng.randint(16, 28), RENT, int(monthly * rng.uniform(0.15, 0.3)) // 10_000 * 10_000)
        )
    if rng.random() < 0.3:
        orders.append(StandingOrder(rng.randint(10, 28), HOUSEHOLD, rng.randint(5_000, 30_000), 0.1))
    if any(code.startswith("IN-") for code in holdings.amounts):
        orders.append(StandingOrder(rng.randint(1, 28), PREMIUM, int(monthly * rng.uniform(0.02, 0.08))))
    return orders


def _accounts(rng: Random, seed: int, number: int, persona: Persona, monthly: int) -> list[Account]:
    overdraft = -monthly // 2 if rng.random() < persona.overdraft else 0
    accounts = [Account(token("a", seed, number, 1), "current", int(monthly * rng.uniform(0.5, 3)), overdraft)]
    if rng.random() < persona.saves:
        accounts.append(Account(token("a", seed, number, 2), "savings", int(monthly * rng.uniform(1, 15))))
    return accounts
