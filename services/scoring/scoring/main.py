"""The composition root of scoring: the only file that knows every other."""

from functools import partial
from pathlib import Path

from rapport.composition import Composition
from rapport.messaging.retelling import States
from rapport.messaging.sweeper import Sweep
from rapport.privacy.keyring import Keyring
from rapport.web.idempotency import forget_old_answers
from scoring.challenger.domain.contest import Ring
from scoring.challenger.handlers.jobs import begin_shadows, compare, fire_due_shadows
from scoring.challenger.store.shadows import shadows
from scoring.drift.handlers import take_snapshots
from scoring.entitlement.handlers import note_classes
from scoring.fairness.handlers import count_groups
from scoring.policy.files import read_policies
from scoring.policy.handlers import Policies, keep_policies
from scoring.release.handlers.jobs import bring_forward, score_book
from scoring.scorecard.files import read_documents, scorecards_of
from scoring.scorecard.handlers import keep_scorecards
from scoring.segment.domain.model import SegmentModels
from scoring.segmentation.composing import segmented
from scoring.segmentation.handlers import looking_on
from scoring.served import FIGURES, PROBLEMS, ROUTERS
from scoring.settings import Settings
from scoring.standing.composing import in_its_time
from scoring.standing.domain.rules import Rules
from scoring.standing.handlers import fire_due_standings
from scoring.standing.merging import fire_asked_persons
from scoring.standing.store.decisions import read_states
from scoring.standing.store.due_times import due_times
from scoring.subscriptions import subscriptions
from scoring.tables import metadata, person_due_times


def compose(settings: Settings) -> Composition:
    """Scoring as its settings want it. Raises DocumentInvalid where a document breaks a rule: nothing starts on it."""
    documents = read_documents(settings.bank.currency, settings.bank.scorecards)
    rules = Rules(settings.bank.bank(), scorecards_of(documents), rates=settings.rates())
    known = Policies(read_policies(settings.bank.currency, settings.bank.policies))
    ring, segments = Ring(), SegmentModels()
    keyring = Keyring.of("scoring", settings.encryption)
    composition = Composition(
        name="scoring",
        title="Rapport scoring",
        description="Where every customer stands, in which tier, since when, and why.",
        migrations=Path(__file__).parents[1] / "migrations",
        metadata=metadata,
        subscriptions=subscriptions(rules, ring, partial(looking_on, models=segments, rules=rules)),
        routers=ROUTERS,
        problems=PROBLEMS,
        sweeps=[
            Sweep("standings", due_times, partial(fire_due_standings, rules=rules)),
            Sweep("persons", person_due_times, partial(fire_asked_persons, rules=rules)),
            Sweep("shadows", shadows, partial(fire_due_shadows, ring=ring, rules=rules)),
        ],
        states=[States("standings", read_states)],
        upkeep=[partial(keep_scorecards, documents=documents), partial(keep_policies, known=known), forget_old_answers],
        jobs={
            "dry-runs": partial(score_book, rules=rules),
            "due times": partial(bring_forward, rules=rules),
            "shadows": partial(begin_shadows, ring=ring, rules=rules),
            "comparison": partial(compare, ring=ring, rules=rules),
            "snapshots": partial(take_snapshots, rules=rules),
            "groups": partial(count_groups, rules=rules),
            "classes": partial(note_classes, rules=rules, policies=known),
        },
        figures=FIGURES,
        state={
            "rules": rules,
            "files": documents,
            "policies": known,
            "keyring": keyring,
            "largest_share_moved": settings.bank.largest_share_moved,
            "longest_override": settings.bank.longest_override,
            "appeal_within": settings.bank.appeal_within,
        },
        keyring=keyring,
    )
    return in_its_time(segmented(composition, segments, rules))
