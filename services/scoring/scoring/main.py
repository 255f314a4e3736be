"""The composition root of scoring: the only file that knows every other."""

from functools import partial
from pathlib import Path

from rapport.composition import Composition
from rapport.messaging.retelling import States
from rapport.messaging.sweeper import Sweep
from rapport.privacy.encryption import MasterKeys
from rapport.privacy.keyring import Keyring
from rapport.settings import SettingsInvalid
from rapport.telemetry.metrics import Figures
from rapport.web import Problems
from rapport.web.idempotency import forget_old_answers
from scoring.appeal import api as appeals
from scoring.appeal.views import PROBLEMS as OF_APPEALS
from scoring.drift import api as drift
from scoring.drift.handlers import latest_indices, take_snapshots
from scoring.fairness import api as fairness
from scoring.fairness.handlers import count_groups, latest_selection_rates
from scoring.lifetime_value import api as lifetime_models
from scoring.override import api as overrides
from scoring.override.views import PROBLEMS as OF_OVERRIDES
from scoring.release import api as releases
from scoring.release.handlers.jobs import bring_forward, score_book
from scoring.release.views import PROBLEMS as OF_RELEASES
from scoring.scorecard import api as scorecards
from scoring.scorecard.domain import ScorecardInvalid
from scoring.scorecard.files import read_documents, scorecards_of
from scoring.scorecard.handlers import keep_scorecards
from scoring.segment import api as segments
from scoring.segment.domain.model import SegmentModels
from scoring.settings import Settings
from scoring.standing import api
from scoring.standing.domain.rules import Rules
from scoring.standing.domain.state import StandingNotFound
from scoring.standing.handlers import fire_due_standings
from scoring.standing.store.decisions import read_states
from scoring.standing.store.standings import standings
from scoring.subscriptions import subscriptions
from scoring.tables import metadata
from scoring.version.views import PROBLEMS as OF_VERSIONS

PROBLEMS: Problems = {
    StandingNotFound: (404, "No such standing"),
    **OF_VERSIONS,
    **OF_RELEASES,
    **OF_OVERRIDES,
    **OF_APPEALS,
}
SERVED = (api, scorecards, releases, lifetime_models, segments, overrides, appeals, drift, fairness)
FIGURES = (
    Figures("rapport_scoring_psi", "Population stability index of the book", ("version", "input"), read=latest_indices),
    Figures(
        "rapport_scoring_selection_rate", "Share in the top tier", ("attribute", "group"), read=latest_selection_rates
    ),
)


def compose(settings: Settings) -> Composition:
    """Scoring as its settings want it. Raises SettingsInvalid where a scorecard breaks a rule: nothing starts on it."""
    try:
        documents = read_documents(settings.bank.currency, settings.bank.scorecards)
        rules = Rules(settings.bank.bank(), scorecards_of(documents), rates=settings.rates())
    except ScorecardInvalid as fault:
        raise SettingsInvalid(str(fault)) from fault
    return Composition(
        name="scoring",
        title="Rapport scoring",
        description="Where every customer stands, in which tier, since when, and why.",
        migrations=Path(__file__).parents[1] / "migrations",
        metadata=metadata,
        subscriptions=subscriptions(rules),
        routers=[concept.router for concept in SERVED],
        problems=PROBLEMS,
        sweeps=[Sweep("standings", standings, partial(fire_due_standings, rules=rules))],
        states=[States("standings", read_states)],
        upkeep=[partial(keep_scorecards, documents=documents), forget_old_answers],
        jobs={
            "dry-runs": partial(score_book, rules=rules),
            "due times": partial(bring_forward, rules=rules),
            "snapshots": partial(take_snapshots, rules=rules),
            "groups": partial(count_groups, rules=rules),
        },
        figures=FIGURES,
        state={
            "rules": rules,
            "segments": SegmentModels(),
            "files": documents,
            "keyring": Keyring("scoring", MasterKeys.read(settings.encryption.key_file)),
            "largest_share_moved": settings.bank.largest_share_moved,
            "longest_override": settings.bank.longest_override,
            "appeal_within": settings.bank.appeal_within,
        },
    )
