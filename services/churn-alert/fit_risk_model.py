"""Fits the published risk model on one simulated bank and judges it on another; prints what the model's card says.

    python services/churn-alert/fit_risk_model.py --fit 101 --judge 202 --customers 3000

A tool for whoever revises the model, no part of the service. It uses the service's own fold, anchor and decisions, so
what is judged is what runs. The truth about who declines is read here and nowhere else.
"""

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import betaln, gammaln

from churn_alert.risk.documents import read_document
from churn_alert.risk.domain.behaviour import Bank as Rulebook
from churn_alert.risk.domain.behaviour import Risk, fold_negative_feedback, fold_posting, fold_use
from churn_alert.risk.domain.crossing import Rules, anchor_of, catch_up, decide, is_known
from churn_alert.risk.domain.model import RiskModel, Weights
from churn_alert.risk.handlers import posting_of
from demo.judge import Truth, judge
from rapport.behaviour.fit import FitRefused, fit_mbg
from rapport.events.bank import FeedbackSubmitted, InteractionRecorded, TransactionRecorded
from simulator.bank import Bank, Plan
from simulator.bank.decline import Decline
from simulator.bank.plan import BANK_ZONE

BANK = Rulebook("CNY", ZoneInfo("Asia/Shanghai"))
TERMS = ("week", "month", "silence", "inflow", "outflow", "negatives")
LEAST = {"silence": 0.1}
"""The fit alone gives silence no weight beside the ratios; held up, so that every long silence raises the risk."""
MOST = {"negatives": 1.5}
"""How often simulated decliners complain is invented, so the fit is not believed further than this."""
EVENTS = {event.name: event for event in (TransactionRecorded, InteractionRecorded, FeedbackSubmitted)}
BEGINS, ENDS, BEFORE = 7, 75, 7
"""A customer counts as declining from a week after the planted day, when it can show, for ten weeks, and as not
declining until a week before it; what lies between and after is left out."""


class Life(NamedTuple):
    """One customer's history and, for a decliner, how it turned."""

    events: list[Any]
    decline: Decline | None


def lives(seed: int, customers: int, months: int) -> tuple[dict[str, Life], Plan]:
    """A simulated bank, by customer."""
    plan = Plan(seed=seed, customers=customers, months=months)
    bank = Bank(plan)
    declines = {line.customer_id: line for line in bank.decliners()}
    events: dict[str, list[Any]] = defaultdict(list)
    for record in bank.records():
        wanted = EVENTS.get(record.topic)
        if wanted is not None and b'"customer_id"' in record.value:
            event = wanted.model_validate_json(record.value)
            events[event.key].append(event)
    return {key: Life(found, declines.get(key)) for key, found in events.items()}, plan


def when(event: Any) -> datetime:
    """When it happened."""
    moment: datetime = event.submitted_at if isinstance(event, FeedbackSubmitted) else event.occurred_at
    return moment


def fold(risk: Risk, event: Any) -> None:
    """As the service folds; a complaint, or one or two stars, is what the feedback service calls negative."""
    match event:
        case TransactionRecorded():
            fold_posting(risk, posting_of(event, BANK), BANK.zone)
        case InteractionRecorded():
            fold_use(risk, event.occurred_at, BANK.zone)
        case FeedbackSubmitted(kind="complaint") | FeedbackSubmitted(rating=1 | 2):
            fold_negative_feedback(risk, event.submitted_at)


def samples(life: Life, plan: Plan, model: RiskModel) -> Iterator[tuple[list[float], bool]]:
    """The terms of the log-odds at every third midnight, and whether the customer is declining."""
    rules = Rules(BANK, model)
    units = [
        replace(model, weights=Weights(0.0, *(1.0 if name == term else 1e-12 for name in TERMS))) for term in TERMS
    ]
    risk, place = Risk("c"), 0
    for index in range(75, plan.length, 3):
        at = datetime.combine(plan.start + timedelta(days=index), time.min, BANK_ZONE)
        while place < len(life.events) and when(life.events[place]) < at:
            fold(risk, life.events[place])
            place += 1
        anchor = anchor_of(risk, rules)
        since = (at.date() - life.decline.declines_from).days if life.decline else -(1 << 20)
        is_declining = BEGINS <= since < ENDS
        if anchor is None or not is_known(risk, model, at) or not (is_declining or since < -BEFORE):
            continue
        yield [unit.log_odds(anchor, anchor.silence(at)) for unit in units], is_declining


