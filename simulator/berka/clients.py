"""Who the accounts belong to: owners by disp.asc, without names, for the files have none; and their loans and cards."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from simulator.bank.tokens import token
from simulator.berka.files import Row, UnreadableFile, rows
from simulator.berka.postings import day_of, minor


@dataclass(frozen=True, slots=True)
class Item:
    """A loan granted or a card issued on a day."""

    day: date
    product: str
    kind: Literal["loan", "card"]
    minor: int


@dataclass(frozen=True, slots=True)
class Owner:
    """An account with its one owner. Tokens are made here; the bank's own numbers go no further."""

    customer_id: str
    account_id: str
    opened: date
    unit: str
    region: str
    birth_year: int
    gender: Literal["female", "male"]
    items: tuple[Item, ...]


def districts(folder: Path) -> dict[str, tuple[str, str]]:
    """District number → unit code and region code."""
    return {row["A1"]: (f"D{row['A1']}", row["A3"].lower().replace(" ", "-")) for row in rows(folder, "district")}


def owners(folder: Path) -> dict[str, Owner]:
    """The owner of every account, by the bank's account number."""
    units = districts(folder)
    clients = {row["client_id"]: row for row in rows(folder, "client")}
    dispositions = rows(folder, "disp")
    owning = {row["account_id"]: row["client_id"] for row in dispositions if row["type"] == "OWNER"}
    items = _items(folder, {row["disp_id"]: row["account_id"] for row in dispositions})
    found = {}
    for account in rows(folder, "account"):
        number = account["account_id"]
        try:
            client = clients[owning[number]]
            found[number] = _owner(account, client, *units[account["district_id"]], tuple(items.get(number, ())))
        except (KeyError, ValueError):
            fault = f"account {number} has no owner, no district or no date"
            raise UnreadableFile(f"{folder / 'account.asc'}: {fault}; take fresh copies of the eight files") from None
    return found


def _owner(account: Row, client: Row, unit: str, region: str, items: tuple[Item, ...]) -> Owner:
    birth_number = client["birth_number"]
    return Owner(
        customer_id=token("c", "berka", client["client_id"]),
        account_id=token("a", "berka", account["account_id"]),
        opened=day_of(account["date"]),
        unit=unit,
        region=region,
        birth_year=1900 + int(birth_number[:2]),
        gender="female" if int(birth_number[2:4]) > 50 else "male",  # women are born 50 months later in this code
        items=items,
    )


def _items(folder: Path, account_of: dict[str, str]) -> dict[str, list[Item]]:
    """Loans as granted: their status in the files is how they ended, years later, which nobody knew on the day."""
    items: dict[str, list[Item]] = defaultdict(list)
    try:
        for row in rows(folder, "loan"):
            items[row["account_id"]].append(Item(day_of(row["date"]), "CZ-LOAN", "loan", minor(row["amount"])))
        for row in rows(folder, "card"):
            product = f"CZ-CARD-{row['type'].upper()}"
            items[account_of[row["disp_id"]]].append(Item(day_of(row["issued"]), product, "card", 0))
    except (KeyError, ValueError, ArithmeticError):
        raise UnreadableFile(f"{folder / 'loan.asc'} or card.asc: a row has no account, date or sum") from None
    for held in items.values():
        held.sort(key=lambda item: item.day)
    return items
