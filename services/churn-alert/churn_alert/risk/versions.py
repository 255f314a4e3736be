"""Which model and which normal ranges are in force when: of both documents' versions what decides at each moment."""

from collections.abc import Sequence
from datetime import datetime

from churn_alert.risk.documents import RiskModelDocument
from churn_alert.risk.domain.behaviour import Bank
from churn_alert.risk.domain.crossing import Rules
from churn_alert.risk.normal_ranges import NormalRangesDocument
from rapport.documents import in_force, midnight
from rapport.succession import joined


def rules_of(bank: Bank, models: Sequence[RiskModelDocument], ranges: Sequence[NormalRangesDocument]) -> Rules:
    """As the rules take them: those of the first day, which know what follows. Raises RiskModelInvalid."""
    model_of = {one.version: one.model() for one in models}
    ranges_of = {one.version: one.ranges() for one in ranges}

    def made(moment: datetime) -> Rules:
        day = moment.astimezone(bank.zone).date()
        return Rules(bank, model_of[in_force(models, day).version], ranges_of[in_force(ranges, day).version])

    return joined([midnight(one.effective_from, bank.zone) for one in (*models, *ranges)], made)
