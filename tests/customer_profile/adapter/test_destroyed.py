"""What a core tells late of a customer whose file was destroyed is passed on to nobody and kept nowhere."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path

from customer_profile.adapter.mappings import EXAMPLES
from tests.customer_profile.adapter.cores import RawFeed, history, tokens
from tests.customer_profile.adapter.test_postings import ACCOUNTS, told
from tests.support.delivering import Delivering

NAMING = "legacy-postings.json"


async def test_a_posting_of_whom_the_core_names_itself_is_left_out(
    adapting: Callable[..., Awaitable[Delivering]], key_folder: Path, tmp_path: Path
) -> None:
    mapping = json.loads((EXAMPLES / NAMING).read_text())
    mapping["fields"]["customer_id"] = {"path": "account", "as": "token"}
    (folder := tmp_path / "mappings").mkdir()
    (folder / NAMING).write_text(json.dumps(mapping))
    service = await adapting(adapter={"folder": str(folder), "token_key_file": str(key_folder / "token-key")})
    destroyed, other = (tokens("legacy").customer(number) for number in ACCOUNTS[:2])
    await service.rows_written(
        "INSERT INTO file_steps (step_id, customer_id, step, rule, policy_version, counts, digest, occurred_at, "
        f"recorded_at) VALUES (gen_random_uuid(), '{destroyed}', 'destroyed', 'identification', 1, '{{}}', 'd', now(), "
        "now())"
    )
    feed, bookings = RawFeed(), history("legacy", ACCOUNTS[:2], days=2)
    await service.deliver(*[feed.booking("legacy", booking) for booking in bookings])
    assert {fact.customer_id for fact in await told(service)} == {other}
    assert await service.rows(f"SELECT 1 FROM core_postings WHERE customer_id = '{destroyed}'") == []
    assert (await service.counts())["skipped"] == sum(booking.account == ACCOUNTS[0] for booking in bookings)
