"""How good records and files are is counted by day, source, attribute and dimension: the same in any order, once."""

import random
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from customer_profile.quality.handlers import count_book
from rapport.events.bank import CustomerRecorded
from rapport.messaging.records import RawRecord
from tests.customer_profile.facts import HOUR, MONDAY, ZHANG, account, customer, record, resident_id
from tests.support.delivering import Delivering

SOUND = ZHANG.model_copy(update={"id_number": resident_id("11010119900307123")})
_OTHER_DIGIT = "1" if SOUND.id_number[-1] == "0" else "0"
SPOILT = SOUND.model_copy(
    update={"id_number": SOUND.id_number[:-1] + _OTHER_DIGIT, "phone": "+999123456789", "address": None}
)
Counts = dict[tuple[str, str, str], tuple[int, int]]


def told(service: Delivering, *, source: str = "core", **fields: Any) -> RawRecord:
    """A record published an hour after it was made, unless said otherwise."""
    made: CustomerRecorded = customer(**fields)
    raw = record(service, made, source=source)
    raw.timestamp = int((made.recorded_at + HOUR).timestamp() * 1000)
    return raw


async def counted(service: Delivering, where: str = "source <> 'book'") -> Counts:
    rows = await service.rows(
        "SELECT source, attribute, dimension, sum(seen)::int AS seen, sum(faults)::int AS faults FROM quality_counts "
        f"WHERE {where} GROUP BY 1, 2, 3"
    )
    return {(row.source, row.attribute, row.dimension): (row.seen, row.faults) for row in rows}


async def test_each_attribute_of_a_record_is_counted_under_each_dimension(service: Delivering) -> None:
    await service.deliver(
        told(service, customer_id="c-1", identity=SOUND),
        told(service, customer_id="c-2", identity=SPOILT, gender="unknown"),
        told(service, customer_id="c-3", identity=None, source="legacy"),
    )
    assert await counted(service) == {
        ("core", "id_number", "accuracy"): (2, 1),
        ("core", "phone", "accuracy"): (2, 1),
        ("core", "email", "accuracy"): (2, 0),
        ("core", "full_name", "completeness"): (2, 0),
        ("core", "gender", "completeness"): (2, 1),
        ("core", "address", "completeness"): (2, 1),
        ("core", "phone", "completeness"): (2, 0),
        ("core", "id_type", "completeness"): (2, 0),
        ("core", "id_number", "completeness"): (2, 0),
        ("core", "recorded_at", "timeliness"): (2, 0),
        **{
            ("legacy", name, "completeness"): (1, 1)
            for name in ("full_name", "address", "phone", "id_type", "id_number")
        },
        ("legacy", "gender", "completeness"): (1, 0),
        ("legacy", "recorded_at", "timeliness"): (1, 0),
    }


async def test_of_a_firm_no_gender_and_no_phone_is_asked(service: Delivering) -> None:
    await service.deliver(told(service, type="corporate", identity=None, gender="unknown"))
    asked = {name for _, name, dimension in await counted(service) if dimension == "completeness"}
    assert asked == {"full_name", "address", "id_type", "id_number"}


async def test_a_record_that_arrives_more_than_a_day_later_is_late(service: Delivering) -> None:
    late = told(service, customer_id="c-2", recorded_at=MONDAY)
    late.timestamp += int(timedelta(hours=23, seconds=1).total_seconds() * 1000)
    await service.deliver(told(service, recorded_at=MONDAY), late)
    assert (await counted(service))["core", "recorded_at", "timeliness"] == (2, 1)


async def test_any_order_in_polls_of_any_size_counts_the_same_and_a_repeat_nothing(service: Delivering) -> None:
    rng = random.Random(5)
    first = _records(service, rng)
    for raw in first:
        await service.deliver(raw)
    one_by_one = await service.rows("SELECT * FROM quality_counts ORDER BY 1, 2, 3, 4, 5")
    again = [_repeated(raw, offset) for raw, offset in zip(first, _next_offsets(first), strict=True)]
    await service.deliver(*again)
    assert await service.rows("SELECT * FROM quality_counts ORDER BY 1, 2, 3, 4, 5") == one_by_one
    assert (await service.counts())["duplicate"] == len(first)


