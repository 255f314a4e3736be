"""Keys of both levels are replaced while customers are read and recorded: no read fails, nothing is lost, and an

interruption is gone on from.
"""

import asyncio
import base64
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from rich.progress import Progress

from customer_profile.customer import store
from customer_profile.customer.identity import Locks, opened
from rapport.clock import utc_now
from rapport.composition import Runtime
from rapport.key_commands import Work, rewrap_all, rotate_data_keys, with_bar
from rapport.privacy import rotation
from rapport.privacy.encryption import Altered, CannotDecrypt, KeyUnknown
from rapport.privacy.sealing_anew import seal_anew, sealed_tables
from rapport.service import Refused
from rapport.serving import api_of
from tests.customer_profile.facts import HOUR, MONDAY, ZHANG, customer, files, record
from tests.support.delivering import Delivering
from tests.support.serving import Subject

CUSTOMERS = [f"c-{number:02d}" for number in range(40)]
KEPT = ZHANG.model_dump() | {"phone": "+8613812341234"}
AT_ONCE = timedelta(0)


@pytest.fixture
async def recorded(service: Delivering) -> Delivering:
    await service.deliver(*(record(service, customer(i)) for i in CUSTOMERS))
    return service


@pytest.fixture
async def newer(recorded: Delivering, subject: Subject, key_folder: Path) -> AsyncIterator[Runtime]:
    """The service with a second key-encryption key beside the first."""
    with (key_folder / "key").open("a") as file:
        file.write("\n2:" + base64.b64encode(b"n" * 32).decode())
    runtime = subject.runtime(recorded.runtime.settings)
    yield runtime
    await runtime.close()


def locks_of(runtime: Runtime) -> Locks:
    locks: Locks = runtime.composition.state["locks"]
    return locks


async def identities(runtime: Runtime) -> list[object]:
    locks = locks_of(runtime)
    async with runtime.engine.connect() as connection:
        stored = await store.load(connection, CUSTOMERS)
        keys = await locks.keyring.find(connection, CUSTOMERS)
    return [opened(stored[i].identity, keys.get(i)) for i in CUSTOMERS]


async def rotate(runtime: Runtime, *, grace: timedelta = timedelta(seconds=1)) -> None:
    with Progress(disable=True) as progress:
        await rotate_data_keys(runtime, progress, made_before=utc_now(), grace=grace)


async def generations(service: Delivering) -> list[int]:
    return [row.full_name[2] for _, row in sorted((await files(service)).items())]


class Interrupted(Exception):
    """The process died here."""


async def anew(runtime: Runtime, customers: list[str], *, then: Exception | None = None) -> None:
    async with runtime.transactions.begin(customers=customers) as tx:
        tables = sealed_tables(runtime.composition.metadata)
        await seal_anew(tx.connection, locks_of(runtime).keyring, tables, customers)
        if then:
            raise then


async def test_keys_of_both_levels_change_under_load_and_no_read_fails(
    recorded: Delivering, newer: Runtime, system: httpx.AsyncClient
) -> None:
    statuses: Counter[int] = Counter()
    over = asyncio.Event()
    transport = httpx.ASGITransport(api_of(newer))

    async def read(client: httpx.AsyncClient, offset: int) -> None:
        while not over.is_set():
            offset = (offset + 1) % len(CUSTOMERS)
            for path in (f"/customers/{CUSTOMERS[offset]}", "/customers"):
                statuses[(await client.get(path)).status_code] += 1

    async def write(client: httpx.AsyncClient) -> None:
        for number in range(10_000):
            if over.is_set():
                break
            wanted = {"identity": {"address": f"北京市海淀区{number}号"}}
            answer = await client.patch(f"/customers/{CUSTOMERS[number % len(CUSTOMERS)]}", json=wanted)
            statuses[answer.status_code] += 1

    async with httpx.AsyncClient(transport=transport, base_url="http://c", headers=system.headers) as client:
        load = [asyncio.create_task(read(client, offset)) for offset in (0, 10, 20)]
        load.append(asyncio.create_task(write(client)))
        await asyncio.sleep(0.2)
        with Progress(disable=True) as progress:
            await rewrap_all(newer, progress)
        await rotate(newer)
        over.set()
        await asyncio.gather(*load)
    assert set(statuses) == {200}
    assert statuses[200] > 50
    rows = await recorded.rows("SELECT generation, kek_version FROM data_keys")
    assert [tuple(row) for row in rows] == [(2, 2)] * len(CUSTOMERS)
    assert await generations(recorded) == [2] * len(CUSTOMERS)


async def test_what_was_read_before_a_key_was_replaced_still_opens_unless_the_old_one_goes_at_once(
    recorded: Delivering,
) -> None:
    """The schedule that fails a read; without it the test above could pass by luck."""
    locks = locks_of(recorded.runtime)
    async with recorded.runtime.engine.connect() as connection:
        before = await store.load(connection, CUSTOMERS[:1])

    async def opens() -> object:
        async with recorded.runtime.engine.connect() as connection:
            keys = await locks.keyring.find(connection, CUSTOMERS[:1])
        return opened(before[CUSTOMERS[0]].identity, keys[CUSTOMERS[0]])

    await anew(recorded.runtime, CUSTOMERS)
    async with recorded.runtime.engine.begin() as connection:
        assert await rotation.retire(connection, grace=timedelta(seconds=60), after=rotation.BEGIN, limit=99) == []
    assert await opens() == KEPT
    gone, page = [], [rotation.BEGIN]
    while page:
        async with recorded.runtime.engine.begin() as connection:
            page = await rotation.retire(connection, grace=AT_ONCE, after=page[-1], limit=15)
        gone += page
        assert len(page) <= 15, "one page at a time"
    assert gone == [(customer_id, 1) for customer_id in CUSTOMERS]
    with pytest.raises(CannotDecrypt):
        await opens()
    assert await identities(recorded.runtime) == [KEPT] * len(CUSTOMERS)


