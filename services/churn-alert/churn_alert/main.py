"""The composition root of churn-alert: the only file that knows every other."""

from functools import partial
from pathlib import Path

from churn_alert.abnormal.composing import watched
from churn_alert.alert.alerting import Alerting
from churn_alert.alert.api import acts, lists
from churn_alert.alert.documents import AlertPolicyInvalid, read_policy
from churn_alert.alert.handlers import fire_due_alerts, follow_crossings, retime_outdated
from churn_alert.alert.merging import fire_asked_persons
from churn_alert.alert.store.tables import alerts
from churn_alert.intervention.composing import cared, playing
from churn_alert.lifecycle import api as lifecycles
from churn_alert.lifecycle.alongside import with_asked
from churn_alert.lifecycle.documents import read_document as read_stages
from churn_alert.lifecycle.domain.rules import StageRulesInvalid
from churn_alert.lifecycle.handlers import fire_due_lives, recheck_stages
from churn_alert.lifecycle.store.lives import lives
from churn_alert.lifecycle.store.transitions import read_states
from churn_alert.problems import PROBLEMS
from churn_alert.proof.composing import proved
from churn_alert.register.composing import registered
from churn_alert.risk import api as risk_api
from churn_alert.risk.documents import read_document
from churn_alert.risk.domain.calibration import RiskModelInvalid
from churn_alert.risk.domain.crossing import Rules
from churn_alert.risk.domain.normal import NormalRangesInvalid
from churn_alert.risk.handlers import fire_due_risks, let_rest, recheck_outdated
from churn_alert.risk.normal_ranges import read_ranges
from churn_alert.risk.store.risks import risks
from churn_alert.settings import Settings
from churn_alert.subscriptions import subscriptions
from churn_alert.tables import metadata, person_due_times
from rapport.clock import utc_now
from rapport.composition import Composition
from rapport.messaging.retelling import States
from rapport.messaging.sweeper import Sweep
from rapport.settings import SettingsInvalid
from rapport.web.idempotency import forget_old_answers

NAME = "churn-alert"
_DESCRIPTION = """
Who is drifting away. What customers do of themselves is measured against their own past; the risk rises with silence,
and reaching the threshold opens an alert, though nothing else happens. At most one alert of a customer is open.
Customers are named by tokens. There is nothing here but counts, sums and decisions; no name and no word anybody wrote.
"""


def compose(settings: Settings) -> Composition:
    """Churn-alert as its settings want it. Raises SettingsInvalid where a document breaks a rule."""
    try:
        document = read_document(settings.bank.risk_model)
        normal = read_ranges(settings.bank.normal_ranges)
        rules = Rules(settings.bank.bank(), document.model(), normal.ranges())
        stages_document = read_stages(settings.bank.stages, today=utc_now().date())
        stages = stages_document.rulebook(rules.model.lifetime, rules.bank.zone)
        policy = read_policy(settings.bank.alert_policy, today=utc_now().date())
    except (RiskModelInvalid, NormalRangesInvalid, StageRulesInvalid, AlertPolicyInvalid) as fault:
        raise SettingsInvalid(str(fault)) from fault
    played = playing(settings.bank, settings.bank.playbooks, settings.hold_out.key_file)
    alerting = Alerting(policy.policy(), settings.bank.zone, played.assign, played.follow)
    follow = partial(follow_crossings, alerting=alerting)
    fire_asked = partial(fire_asked_persons, rules=rules, alerting=alerting)
    composition = Composition(
        name=NAME,
        title="Churn alert",
        description=_DESCRIPTION,
        migrations=Path(__file__).parents[1] / "migrations",
        metadata=metadata,
        subscriptions=subscriptions(rules, alerting, stages),
        routers=(lists.router, acts.router, risk_api.router, lifecycles.router),
        problems=PROBLEMS,
        sweeps=(
            Sweep("stages", lives, partial(fire_due_lives, rules=stages)),
            Sweep("risks", risks, partial(fire_due_risks, rules=rules, follow=follow)),
            Sweep("persons", person_due_times, with_asked(fire_asked, stages)),
            Sweep("alerts", alerts, partial(fire_due_alerts, alerting=alerting)),
        ),
        states=(States("stages", read_states),),
        upkeep=(
            partial(recheck_outdated, rules=rules),
            partial(recheck_stages, rules=stages),
            partial(retime_outdated, alerting=alerting),
            forget_old_answers,
        ),
        state={
            "rules": rules,
            "alerting": alerting,
            "alert_policy": policy,
            "risk_model": document,
            "normal_ranges": normal,
            "stages": stages,
            "stages_document": stages_document,
            "let_rest": partial(let_rest, rules=rules),
        },
    )
    composition = proved(cared(composition, played), rules.bank.zone, settings.bank.departure, played.held_out_share)
    composition = registered(composition, settings.bank, settings.bank.register_rules)
    return watched(composition, settings.bank, settings.bank.abnormal_rules, settings.bank.working_days)
