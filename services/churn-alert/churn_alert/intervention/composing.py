"""How playbooks and interventions join the service: one call before alerts are handled, one once all else is there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from churn_alert.alert.alerting import FollowAlerts
from churn_alert.alert.domain.lifecycle import Assign
from churn_alert.intervention.api import interventions, pitches, tasks
from churn_alert.intervention.handlers.answering import fire_due_steps
from churn_alert.intervention.handlers.calendar import fire_due_calendars, replan, with_calendar
from churn_alert.intervention.handlers.following import assign_playbook, follow_alerts
from churn_alert.intervention.handlers.nodes import (
    follow_stages,
    with_openings,
    with_products,
    with_upgrades,
    with_wakings,
)
from churn_alert.intervention.handlers.opening import fire_asked_occasions
from churn_alert.intervention.store.asked import asked_occasions
from churn_alert.intervention.store.calendars import contact_calendars
from churn_alert.intervention.store.tables import intervention_steps
from churn_alert.intervention.views import PROBLEMS
from churn_alert.lifecycle.documents import StagesDocument
from churn_alert.lifecycle.following import FollowStages
from churn_alert.playbook import api as playbooks
from churn_alert.playbook.documents import PlaybooksDocument, read_playbooks
from churn_alert.playbook.domain.lot import Lot
from churn_alert.playbook.domain.playbooks import Shelf
from rapport.bank_settings import BankSettings
from rapport.clock import utc_now
from rapport.composition import Composition
from rapport.events.bank import AccountChanged, HoldingChanged
from rapport.events.contact import ContactDelivered
from rapport.events.scoring import TierChanged
from rapport.messaging.sweeper import Sweep
from rapport.privacy.encryption import KeyFileInvalid, MasterKeys, bound
from rapport.privacy.key_checks import KeyFile
from rapport.settings import SettingsInvalid

_KEY = "CHURN_ALERT_HOLD_OUT__KEY_FILE"
_ROUTERS = (playbooks.router, interventions.router, tasks.router, pitches.router)


@dataclass(frozen=True, slots=True)
class Playing:
    """The bank's playbooks, and what alerts are handled with by them. `key_file`: of the lot."""

    document: PlaybooksDocument
    shelf: Shelf
    key_file: KeyFile

    @property
    def assign(self) -> Assign:
        """Which playbook an alert has, and in which arm."""
        return partial(assign_playbook, shelf=self.shelf)

    @property
    def follow(self) -> FollowAlerts:
        """What is done once alerts have changed."""
        return partial(follow_alerts, shelf=self.shelf)

    @property
    def follow_stages(self) -> FollowStages:
        """What is done once stages have changed."""
        return partial(follow_stages, shelf=self.shelf)

    def held_out_share(self, playbook: str, version: int) -> float | None:
        """Of the people that a playbook of this version is for, those held out; None where nobody is, or it is none."""
        book = self.shelf.of(version)
        found = next((one for one in book.playbooks if one.code == playbook), None) if book else None
        return found.hold_out.share if found and found.hold_out else None

    def share_of_experiment(self, experiment: str, version: int) -> float | None:
        """Of the people that an experiment is about in this version, those held out; None where it is none."""
        book = self.shelf.of(version)
        drawn = (one.hold_out for one in book.playbooks) if book else ()
        return next((one.share for one in drawn if one and one.experiment == experiment), None)


def playing(bank: BankSettings, path: Path | None, key_path: Path | None) -> Playing:
    """By the document at `path`, or the published one, and the key at `key_path`.

    Raises SettingsInvalid, which names the fields at fault, as DocumentInvalid too.
    """
    key_file = _key_file(key_path)
    lot = Lot(key_file.keys.derived_bytes(key_file.keys.current, bound("churn-alert", "hold-out")))
    today = utc_now().astimezone(bank.zone).date()
    return Playing(*read_playbooks(path, bank.zone, lot, today=today), key_file)


def _key_file(path: Path | None) -> KeyFile:
    """The one key of the lot; another under its version is refused before anything is drawn (`check_keys`)."""
    if path is None:
        raise SettingsInvalid(
            f"{_KEY}: is missing: without a key whoever reads the playbooks could tell who is held out. Name a file of "
            "the service's own with one line, `1:<32 bytes in base64>` (docs/runbooks/keys.md)"
        )
    try:
        keys = MasterKeys.read(path)
    except KeyFileInvalid as fault:
        raise SettingsInvalid(f"{_KEY}: {fault} (docs/runbooks/keys.md)") from None
    if len(keys.keys) != 1:
        raise SettingsInvalid(
            f"{_KEY}: {path} holds {len(keys.keys)} keys; arms are drawn by one for ever, keep the first"
        )
    return KeyFile(_KEY, path, keys)


def check_strategies(documents: Sequence[StagesDocument], shelf: Shelf) -> None:
    """That the care of every stage is a playbook that there is. Raises SettingsInvalid, which names the field."""
    codes = {one.code for one in shelf.latest.playbooks}
    for document in documents:
        for stage, strategy in document.strategies.items():
            if strange := sorted(set(strategy.care) - codes):
                raise SettingsInvalid(
                    f"stages {document.name} {document.version}: strategies.{stage}.care: {', '.join(strange)} is no "
                    f"playbook; name some of {', '.join(sorted(codes))}, or write it into the playbooks"
                )


def cared(composition: Composition, played: Playing) -> Composition:
    """The service with what is done about its alerts."""
    heard, shelf = composition.subscriptions, played.shelf
    check_strategies(composition.state["stages_documents"], shelf)
    with_facts = with_openings(with_wakings(with_calendar(heard[AccountChanged], shelf), shelf), shelf)
    with_answers = with_calendar(heard[ContactDelivered], shelf)
    # All that one handler had has one again.
    anew = {heard[AccountChanged]: with_facts, heard[ContactDelivered]: with_answers}
    nodes = {event: anew[handler] for event, handler in heard.items() if handler in anew}
    nodes[TierChanged] = with_upgrades(heard[TierChanged], shelf)
    nodes[HoldingChanged] = with_products(heard[HoldingChanged], shelf)
    return replace(
        composition,
        subscriptions={**heard, **nodes},
        routers=(*composition.routers, *_ROUTERS),
        problems={**composition.problems, **PROBLEMS},
        key_files=(*composition.key_files, played.key_file),
        sweeps=(
            *composition.sweeps,
            Sweep("interventions", intervention_steps, fire_due_steps),
            Sweep("calendars", contact_calendars, partial(fire_due_calendars, shelf=shelf)),
            Sweep("occasions", asked_occasions, partial(fire_asked_occasions, shelf=shelf)),
        ),
        upkeep=(*composition.upkeep, partial(replan, shelf=shelf)),
        state={
            **composition.state,
            "playbooks": (played.document, shelf),
            "held_out_share": played.held_out_share,
        },
    )
