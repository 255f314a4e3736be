"""A thousand marked identities are registered and every endpoint of all services is used, also wrongly: afterwards no
mark lies in any database, on Kafka outside customer-recorded, in a log, a trace or a metric.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import httpx
import pytest

from deploy.local.processes import Processes
from deploy.local.stack import Stack
from rapport.events.bank import CustomerRecorded, Identity
from rapport.events.catalogue import topics as all_topics
from rapport.web.scopes import ROLE_SCOPES
from simulator.marks import CORE
from simulator.publisher import publish
from simulator.wire import Wire
from tests.e2e.everyone import BODIES, CUSTOMER, Used, callers, name_of, prepare
from tests.e2e.shipped import Bank, ready, until
from tests.e2e.system import PARTITIONS, SERVICES, System
from tests.support.collector import collecting
from tests.support.stack import FreshDatabase, Topics
from tests.support.walking import Walker

BY_CORE, BY_STAFF = 900, 100
NOW = datetime.now(UTC)
LETTERS = [f"{name.replace('_', '-')}.dead-letter" for name in SERVICES]
TOPICS = frozenset([*(event.name for event in all_topics()), *LETTERS])
RECORDED = "customer-recorded"
"""Alone carries identity; the other confidential one, feedback-submitted, carries words that a channel tells."""
IDENTITY = "隐码九州 mark0000@hidden.example +8613977000000 E97000000 隐路0号"
WORDS = "隐语: what a customer said"
"""What people write about a customer: shown to who may read it, and nowhere else in clear."""
MADE = {
    "scoring": "SELECT count(*) FROM standings",
    "churn_alert": "SELECT count(*) FROM alerts, abnormal_activities, employees",
    "customer_profile": "SELECT count(*) FROM dead_letters, quality_issues",
    "feedback": "SELECT count(*) FROM dead_letters",
}
"""What each service has made of what it heard before anybody asks for it."""
DOCUMENTS = ("/scorecards", "/policies")
"""What is written there is about no customer."""
IN_CLEAR = ("/customers/{customer_id}/unmaskings", "/me/copy")
"""Alone answer with identity in clear: a field to a person, and the whole file to the customer whose it is."""
_CLEAR = "隐码|隐路|mark[0-9]{4}@hidden|1397700[0-9]{4}|E970[0-9]{5}"
_DRESSED = [word.encode().hex() for word in ("隐码", "隐路", "隐语", "@hidden", "1397700")]
_ESCAPED = [re.escape(word.encode("unicode-escape").decode()) for word in ("隐码", "隐路", "隐语")]
_MARKS = re.compile("|".join([_CLEAR, "隐语", *_DRESSED, *_ESCAPED]))
Fresh = Callable[..., FreshDatabase]


def identity(number: int) -> dict[str, str]:
    return {
        "full_name": f"隐码{number:04d}",
        "id_type": "passport",
        "id_number": f"E970{number:05d}",
        "phone": f"+861397700{number:04d}",
        "email": f"mark{number:04d}@hidden.example",
        "address": f"隐路{number}号",
    }


def marks_in(text: str) -> list[str]:
    return _MARKS.findall(text)


def identity_in(text: str) -> list[str]:
    return [mark for mark in marks_in(text) if mark != "隐语"]


@pytest.fixture
async def prefix(stack: Stack, topics: Topics) -> str:
    return await topics.make(sorted(TOPICS), partitions=PARTITIONS)


@pytest.fixture
def databases_of(fresh_database: Fresh) -> dict[str, FreshDatabase]:
    return {name: fresh_database(name) for name in SERVICES}


@pytest.fixture
def bank(stack: Stack, prefix: str, databases_of: dict[str, FreshDatabase], tmp_path: Path) -> Iterator[Bank]:
    token = stack.issuer.token(list(ROLE_SCOPES), subject="e-7", step_up=True)
    headers = {"Authorization": f"Bearer {token}", "traceparent": f"00-{'4b' * 16}-{'0a' * 8}-01"}
    processes = Processes(tmp_path)
    with collecting() as collector:
        made = Bank(stack, prefix, tmp_path, collector, headers, {})
        try:
            for name in SERVICES:
                made.start(name, databases_of[name], processes)
            yield made
        finally:
            processes.stop_all()


async def told_by_the_core(bank: Bank) -> None:
    wire = Wire(prefix=bank.prefix, partitions=PARTITIONS)
    stamp = wire.stamp(CustomerRecorded, CORE)
    moment = int(NOW.timestamp() * 1000)
    records = [
        wire.told(
            CustomerRecorded(
                customer_id=f"c-{number}",
                identity=Identity(**identity(number)),
                unit="B0001",
                customer_since=date(2020, 1, 1),
                recorded_at=NOW,
            ),
            stamp,
            identifier=f"recorded-{number}",
            time_ms=moment,
        )
        for number in range(BY_CORE)
    ]
    await publish(records, bank.stack.bootstrap_servers)


async def told_by_staff(bank: Bank) -> None:
    async with bank.client("customer_profile") as api:
        for number in range(BY_CORE, BY_CORE + BY_STAFF):
            new = {"customer_id": f"c-{number}", "unit": "B0001", "customer_since": "2020-01-01"}
            answer = await api.post("/customers", json={**new, "identity": identity(number)})
            assert answer.status_code == 201, answer.text
            assert not marks_in(answer.text)
            wanted = {"field": "id_number", "value": identity(number)["id_number"], "purpose": "service"}
            assert not marks_in((await api.post("/customers/look-up", json=wanted)).text)


async def use_everything(bank: Bank, name: str) -> Used:
    """Each operation as it is meant, then with marks wherever a caller could put them; no answer shows one back."""
    used = Used()
    walker = Walker(name.replace("_", "-"))
    walker.known["customer_id"] = [CUSTOMER]
    forth = sorted(walker.operations(), key=lambda one: one.path.endswith("/decision"))
    everyone = callers(bank.stack)
    async with bank.client(name) as api:
        # Decisions are last, for what they end cannot be taken back; what rests on one follows on the way back.
        for operation in [*forth, *reversed(forth), *reversed(forth)]:
            words = "of the bank" if operation.path.startswith(DOCUMENTS) else WORDS
            for back in range(used.tries(operation)):
                for headers in everyone:
                    path, body = walker.request(operation, words=words, back=back)
                    asked = BODIES.get(name_of(operation), body)
                    answer = await api.request(operation.method, path, json=asked, headers=headers)
                    assert operation.path in IN_CLEAR or not identity_in(answer.text), (operation, answer.text)
                    walker.learn(answer)
                    used.add(operation, answer)
                if name_of(operation) in used.done:
                    break
        for operation in forth:
            path, _ = walker.request(operation, words=IDENTITY)
            wrong = dict.fromkeys(("customer_id", "id_number", "note", "unknown"), IDENTITY)
            for answer in (
                await api.request(operation.method, path, json={**wrong, "identity": identity(1)}),
                await api.request(operation.method, path, params=dict.fromkeys(("limit", "cursor", "unit"), IDENTITY)),
                await api.request(operation.method, f"{path}/{identity(1)['id_number']}"),
                await api.request(operation.method, path, headers={"Idempotency-Key": identity(1)["id_number"]}),
            ):
                assert not identity_in(str(answer.headers)), (operation, answer.status_code)
                assert not identity_in(answer.text), (operation, answer.status_code, answer.text)
                used.statuses[answer.status_code] += 1
    return used


async def settled(bank: Bank) -> bool:
    waiting = [bank.rows(served.database, "SELECT count(*) FROM outbox") for served in bank.services.values()]
    return all("0" in found.split() for found in waiting)


def dump(bank: Bank, database: str) -> str:
    """Every row of every table as text; bytes as hexadecimal digits."""
    tables = bank.rows(database, "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'").split()
    return "\n".join(bank.rows(database, f"SELECT t::text FROM {table} t") for table in tables)


async def on_kafka(bank: Bank, names: Iterable[str]) -> str:
    """Everything of these topics: keys, headers and values."""
    system = System(bank.stack, bank.prefix)
    records = [record for name in sorted(names) for record in await system.records(name)]
    parts = [(record.key, *(v for _, v in record.headers), record.value) for record in records]
    return "\n".join((part or b"").decode("utf-8", "backslashreplace") for one in parts for part in one)


async def test_no_identity_is_found_outside_its_file_after_every_endpoint_was_used(
    bank: Bank, databases_of: dict[str, FreshDatabase]
) -> None:
    await ready(bank)
    await told_by_the_core(bank)
    await told_by_staff(bank)
    profile = bank.services["customer_profile"].database

    async def all_known() -> bool:
        return str(BY_CORE + BY_STAFF) in bank.rows(profile, "SELECT count(*) FROM profiles WHERE phone IS NOT NULL")

    async def all_made() -> bool:
        return all(bank.rows(bank.services[name].database, sql).strip() != "0" for name, sql in MADE.items())

    await until(all_known, "all are on file")
    await prepare(bank, databases_of["customer_profile"])
    await until(all_made, "there are tiers, alerts, issues and dead letters")
    used = {name: await use_everything(bank, name) for name in bank.services}
    assert not {status for one in used.values() for status in one.statuses if status >= 500}, used
    assert {name: one.not_done() for name, one in used.items() if one.not_done()} == {}, "every operation succeeded"
    assert bank.rows(profile, "SELECT count(*) FROM unmaskings").split() != ["0"], "identity was shown in clear"
    await until(lambda: settled(bank), "all is told")
    assert len(marks_in(await on_kafka(bank, [RECORDED]))) >= BY_CORE, "the scan finds what is there"
    found = {f"table of {name}": dump(bank, served.database) for name, served in bank.services.items()}
    found["Kafka"] = await on_kafka(bank, TOPICS - {RECORDED})
    found |= {f"log of {name}": (bank.logs / name).read_text() for name in bank.services}
    found["traces"] = str(bank.collector.spans)
    async with httpx.AsyncClient() as client:
        for name, served in bank.services.items():
            found[f"metrics of {name}"] = (await client.get(f"{served.metrics}/metrics")).text
    assert all(found.values()), [name for name, text in found.items() if not text]
    assert {name: marks_in(text)[:3] for name, text in found.items() if marks_in(text)} == {}


def test_the_scan_finds_a_mark_in_whatever_dress() -> None:
    word = identity(7)["full_name"]
    for dress in (word, word.encode().hex(), word.encode("unicode-escape").decode(), str(identity(7)), IDENTITY, WORDS):
        assert marks_in(f"... {dress} ..."), dress
    assert not marks_in("隐* E9*******7 138****1234")
