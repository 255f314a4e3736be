"""`python -m fit_risk_model --fit 101 --judge 202 7001 --customers 3000`, in the project's root."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace

import fit_risk_model
from churn_alert.proof.domain.reliability import ranking, reliability
from churn_alert.risk.documents import read_document
from churn_alert.risk.domain.model import RiskModel
from fit_risk_model.banks import Simulated, simulated
from fit_risk_model.samples import TERMS, Samples, samples
from fit_risk_model.verdicts import alerts_of, alerts_of_silence, judged
from fit_risk_model.weights import fit_weights, lifetime_of, usual_outflow
from simulator.bank import Plan

_OTHER_THRESHOLDS = (0.7, 0.75, 0.8)
_SILENT_DAYS = (14, 21, 28, 45)


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit, judge, print."""
    parser = argparse.ArgumentParser(prog="python -m fit_risk_model", description=fit_risk_model.__doc__)
    parser.add_argument("--fit", type=int, default=101, help="seed of the bank to fit on (default %(default)s)")
    parser.add_argument(
        "--judge", type=int, nargs="+", default=[202, 7001], help="seeds of the banks to judge on (default 202 7001)"
    )
    parser.add_argument("--customers", type=int, default=3000, help="of each (default %(default)s)")
    parser.add_argument("--months", type=int, default=12, help="of their history (default %(default)s)")
    asked = parser.parse_args(arguments)
    published = read_document().model()
    model = _fitted(simulated(Plan(seed=asked.fit, customers=asked.customers, months=asked.months)), published)
    for seed in asked.judge:
        _judge(simulated(Plan(seed=seed, customers=asked.customers, months=asked.months)), model)


def _fitted(bank: Simulated, published: RiskModel) -> RiskModel:
    _say("MBG/NBD:", lifetime_of(bank))
    _say("usual outflow:", usual_outflow(bank, published))
    found = samples(bank, published)
    weights = fit_weights(found)
    is_same = "as published" if weights == published.weights else f"published are {published.weights}"
    _say(f"weights: {weights} on {len(found.declining)} samples, {int(found.declining.sum())} declining;", is_same)
    model = replace(published, weights=weights)
    _say(f"bank {bank.seed}, fitted on, from {model.upper:.2f}:", json.dumps(judged(bank, alerts_of(bank, model))))
    return model


def _judge(bank: Simulated, model: RiskModel) -> None:
    """At the published threshold first; the others show what it was chosen among."""
    for upper in dict.fromkeys((model.upper, *_OTHER_THRESHOLDS)):
        tried = replace(model, upper=upper, lower=min(model.lower, upper / 2))
        _say(f"bank {bank.seed}, from {upper:.2f}:", json.dumps(judged(bank, alerts_of(bank, tried))))
    for days, opened in alerts_of_silence(bank, model, _SILENT_DAYS).items():
        _say(f"bank {bank.seed}, {days} silent days:", json.dumps(judged(bank, opened)))
    _say(f"bank {bank.seed}, reliability:", json.dumps(_reliability(samples(bank, model), model)))


def _reliability(found: Samples, model: RiskModel) -> dict[str, float]:
    figures = reliability(found.probabilities(model.weights), found.declining)._asdict()
    alone = ranking(found.terms[:, TERMS.index("silence")], found.declining)
    return figures | {"auc_of_the_chance_of_silence_alone": round(alone, 3)}


def _say(*words: object) -> None:
    """To the person who runs this, at once: it takes a while."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
