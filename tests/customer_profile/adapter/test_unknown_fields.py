"""What of a core's record its mapping does not name is counted by raw topic, named where harmless, and kept nowhere."""

import base64
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from customer_profile.adapter.domain.naming import known_to, unknown_in
from customer_profile.adapter.mappings import EXAMPLES, read_adapters
from rapport.messaging.refused_fields import NAMED
from tests.customer_profile.adapter.cores import (
    FINERACT,
    KEY,
    LEGACY,
    Booking,
    RawFeed,
    fineract_json,
    history,
    legacy_line,
)
from tests.customer_profile.adapter.test_postings import ACCOUNTS
from tests.customer_profile.catalogue.test_unknown_fields import fields
from tests.customer_profile.test_privacy import everything_stored
from tests.support.delivering import Delivering

POSTING = next(one for one in history("fineract", ACCOUNTS) if one.original is None)


def with_fields(booking: Booking, data: dict[str, object], **beside: object) -> bytes:
    """A record of Fineract with more than our example of a mapping names."""
    document = json.loads(fineract_json(booking))
    return json.dumps(document | beside | {"data": document["data"] | data}).encode()


async def test_they_are_counted_by_raw_topic_and_named_and_nothing_of_them_is_kept(service: Delivering) -> None:
    feed, other = RawFeed(), replace(POSTING, number="77")
    value = with_fields(POSTING, {"nickname": "canary-1", "李雷": 1}, remark={"deep": "canary-2"})
    await service.deliver(
        feed.record(FINERACT, POSTING.account, value),
        feed.record(FINERACT, other.account, fineract_json(other)),
        feed.booking("legacy", history("legacy", ACCOUNTS)[0]),
    )
    assert await fields(service) == {
        (FINERACT, "data.note"): 2,
        (FINERACT, "data.nickname"): 1,
        (FINERACT, "remark"): 1,
        (FINERACT, "?"): 2,  # of each record what is no harmless name, as tenantId
    }
    dump = await everything_stored(service)
    assert [name for name, rows in dump.items() for mark in ("canary", "李雷", "张三") if mark in rows] == []
    assert (await service.counts())["dead_lettered"] == 0


async def test_of_what_is_no_fact_for_us_nothing_is_counted(service: Delivering) -> None:
    hold = json.loads(fineract_json(POSTING))
    hold["data"]["transactionType"]["code"] = "savingsAccountTransactionType.amountHold"
    await service.deliver(RawFeed().record(FINERACT, POSTING.account, json.dumps(hold).encode()))
    assert await fields(service) == {}


async def test_a_column_that_no_rule_takes_is_counted_like_a_field(
    adapting: Callable[..., Awaitable[Delivering]], key_folder: Path, tmp_path: Path
) -> None:
    mapping = json.loads((EXAMPLES / "legacy-postings.json").read_text())
    mapping["columns"].append("teller")
    (folder := tmp_path / "mappings").mkdir()
    (folder / "legacy-postings.json").write_text(json.dumps(mapping))
    service = await adapting(adapter={"folder": str(folder), "token_key_file": str(key_folder / "token-key")})
    bookings = [one for one in history("legacy", ACCOUNTS) if one.original is None][:5]
    feed = RawFeed()
    await service.deliver(*[feed.record(LEGACY, one.account, legacy_line(one) + b";canary") for one in bookings])
    assert await fields(service) == {(LEGACY, "teller"): 5}
    assert not any("canary" in rows for rows in (await everything_stored(service)).values())


async def test_a_core_with_many_fields_has_a_bounded_number_of_them_named(service: Delivering) -> None:
    odd: dict[str, object] = {f"odd_{a}{b}": 1 for a in "abcdefghij" for b in "abcdefghij"}
    await service.deliver(RawFeed().record(FINERACT, POSTING.account, with_fields(POSTING, {}, **odd)))
    found = await fields(service)
    assert len(found) == NAMED
    assert sum(found.values()) == len(odd) + 2


def test_no_field_that_an_example_reads_is_unknown_and_all_others_are(tmp_path: Path) -> None:
    (key := tmp_path / "token-key").write_text("1:" + base64.b64encode(KEY).decode())
    adapters = {one.topic: one for one in read_adapters(EXAMPLES, key)}
    known = known_to(adapters[LEGACY])
    columns = json.loads((EXAMPLES / "legacy-postings.json").read_text())["columns"]
    assert unknown_in(dict.fromkeys(columns, "x"), known) == frozenset()
    known = known_to(adapters[FINERACT])
    told = json.loads(fineract_json(POSTING))
    assert unknown_in(told, known) == {"tenantId", "data.note", "currency.decimalPlaces"}
    assert unknown_in({"type": "x", "businessDate": "2026-03-02"}, known) == frozenset()
    assert unknown_in([told], known) == unknown_in("x", known) == unknown_in({"data": 1}, known) == frozenset()
