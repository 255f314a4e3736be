"""The composition root of feedback: the only file that knows every other."""

from pathlib import Path

from feedback.case.api import answers, cases, feedback
from feedback.case.domain.assessment import RatingMissing
from feedback.case.domain.lifecycle import (
    AnswerNotOwed,
    CaseAlreadyAnswered,
    CaseAlreadyResolved,
    CaseNotAnswered,
    CaseNotFound,
    CaseNotResolved,
    CustomerErasedHere,
    CustomerNotFound,
)
from feedback.case.handlers.deadlines import fire_due_clocks
from feedback.case.store.tables import case_clocks
from feedback.settings import Settings
from feedback.subscriptions import subscriptions
from feedback.tables import metadata
from rapport.composition import Composition
from rapport.messaging.sweeper import Sweep
from rapport.privacy.keyring import Keyring
from rapport.web import Problems
from rapport.web.idempotency import forget_old_answers

NAME = "feedback"
PROBLEMS: Problems = {
    CaseNotFound: (404, "No such case"),
    CustomerNotFound: (404, "No such customer"),
    CustomerErasedHere: (410, "The customer is erased"),
    RatingMissing: (422, "A rating needs a rating"),
    AnswerNotOwed: (409, "The feedback is owed no answer"),
    CaseAlreadyAnswered: (409, "The case is answered already"),
    CaseAlreadyResolved: (409, "The case is resolved"),
    CaseNotAnswered: (409, "The customer is not answered yet"),
    CaseNotResolved: (409, "The case is not resolved"),
}
_DESCRIPTION = """
What customers say to the bank, in any channel, and the answer each of them is owed: classified, put in a queue by
priority, and watched by two clocks of 24 hours, one for an answer and one for a solution. A clock that runs out is told
as `response-overdue`, though nothing else happens.

Customers are named by tokens. Their words, and the answers, are encrypted under a key of the customer's own.
"""


def compose(settings: Settings) -> Composition:
    """The feedback service."""
    keyring = Keyring.of(NAME, settings.encryption)
    return Composition(
        name=NAME,
        title="Feedback",
        description=_DESCRIPTION,
        migrations=Path(__file__).parents[1] / "migrations",
        metadata=metadata,
        subscriptions=subscriptions(keyring),
        routers=(feedback.router, cases.router, answers.router),
        problems=PROBLEMS,
        sweeps=(Sweep("case clocks", case_clocks, fire_due_clocks),),
        upkeep=(forget_old_answers,),
        state={"keyring": keyring},
        keyring=keyring,
    )
