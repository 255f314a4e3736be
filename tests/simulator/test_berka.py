"""The Berka files become a core bank's records, each figure as an independent count of the files has it."""

import json
from collections import Counter, defaultdict
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from rapport.events.base import Event
from rapport.messaging.decoding import decode
from rapport.messaging.records import RawRecord
from simulator.berka import BerkaBank, UnreadableFile
from simulator.marks import SOURCES
from simulator.wire import Record, Wire, header
from tests.support.data import data_file

CLASSES: dict[str, type[Event]] = {event.wire_type(): event for event in SOURCES}
MARK = b"day-closed.v1"
PARTITIONS = 2


@pytest.fixture(scope="module")
def folder() -> Path:
    return data_file("berka_asc")


@pytest.fixture(scope="module")
def bank(folder: Path) -> BerkaBank:
    return BerkaBank(folder, Wire(partitions=PARTITIONS))


@pytest.fixture(scope="module")
def history(bank: BerkaBank) -> list[Record]:
    return list(bank.records())


@pytest.fixture(scope="module")
def told(history: list[Record]) -> list[dict[str, Any]]:
    return [
        json.loads(r.value) for r in history if r.trouble is None and r.topic == "transaction-recorded" and not mark(r)
    ]


@pytest.fixture(scope="module")
def lines(folder: Path) -> list[list[str]]:
    """trans.asc without our reader: whole lines, split."""
    rows = (folder / "trans.asc").read_text().replace('"', "").splitlines()[1:]
    return [row.split(";") for row in rows if row.count(";") == 9]


def test_every_whole_line_is_told_and_the_cut_one_is_one_bad_record(
    history: list[Record], told: list[dict[str, Any]], lines: list[list[str]], bank: BerkaBank, folder: Path
) -> None:
    spoiled = [record for record in history if record.trouble]
    assert len(told) == len(lines) == 49_102
    assert [record.value for record in spoiled] == [(folder / "trans.asc").read_bytes().splitlines()[-1]]
    assert (bank.transactions, bank.unreadable) == (49_102, 1)


def test_the_cut_line_is_under_the_customer_of_its_account(history: list[Record]) -> None:
    cut = next(record for record in history if record.trouble)
    siblings = [r for r in history if r.key == cut.key and r.trouble is None]
    assert siblings
    assert {r.partition for r in siblings} == {cut.partition}


def test_the_reader_of_the_services_takes_all_but_the_cut_line(history: list[Record]) -> None:
    faults = []
    for offset, record in enumerate(history):
        raw = RawRecord(record.topic, record.partition, offset, 0, record.key, record.value, record.headers)
        arrival = decode(raw, CLASSES, partitions=PARTITIONS)
        if arrival.fault:
            faults.append(record.trouble)
    assert faults == ["malformed-json"]


def test_sums_by_direction_are_those_of_the_file(told: list[dict[str, Any]], lines: list[list[str]]) -> None:
    expected: Counter[str] = Counter()
    for line in lines:
        expected["credit" if line[3] == "PRIJEM" else "debit"] += cents(line[5])
    found: Counter[str] = Counter()
    for fact in told:
        found[fact["direction"]] += cents(fact["amount"])
    assert found == expected


def test_kinds_and_initiators_follow_the_banks_codes(told: list[dict[str, Any]], lines: list[list[str]]) -> None:
    found = Counter((fact["kind"], fact["initiator"]) for fact in told)
    codes = Counter((line[4], line[7].strip()) for line in lines)
    assert found == {
        ("cash-deposit", "customer"): codes["VKLAD", ""],
        ("cash-withdrawal", "customer"): codes["VYBER", ""] + codes["VYBER", "SIPO"],
        ("card-withdrawal", "customer"): codes["VYBER KARTOU", ""],
        ("interest", "automatic"): codes["", "UROK"],
        ("penalty-interest", "automatic"): codes["VYBER", "SANKC. UROK"],
        ("statement-fee", "automatic"): codes["VYBER", "SLUZBY"],
        ("pension", "automatic"): codes["PREVOD Z UCTU", "DUCHOD"],
        ("transfer-in", "automatic"): codes["PREVOD Z UCTU", ""],
        ("household", "automatic"): codes["PREVOD NA UCET", "SIPO"],
        ("insurance-premium", "automatic"): codes["PREVOD NA UCET", "POJISTNE"],
        ("loan-repayment", "automatic"): codes["PREVOD NA UCET", "UVER"],
        ("transfer-out", "automatic"): codes["PREVOD NA UCET", ""],
    }


