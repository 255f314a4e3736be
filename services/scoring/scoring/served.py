"""What scoring serves: its operations, what they refuse with, and its gauges beside those that every service has."""

from rapport.web import Problems
from scoring.appeal import api as appeals
from scoring.appeal.views import PROBLEMS as OF_APPEALS
from scoring.challenger import api as challengers
from scoring.challenger.handlers.jobs import AGREEMENT
from scoring.challenger.views import PROBLEMS as OF_CHALLENGERS
from scoring.drift import api as drift
from scoring.drift.handlers import INDICES
from scoring.entitlement import api as entitlements
from scoring.fairness import api as fairness
from scoring.fairness.handlers import SELECTION_RATES
from scoring.lifetime_value import api as lifetime_models
from scoring.override import api as overrides
from scoring.override.views import PROBLEMS as OF_OVERRIDES
from scoring.policy import api as policies
from scoring.policy.views import PROBLEMS as OF_POLICIES
from scoring.release import api as releases
from scoring.release.views import PROBLEMS as OF_RELEASES
from scoring.scorecard import api as scorecards
from scoring.scorecard.domain import ScorecardInvalid
from scoring.segment import api as segments
from scoring.standing import api as standings
from scoring.standing.domain.persons import FileMerged
from scoring.standing.domain.state import StandingNotFound
from scoring.version.views import PROBLEMS as OF_VERSIONS

_CONCEPTS = (
    *(standings, scorecards, releases, challengers, lifetime_models, segments, overrides, appeals, drift, fairness),
    *(policies, entitlements),
)
ROUTERS = [concept.router for concept in _CONCEPTS]
PROBLEMS: Problems = {
    StandingNotFound: (404, "No such standing"),
    ScorecardInvalid: (422, "The scorecard is malformed"),
    FileMerged: (409, "The file was merged into another"),
    **OF_VERSIONS,
    **OF_RELEASES,
    **OF_CHALLENGERS,
    **OF_OVERRIDES,
    **OF_APPEALS,
    **OF_POLICIES,
}
FIGURES = (INDICES, SELECTION_RATES, AGREEMENT)