def fit_weights(terms: NDArray[np.float64], declining: NDArray[np.float64]) -> Weights:
    """Logistic regression, lightly shrunk, each weight within its bounds."""
    bounds = [(None, None), *((LEAST.get(name, 0.0), MOST.get(name)) for name in TERMS)]

    def loss(beta: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        odds = beta[0] + terms @ beta[1:]
        apart = 1.0 / (1.0 + np.exp(-odds)) - declining
        slopes = np.concatenate([[apart.sum()], terms.T @ apart + 2.0 * beta[1:]])
        return float((np.logaddexp(0.0, odds) - declining * odds).sum() + (beta[1:] ** 2).sum()), slopes

    found = minimize(loss, np.array([-4.0] + [0.5] * len(TERMS)), jac=True, method="L-BFGS-B", bounds=bounds)
    return Weights(*(round(float(value), 3) for value in found.x))


def replayed(life: Life, rules: Rules, until: datetime) -> list[tuple[datetime, str]]:
    """The customer's crossings upwards, each of which opens an alert while nobody acknowledges any."""
    risk = Risk("c")
    found = []
    for event in life.events:
        at = when(event)
        found.append(catch_up(risk, rules, at))
        fold(risk, event)
        found.append(decide(risk, rules, at))
    found.append(catch_up(risk, rules, until))
    return [(one.at, one.cause) for one in found if one is not None and one.direction == "up"]


def judged(bank: dict[str, Life], plan: Plan, model: RiskModel) -> dict[str, Any]:
    """As the demo judges, and how many days after the planted one the first alert of a decliner came."""
    end = datetime.combine(plan.end + timedelta(days=1), time.min, BANK_ZONE)
    rules = Rules(BANK, model)
    opened = {key: replayed(life, rules, end) for key, life in bank.items()}
    declines = {key: life.decline for key, life in bank.items() if life.decline}
    truth = {key: Truth(line.declines_from, line.gone_on) for key, line in declines.items()}
    verdict = judge([(key, at.date()) for key, found in opened.items() for at, _ in found], truth)
    delays = [
        (min(hits) - line.begins_on).days
        for key, line in truth.items()
        if (hits := [at.date() for at, _ in opened[key] if at.date() >= line.begins_on - timedelta(days=7)])
    ]
    causes = Counter(cause for found in opened.values() for _, cause in found)
    return {
        "alerts": verdict.alerts,
        "declines": verdict.declines,
        "precision": round(verdict.precision or 0.0, 3),
        "recall": round(verdict.recall or 0.0, 3),
        "median_days_before_the_customer_is_gone": verdict.median_lead_days,
        "median_days_after_the_decline_began": float(np.median(delays)) if delays else None,
        "by_cause": dict(causes),
    }


def lifetime_of(bank: dict[str, Life], plan: Plan) -> str:
    """MBG/NBD on the customers' active days, in days.

    So few leave after any one day that the spread of that chance is not determined, and the free fit is refused: then a
    is held at 1, and r, alpha and b, which gives the mean chance, are fitted alone.
    """
    end = datetime.combine(plan.end + timedelta(days=1), time.min, BANK_ZONE)
    folded = [_folded(life) for life in bank.values()]
    histories = [risk.active_days.history(end, BANK.zone) for risk in folded if risk.active_days]
    try:
        return str(fit_mbg(histories).parameters)
    except FitRefused:
        frequency, recency, age = np.array(histories).T

    def loss(logs: NDArray[np.float64]) -> float:
        r, alpha, b = np.exp(logs)
        gone = np.log(1.0 / (b + frequency)) + (r + frequency) * np.log((alpha + age) / (alpha + recency))
        rates = gammaln(r + frequency) - gammaln(r) + r * np.log(alpha) - (r + frequency) * np.log(alpha + age)
        return -float((rates + betaln(1.0, b + frequency + 1.0) - betaln(1.0, b) + np.logaddexp(0.0, gone)).sum())

    found = np.exp(minimize(loss, np.log([1.0, 5.0, 1000.0]), method="Nelder-Mead", options={"maxiter": 2000}).x)
    r, alpha, b = (float(f"{value:.4g}") for value in found)
    return f"r={r} alpha={alpha} a=1 b={b}, for the free fit is refused"


def _folded(life: Life) -> Risk:
    risk = Risk("c")
    for event in life.events:
        fold(risk, event)
    return risk


def usual_outflow(bank: dict[str, Life], model: RiskModel) -> float:
    """What 95 % of the customers who do not decline stay below, as of their last event."""
    found = []
    for life in bank.values():
        anchor = anchor_of(_folded(life), Rules(BANK, model))
        if life.decline is None and anchor is not None and anchor.outflow is not None:
            found.append(anchor.outflow)
    return round(float(np.quantile(found, 0.95)), 2)


def say(*words: object) -> None:
    """To the person who runs this, at once: it takes a while."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit, judge, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fit", type=int, default=101, help="seed of the bank to fit on")
    parser.add_argument("--judge", type=int, default=202, help="seed of the bank to judge on")
    parser.add_argument("--customers", type=int, default=3000)
    parser.add_argument("--months", type=int, default=12)
    asked = parser.parse_args(arguments)
    model = read_document().model()
    bank, plan = lives(asked.fit, asked.customers, asked.months)
    found = [sample for life in bank.values() for sample in samples(life, plan, model)]
    terms, declining = np.array([row for row, _ in found]), np.array([float(mark) for _, mark in found])
    weights = fit_weights(terms, declining)
    say("MBG/NBD:", lifetime_of(bank, plan))
    say("usual outflow:", usual_outflow(bank, model))
    say("weights:", weights, f"on {len(declining)} samples, {int(declining.sum())} declining")
    fresh, its_plan = lives(asked.judge, asked.customers, asked.months)
    for upper in (0.7, 0.75, 0.8):
        tried = replace(model, weights=weights, upper=upper, lower=min(model.lower, upper / 2))
        for seed, one, its in ((asked.fit, bank, plan), (asked.judge, fresh, its_plan)):
            say(f"upper {upper:.2f}, bank {seed}: {json.dumps(judged(one, its, tried))}")


if __name__ == "__main__":
    main()
