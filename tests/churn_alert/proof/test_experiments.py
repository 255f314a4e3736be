"""An experiment is of persons, each once, over all versions of its playbooks; nothing of it tells who is held out."""

from collections.abc import AsyncIterator
from datetime import timedelta
from html.parser import HTMLParser

import httpx
import numpy as np
import pytest
from fastapi import FastAPI
from scipy.stats import CensoredData, binomtest, ecdf, logrank

from tests.churn_alert.proof.books import OPENED, Row, random_book, same_but, write
from tests.churn_alert.proof.conftest import LATEST
from tests.support.delivering import Delivering
from tests.support.sight import LEAD, MANAGER, client_of, tell_who_manages
from tests.support.tokens import TestIssuer

pytestmark = pytest.mark.usefixtures("lived")


@pytest.fixture(autouse=True)
async def _nothing_drawn(lived: None, service: Delivering) -> None:
    await service.rows_written("UPDATE alerts SET arm = NULL, experiment = NULL")


@pytest.fixture
async def analyst(app: FastAPI, issuer: TestIssuer) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app, issuer, "analyst", subject="e-9") as client:
        yield client


async def shown(client: httpx.AsyncClient, **asked: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = (await client.get("/proof/interventions", params=asked)).json()["experiments"]
    return found


async def test_effect_interval_survival_and_log_rank_are_those_of_the_raw_rows(
    service: Delivering, analyst: httpx.AsyncClient
) -> None:
    rows = random_book(500, seed=3)
    second = Row("b-0", "treated" if rows[0].arm == "held-out" else "held-out", OPENED + timedelta(days=10))
    await write(service, [*rows, second])
    (one,) = (await analyst.get("/proof/interventions")).json()["experiments"]
    assert (one["experiment"], one["versions"], one["measure"]) == ("care-of-the-rest", [1, 2], "kept")
    arms = {arm: [row for row in rows if row.arm == arm] for arm in ("treated", "held-out")}
    stayed = {}
    for arm, those in arms.items():
        judged = [row for row in those if row.is_judged]
        stayed[arm] = (sum(row.lead is None for row in judged), len(judged))
        view = one[arm.replace("-", "_")]
        assert (view["drawn"], view["judged"], view["stayed"]) == (len(those), len(judged), stayed[arm][0])
    (a, n), (b, m) = stayed["treated"], stayed["held-out"]
    first, other = (binomtest(*those).proportion_ci(0.95, method="wilson") for those in ((a, n), (b, m)))
    assert one["effect"]["value"] == pytest.approx(a / n - b / m)
    below = np.hypot(a / n - first.low, other.high - b / m)
    above = np.hypot(first.high - a / n, b / m - other.low)
    assert one["effect"]["low"] == pytest.approx(a / n - b / m - below, abs=1e-6)
    assert one["effect"]["high"] == pytest.approx(a / n - b / m + above, abs=1e-6)
    censored = {}
    for arm, those in arms.items():
        judged = [row for row in those if row.is_judged]
        gone = [max(row.lead, 0) for row in judged if row.lead is not None]
        censored[arm] = CensoredData(uncensored=gone, right=[90] * (len(judged) - len(gone)))
        theirs = ecdf(censored[arm]).sf
        steps = {step["day"]: step["share"] for step in one["survival"][arm.replace("-", "_")]}
        known = dict(zip(theirs.quantiles.tolist(), theirs.probabilities.tolist(), strict=True))
        assert steps == pytest.approx({day: known[day] for day in steps})
    assert one["log_rank"] == pytest.approx(logrank(censored["treated"], censored["held-out"]).pvalue, abs=1e-9)
    assert (one["evenness"], one["conclusion"]) == (None, "too early"), "version 2 is written nowhere"
    assert one["still_needed"] == one["needed"] - n - m > 0


async def test_a_person_of_several_files_is_in_one_arm_the_survivors_first(
    service: Delivering, analyst: httpx.AsyncClient
) -> None:
    """Counted by file, as it once was, the person would be in both arms."""
    treated = [Row(f"t-{n}", "treated", OPENED) for n in range(40)]
    out = [Row(f"o-{n}", "held-out", OPENED) for n in range(20)]
    await write(service, [*treated, *out, Row("o-0", "treated", OPENED - timedelta(days=60))])
    await service.rows_written("INSERT INTO merged_files VALUES ('o-1', 't-1', 1), ('t-1', 't-1', 1)")
    (one,) = (await analyst.get("/proof/interventions")).json()["experiments"]
    assert (one["treated"]["drawn"], one["held_out"]["drawn"]) == (41, 18)


async def test_an_arm_of_few_is_told_of_by_nobody(service: Delivering, analyst: httpx.AsyncClient) -> None:
    await write(service, [Row(f"t-{n}", "treated", OPENED) for n in range(40)])
    await write(service, [Row(f"o-{n}", "held-out", OPENED) for n in range(9)])
    (one,) = (await analyst.get("/proof/interventions")).json()["experiments"]
    assert (one["treated"], one["held_out"], one["still_needed"]) == (None, None, None)
    found = (await analyst.get("/proof")).json()
    assert (found["held_out"], found["treated"], found["by"]) == (None, None, {})
    assert "Too few in an arm" in (await analyst.get("/proof/page")).text


async def test_no_two_periods_of_a_lead_differ_by_a_few_of_whom_some_are_held_out(
    service: Delivering, app: FastAPI, issuer: TestIssuer
) -> None:
    """Once a lead read the arm of a customer off the figures with and without a second of the alert's opening."""
    month = timedelta(days=31)
    await write(service, [Row(f"t-{n}", "treated", OPENED - month) for n in range(30)])
    await write(service, [Row(f"o-{n}", "held-out", OPENED - month) for n in range(12)])
    await write(service, [Row(f"u-{n}", "treated", OPENED) for n in range(30)])
    await write(service, [Row("v-1", "held-out", OPENED)])
    await tell_who_manages(service)
    await service.rows_written(
        "INSERT INTO customer_managers (customer_id, relationship_manager, revision) "
        f"SELECT DISTINCT customer_id, '{MANAGER}', 1 FROM alerts ON CONFLICT DO NOTHING"
    )
    begins = OPENED.replace(day=1).strftime("%Y-%m-01T00:00:00+08:00")
    async with client_of(app, issuer, "team_lead", subject=LEAD) as lead:
        whole, before = [(await shown(lead))[0]], [(await shown(lead, opened_to=begins))[0]]
        assert whole == before, "the month with one held out counts in neither"
        assert whole[0]["held_out"]["drawn"] == 12  # type: ignore[index]
        (alone,) = await shown(lead, opened_from=begins)
        assert alone["held_out"] is None
        figures = [(await lead.get("/proof", params=asked)).json() for asked in ({}, {"opened_to": begins})]
        assert figures[0]["held_out"] == figures[1]["held_out"]
        assert figures[0]["treated"] == figures[1]["treated"]


async def _in_charge(service: Delivering) -> None:
    await tell_who_manages(service)
    await service.rows_written(
        "INSERT INTO customer_managers (customer_id, relationship_manager, revision) "
        f"SELECT DISTINCT customer_id, '{MANAGER}', 1 FROM alerts ON CONFLICT DO NOTHING"
    )


async def test_a_lead_is_told_how_long_staff_took_of_the_months_alone_of_which_all_else_is_told(
    service: Delivering, app: FastAPI, issuer: TestIssuer
) -> None:
    """Counted of every month, the treated of one with few held out would be told by what the rest leaves."""
    month = timedelta(days=31)
    await service.rows_written("DELETE FROM alert_events", "UPDATE alerts SET arm = 'held-out'")
    acted = {"acted_after": 5.0}
    await write(service, [Row(f"t-{n}", "treated", OPENED - month, tier="low", **acted) for n in range(30)])
    await write(service, [Row(f"h-{n}", "treated", OPENED - month, tier="high", **acted) for n in range(4)])
    await write(service, [Row(f"o-{n}", "held-out", OPENED - month) for n in range(12)])
    await write(service, [Row(f"u-{n}", "treated", OPENED, **acted) for n in range(40)])
    await write(service, [Row(f"v-{n}", "held-out", OPENED) for n in range(9)])
    await _in_charge(service)
    async with (
        client_of(app, issuer, "team_lead", subject=LEAD) as lead,
        client_of(app, issuer, "analyst", subject="e-9") as analyst,
    ):
        told, whole = [
            {one["group"]: one["alerts"] for one in (await client.get("/proof")).json()["time_to_act"]}
            for client in (lead, analyst)
        ]
    assert told == {None: 34}, "high is of few, and low would tell of it"
    assert whole == {None: 74, "low": 70, "high": 4}


async def test_to_a_lead_no_two_days_differ_by_one_who_is_judged(
    service: Delivering, app: FastAPI, issuer: TestIssuer
) -> None:
    """What came of a month is told on the first of a month, of all of it at once."""
    late = LATEST - timedelta(days=100)
    await write(service, [Row(f"t-{n}", "treated", late) for n in range(60)])
    await write(service, [Row(f"o-{n}", "held-out", late, is_judged=n != 3) for n in range(60)])
    await _in_charge(service)
    judge = (
        "INSERT INTO alert_outcomes (alert_id, warned_on, gone_on, silent_days, definition, judged_at) "
        "SELECT alert_id, '2025-09-01', NULL, 1, 1, now() FROM alerts WHERE customer_id = '{}'"
    )
    paths = ("/proof", "/proof/interventions", "/proof/page", "/cases/what-worked")
    async with (
        client_of(app, issuer, "team_lead", subject=LEAD) as lead,
        client_of(app, issuer, "analyst", subject="e-9") as analyst,
    ):
        before = [[(await client.get(path)).text for path in paths] for client in (lead, analyst)]
        await service.rows_written(judge.format("o-3"))
        after = [[(await client.get(path)).text for path in paths] for client in (lead, analyst)]
        assert before[0] == after[0]
        assert all(one != other for one, other in zip(before[1], after[1], strict=True)), "who watches sees it at once"
        clock = "UPDATE stream_clocks SET position = position + interval '{} days'"
        await service.rows_written(clock.format(35))
        shown = (await lead.get("/proof")).json()
        assert (shown["held_out"]["alerts"], shown["held_out"]["judged"]) == (60, 60)


async def test_files_of_one_person_are_no_crowd(service: Delivering, app: FastAPI, issuer: TestIssuer) -> None:
    """A month of ten files that are nine persons is of too few."""
    await service.rows_written("UPDATE alerts SET arm = NULL, experiment = NULL")
    await write(service, [Row(f"t-{n}", "treated", OPENED) for n in range(20)])
    await write(service, [Row(f"o-{n}", "held-out", OPENED) for n in range(10)])
    await _in_charge(service)
    async with client_of(app, issuer, "team_lead", subject=LEAD) as lead:
        assert (await lead.get("/proof")).json()["held_out"]["customers"] == 10
        await service.rows_written("INSERT INTO merged_files VALUES ('o-1', 'o-2', 1), ('o-2', 'o-2', 1)")
        assert (await lead.get("/proof")).json()["held_out"] is None


async def test_groups_of_few_are_left_out_and_what_would_be_left_of_the_whole_too(
    service: Delivering, analyst: httpx.AsyncClient
) -> None:
    out = [Row(f"o-{n}", "held-out", OPENED) for n in range(60)]
    rows = same_but(out[:4], tier="high") + same_but(out[4:24], tier="middle") + out[24:]
    await write(service, [*rows, *(Row(f"t-{n}", "treated", OPENED) for n in range(20))])
    found = (await analyst.get("/proof")).json()
    assert found["held_out"]["alerts"] == 60
    assert [one["group"] for one in found["by"]["tier"]] == ["low"], "high is of few, and middle would tell of it"


class _Page(HTMLParser):
    """What a page would load or run."""

    def __init__(self) -> None:
        super().__init__()
        self.pictures: list[str] = []
        self.reaching: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if tag == "svg":
            self.pictures.append(names["aria-label"] or "")
        if tag in {"script", "link", "img", "iframe", "form", "object"} or {"src", "href"} & names.keys():
            self.reaching.append(tag)


async def test_the_page_has_all_four_pictures_and_loads_and_runs_nothing(
    service: Delivering, analyst: httpx.AsyncClient
) -> None:
    await write(service, same_but(random_book(400, seed=4), experiment="<b>"))
    answer = await analyst.get("/proof/page")
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    page = _Page()
    page.feed(answer.text)
    assert page.reaching == []
    assert page.pictures == ["Reliability curve", "Lift curve", "Lead times", "Survival by arm"]
    assert "&lt;b&gt;" in answer.text
    assert "persons still needed" in answer.text
    assert "b-1" not in answer.text
