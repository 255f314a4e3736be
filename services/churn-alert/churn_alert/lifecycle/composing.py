"""How stages join the service once it is known how far silence may be judged."""

from dataclasses import replace
from functools import partial

from churn_alert.lifecycle.domain.rules import StageRules
from churn_alert.lifecycle.handlers import recheck_stages
from rapport.composition import Composition


def rechecked(composition: Composition, stages: StageRules) -> Composition:
    """The service with customers decided anew by newer rules, no further than the bank was heard."""
    recheck = partial(recheck_stages, rules=stages, limits=composition.state["silence_limits"])
    return replace(composition, upkeep=(*composition.upkeep, recheck))
