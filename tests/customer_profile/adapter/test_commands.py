"""What is done by hand: a mapping tried on sample records, and a core's own list of a day against what was told."""

import argparse
import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from customer_profile.adapter.mappings import EXAMPLES
from customer_profile.adapter_commands import CHECK, RECONCILE
from customer_profile.main import compose
from customer_profile.settings import Settings
from deploy.local.stack import Stack
from rapport.service import Refused, run
from rapport.settings import SettingsInvalid
from tests.customer_profile.adapter.cores import (
    FINERACT,
    FINERACT_ACCOUNTS,
    LEGACY,
    MORNING,
    Booking,
    RawFeed,
    account_told,
    legacy_line,
)
from tests.customer_profile.adapter.lists import on_broker, on_topic, reconcile, shown
from tests.support.delivering import Delivering
from tests.support.stack import Topics

TOPICS = (FINERACT, FINERACT_ACCOUNTS, LEGACY, "customer-recorded", "account-changed", "transaction-recorded")
GOOD = Booking("4711", "6222020012345", -125075, "02", MORNING, "ATM")


def check(*arguments: str) -> int:
    return run(Settings, compose, ["check-adapter", *arguments], tools=[CHECK])


def test_a_mapping_is_tried_on_records_without_settings_or_database(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sample, mapping = tmp_path / "sample.csv", str(EXAMPLES / "legacy-postings.json")
    sample.write_bytes(legacy_line(GOOD) + b"\nE;;;20260302;;;;;;;\n")
    assert check(mapping, "--sample", str(sample)) == 0
    shown = capsys.readouterr().out
    assert all(part in shown for part in ("1250.75", "withdrawal", "2026-03-02 01:00:00+00:00", "closes the day"))
    assert "6222020012345" not in shown
    sample.write_bytes(legacy_line(replace(GOOD, kind="77")) + b"\n" + legacy_line(GOOD))
    assert check(mapping, "--sample", str(sample)) == 2
    said = capsys.readouterr()
    assert "unknown-code" in said.out and "1 of 2 sample records do not fit" in said.err


def test_a_mapping_with_unknown_fields_is_refused_with_every_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = tmp_path / "wrong.json"
    text = (EXAMPLES / "legacy-postings.json").read_text()
    wrong.write_text(text.replace('"amount": {', '"amuont": {', 1).replace('"path": "terminal"', '"path": "terminel"'))
    assert check(str(wrong)) == 2
    said = capsys.readouterr().err
    assert "fields.amuont: is no field of transaction-recorded" in said
    assert "fields.amount: transaction-recorded needs it" in said and "'terminel' is no column" in said


def test_a_service_does_not_start_on_a_mapping_with_faults(
    tmp_path: Path, adapter_settings: Callable[..., Settings]
) -> None:
    (tmp_path / "wrong").mkdir()
    (tmp_path / "wrong" / "a.json").write_text("{}")
    settings = adapter_settings()
    adapter = settings.adapter.model_copy(update={"folder": tmp_path / "wrong"})
    with pytest.raises(SettingsInvalid, match=r"a\.json is no mapping"):
        compose(settings.model_copy(update={"adapter": adapter}))


async def counted(service: Delivering) -> list[tuple[str, int, int]]:
    """What was compared, as data quality of the core."""
    rows = await service.rows(
        "SELECT attribute, seen::int, faults::int FROM quality_counts "
        "WHERE source = 'legacy' AND dimension = 'consistency' AND day = '2026-03-02'"
    )
    return [tuple(row) for row in rows]


async def test_what_the_stream_missed_is_found_and_told_once_more(
    stack: Stack,
    topics: Topics,
    adapter_settings: Callable[..., Settings],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    service = await on_broker(stack, topics, adapter_settings)
    prefix = service.service.topic_prefix
    day = [replace(GOOD, number=str(n), minor=-100 * n, at=MORNING + timedelta(minutes=n)) for n in range(1, 7)]
    told, missing, different, extra, waiting = day[:2], day[2], day[3], day[4], replace(day[5], account="none")
    feed, account = RawFeed(prefix), account_told("legacy", GOOD.account, "c-1")
    heard = service.feed.record(account, time=MORNING)
    heard.topic = prefix + heard.topic
    await service.deliver(heard, *[feed.booking("legacy", one) for one in (*told, different, extra, waiting)])
    listed = [*told, missing, replace(different, minor=-1), waiting, replace(missing, number="77", at=MORNING)]
    listed[-1] = replace(listed[-1], at=MORNING + timedelta(days=1))
    file = tmp_path / "day.csv"
    file.write_bytes(b"\n".join([*map(legacy_line, listed), b"P;broken"]))

    day_of = {"day": date(2026, 3, 2)}
    with pytest.raises(Refused, match="--publish"):
        await reconcile(service, "legacy", file, **day_of)
    found = shown(capsys)
    assert [found[kind] for kind in ("equal", "missing", "waiting", "different", "extra")] == [
        ["2"], ["1", "3"], ["1", "6"], ["1", "4"], ["1", "5"],
    ]  # fmt: skip
    assert found["unreadable"] == ["1", "line", "7"]
    assert await counted(service) == [("transaction_no", 6, 4)]
    with pytest.raises(Refused, match=r"cores\.md"):  # what differs is not mended by what was missing
        await reconcile(service, "legacy", file, **day_of, publish=True)
    (record,) = await on_topic(stack, prefix + LEGACY)
    assert (record.key.decode(), record.value) == (missing.account, legacy_line(missing))
    await service.deliver(feed.record(LEGACY, record.key.decode(), record.value))
    file.write_bytes(b"\n".join(map(legacy_line, [*told, missing, different, extra])))
    capsys.readouterr()
    await reconcile(service, "legacy", file, **day_of)
    found = shown(capsys)
    assert [found[kind] for kind in ("equal", "missing", "extra")] == [["5"], ["0"], ["0"]]
    assert await counted(service) == [("transaction_no", 5, 0)], "of one day the last comparison counts"
    await service.runtime.close()


async def test_an_unknown_core_is_named_with_those_there_are(
    adapter_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    settings = adapter_settings()
    asked = argparse.Namespace(
        source="nobody", file=tmp_path / "x", day=date(2026, 3, 2), balances=False, publish=False, all=False
    )
    with pytest.raises(Refused, match="fineract, legacy"):
        await asyncio.to_thread(RECONCILE.act, compose(settings), settings, asked)
