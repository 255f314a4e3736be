"""When a customer is left in peace: for a while after somebody dealt with them, and while they refuse to be watched or
the relationship is restricted or over.
"""

from datetime import datetime
from typing import NamedTuple

from churn_alert.risk.domain.behaviour import Risk
from churn_alert.risk.domain.sums import NEVER_OUT


def rest_from(risk: Risk, at: datetime, *, rearmed: bool) -> None:
    """Let the rest before the next crossing upwards begin at `at`: somebody has just dealt with this customer.

    A raised risk stays raised, so that the same decline is not reported twice, unless it is `rearmed`: then it is
    judged again after the rest, and crosses once more if it is still as high.
    """
    if rearmed or not risk.is_raised:
        risk.is_raised, risk.level_since, risk.is_settled = False, at, False


class Care(NamedTuple):
    """What a customer lets be done: nothing, or all but to count feedback."""

    refused: bool
    without_feedback: bool


def heed_consent(risk: Risk, care: Care) -> None:
    """Let this count from now on. What the customer does and says goes on being kept all the same."""
    risk.consent_refused, risk.without_feedback = care
    risk.anchor, risk.is_settled = None, False


def heed_restriction(risk: Risk, *, is_restricted: bool, revision: int) -> None:
    """The same of a relationship that is restricted or over, by a word of this revision."""
    risk.is_restricted, risk.profile_revision = is_restricted, revision
    risk.anchor, risk.is_settled = None, False


def forget(risk: Risk) -> None:
    """Let nothing be left of what was decided; a rest goes on. Who consents again is judged anew, without a dwell."""
    risk.probability, risk.out_at, risk.normal = None, NEVER_OUT, None
    if risk.is_raised:
        risk.is_raised, risk.level_since = False, None
