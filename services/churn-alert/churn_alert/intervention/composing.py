"""How playbooks and interventions join the service: one call before alerts are handled, one once all else is there."""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from churn_alert.alert.alerting import Assign, FollowAlerts
from churn_alert.intervention.alongside import with_left_alone
from churn_alert.intervention.api import interventions, pitches, tasks
from churn_alert.intervention.handlers.answering import fire_due_steps
from churn_alert.intervention.handlers.following import assign_playbook, follow_alerts
from churn_alert.intervention.handlers.nodes import with_openings, with_products, with_upgrades
from churn_alert.intervention.store.tables import intervention_steps
from churn_alert.intervention.views import PROBLEMS
from churn_alert.playbook import api as playbooks
from churn_alert.playbook.documents import PlaybooksDocument, PlaybooksInvalid, read_playbooks
from churn_alert.playbook.domain.playbooks import Shelf
from rapport.bank_settings import BankSettings
from rapport.composition import Composition
from rapport.events.bank import AccountChanged, HoldingChanged
from rapport.events.scoring import TierChanged
from rapport.messaging.sweeper import Sweep
from rapport.settings import SettingsInvalid

_ROUTERS = (playbooks.router, interventions.router, tasks.router, pitches.router)


@dataclass(frozen=True, slots=True)
class Playing:
    """The bank's playbooks, and what alerts are handled with by them."""

    document: PlaybooksDocument
    shelf: Shelf

    @property
    def assign(self) -> Assign:
        """Which playbook an alert has, and in which arm."""
        return partial(assign_playbook, shelf=self.shelf)

    @property
    def follow(self) -> FollowAlerts:
        """What is done once alerts have changed."""
        return partial(follow_alerts, shelf=self.shelf)

    def held_out_share(self, playbook: str, version: int) -> float | None:
        """Of the people that a playbook of this version is for, those held out; None where nobody is, or it is none."""
        book = self.shelf.of(version)
        found = next((one for one in book.playbooks if one.code == playbook), None) if book else None
        return found.hold_out.share if found and found.hold_out else None


def playing(bank: BankSettings, path: Path | None) -> Playing:
    """By the document at `path`, or the published one. Raises SettingsInvalid, which names the fields at fault."""
    try:
        return Playing(*read_playbooks(path, bank.zone))
    except PlaybooksInvalid as fault:
        raise SettingsInvalid(str(fault)) from fault


def cared(composition: Composition, played: Playing) -> Composition:
    """The service with what is done about its alerts; a sweep over persons also ends what is done for who is left alone
    by a word on another file.
    """
    sweeps = [
        replace(one, fire=with_left_alone(one.fire)) if one.name == "persons" else one for one in composition.sweeps
    ]
    heard = composition.subscriptions
    with_accounts = with_openings(heard[AccountChanged], played.shelf)
    # All that one handler had has one again.
    nodes = {event: with_accounts for event, handler in heard.items() if handler is heard[AccountChanged]}
    nodes[TierChanged] = with_upgrades(heard[TierChanged], played.shelf)
    nodes[HoldingChanged] = with_products(heard[HoldingChanged], played.shelf)
    return replace(
        composition,
        subscriptions={**heard, **nodes},
        routers=(*composition.routers, *_ROUTERS),
        problems={**composition.problems, **PROBLEMS},
        sweeps=(*sweeps, Sweep("interventions", intervention_steps, fire_due_steps)),
        state={**composition.state, "playbooks": (played.document, played.shelf)},
    )
