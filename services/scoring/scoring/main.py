"""The composition root of scoring: the only file that knows every other."""

from functools import partial
from pathlib import Path

from rapport.composition import Composition
from rapport.messaging.retelling import States
from rapport.messaging.sweeper import Sweep
from rapport.settings import SettingsInvalid
from rapport.web import Problems
from rapport.web.idempotency import forget_old_answers
from scoring.scorecard import api as scorecards
from scoring.scorecard.domain import ScorecardInvalid, ScorecardNotFound
from scoring.scorecard.files import read_documents, scorecards_of
from scoring.scorecard.handlers import keep_scorecards
from scoring.settings import Settings
from scoring.standing import api
from scoring.standing.domain.state import StandingNotFound
from scoring.standing.domain.tiering import Rules
from scoring.standing.handlers import fire_due_standings
from scoring.standing.store.decisions import read_states
from scoring.standing.store.standings import standings
from scoring.subscriptions import subscriptions
from scoring.tables import metadata

PROBLEMS: Problems = {
    StandingNotFound: (404, "No such standing"),
    ScorecardNotFound: (404, "No such scorecard version"),
}


def compose(settings: Settings) -> Composition:
    """Scoring as its settings want it. Raises SettingsInvalid where a scorecard breaks a rule: nothing starts on it."""
    try:
        documents = read_documents(settings.bank.currency, settings.bank.scorecards)
        rules = Rules(settings.bank.bank(), scorecards_of(documents))
    except ScorecardInvalid as fault:
        raise SettingsInvalid(str(fault)) from fault
    return Composition(
        name="scoring",
        title="Rapport scoring",
        description="Where every customer stands, in which tier, since when, and why.",
        migrations=Path(__file__).parents[1] / "migrations",
        metadata=metadata,
        subscriptions=subscriptions(rules),
        routers=[api.router, scorecards.router],
        problems=PROBLEMS,
        sweeps=[Sweep("standings", standings, partial(fire_due_standings, rules=rules))],
        states=[States("standings", read_states)],
        upkeep=[partial(keep_scorecards, documents=documents), forget_old_answers],
        state={"rules": rules},
    )
