"""What is known only later and what is not the caller's to know change no answer: each is asked before it is known and
after, and so is a variant that leaks, whose two answers differ.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from churn_alert.alert.store.tables import alerts
from churn_alert.casebook.documents import read_likeness
from churn_alert.casebook.domain.evidence import for_charge
from churn_alert.casebook.domain.likeness import Point, most_alike
from churn_alert.casebook.store.evidence import counts, work
from churn_alert.casebook.store.likeness import latest_cases, point_of
from churn_alert.proof.domain.disclosure import is_released
from churn_alert.proof.store.courses import Asked
from rapport.messaging.offsets import move_clocks
from rapport.row_security import ALL
from tests.churn_alert.casebook.conftest import DAY, OPENED, Write, case
from tests.churn_alert.casebook.test_evidence import drawn, in_charge
from tests.support.delivering import Delivering
from tests.support.sight import FOREIGN, LEAD, MANAGER, OWN, client_of, tell_who_manages
from tests.support.tokens import TestIssuer

Answer = Callable[[], Awaitable[Any]]
RULES = read_likeness().rules()
NOW = OPENED + 300 * DAY
"""28 December."""
_JUDGED = (
    "INSERT INTO alert_outcomes (alert_id, warned_on, gone_on, definition, judged_at) "
    "SELECT alert_id, opened_at::date, {gone_on}, 1, now() FROM alerts {where}"
)


async def before_and_after(answers: list[Answer], known: Callable[[], Awaitable[Any]]) -> list[bool]:
    """Of each whether it answers the same once something is known."""
    before = [await answer() for answer in answers]
    await known()
    return [await answer() == said for answer, said in zip(answers, before, strict=True)]


async def test_what_came_of_a_case_makes_it_no_more_and_no_less_alike(
    service: Delivering, write: Write, watcher: httpx.AsyncClient
) -> None:
    kinds = [{"transactions": 3.0 + number / 10} for number in range(6)]
    (asked, *_) = await write(
        case("c-0", open_for=None), *(case(f"c-{n}", out=kind) for n, kind in enumerate(kinds, start=1))
    )

    async def answered() -> Any:
        items = (await watcher.get(f"/cases/{asked}/similar")).json()["items"]
        return [(one["likeness"], one["parts"], one["case"]["alert_id"]) for one in items]

    async def leaking() -> Any:
        """Alike in what came of it too."""
        async with service.runtime.engine.connect() as connection:
            of, points = await _points(connection, asked)
            said = {row.alert_id: row.outcome for row in await connection.execute(alerts.select())}
        told = [one._replace(kinds=(*one.kinds[:2], said[one.alert_id])) for one in points]
        wanted = of._replace(kinds=(*of.kinds[:2], "retained"))
        return [(one.alert_id, one.distance) for one in most_alike(wanted, told, RULES, most=10)]

    async def known() -> None:
        last = "WHERE customer_id IN ('c-1', 'c-2')"
        await service.rows_written(
            f"UPDATE alerts SET outcome = 'lost' {last}", _JUDGED.format(gone_on="opened_at::date + 60", where=last)
        )

    assert await before_and_after([answered, leaking], known) == [True, False]
    observed = [one["case"]["observed"] for one in (await watcher.get(f"/cases/{asked}/similar")).json()["items"]]
    assert observed[:2] == ["gone", "gone"], "it is told, and moves nothing"


async def _points(connection: Any, asked: UUID, *, with_held_out: bool = True) -> tuple[Point, list[Point]]:
    of = await point_of(connection, asked, ALL)
    assert of is not None
    return of, await latest_cases(connection, limit=RULES.latest_cases, with_held_out=with_held_out)


async def test_a_manager_is_answered_of_like_cases_as_if_the_held_out_had_never_been(
    service: Delivering, app: FastAPI, issuer: TestIssuer, write: Write
) -> None:
    await tell_who_manages(service)
    asked, *_ = await write(case(OWN, open_for=None), case(OWN, at=OPENED - 30 * DAY), case(FOREIGN))
    async with client_of(app, issuer, "rm", subject=MANAGER) as client:

        async def answered() -> Any:
            return (await client.get(f"/cases/{asked}/similar")).text

        async def leaking() -> Any:
            async with service.runtime.engine.connect() as connection:
                of, points = await _points(connection, asked)
            return most_alike(of, points, RULES, most=10)

        async def cut_too_early() -> Any:
            """The latest of all, and then without the held out: how many are left tells how many there were."""
            async with service.runtime.engine.connect() as connection:
                latest = await latest_cases(connection, limit=2, with_held_out=True)
                arms = {row.alert_id: row.arm for row in await connection.execute(alerts.select())}
            return [one for one in latest if arms[one.alert_id] != "held-out"]

        async def cut() -> Any:
            async with service.runtime.engine.connect() as connection:
                return await latest_cases(connection, limit=2, with_held_out=False)

        async def known() -> None:
            later = OPENED + 20 * DAY
            await write(*(case(FOREIGN, arm="held-out", at=later, gone=n % 2 == 0) for n in range(4)))

        said = await before_and_after([answered, cut, leaking, cut_too_early], known)
    assert said == [True, True, False, False]


async def test_what_people_say_came_of_an_alert_is_no_proof_of_what_worked(
    service: Delivering, write: Write, watcher: httpx.AsyncClient
) -> None:
    await _until(service, NOW)
    await write(*drawn("high", treated=60, held_out=20))

    async def answered() -> Any:
        return (await watcher.get("/cases/what-worked")).json()["playbooks"]

    async def leaking() -> Any:
        return await service.rows("SELECT arm, count(*) FILTER (WHERE outcome = 'retained') FROM alerts GROUP BY 1")

    async def known() -> None:
        await service.rows_written("UPDATE alerts SET outcome = 'lost' WHERE arm = 'treated'")

    assert (await answered())[0]["cells"][0]["effect"]["treated"]["stayed"] == 60
    assert await before_and_after([answered, leaking], known) == [True, False]


@pytest.mark.parametrize("arm", ["treated", "held-out"])
async def test_a_lead_is_told_nothing_of_what_came_of_a_month_before_all_of_it_is_known(
    service: Delivering, app: FastAPI, issuer: TestIssuer, write: Write, arm: str
) -> None:
    """Of September some are judged before others: their share is that of the early, and names who was which."""
    await _until(service, NOW)
    september = OPENED + 201 * DAY
    await write(*drawn("high", treated=60, held_out=20), *(_unjudged(one) for one in _of(september)))
    await in_charge(service, of="%-high-%")
    async with client_of(app, issuer, "team_lead", subject=LEAD) as lead:

        async def answered() -> Any:
            return (await lead.get("/cases/what-worked")).json()["playbooks"]

        async def leaking() -> Any:
            async with service.runtime.engine.connect() as connection:
                asked = Asked("Asia/Shanghai", None, None, ALL)
                return for_charge(await counts(connection, asked, None), await work(connection, asked, None))

        async def known() -> None:
            where = f"WHERE arm = '{arm}' AND opened_at >= '{september.isoformat()}'"
            await service.rows_written(_JUDGED.format(gone_on="NULL", where=where))

        assert await before_and_after([answered, leaking], known) == [True, False]
        (effect,) = [cell["effect"] for cell in (await answered())[0]["cells"]]
    assert (effect["treated"]["drawn"], effect["treated"]["judged"]) == (120, 60), "they are counted as drawn"
    measure = service.runtime.composition.state["measure"]
    month = september.astimezone(measure.zone).date().replace(day=1)
    assert not is_released(month, measure.definition.window, NOW.date())


def _of(at: datetime) -> list[dict[str, Any]]:
    return drawn("high", treated=60, held_out=20, at=at)


def _unjudged(one: dict[str, Any]) -> dict[str, Any]:
    return one | {"alert_outcomes": []}


async def _until(service: Delivering, now: datetime) -> None:
    """Events came until then."""
    async with service.runtime.engine.begin() as connection:
        await move_clocks(connection, {0: now})