def test_a_customer_is_the_owner_of_an_account_and_has_no_name(history: list[Record], folder: Path) -> None:
    files = [json.loads(r.value) for r in history if header(r, "ce_type") == b"customer-recorded.v1"]
    accounts = [json.loads(r.value) for r in history if header(r, "ce_type") == b"account-changed.v1"]
    opened = [row.split(";") for row in (folder / "account.asc").read_text().splitlines()[1:]]
    assert len(files) == len(accounts) == sum(row[3] <= "940331" for row in opened)
    assert all("identity" not in file for file in files)
    assert {file["customer_id"] for file in files} == {account["customer_id"] for account in accounts}
    assert 0.45 < sum(file["gender"] == "female" for file in files) / len(files) < 0.55


def test_no_number_of_the_bank_is_told(history: list[Record], lines: list[list[str]]) -> None:
    numbers = {line[0] for line in lines} | {line[1] for line in lines}
    for record in history:
        if record.trouble is None and not mark(record):
            fact = json.loads(record.value)
            told = (fact.get(name) for name in ("customer_id", "account_id", "transaction_no"))
            assert numbers.isdisjoint(told)


def test_one_posting_of_an_accounts_day_reports_the_balance_and_the_next_day_begins_with_it(
    told: list[dict[str, Any]],
) -> None:
    days: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for fact in told:
        days[fact["account_id"], fact["occurred_at"]].append(fact)
    balances: dict[str, int] = defaultdict(int)
    off = 0
    for (account, _), facts in days.items():
        reported = [cents(fact["balance_after"]) for fact in facts if "balance_after" in fact]
        assert len(reported) == 1
        expected = balances[account] + sum(
            cents(f["amount"]) * (1 if f["direction"] == "credit" else -1) for f in facts
        )
        off += abs(reported[0] - expected) > 20  # the bank rounded interest to ten haléř
        balances[account] = reported[0]
    assert off < 0.001 * len(days)


def test_loans_and_cards_are_held_from_the_day_they_were_granted(history: list[Record], folder: Path) -> None:
    held = [json.loads(r.value) for r in history if header(r, "ce_type") == b"holding-changed.v1"]
    loans = [row.split(";")[2] for row in (folder / "loan.asc").read_text().splitlines()[1:]]
    cards = [row.split(";")[3].strip('"')[:6] for row in (folder / "card.asc").read_text().splitlines()[1:]]
    assert len(held) == sum(day <= "940331" for day in loans + cards)


def test_each_day_is_closed_on_every_partition(history: list[Record]) -> None:
    marks = Counter(json.loads(r.value)["business_date"] for r in history if mark(r))
    assert len(marks) == 455 + 1
    assert set(marks.values()) == {len(SOURCES) * PARTITIONS}
    times = [record.time_ms for record in history]
    assert times == sorted(times)


def test_the_same_files_give_the_same_bytes(history: list[Record], folder: Path) -> None:
    again = BerkaBank(folder, Wire(partitions=PARTITIONS)).records()
    assert list(islice(again, 20_000)) == history[:20_000]


def test_a_missing_folder_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"district\.asc: no such file or directory; DATA must be the folder"):
        BerkaBank(tmp_path)


def test_a_file_of_another_kind_is_named(tmp_path: Path, folder: Path) -> None:
    copy(folder, tmp_path)
    (tmp_path / "client.asc").write_text("name,age\nx,3\n")
    with pytest.raises(UnreadableFile, match=r"client\.asc: the first line must name the columns client_id;"):
        BerkaBank(tmp_path)


def test_a_damaged_line_in_a_table_of_people_is_named(tmp_path: Path, folder: Path) -> None:
    copy(folder, tmp_path)
    with (tmp_path / "disp.asc").open("a") as file:
        file.write("99999;1;")
    with pytest.raises(UnreadableFile, match=r"disp\.asc: line 5371 is damaged"):
        BerkaBank(tmp_path)


def test_damaged_transactions_anywhere_are_bad_records_and_the_rest_goes_on(tmp_path: Path, folder: Path) -> None:
    copy(folder, tmp_path)
    head = (folder / "trans.asc").read_bytes().splitlines(keepends=True)[:5]
    broken = [
        b'1;576;930101;"PRIJEM";"VKLAD";-7.00;1.00;"";;\r\n',
        b'2;576;930101;"PRI\r\n',
        b'3;576;991399;"PRIJEM";"VKLAD"',
    ]
    (tmp_path / "trans.asc").write_bytes(b"".join([*head[:3], broken[0], broken[1], *head[3:], broken[2]]))
    bank = BerkaBank(tmp_path)
    assert (bank.transactions, bank.unreadable) == (4, 3)
    assert sum(record.trouble is not None for record in bank.records()) == 3


def copy(folder: Path, to: Path) -> None:
    for file in folder.glob("*.asc"):
        (to / file.name).write_bytes(file.read_bytes())


def mark(record: Record) -> bool:
    return header(record, "ce_type") == MARK


def cents(text: str) -> int:
    return int(text.replace(".", ""))
