"""A replay as people look at it: said what before and after are, in their own money, and no more than was asked."""

import re
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

from rich.console import Console

from scoring.replay.domain import Comparison, Placed
from scoring.replay.exposure import Exposure, Group
from scoring.replay.page import Asked, AtRisk, migration_table, opening, risk_tables, tier_table, write_page
from scoring.replay.shock import Shock

LADDER = {"low": None, "middle": 50, "high": 80}
RUN = Shock("<run>", frozenset({"high"}), frozenset({"savers"}), 0.3, 0.0, timedelta(days=60))
MOVES = [
    *[(Placed("low", 20), Placed("middle", 55))] * 3,
    (Placed("high", 90), Placed("high", 85)),
    (Placed("middle", 60), Placed("low", 40)),
]
FOUND = Comparison.of(MOVES)
EXPOSURES = [(Group("high", "savers"), Exposure(2, 1, 123_456_78, 100_000_00, 900, 700))]


def written(folder: Path, asked: Asked, *, exposures: Any = (), found: Comparison = FOUND) -> str:
    figures = {"to": "2026-01-01", "scorecard": asked.scorecard, "read": 1234, "lost_minor": 23_456_78}
    figures["spent_minor"] = 7_654_32
    risk = AtRisk(exposures, LADDER, 100, "CNY")
    return write_page(folder, found, figures, risk, asked).read_text()


def test_rows_are_before_and_columns_are_after() -> None:
    assert FOUND.migration == {("low", "middle"): 3, ("high", "high"): 1, ("middle", "low"): 1}
    assert (FOUND.points_before, FOUND.points_after) == (Counter({20: 3, 90: 1, 60: 1}), Counter({55: 3, 85: 1, 40: 1}))
    table = migration_table(FOUND, LADDER)
    assert [list(column.cells) for column in table.columns] == [
        ["low", "middle", "high"], ["0", "1", "0"], ["3", "0", "0"], ["0", "0", "1"]
    ]  # fmt: skip


def test_the_page_has_a_matrix_whose_rows_are_before(tmp_path: Path) -> None:
    page = written(tmp_path, Asked("retail-cny 1", "easier.json", None))
    low, _, _ = re.findall(r"<tr><th>(?:low|middle|high)</th>(.*?)</tr>", page)
    assert re.findall(r"'>([\d,]+)<br>", low) == ["0", "3", "0"]


def test_the_page_opens_with_what_before_and_after_are(tmp_path: Path) -> None:
    alone, card, shock, both = (
        Asked("retail-cny 1", None, None), Asked("retail-cny 1", "easier.json", None),
        Asked("retail-cny 1", None, RUN), Asked("retail-cny 1", "easier.json", RUN),
    )  # fmt: skip
    before = "Before: every customer as the scorecards that decided, at the end retail-cny 1, have them. After: "
    struck = "after the shock “<run>”: of customers in high and in savers 30% of balances gone, no posting for 60 days."
    would = "as the scorecard in easier.json would, had it decided all along"
    assert opening(alone) == "Every customer as the scorecards that decided, at the end retail-cny 1, have them."
    assert opening(card) == f"{before}{would}."
    assert opening(shock) == f"{before}as they would, {struck}"
    assert opening(both) == f"{before}{would}, {struck}"
    page = written(tmp_path, both)
    assert page.index("Before: every customer") < page.index("<table")
    assert "&lt;run&gt;" in page and "<run>" not in page


def test_the_page_says_that_inflows_stop_and_what_was_spent_meanwhile(tmp_path: Path) -> None:
    shock = Shock("crisis", None, None, 0.0, 0.0, timedelta(0), timedelta(days=90))
    asked = Asked("retail-cny 1", None, shock)
    assert opening(asked).endswith("of customers anywhere no inflows for 90 days, spending as before.")
    page = written(tmp_path, asked, exposures=EXPOSURES)
    assert "no inflows for 90 days, spending as before." in page
    assert "<th>spent while inflows stopped</th><td>7,654 CNY</td>" in page


def test_a_book_that_is_held_against_nothing_has_one_distribution_and_no_matrix(tmp_path: Path) -> None:
    alone = Comparison.of([(after, after) for _, after in MOVES])
    page = written(tmp_path, Asked("retail-cny 1", None, None), found=alone)
    assert page.count("<rect") == 40
    assert "class='before'" not in page
    assert "Tier before" not in page and "in another tier" not in page and "in grey" not in page
    assert "<tr><th>middle</th><td>3</td><td>60.0%</td></tr>" in page
    columns = [list(column.cells) for column in tier_table(alone, LADDER).columns]
    assert columns == [["low", "middle", "high"], ["1", "3", "1"], ["20.0%", "60.0%", "20.0%"]]
    compared = written(tmp_path, Asked("retail-cny 1", "easier.json", None))
    assert compared.count("<rect") == 80
    assert "Tier before (rows) and after (columns)" in compared


def test_money_is_in_whole_units_and_columns_are_in_plain_words(tmp_path: Path) -> None:
    page = written(tmp_path, Asked("retail-cny 1", None, RUN), exposures=EXPOSURES)
    assert "<th>lost</th><td>23,457 CNY</td>" in page
    assert "minor" not in page
    assert "At risk by tier, in CNY" in page
    heads = ["hit by the shock", "deposits before", "deposits after", "lifetime value before", "lifetime value after"]
    for head in heads:
        assert f"<th>{head}</th>" in page
    assert "<td>123,457</td><td>100,000</td><td>-19.0%</td>" in page
    console = Console(width=160, record=True, quiet=False, file=(tmp_path / "out").open("w"))
    for table in risk_tables(AtRisk(EXPOSURES, LADDER, 100, "CNY")):
        console.print(table)
    assert "at risk by segment, in CNY" in console.export_text()


def test_every_table_scrolls_by_itself_and_the_axis_says_what_it_is(tmp_path: Path) -> None:
    page = written(tmp_path, Asked("retail-cny 1", None, RUN), exposures=EXPOSURES)
    assert page.count("<table") == page.count("<div class='wide'><table") == 4
    assert ".wide { overflow-x: auto }" in page
    assert "points (across) and share of the customers (up;" in page
