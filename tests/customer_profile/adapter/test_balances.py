"""A core's own list of balances shows which words on accounts the stream missed, and they are told once more."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_profile.adapter.domain.reconciling import Balance, Held, compare_balances
from customer_profile.settings import Settings
from deploy.local.stack import Stack
from rapport.service import Refused
from tests.customer_profile.adapter.cores import FINERACT_ACCOUNTS, MORNING, RawFeed, account_told, tokens
from tests.customer_profile.adapter.lists import on_broker, on_topic, reconcile, shown
from tests.customer_profile.facts import customer
from tests.support.stack import Topics

NUMBERS = [f"62220{number}" for number in range(1, 6)]
EVENING = MORNING + timedelta(hours=10)
TOKENS = tokens("fineract")


def listed(number: str, client: int, balance: str, at: datetime = EVENING) -> bytes:
    """An account as Fineract's list has it."""
    data: dict[str, Any] = {
        "accountNo": number,
        "clientId": client,
        "status": {"code": "savingsAccountStatusType.active"},
        "timeline": {"activatedOnDate": "2020-01-01"},
        "summary": {"accountBalance": balance},
        "currency": {"code": "CNY"},
    }
    return json.dumps({"createdAt": at.isoformat(), "data": data}).encode()


async def test_a_word_on_an_account_that_the_stream_missed_is_found_and_told_once_more(
    stack: Stack,
    topics: Topics,
    adapter_settings: Callable[..., Settings],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    service = await on_broker(stack, topics, adapter_settings)
    prefix, feed = service.service.topic_prefix, RawFeed(service.service.topic_prefix)
    holder = TOKENS.customer("7")
    known = [account_told("fineract", number, holder, MORNING) for number in NUMBERS[:2]]
    known.append(account_told("fineract", NUMBERS[2], holder, EVENING + timedelta(hours=1)))
    records = [service.feed.record(fact, time=EVENING + timedelta(hours=1)) for fact in (customer(holder), *known)]
    for record in records:
        record.topic = prefix + record.topic
    await service.deliver(*records)
    equal, different, later, missing = (
        listed(number, 7, balance) for number, balance in zip(NUMBERS, ("0", "12.5", "3", "-8.25"), strict=False)
    )
    file = tmp_path / "accounts.json"
    file.write_bytes(b"\n".join([equal, different, later, missing, listed(NUMBERS[4], 8, "1"), b"{"]))
    with pytest.raises(Refused, match="--publish"):
        await reconcile(service, "fineract", file, balances=True)
    found, account = shown(capsys), TOKENS.account
    assert found["equal"] == ["1"]
    for kind, number in (("different", 1), ("later", 2), ("missing", 3), ("waiting", 4)):
        assert found[kind] == ["1", account(NUMBERS[number])], kind
    assert found["unreadable"] == ["1", "line", "6"]
    with pytest.raises(Refused, match=r"cores\.md"):  # who has no file is not mended by telling it again
        await reconcile(service, "fineract", file, balances=True, publish=True)
    again = await on_topic(stack, prefix + FINERACT_ACCOUNTS)
    assert sorted((record.key.decode(), record.value) for record in again) == [
        (NUMBERS[1], different),
        (NUMBERS[3], missing),
    ]
    await service.deliver(*[feed.record(FINERACT_ACCOUNTS, one.key.decode(), one.value) for one in again])
    told = await service.rows("SELECT value FROM outbox WHERE topic LIKE '%account-changed'")
    balances = {json.loads(row.value)["account_id"]: json.loads(row.value)["balance"] for row in told}
    assert balances == {account(NUMBERS[1]): "12.5", account(NUMBERS[3]): "-8.25"}
    await service.runtime.close()


MOMENTS = st.integers(0, 3).map(lambda hours: datetime(2026, 3, 2, hours, tzinfo=UTC))
BALANCES = st.builds(Balance, MOMENTS, st.integers(-1, 1), st.just("CNY"), st.sampled_from(["open", "closed"]))
ACCOUNTS = st.dictionaries(st.builds(Held, st.sampled_from("ab"), st.sampled_from("cd")), BALANCES)


@given(ACCOUNTS, ACCOUNTS, st.sets(st.sampled_from("cd")))
def test_each_listed_account_is_of_one_kind_and_telling_again_leaves_nothing_different(
    listed: dict[Held, Balance], told: dict[Held, Balance], strangers: set[str]
) -> None:
    found = compare_balances(listed, told, strangers)
    assert found.equal + sum(map(len, found.shown.values())) == len(listed)
    mended = compare_balances(listed, told | {held: listed[held] for held in found.untold}, strangers)
    assert (mended.untold, mended.waiting, mended.later) == ((), found.waiting, found.later)
    assert all(told[held].as_of > listed[held].as_of for held in found.later)
    assert all(held.customer_id in strangers for held in found.waiting)
