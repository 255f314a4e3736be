"""Who is counted, by what, with which alerts; and how it is told: figures, a table for a spreadsheet, a page."""

import csv
from datetime import UTC, date, datetime
from io import StringIO
from typing import Any

import httpx

from churn_alert.casebook.domain.retention import Month, months
from churn_alert.proof.handlers import judge_alerts
from tests.churn_alert.alert.test_restricted import say
from tests.churn_alert.casebook.conftest import OPENED, Write, case
from tests.churn_alert.casebook.recounting import ZONE, count, latest, measure_of, whole_lives
from tests.churn_alert.conftest import SILENT_FROM, Live
from tests.churn_alert.lifecycle.living import account
from tests.churn_alert.lifecycle.test_handlers import hear, pass_until, pays
from tests.churn_alert.lives import DAY, START, used
from tests.support.consenting import consents
from tests.support.delivering import Delivering
from tests.support.erasing import erased
from tests.support.grouping import merge


async def test_a_person_of_several_files_counts_once_and_who_is_erased_stays_counted(service: Delivering) -> None:
    await hear(service, *pays("c-1", range(0, 100, 5)), *pays("c-2", range(0, 100, 5)), *pays("c-3", range(0, 100, 5)))
    await service.deliver(*map(service.feed.record, merge(1, "c-1", "c-2")))
    await pass_until(service, START + 120 * DAY, "c-1", "c-2", "c-3")
    await count(service)
    before = await latest(service, "all")
    assert max(counts.began for counts in before.values()) == 2
    await service.deliver(service.feed.record(erased("c-3", "destroyed")))
    await count(service)
    assert await latest(service, "all") == before


async def test_channel_is_what_the_customer_uses_most_and_of_who_refuses_care_it_is_not_looked_at(
    service: Delivering,
) -> None:
    for name, channel in (("c-1", "mobile"), ("c-2", "card"), ("c-3", "card")):
        await hear(service, account(name), *pays(name, range(0, 30, 10)))
        uses = [used(name, START + day * DAY) for day in range(40)] if channel == "mobile" else []
        await hear(service, *uses)
    await service.deliver(service.feed.record(consents("c-3", refused=["churn-care"])))
    await pass_until(service, START + 70 * DAY, "c-1", "c-2", "c-3")
    await count(service)
    found = await latest(service, "channel")
    february = {name: counts.began for (month, _, name), counts in found.items() if month == date(2025, 2, 1)}
    assert february == {"mobile": 1, "card": 1, "unknown": 1}


async def test_tier_and_segment_are_told_as_far_as_they_were_known_by_then(service: Delivering) -> None:
    names = ("c-1", "c-2")
    for name in names:
        await hear(service, *pays(name, range(0, 30, 10)))
    await service.rows_written(
        f"INSERT INTO tiers VALUES ('c-1', 'high', 1, '{START:%Y-%m-%d}', 3), ('c-2', 'low', 1, '2025-06-01', 1)",
        f"INSERT INTO segments VALUES ('c-1', 'savers', 1, '{START:%Y-%m-%d}'), ('c-2', 'savers', 1, '2025-06-01')",
    )
    await pass_until(service, START + 70 * DAY, *names)
    await count(service)
    february = {
        key[1:]: one.began for key, one in (await latest(service, "tier", "segment")).items() if key[0].month == 2
    }
    assert february == {
        ("tier", "high"): 1,
        ("tier", "unknown"): 1,
        ("segment", "savers"): 1,
        ("segment", "unknown"): 1,
    }


