"""When a file that is merged into another keeps what it was like: as an event ends a silence by which its person, not
decided yet, has reached the threshold.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from churn_alert.risk.domain.before import Before, as_it_was
from churn_alert.risk.domain.behaviour import Risk
from churn_alert.risk.domain.crossing import Rules, is_high
from churn_alert.risk.domain.persons import added


def remember(file: Risk, at: datetime, files: Mapping[str, Risk], merged_into: Mapping[str, str], rules: Rules) -> None:
    """Keep the file as it is before an event that counts from `at`, where that is so, until its person is decided.

    `files`: at least the survivor of the person and all its other files, by all that is known of them here.
    """
    survivor = files[merged_into[file.customer_id]]
    if file.before is not None and _is_decided(survivor, file.before.at):
        file.before = None
    if file.before is not None or _is_decided(survivor, at):
        return
    others = [files[one] for one, into in merged_into.items() if into == survivor.customer_id]
    is_due = survivor.due_at is not None and survivor.due_at <= at
    # When the person is due is known by what it was decided on: of anything since it may be sooner.
    if not is_due and all(one.sums.as_of is None or _is_decided(survivor, one.sums.as_of) for one in others):
        return
    person = added(survivor, [as_it_was(one, at, with_events_of_it=False) for one in others])
    if is_high(person, rules.at(at), at):
        file.before = Before(at, replace(file, anchor=None, crossed=None, ahead=(), before=None))


def _is_decided(person: Risk, at: datetime) -> bool:
    return person.decided_at is not None and person.decided_at >= at
