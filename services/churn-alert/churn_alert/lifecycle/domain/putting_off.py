"""Most of what customers do changes no stage: it only puts off what silence brings, and need not be decided on."""

from datetime import datetime

from churn_alert.lifecycle.domain.life import Life
from churn_alert.lifecycle.domain.rules import StageRules
from rapport.behaviour.active_days import ActiveDays


def is_only_put_off(life: Life, days: ActiveDays | None, last: datetime | None, rules: StageRules) -> bool:
    """Whether the activity that was just folded can bring nothing, and nothing sooner than is looked for already.

    `days`, `last`: active days and last activity before it. Of who is alone: of a person, other files count too.
    """
    now, at, due_at = life.active_days, life.last_activity_at, life.due_at
    if days is None or now is None or now is days or now.first != days.first:
        return False
    if last is None or at is None or at <= last or due_at is None or life.is_changed:
        return False
    # A rhythm that is known better can end sooner, but no silence before the shortest that any rule asks for.
    stage, count, ahead = life.stage, now.count, due_at - at
    return life.rules_version == rules.newest.version and all(
        stage not in one.stirred and count not in one.awaited[stage] and ahead <= one.silence[stage]
        for _, _, one in rules.periods()
    )
