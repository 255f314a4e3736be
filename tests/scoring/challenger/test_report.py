"""`python -m scoring report` shows the challenger too, and the gauge tells its agreement."""

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from scoring.challenger.domain.comparison import Comparison
from scoring.challenger.domain.contest import Challenger
from scoring.challenger.page import challenger_section, challenger_table
from tests.scoring.challenger.ring import bring, count, enter
from tests.scoring.challenger.test_api import GENEROUS
from tests.scoring.facts import MONDAY, deliver, holdings
from tests.scoring.figures import figure
from tests.scoring.test_report import report
from tests.support.serving import Start


def test_tiers_stand_in_the_order_of_the_ladder_and_not_of_the_alphabet() -> None:
    matrix = {"middle": {"high": 2, "private": 1, "low": 3}, "high": {"high": 5}, "aside": {"low": 1}}
    found = Comparison(1, "high", "private", matrix, {"0": 12}, 0, 0, 0.0)
    challenger = Challenger(2, MONDAY, MONDAY, 12)
    ladder = ("low", "middle", "high", "low", "middle", "high", "private")
    section = challenger_section(challenger, found, ladder)
    heads = re.findall(r"<th>(\w+)</th>", section.partition("</table>")[0])
    assert heads == [*(order := ["low", "middle", "high", "private", "aside"]), "all", *order]
    table = challenger_table(challenger, found, ladder)
    assert [str(column.header) for column in table.columns][1:] == order
    assert list(table.columns[0].cells) == ["middle", "high", "aside"]


async def test_the_report_prints_the_challenger_and_draws_how_its_points_differ(
    running: Start, cards: Any, people: Any, tmp_path: Path
) -> None:
    service = await running("wall", scorecards=cards)
    await deliver(service, *[holdings(1, "900000.00", customer_id=f"c-{n}", at=MONDAY) for n in range(4)])
    await enter(await people(service), GENEROUS)
    await bring(service)
    first = report(service, tmp_path, "--now")
    assert (first.returncode, "in shadow" in first.stdout) == (0, False), "nothing is counted yet"
    await count(service)
    done = report(service, tmp_path)
    assert done.returncode == 0, done.stderr
    printed = " ".join(done.stdout.split())
    assert "scorecard 2 in shadow beside 1" in printed
    assert "The same tier: 0.0% (0.0% to 49.0%) of the customers, after none of the events." in printed
    assert "4 would be in the tier high and are not in high, 0 the other way round." in printed
    page = (tmp_path / "page.html").read_text()
    (section,) = page.split("<h2>Champion and challenger</h2>")[1:]
    ET.fromstring(f"<svg {section.partition('<svg ')[2].partition('</svg>')[0]}</svg>")
    assert ">90</text>" in section
    assert "difference in points (across) and share of the customers (up;" in section

    assert await figure(service, "rapport_scoring_shadow_agreement") == {("2", "customers"): 0.0}
