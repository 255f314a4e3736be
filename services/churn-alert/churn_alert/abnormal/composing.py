"""How this room is put into the service: what its settings make of it, what it hears, serves and refuses."""

from dataclasses import replace
from functools import partial
from pathlib import Path

from churn_alert.abnormal.api import router
from churn_alert.abnormal.domain.answers import (
    AbnormalActivityClosed,
    DismissalAlreadyProposed,
    DismissalNeedsAnother,
    DismissalNotProposed,
)
from churn_alert.abnormal.domain.leads import AbnormalActivityNotFound
from churn_alert.abnormal.erasing import heeding_ends
from churn_alert.abnormal.facts import Watch
from churn_alert.abnormal.following import date_leads, fire_due_leads
from churn_alert.abnormal.hearing import hearing, swept
from churn_alert.abnormal.reading import read_reporting, read_working_days, rules_of
from churn_alert.abnormal.store.tables import abnormal_activities
from churn_alert.tables import person_due_times
from rapport.bank_settings import BankSettings
from rapport.clock import utc_now
from rapport.composition import Composition
from rapport.messaging.following import followed_by
from rapport.messaging.sweeper import Sweep
from rapport.web import Problems

_PROBLEMS: Problems = {
    AbnormalActivityNotFound: (404, "No such lead"),
    AbnormalActivityClosed: (409, "The lead is closed"),
    DismissalAlreadyProposed: (409, "A dismissal is proposed already"),
    DismissalNotProposed: (409, "No dismissal is proposed"),
    DismissalNeedsAnother: (409, "Another person decides on a dismissal"),
}


def watched(composition: Composition, bank: BankSettings, rules: Path | None, working_days: Path | None) -> Composition:
    """The service with this room behind all others: it hears what they hear after them, and judges persons whom they
    have asked for. The paths are of documents instead of the published ones; DocumentInvalid where one breaks a rule.
    """
    today = utc_now().astimezone(bank.zone).date()
    reporting = rules_of(read_reporting(rules, currency=bank.currency, today=today), bank.zone)
    watch = Watch(reporting, read_working_days(working_days))
    sweeps = [
        replace(sweep, fire=swept(sweep.fire, watch)) if sweep.table is person_due_times else sweep
        for sweep in composition.sweeps
    ]
    return replace(
        composition,
        subscriptions=heeding_ends(followed_by(composition.subscriptions, hearing(watch)), watch),
        routers=(*composition.routers, router),
        problems={**composition.problems, **_PROBLEMS},
        upkeep=(*composition.upkeep, partial(date_leads, watch=watch)),
        sweeps=(*sweeps, Sweep("leads", abnormal_activities, fire_due_leads)),
    )
