"""The file of messages: each key once over processes and cut-off lines, and for its owner's eyes only."""

import asyncio
import fcntl
import json
import stat
from pathlib import Path

import pytest

from customer_profile.contact.adapters import Message
from customer_profile.contact.adapters.file_sink import FileSink
from tests.customer_profile.contact.asking import sunk

HELLO = Message("sms", "+8613812341234", None, "你好")


async def test_a_key_is_taken_once_whichever_process_offers_it(tmp_path: Path) -> None:
    first, second = FileSink(tmp_path), FileSink(tmp_path)
    for sink in (first, second, first, FileSink(tmp_path)):
        await sink.hand_over("k-1", HELLO)
        await sink.hand_over("k-2", HELLO)
    assert [line["key"] for line in sunk(tmp_path)] == ["k-1", "k-2"]
    assert {(line["address"], line["text"], line["channel"]) for line in sunk(tmp_path)} == {
        ("+8613812341234", "你好", "sms")
    }


async def test_many_at_once_are_whole_lines(tmp_path: Path) -> None:
    sinks = [FileSink(tmp_path) for _ in range(4)]
    await asyncio.gather(*[sink.hand_over(f"k-{n}", HELLO) for n in range(50) for sink in sinks])
    assert sorted(line["key"] for line in sunk(tmp_path)) == sorted(f"k-{n}" for n in range(50))


async def test_a_line_that_was_cut_off_is_written_again(tmp_path: Path) -> None:
    await FileSink(tmp_path).hand_over("k-1", HELLO)
    with (tmp_path / "contacts.jsonl").open("ab") as file:
        file.write(b'{"key": "k-2", "te')
    await FileSink(tmp_path).hand_over("k-2", HELLO)
    assert [line["key"] for line in sunk(tmp_path)] == ["k-1", "k-2"]


async def test_a_file_that_was_moved_away_begins_anew_and_what_it_took_stays_taken(tmp_path: Path) -> None:
    sink, file = FileSink(tmp_path), tmp_path / "contacts.jsonl"
    await sink.hand_over("k-1", HELLO)
    file.rename(tmp_path / "contacts-1.jsonl")
    for key in ("k-1", "k-2"):
        await sink.hand_over(key, HELLO)
    assert [line["key"] for line in sunk(tmp_path)] == ["k-2"]
    assert b"\0" not in file.read_bytes()
    file.write_bytes(b"")
    await sink.hand_over("k-3", HELLO)
    assert [line["key"] for line in sunk(tmp_path)] == ["k-3"]


async def test_who_moved_the_file_and_holds_its_lock_has_all_that_is_in_it(tmp_path: Path) -> None:
    sink, file = FileSink(tmp_path), tmp_path / "contacts.jsonl"
    await sink.hand_over("k-1", HELLO)
    with file.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        waiting = asyncio.create_task(sink.hand_over("k-2", HELLO))
        await asyncio.sleep(0.2)  # it has opened the file and waits for its lock
        file.rename(tmp_path / "contacts-1.jsonl")
        fcntl.flock(held, fcntl.LOCK_UN)
        await waiting
        assert [json.loads(line)["key"] for line in held] == ["k-1"]
    assert [line["key"] for line in sunk(tmp_path)] == ["k-2"]


async def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    await FileSink(tmp_path).hand_over("k-1", HELLO)
    assert stat.S_IMODE((tmp_path / "contacts.jsonl").stat().st_mode) == 0o600


async def test_a_folder_that_is_not_there_takes_nothing(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        await FileSink(tmp_path / "nowhere").hand_over("k-1", HELLO)


def test_a_message_does_not_show_itself() -> None:
    assert "138" not in repr(HELLO)
    assert "你好" not in json.dumps(repr(HELLO), ensure_ascii=False)
