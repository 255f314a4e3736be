"""Leads on abnormal activity, in memory: what is found of what a simulated bank planted, and what finding it costs."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from time import process_time
from typing import NamedTuple

from benchmarks.ground import CONSOLE, middle, table
from churn_alert.abnormal.domain.finding import follow
from churn_alert.abnormal.domain.judging import day_of_key
from churn_alert.abnormal.domain.packing import packed, unpacked
from churn_alert.abnormal.domain.state import Activity, fold
from churn_alert.abnormal.domain.valuing import Rates
from churn_alert.abnormal.facts import posting_of, value_by
from churn_alert.abnormal.reading import read_reporting, rules_of
from churn_alert.risk.documents import read_document
from churn_alert.risk.domain.behaviour import Bank as RiskBank
from churn_alert.risk.domain.behaviour import Risk, fold_posting
from churn_alert.risk.domain.crossing import Rules as RiskRules
from churn_alert.risk.domain.crossing import decide
from churn_alert.risk.facts import posting_of as risk_posting_of
from churn_alert.risk.normal_ranges import read_ranges
from rapport.events.bank import TransactionRecorded
from simulator.bank import Bank, Plan
from simulator.bank.plan import BANK_ZONE
from simulator.bank.plants import PLANTS, Planted, PlantKind

PLAN_DAY = date(2025, 1, 1)
"""By when the rules have to be in force."""
PLAN = Plan(seed=303, customers=1500, months=8, abnormal=0.1)
ROUNDS = 3
RULES = rules_of(read_reporting(currency="CNY", today=PLAN_DAY), BANK_ZONE)
_VALUE_OF = value_by(Rates(()), RULES)
_MEANT: Mapping[PlantKind, str] = {
    "large-cash": "large-cash",
    "structured-cash": "structured-cash",
    "passed-through": "passed-through",
    "large-cross-border": "large-cross-border-person",
    "night": "unusual-night",
    "new-counterparty": "new-counterparty",
}
Lives = Mapping[str, Sequence[TransactionRecorded]]


class Judged(NamedTuple):
    """`recall`: of each planted form the share found on its days by the rule that is meant for it. `precision`: of the
    leads of a kind the share that lies on the days of who is planted. `leads`: how many of that kind.
    """

    recall: dict[PlantKind, float]
    precision: dict[str, float]
    leads: dict[str, int]
    planted: dict[PlantKind, int]


def lives_of(bank: Bank) -> Lives:
    """Every customer's postings in the order in which they were told."""
    lives: defaultdict[str, list[TransactionRecorded]] = defaultdict(list)
    for record in bank.records():
        if record.topic == TransactionRecorded.name and b'"transaction_no"' in record.value:
            fact = TransactionRecorded.model_validate_json(record.value)
            lives[fact.customer_id].append(fact)
    return lives


def found_in(life: Sequence[TransactionRecorded]) -> set[tuple[str, int]]:
    """Rules and days of the leads on a customer that are true in the end."""
    state = Activity(life[0].customer_id)
    found: set[tuple[str, int]] = set()
    for fact in life:
        posting = posting_of(fact, RULES)
        fold(state, posting)
        for change in follow(state, posting.day, RULES, _VALUE_OF):
            lead = change.key.split("|")[1], day_of_key(change.key)
            (found.discard if change.what == "gone" else found.add)(lead)
    return found


def judged(lives: Lives, planted: Sequence[Planted]) -> Judged:
    """The leads on these customers against the truth file."""
    leads = {customer_id: found_in(life) for customer_id, life in lives.items()}
    truth = {one.customer_id: one for one in planted}
    meant: defaultdict[PlantKind, list[bool]] = defaultdict(list)
    for one in planted:
        met = {rule for rule, day in leads.get(one.customer_id, ()) if _is_of(one, day)}
        meant[one.kind].append(_MEANT[one.kind] in met)
    right: defaultdict[str, list[bool]] = defaultdict(list)
    for customer_id, of_one in leads.items():
        for rule, day in of_one:
            plant = truth.get(customer_id)
            right[_kind_of(rule)].append(plant is not None and _is_of(plant, day))
    return Judged(
        recall={kind: _share(meant[kind]) for kind in PLANTS},
        precision={kind: _share(hits) for kind, hits in right.items()},
        leads={kind: len(hits) for kind, hits in right.items()},
        planted={kind: len(meant[kind]) for kind in PLANTS},
    )


def _is_of(plant: Planted, day: int) -> bool:
    # The money comes in three days before it is sent on.
    return (plant.first - timedelta(days=1)).toordinal() <= day <= plant.last.toordinal()


def _kind_of(rule: str) -> str:
    if rule.startswith("large-"):
        return "large"
    return "pattern" if rule in {one.code for one in RULES.patterns} else rule


def _share(hits: Sequence[bool]) -> float:
    return sum(hits) / len(hits) if hits else 0.0


def run() -> None:
    """Print recall and precision on the planted bank, and the cost of an event beside that of the risk."""
    bank = Bank(PLAN)
    lives = lives_of(bank)
    seen = judged(lives, bank.planted())
    shown = table("leads on a planted bank: 1,500 customers, 8 months", "", "planted", "recall")
    for kind in PLANTS:
        shown.add_row(kind, str(seen.planted[kind]), f"{seen.recall[kind]:.2f}")
    CONSOLE.print(shown)
    shown = table("of the leads, on the days of who is planted", "", "leads", "precision")
    for name, count in sorted(seen.leads.items()):
        shown.add_row(name, str(count), f"{seen.precision[name]:.2f}")
    CONSOLE.print(shown)
    told = [fact for life in list(lives.values())[:300] for fact in life]
    costs = [(_leads_cost(told), _risk_cost(told), _storing_cost(told)) for _ in range(ROUNDS)]
    leads, risk, storing = (middle([round_[part] for round_ in costs]) * 1e6 for part in range(3))
    shown = table(f"one event, {len(told):,} of them, microseconds", "", "median", "of the risk's")
    shown.add_row("risk: fold and decide", f"{risk:.1f}", "1.00")
    shown.add_row("leads: fold and judge", f"{leads:.1f}", f"{leads / risk:.2f}")
    shown.add_row("a customer's days to bytes and back", f"{storing:.1f}", f"{storing / risk:.2f}")
    CONSOLE.print(shown)


def _leads_cost(told: Sequence[TransactionRecorded]) -> float:
    states: dict[str, Activity] = {}
    began = process_time()
    for fact in told:
        posting = posting_of(fact, RULES)
        state = states.setdefault(fact.customer_id, Activity(fact.customer_id))
        fold(state, posting)
        follow(state, posting.day, RULES, _VALUE_OF)
    return (process_time() - began) / len(told)


def _risk_cost(told: Sequence[TransactionRecorded]) -> float:
    bank = RiskBank("CNY", BANK_ZONE)
    rules = RiskRules(bank, read_document().model(), read_ranges().ranges())
    risks: dict[str, Risk] = {}
    began = process_time()
    for fact in told:
        risk = risks.setdefault(fact.customer_id, Risk(fact.customer_id))
        fold_posting(risk, risk_posting_of(fact, bank), BANK_ZONE)
        decide(risk, rules, fact.occurred_at)
    return (process_time() - began) / len(told)


def _storing_cost(told: Sequence[TransactionRecorded]) -> float:
    states: dict[str, Activity] = {}
    for fact in told:
        fold(states.setdefault(fact.customer_id, Activity(fact.customer_id)), posting_of(fact, RULES))
    began = process_time()
    for state in states.values():
        unpacked(packed(state))
    return (process_time() - began) / len(states)
