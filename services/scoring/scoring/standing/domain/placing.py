"""In which tier a customer is: the scorecard's, unless people gave another or alone may change it."""

from datetime import datetime
from uuid import UUID

from scoring.scorecard.domain import Thresholds, Tier
from scoring.standing.domain.people import Course, Override
from scoring.standing.domain.state import Standing


def tier_in_effect(standing: Standing, own: Tier, limits: Thresholds) -> Tier:
    """The override's while the ladder has it; else, where people alone decide, the last one; else the scorecard's.

    Who said no before any tier was given begins in the lowest: no points decide that.
    """
    override = standing.override
    if override is not None and override.tier in limits.tiers:
        return override.tier
    if standing.people_only:
        return standing.tier or limits.tiers[0]
    return own


def is_by_people(standing: Standing) -> bool:
    """Is the tier one that people gave, or that they alone may change?"""
    return standing.override is not None or standing.people_only


def move(standing: Standing, own: Course, at: datetime, limits: Thresholds) -> None:
    """Bring the tier to where it is in effect from `at` on; `own`: where the scorecard has the customer."""
    assert own.tier is not None, "the scorecard's course begins with the first decision"
    tier = tier_in_effect(standing, own.tier, limits)
    if tier != standing.tier:
        standing.tier, standing.tier_since = tier, at
    is_same = own == (standing.tier, standing.tier_since)
    standing.scorecard_tier, standing.scorecard_since = (None, None) if is_same else own


def put_on(standing: Standing, override: Override, at: datetime) -> UUID | None:
    """Let an approved override count; returns the id of the one it replaces."""
    replaced = standing.override
    standing.override = override
    standing.people_since = standing.people_since or at
    return None if replaced is None else replaced.id


def heed_refusal(standing: Standing, *, refuses: bool, revision: int, at: datetime) -> bool:
    """Does this word on automated decisions change anything? An older one than is known does not."""
    if revision <= standing.profile_revision:
        return False
    standing.profile_revision = revision
    if refuses == standing.automation_refused:
        return False
    standing.automation_refused = refuses
    standing.people_since = standing.people_since or at
    return True


def heed_consent(standing: Standing, *, refused: bool, at: datetime) -> None:
    """Let a no to tiering count from now on, or no longer."""
    standing.consent_refused = refused
    standing.people_since = standing.people_since or at


def heed_restriction(standing: Standing, *, is_restricted: bool, at: datetime) -> bool:
    """Let a restricted relationship count from now on, or no longer; whether that changes it."""
    if is_restricted == standing.is_restricted:
        return False
    standing.is_restricted = is_restricted
    standing.people_since = standing.people_since or at
    return True
