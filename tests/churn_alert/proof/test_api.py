"""Proof is answered in figures with intervals, narrowed by who asks, and as a page that loads and runs nothing."""

from collections.abc import AsyncIterator
from html.parser import HTMLParser

import httpx
import pytest
from fastapi import FastAPI

from tests.churn_alert.proof.conftest import Judge
from tests.support.delivering import Delivering
from tests.support.sight import MANAGER, client_of, managed, tell, tell_who_manages
from tests.support.tokens import TestIssuer

pytestmark = pytest.mark.usefixtures("lived")


@pytest.fixture
async def analyst(app: FastAPI, issuer: TestIssuer) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app, issuer, "analyst", subject="e-9") as client:
        yield client


async def test_the_figures_are_those_of_the_alerts_that_are_judged(analyst: httpx.AsyncClient, judge: Judge) -> None:
    before = (await analyst.get("/proof")).json()
    assert (before["all"]["judged"], before["all"]["precision"]) == (0, None)
    await judge()
    found = (await analyst.get("/proof")).json()
    assert (found["all"]["alerts"], found["all"]["judged"], found["all"]["right"]) == (3, 3, 2)
    assert found["all"]["precision"]["value"] == pytest.approx(2 / 3)
    assert found["all"]["precision"]["low"] < 2 / 3 < found["all"]["precision"]["high"]
    assert found["all"]["median_lead_days"] > 0
    assert sum(one["alerts"] for one in found["by"]["cause"]) == 3
    assert [one["group"] for one in found["by"]["tier"]] == ["unknown"]
    assert all(one["precision"] is None for one in found["by"]["month"]), "of so few nothing is said of a group"
    said = found["all"]["said"]
    assert found["all"]["brier"] == pytest.approx((2 * (1 - said) ** 2 + said**2) / 3, abs=0.02)
    assert found["calibration_error"] == pytest.approx(abs(said - 2 / 3), abs=0.02)


async def test_a_period_is_of_the_opening(analyst: httpx.AsyncClient) -> None:
    nothing = await analyst.get("/proof", params={"opened_to": "2020-01-01T00:00:00Z"})
    assert nothing.json()["all"]["alerts"] == 0


async def test_a_lead_is_told_of_the_team_alone(
    service: Delivering, app: FastAPI, issuer: TestIssuer, judge: Judge, analyst: httpx.AsyncClient
) -> None:
    await judge()
    await tell_who_manages(service)
    await tell(service, managed("c-1", MANAGER))
    async with client_of(app, issuer, "team_lead", subject=MANAGER) as client:
        assert (await client.get("/proof")).json()["all"]["alerts"] == 1
    assert (await analyst.get("/proof")).json()["all"]["alerts"] == 3


async def test_arms_are_compared_as_they_were_drawn_and_each_customer_counts_once(
    service: Delivering, analyst: httpx.AsyncClient, judge: Judge
) -> None:
    await judge()
    await service.rows_written(
        "UPDATE alerts SET playbook = 'care-call', playbook_version = 1, "
        "arm = CASE customer_id WHEN 'c-2' THEN 'held-out' ELSE 'treated' END",
        # A second alert of the same customer, later and not judged: the first is what counts.
        "INSERT INTO alerts SELECT (jsonb_populate_record(a, jsonb_build_object('alert_id', gen_random_uuid(), "
        "'opened_at', a.opened_at + interval '1 year', 'status', 'closed', 'outcome', 'lost', "
        "'closed_at', a.opened_at + interval '2 years'))).* FROM alerts a WHERE customer_id = 'c-1'",
    )
    (one,) = (await analyst.get("/proof/interventions")).json()["experiments"]
    assert one["treated"] | {"rate": None} == {"drawn": 2, "judged": 2, "stayed": 1, "rate": None}
    assert one["held_out"] | {"rate": None} == {"drawn": 1, "judged": 1, "stayed": 0, "rate": None}
    assert one["effect"]["low"] < 0.5 < one["effect"]["high"]
    assert one["conclusion"] == "too early"
    assert one["survival"]["held_out"][-1]["share"] == 0.0


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


async def test_the_page_loads_and_runs_nothing(service: Delivering, analyst: httpx.AsyncClient, judge: Judge) -> None:
    await judge()
    await service.rows_written("UPDATE alerts SET playbook = '<b>', playbook_version = 1, arm = 'treated'")
    answer = await analyst.get("/proof/page")
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    page = _Page()
    page.feed(answer.text)
    assert page.reaching == []
    assert "Survival by arm" in page.pictures
    assert "&lt;b&gt;" in answer.text
    assert "nobody held out" in answer.text
    assert "c-1" not in answer.text
