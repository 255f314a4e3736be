"""What has come is handled before a request or a job decides on the customer by the clock, as before a sweep."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from rapport.messaging.partitions import partition_of
from rapport.serving import api_of
from tests.scoring.challenger.ring import CHALLENGER, enter
from tests.scoring.facts import DAY, MONDAY, deliver, holdings, salary, transaction
from tests.scoring.release.people import STRICTER, soon
from tests.scoring.replaying import replay
from tests.scoring.segment.banks import BY_HAND
from tests.scoring.segmentation.placing import know
from tests.scoring.standing.test_ahead import booked_back
from tests.support.delivering import Delivering
from tests.support.punctuality import forgetful, walk
from tests.support.sight import client_of
from tests.support.tokens import TestIssuer

_NEIGHBOUR = next(f"n-{n}" for n in count() if partition_of(f"n-{n}") == partition_of("c-1"))
"""Another customer of the same partition, whose events move its clock."""
_DUE = MONDAY + 40 * DAY
_LEFT_TO_DO = (
    "UPDATE scorecards SET reschedule_from = now() - interval '1 minute', rescheduled_up_to = '' WHERE version = 3",
    "UPDATE due_times SET due_at = due_at + interval '3 days'",
    "DELETE FROM shadows",
    "UPDATE challengers SET begun_up_to = ''",
    "DELETE FROM class_runs",
    "DELETE FROM class_changes",
    "DELETE FROM segment_runs",
    "UPDATE customer_segments SET segment = 'another'",
)
_DECIDING = {"bring_forward", "begin_shadows", "note_classes", "bring_model"}


@pytest.fixture
async def waiting(bank: Delivering, people: Callable[[Delivering], Any]) -> Delivering:
    """All that a job may be asked for is; what was dated ahead of c-1 has come, and no sweep has looked since."""
    ahead = booked_back(salary(_DUE, amount="90000.00"), MONDAY + 31 * DAY)
    facts = [salary(MONDAY), holdings(1, "5000.00"), *(transaction(MONDAY + n * DAY) for n in range(30)), ahead]
    await replay(bank, facts, until=MONDAY + 32 * DAY, size=50, sweeps=True)
    office = await people(bank)
    await enter(office, CHALLENGER)
    version = await office.draft(STRICTER)
    await office.dry_run(version)
    assert (version, (await office.approve(version, soon())).status_code) == (3, 201)
    await know(bank, BY_HAND)
    await deliver(bank, transaction(_DUE + DAY, _NEIGHBOUR))
    assert await bank.rows("SELECT 1 FROM events_ahead")
    return bank


async def test_no_job_and_no_upkeep_decides_before_what_has_come(waiting: Delivering) -> None:
    walked = await walk(waiting, "c-1", _LEFT_TO_DO)
    assert walked.altered >= _DECIDING
    assert walked.too_early == set()


async def test_it_would_be_seen_of_every_one_of_them_that_forgot(waiting: Delivering) -> None:
    other = forgetful(waiting)
    walked = await walk(other, "c-1", _LEFT_TO_DO)
    await other.runtime.close()
    assert walked.too_early >= _DECIDING


@pytest.mark.parametrize("form", [lambda one: one, forgetful], ids=["as it is", "forgetful"])
async def test_who_proposes_an_override_does_so_after_what_has_come(
    waiting: Delivering, issuer: TestIssuer, form: Callable[[Delivering], Delivering]
) -> None:
    of = form(waiting)
    said = {"tier": "high", "reason": "relationship", "until": (_DUE + 30 * DAY).isoformat()}
    async with client_of(api_of(of.runtime), issuer, "rm", "support", subject="e-9") as client:
        answer = await client.post("/standings/c-1/overrides", json=said)
    assert answer.status_code == 201, answer.text
    (standing,) = await waiting.rows("SELECT sums_as_of FROM standings WHERE customer_id = 'c-1'")
    waits = await waiting.rows("SELECT 1 FROM events_ahead")
    if of is waiting:
        assert (waits, standing.sums_as_of) == ([], _DUE)
    else:
        await of.runtime.close()
        assert len(waits) == 1