async def test_alerts_of_a_month_are_those_of_now_until_all_are_judged_and_then_for_good(
    service: Delivering, write: Write, reader: httpx.AsyncClient
) -> None:
    await hear(service, *pays("c-1", range(0, 100, 5)))
    await pass_until(service, START + 120 * DAY, "c-1")
    _, open_one, _ = await write(
        case("c-1", gone=False), case("c-2", tier="high"), case("c-3", arm="held-out", gone=True)
    )
    await count(service)

    async def march(by: str = "all") -> dict[str | None, tuple[Any, ...]]:
        shown = (await reader.get("/retention", params={"by": by, "from": "2025-03", "to": "2025-03"})).json()["months"]
        names = ("alerts", "treated", "judged", "stayed", "alerts_are_final")
        return {one["group"]: tuple(one[name] for name in names) for one in shown}

    assert await march() == {None: (3, 2, 1, 1, False)}
    await service.rows_written(
        f"INSERT INTO alert_outcomes VALUES ('{open_one}', '2025-03-03', '2025-05-02', 1, '2025-06-05')"
    )
    await count(service)
    assert await march() == {None: (3, 2, 2, 1, True)}
    await service.rows_written("DELETE FROM alert_outcomes", "DELETE FROM alert_events")
    assert await march() == {None: (3, 2, 2, 1, True)}, "counted for good"


OF_MONTH = "SELECT alerts, judged FROM retention_alerts WHERE month = :month AND division = 'all'"


async def test_a_month_with_a_refuser_and_a_deceased_becomes_final_once_all_others_are_judged(
    service: Delivering, live: Live
) -> None:
    names, late = ("c-1", "c-2", "c-3"), SILENT_FROM + 240 * DAY
    for name in names:
        await live(name, until=late)
    await service.deliver(service.feed.record(consents("c-2", refused=["churn-care"])))
    await say(service, 1, "c-3", status="deceased")
    await pass_until(service, late + DAY, *names)
    (opened,) = {Month.of(row[0], ZONE) for row in await service.rows("SELECT opened_at FROM alerts")}
    await count(service)
    assert await service.rows(OF_MONTH, month=opened.first) == [], "c-1 is not judged"
    await judge_alerts(service.runtime.transactions, measure=measure_of(service))
    await count(service)
    assert [tuple(row) for row in await service.rows(OF_MONTH, month=opened.first)] == [(3, 1)]


async def test_of_who_is_left_alone_the_window_is_waited_for_in_which_they_may_allow_it_again(
    service: Delivering, live: Live
) -> None:
    await live("c-1", until=SILENT_FROM + 70 * DAY)
    await service.deliver(service.feed.record(consents("c-1", refused=["churn-care"])))
    for days, is_final in ((71, False), (240, True)):
        await pass_until(service, SILENT_FROM + days * DAY, "c-1")
        await count(service)
        ((opened_at,),) = await service.rows("SELECT opened_at FROM alerts")
        month = Month.of(opened_at, ZONE).first
        assert await service.rows("SELECT 1 FROM retention_months WHERE month = :month", month=month)
        assert bool(await service.rows(OF_MONTH, month=month)) is is_final


async def test_the_table_is_for_a_spreadsheet_and_the_page_loads_nothing(
    service: Delivering, reader: httpx.AsyncClient
) -> None:
    empty = await reader.get("/retention/page")
    assert "No month that is over" in empty.text
    await whole_lives(service, customers=3)
    await count(service)
    shown = (await reader.get("/retention")).json()["months"]
    answer = await reader.get("/retention", params={"format": "csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    lines = list(csv.DictReader(StringIO(answer.text)))
    assert [(one["month"], int(one["began"]), int(one["lost"])) for one in lines] == [
        (one["month"], one["began"], one["lost"]) for one in shown
    ]
    assert all(one["share"] is None for one in (await reader.get("/retention?by=stage")).json()["months"])
    page = await reader.get("/retention/page")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "Share that stayed by month: all customers" in page.text
    assert not any(word in page.text for word in ("<script", "src=", "href=", "c-1"))
    for bad in ({"from": "2025-13"}, {"by": "mood"}, {"to": "now"}):
        assert (await reader.get("/retention", params=bad)).status_code == 422


def test_months_follow_each_other_over_years_and_begin_by_the_banks_calendar() -> None:
    december = Month(date(2024, 12, 1))
    assert december.following == Month(date(2025, 1, 1))
    assert december.ends(ZONE) == datetime(2024, 12, 31, 16, tzinfo=UTC)
    assert Month.of(datetime(2024, 12, 31, 16, tzinfo=UTC), ZONE) == december.following
    assert [one.first.month for one in months(december, Month(date(2025, 3, 1)))] == [12, 1, 2]
    assert OPENED.tzinfo is not None
