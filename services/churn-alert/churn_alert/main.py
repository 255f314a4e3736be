"""The composition root of churn-alert: the only file that knows every other."""

from functools import partial
from pathlib import Path

from churn_alert.abnormal.composing import watched
from churn_alert.alert.alerting import Alerting
from churn_alert.alert.api import acts, lists
from churn_alert.alert.documents import policy_of, read_policy_versions
from churn_alert.alert.handlers import fire_due_alerts, follow_crossings, retime_outdated
from churn_alert.alert.merging import fire_asked_persons
from churn_alert.alert.store.tables import alerts
from churn_alert.casebook.composing import remembered
from churn_alert.feed.composing import heard
from churn_alert.intervention.alongside import with_left_alone
from churn_alert.intervention.composing import cared, playing
from churn_alert.lifecycle import api as lifecycles
from churn_alert.lifecycle.alongside import Staging, with_asked
from churn_alert.lifecycle.composing import rechecked
from churn_alert.lifecycle.documents import read_stage_versions, stage_rules
from churn_alert.lifecycle.handlers import fire_due_lives
from churn_alert.lifecycle.store.lives import lives
from churn_alert.lifecycle.store.transitions import read_states
from churn_alert.problems import PROBLEMS
from churn_alert.proof.composing import proved
from churn_alert.register.composing import registered
from churn_alert.risk import api as risk_api
from churn_alert.risk.composing import in_its_time
from churn_alert.risk.documents import read_model_versions
from churn_alert.risk.handlers import fire_due_risks, let_rest, recheck_outdated
from churn_alert.risk.normal_ranges import read_range_versions
from churn_alert.risk.store.risks import risks
from churn_alert.risk.versions import rules_of
from churn_alert.settings import Settings
from churn_alert.subscriptions import subscriptions
from churn_alert.tables import metadata, person_due_times
from rapport.clock import utc_now
from rapport.composition import Composition
from rapport.messaging.retelling import States
from rapport.messaging.sweeper import Sweep
from rapport.web.idempotency import forget_old_answers

_DESCRIPTION = """
Who is drifting away. What customers do of themselves is measured against their own past; the risk rises with silence,
and reaching the threshold opens an alert, though nothing else happens. At most one alert of a customer is open.
Customers are named by tokens. There is nothing here but counts, sums and decisions; no name and no word anybody wrote.
"""


def compose(settings: Settings) -> Composition:
    """Churn-alert as its settings want it. Raises DocumentInvalid where a document breaks a rule."""
    bank = settings.bank
    today = utc_now().astimezone(bank.zone).date()
    models = read_model_versions(bank.risk_model, today=today)
    rules = rules_of(bank.bank(), models, read_range_versions(bank.normal_ranges, today=today))
    stages_documents = read_stage_versions(bank.stages, today=today)
    stages = stage_rules(stages_documents, rules)
    policies = read_policy_versions(bank.alert_policy, today=today)
    policy = policy_of(policies, rules)
    played = playing(bank, bank.playbooks, settings.hold_out.key_file)
    alerting = Alerting(policy, bank.zone, played.assign, played.follow)
    staging = Staging(stages, played.follow_stages)
    follow = partial(follow_crossings, alerting=alerting)
    fire_asked = partial(fire_asked_persons, rules=rules, alerting=alerting)
    composition = Composition(
        name="churn-alert",
        title="Churn alert",
        description=_DESCRIPTION,
        migrations=Path(__file__).parents[1] / "migrations",
        metadata=metadata,
        subscriptions=subscriptions(rules, alerting, staging),
        routers=(lists.router, acts.router, risk_api.router, lifecycles.router),
        problems=PROBLEMS,
        sweeps=(
            Sweep("stages", lives, partial(fire_due_lives, **staging._asdict())),
            Sweep("risks", risks, partial(fire_due_risks, rules=rules, follow=follow)),
            Sweep("persons", person_due_times, with_left_alone(with_asked(fire_asked, staging))),
            Sweep("alerts", alerts, partial(fire_due_alerts, alerting=alerting)),
        ),
        states=(States("stages", read_states),),
        upkeep=(
            partial(recheck_outdated, rules=rules),
            partial(retime_outdated, alerting=alerting),
            forget_old_answers,
        ),
        state={
            "rules": rules,
            "alerting": alerting,
            "alert_policies": policies,
            "risk_models": models,
            "stages": stages,
            "stages_documents": stages_documents,
            "let_rest": partial(let_rest, rules=rules),
        },
    )
    composition = in_its_time(cared(composition, played), bank.feed_rules)
    composition = proved(composition, rules.bank.zone, bank.departure, played.share_of_experiment)
    composition = heard(registered(composition, bank, bank.register_rules))
    composition = remembered(rechecked(composition, stages), bank.likeness)
    return watched(composition, bank, bank.abnormal_rules, bank.working_days)