@pytest.mark.parametrize(
    ("table", "column", "row"), [("profiles", "phone", "c-17"), ("data_keys", "wrapped", "c-17:1")]
)
async def test_what_was_altered_stops_a_rotation_which_says_where_it_is_and_not_what(
    recorded: Delivering, table: str, column: str, row: str
) -> None:
    await recorded.rows_written(
        f"UPDATE {table} SET {column} = overlay({column} PLACING '\\x0000' FROM 20) WHERE customer_id = 'c-17'"
    )
    said = (
        f"^{table}.{column} of the row {row} was altered and does not open: nothing of its page was changed; see docs"
    )
    composition, settings = recorded.runtime.composition, recorded.runtime.settings

    def refused(work: Work) -> None:
        with pytest.raises(Refused, match=said):
            with_bar(composition, settings, work, role="keys")

    async def rotate_all(runtime: Runtime, progress: Progress) -> None:
        await rotate_data_keys(runtime, progress, made_before=utc_now(), grace=AT_ONCE)

    await asyncio.to_thread(refused, rotate_all)
    assert await generations(recorded) == [1] * len(CUSTOMERS)


async def test_a_data_key_that_was_altered_is_named_when_all_are_wrapped_anew(
    newer: Runtime, recorded: Delivering
) -> None:
    await recorded.rows_written(
        "UPDATE data_keys SET wrapped = overlay(wrapped PLACING '\\x0000' FROM 20) WHERE customer_id = 'c-17'"
    )
    with Progress(disable=True) as progress, pytest.raises(Altered, match=r"data_keys\.wrapped of the row c-17:1 "):
        await rewrap_all(newer, progress)


async def test_an_interrupted_rotation_goes_on_with_who_is_left(recorded: Delivering) -> None:
    begun = utc_now()
    await anew(recorded.runtime, CUSTOMERS[:15])
    with pytest.raises(Interrupted):
        await anew(recorded.runtime, CUSTOMERS[15:], then=Interrupted())
    assert await generations(recorded) == [2] * 15 + [1] * 25
    assert await identities(recorded.runtime) == [KEPT] * len(CUSTOMERS)
    with Progress(disable=True) as progress:
        await rotate_data_keys(recorded.runtime, progress, made_before=begun, grace=AT_ONCE)
    assert await generations(recorded) == [2] * len(CUSTOMERS)
    assert len(await recorded.rows("SELECT 1 FROM data_keys")) == len(CUSTOMERS)
    assert await identities(recorded.runtime) == [KEPT] * len(CUSTOMERS)


async def test_a_file_is_as_it_was_but_for_its_ciphertext_and_records_go_on(recorded: Delivering) -> None:
    before = await files(recorded)
    await rotate(recorded.runtime, grace=AT_ONCE)
    after = await files(recorded)
    for customer_id, row in before.items():
        changed = {name for name, value in row._mapping.items() if value != after[customer_id]._mapping[name]}
        assert changed == {"full_name", "id_type", "id_number", "phone", "email", "address"}
    again = customer(CUSTOMERS[0], recorded_at=MONDAY + HOUR)
    await recorded.deliver(record(recorded, again))
    assert (await files(recorded))[CUSTOMERS[0]].full_name[2] == 2
    await rotate(recorded.runtime, grace=AT_ONCE)
    assert await generations(recorded) == [3] * len(CUSTOMERS)
    assert await identities(recorded.runtime) == [KEPT] * len(CUSTOMERS)


async def test_without_the_old_key_nothing_is_wrapped_anew_and_nothing_is_lost(
    recorded: Delivering, newer: Runtime, subject: Subject, key_folder: Path
) -> None:
    whole = (key_folder / "key").read_text()
    (key_folder / "key").write_text(whole.splitlines()[1])
    hasty = subject.runtime(recorded.runtime.settings)
    before = await recorded.rows("SELECT * FROM data_keys ORDER BY customer_id")
    with pytest.raises(KeyUnknown, match="no version 1"), Progress(disable=True) as progress:
        await rewrap_all(hasty, progress)
    assert await recorded.rows("SELECT * FROM data_keys ORDER BY customer_id") == before
    with Progress(disable=True) as progress:
        await rewrap_all(newer, progress)
    assert await identities(hasty) == [KEPT] * len(CUSTOMERS), "the old line may go when all is wrapped"
    await hasty.close()


async def test_who_is_erased_stays_erased(recorded: Delivering) -> None:
    await recorded.rows_written(f"DELETE FROM data_keys WHERE customer_id = '{CUSTOMERS[0]}'")
    await rotate(recorded.runtime, grace=AT_ONCE)
    assert await identities(recorded.runtime) == [None] + [KEPT] * (len(CUSTOMERS) - 1)


async def test_a_process_whose_file_lacks_the_key_answers_503_until_it_has_it(
    recorded: Delivering, newer: Runtime, subject: Subject, key_folder: Path, api: httpx.AsyncClient
) -> None:
    with Progress(disable=True) as progress:
        await rewrap_all(newer, progress)
    answers = [await api.get(path) for path in (f"/customers/{CUSTOMERS[0]}", "/customers")]
    assert [answer.status_code for answer in answers] == [503, 503]
    assert answers[0].headers["retry-after"]
    assert (await api.get(f"/customers/{CUSTOMERS[0]}/accounts")).status_code == 200, "what needs no key is read"
