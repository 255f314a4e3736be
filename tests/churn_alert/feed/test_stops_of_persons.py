"""A stop of the feed and a customer of several files: what comes late of another file waits with the survivor.
And what counts as hearing the bank: whatever comes, also what no customer does.
"""

from itertools import count
from pathlib import Path

import pytest

from churn_alert.risk.domain.crossing import silence_raises_at
from rapport.events.bank import TransactionRecorded
from rapport.messaging.partitions import partition_of
from tests.churn_alert.feed.test_rules import rules_of
from tests.churn_alert.feed.test_stops import (
    BUSY,
    NOW,
    PAUSING,
    SILENT,
    STOP,
    TAKEN,
    before,
    deliver,
    heard_before,
    meanwhile,
    raised,
    sweep,
)
from tests.churn_alert.lives import DAY, HOUR, RULES, lived, paid, when
from tests.support.delivering import Delivering
from tests.support.grouping import AS_OF, merge
from tests.support.serving import Start

OTHER = next(f"o-{n}" for n in count() if partition_of(f"o-{n}") not in TAKEN)
"""The file that is merged into the silent one's, in a partition that is heard before the survivor's."""
AUTOMATIC = {"kind": "interest", "counterparty_class": "bank", "direction": "credit", "initiator": "automatic"}


async def one_of_two_files_heard_before(service: Delivering) -> None:
    """As before the stop, who is silent being of two files, each with every other posting."""
    await service.deliver(*[service.feed.record(one, time=AS_OF) for one in merge(1, SILENT, OTHER)])
    known = before()
    known[SILENT] = [
        one.model_copy(update={"customer_id": (SILENT, OTHER)[at % 2]}) for at, one in enumerate(known[SILENT])
    ]
    await deliver(service, sorted((one for life in known.values() for one in life), key=when))


@pytest.mark.parametrize("comes_back", [True, False])
async def test_what_comes_late_on_a_merged_file_waits_for_how_far_the_survivors_partition_was_heard(
    running: Start, *, comes_back: bool
) -> None:
    service = await running("wall")
    await one_of_two_files_heard_before(service)
    await sweep(service)
    assert await raised(service) == {}

    # It is back, and of the other file is read first. Nothing of the person is judged before its time.
    if comes_back:
        await deliver(service, meanwhile(OTHER), published=NOW)
    await deliver(service, [one for each in (BUSY, *PAUSING) for one in meanwhile(each)], published=NOW)
    await sweep(service)
    asked = await service.rows(f"SELECT due_at FROM person_due_times WHERE customer_id = '{SILENT}'")
    assert bool([one for one in asked if one.due_at > STOP]) is comes_back
    assert await raised(service) == {}

    # Whole: who came on the other file is not silent, and who did not is, as of the day a single file's would be.
    await service.rows_written("UPDATE activity_feeds SET returned_at = returned_at - interval '2 hours'")
    await sweep(service)
    assert await service.rows("SELECT 1 FROM person_due_times") == []
    single, _ = lived(before()[SILENT])
    assert await raised(service) == ({} if comes_back else {SILENT: silence_raises_at(single, RULES)})


@pytest.mark.parametrize("comes_on", [(OTHER,), (OTHER, SILENT), (OTHER, OTHER, SILENT), (SILENT, OTHER)])
async def test_who_reached_the_threshold_within_the_stop_and_came_back_on_any_file_did_so_as_of_that_day(
    running: Start, comes_on: tuple[str, ...]
) -> None:
    """As a single file's is. The other file's partition is read first, or the survivor's; nobody looks between."""
    service = await running("wall")
    await one_of_two_files_heard_before(service)
    single, _ = lived(before()[SILENT])
    expected = silence_raises_at(single, RULES)
    assert expected is not None
    assert STOP < expected < STOP + 4 * DAY
    for number, file in enumerate(comes_on):
        back = STOP + 4 * DAY + number * HOUR
        await deliver(service, [paid(file, back, transaction_no=f"back-{number}")], published=NOW)
    await deliver(service, [one for each in (BUSY, *PAUSING) for one in meanwhile(each)], published=NOW)
    await service.rows_written("UPDATE activity_feeds SET returned_at = returned_at - interval '2 hours'")
    await sweep(service)
    assert await raised(service) == {SILENT: expected}
    (risk,) = await service.rows(f"SELECT level_since, decided_at FROM risks WHERE customer_id = '{SILENT}'")
    assert (risk.level_since, risk.decided_at) == (expected, STOP + 4 * DAY + (len(comes_on) - 1) * HOUR)


async def test_with_a_feed_that_may_be_quiet_for_a_month_the_stop_is_taken_for_the_persons_silence(
    running: Start, tmp_path: Path
) -> None:
    """The broken variant: who came back on the other file is warned of before that is read."""
    service = await running("wall", feed_rules=rules_of(tmp_path, quiet_hours={"transaction-recorded": 744}))
    await one_of_two_files_heard_before(service)
    await sweep(service)
    assert SILENT in await raised(service)


@pytest.mark.parametrize("is_heard", [True, False])
async def test_automatic_postings_count_as_hearing_the_bank(running: Start, *, is_heard: bool) -> None:
    """Interest comes of whoever is silent too: with it alone the feed is live and silence is silence."""
    service = await running("wall")
    interest = [paid(BUSY, STOP + days * DAY, transaction_no=f"i-{days}", **AUTOMATIC) for days in range(1, 6)]
    assert all(isinstance(one, TransactionRecorded) and one.initiator == "automatic" for one in interest)
    if is_heard:
        events = [one for life in before().values() for one in life]
        await deliver(service, sorted([*events, *interest], key=when))
    else:
        await heard_before(service)
    await sweep(service)
    assert set(await raised(service)) == ({SILENT, *PAUSING} if is_heard else set())