async def test_the_counts_are_what_the_records_say(running: Any) -> None:
    """Recomputed from the records of another service, told in another order and in one poll."""
    one, other = await running(), await running()
    for service, seed in ((one, 1), (other, 2)):
        made = _made()
        random.Random(seed).shuffle(made)
        records = [told(service, **fields) for fields in made]
        for begin in range(0, len(records), seed * 3):
            await service.deliver(*records[begin : begin + seed * 3])
    assert await counted(one) == await counted(other)
    expected = Counter(fields["gender"] == "unknown" for fields in _made() if fields["type"] == "personal")
    assert (await counted(one))["core", "gender", "completeness"] == (expected.total(), expected[True])


def _made() -> list[dict[str, Any]]:
    rng = random.Random(3)
    return [
        {
            "customer_id": f"c-{rng.randrange(5)}",
            "type": rng.choice(("personal", "corporate")),
            "identity": rng.choice((SOUND, SPOILT, None)),
            "gender": rng.choice(("female", "unknown")),
            "recorded_at": MONDAY + number * HOUR,
        }
        for number in range(30)
    ]


def _records(service: Delivering, rng: random.Random) -> list[RawRecord]:
    made = _made()
    rng.shuffle(made)
    return [told(service, **fields) for fields in made]


def _next_offsets(records: Sequence[RawRecord]) -> list[int]:
    ends = Counter((raw.topic, raw.partition) for raw in records)
    found = []
    for raw in records:
        found.append(ends[raw.topic, raw.partition])
        ends[raw.topic, raw.partition] += 1
    return found


def _repeated(raw: RawRecord, offset: int) -> RawRecord:
    return RawRecord(raw.topic, raw.partition, offset, raw.timestamp, raw.key, raw.value, raw.headers)


async def test_a_source_that_is_no_plain_word_is_not_named(service: Delivering) -> None:
    await service.deliver(told(service, source="张三丰"), told(service, customer_id="c-2", source="book"))
    assert {source for source, *_ in await counted(service)} == {"unnamed"}
    assert await counted(service, "source = 'book'") == {}


async def test_the_book_is_counted_once_a_day_as_it_stands(service: Delivering) -> None:
    twin = SOUND.model_copy(update={"full_name": "李四"})
    await service.deliver(
        told(service, customer_id="c-1", identity=SOUND),
        told(service, customer_id="c-2", identity=twin, status="closed"),
        told(service, customer_id="c-3", identity=SPOILT),
        told(service, customer_id="c-4", identity=None, gender="unknown", type="corporate"),
        record(service, account("c-1", "a-1")),
        record(service, account("c-2", "a-2")),
        record(service, account("c-9", "a-9")),
    )
    for _ in range(2):
        assert await count_book(service.runtime.transactions) is False
    book = {
        (name, dimension): count for (_, name, dimension), count in (await counted(service, "source = 'book'")).items()
    }
    assert book["id_number", "accuracy"] == (3, 1)
    assert book["phone", "accuracy"] == (3, 1)
    assert book["full_name", "completeness"] == (4, 1)
    assert book["gender", "completeness"] == (3, 0)
    assert book["address", "completeness"] == (4, 2)
    assert book["status", "consistency"] == (4, 1)
    assert book["id_number", "uniqueness"] == (3, 2)
    assert book["account_id", "consistency"] == (3, 1)


async def test_series_are_shown_by_day_and_chosen(service: Delivering, api: httpx.AsyncClient) -> None:
    later = told(service, customer_id="c-2", identity=SPOILT, recorded_at=MONDAY + 48 * HOUR)
    await service.deliver(told(service, identity=SOUND), later)
    days = {"from": "2026-03-01", "to": "2026-03-31"}
    chosen = await api.get("/data-quality", params={**days, "attribute": "id_number", "dimension": "accuracy"})
    assert chosen.json()["series"] == [
        {
            "source": "core",
            "attribute": "id_number",
            "dimension": "accuracy",
            "days": [{"day": "2026-03-02", "seen": 1, "faults": 0}, {"day": "2026-03-04", "seen": 1, "faults": 1}],
        }
    ]
    assert len((await api.get("/data-quality", params=days)).json()["series"]) == 10
    assert (await api.get("/data-quality", params={**days, "source": "other"})).json() == {"series": []}
    assert (await api.get("/data-quality")).status_code == 200


@pytest.mark.parametrize(
    "days", [{"from": "2026-03-02", "to": "2026-03-01"}, {"from": "2024-01-01", "to": "2026-03-01"}]
)
async def test_a_time_without_end_is_refused(api: httpx.AsyncClient, days: dict[str, str]) -> None:
    answer = await api.get("/data-quality", params=days)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "from")


def test_a_moment_is_of_the_day_it_is_in_utc() -> None:
    assert datetime.fromtimestamp(MONDAY.timestamp(), UTC).date().isoformat() == "2026-03-02"
