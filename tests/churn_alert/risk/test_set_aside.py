"""What was set aside is listed without whose it is, and handled once it is given back, by the present clock."""

import argparse
from typing import Any
from uuid import UUID

import pytest

from churn_alert.main import compose
from churn_alert.settings import Settings
from rapport.ahead.store import NEVER
from rapport.asking import NotKept
from rapport.service import run
from rapport.set_aside_command import SET_ASIDE, give_back, show
from tests.churn_alert.lives import DAY, HOUR, paid
from tests.churn_alert.risk.test_ahead_apart import DUE, wait_for
from tests.churn_alert.risk.test_handlers import NEIGHBOUR, lead, sweep
from tests.support.delivering import Delivering

_NOBODY = UUID("0195d2f0-3c00-7000-8000-000000000001")
_WAITS = "SELECT event_id, due_at FROM events_ahead ORDER BY event_id"


def asked(**options: Any) -> argparse.Namespace:
    return argparse.Namespace(**{"limit": 1000, "after": UUID(int=0), "replay": None} | options)


@pytest.fixture
async def aside(service: Delivering) -> Delivering:
    """Three events of c-1 were set aside when their time had come: the handler failed on each."""
    await lead(service, "c-1", 150)
    for _ in range(3):
        await wait_for(service)
    await service.rows_written("UPDATE risks SET own_transactions = -2147483648 WHERE customer_id = 'c-1'")
    await _silence(service)
    assert {row.due_at for row in await service.rows(_WAITS)} == {NEVER}
    return service


async def _silence(service: Delivering, days: int = 0) -> None:
    later = DUE + HOUR + days * DAY
    await service.deliver(service.feed.record(paid(NEIGHBOUR, later), time=later))
    while await sweep(service):
        pass


async def test_a_list_says_why_and_how_many_it_leaves_out_and_never_whose_it_is(
    aside: Delivering, capsys: pytest.CaptureFixture[str]
) -> None:
    await show(aside.runtime, asked(limit=2))
    shown = capsys.readouterr()
    ids = [str(row.event_id) for row in await aside.rows(_WAITS)]
    first, second = (line.split("  ") for line in shown.out.splitlines())
    assert [first[0], second[0]] == ids[:2]
    assert (first[1], first[2].split("/")[0]) == ("churn-alert", "transaction-recorded.v1")
    assert first[4] == "DataError (SQLSTATE 22000)"
    assert shown.err == f"churn-alert: 1 more: --after {ids[1]} lists them\n"
    assert "c-1" not in shown.out
    assert "777" not in shown.out
    await show(aside.runtime, asked(after=UUID(ids[1])))
    assert [line.split("  ")[0] for line in capsys.readouterr().out.splitlines()] == ids[2:]


async def test_what_is_given_back_is_handled_by_the_present_clock_and_the_rest_stays(
    aside: Delivering, capsys: pytest.CaptureFixture[str]
) -> None:
    await aside.rows_written("UPDATE risks SET own_transactions = 150 WHERE customer_id = 'c-1'")
    one, *others = await aside.rows(_WAITS)
    await give_back(aside.runtime, asked(replay=one.event_id))
    assert capsys.readouterr().out == "churn-alert: 1 set-aside events will be handled once more by the worker\n"
    while await sweep(aside):
        pass
    assert await aside.rows(_WAITS) == others
    (risk,) = await aside.rows("SELECT own_transactions, decided_at FROM risks WHERE customer_id = 'c-1'")
    assert (risk.own_transactions, risk.decided_at) == (149, DUE + HOUR)
    await give_back(aside.runtime, asked(replay="all"))
    while await sweep(aside):
        pass
    assert await aside.rows(_WAITS) == []


async def test_what_fails_again_is_set_aside_again(aside: Delivering) -> None:
    await give_back(aside.runtime, asked(replay="all"))
    assert NEVER not in {row.due_at for row in await aside.rows(_WAITS)}
    await _silence(aside, days=1)
    assert [row.due_at for row in await aside.rows(_WAITS)] == 3 * [NEVER]


async def test_what_waits_for_its_time_is_neither_listed_nor_given_back(
    service: Delivering, capsys: pytest.CaptureFixture[str]
) -> None:
    await lead(service, "c-1", 150)
    await wait_for(service)
    before = await service.rows(_WAITS)
    await show(service.runtime, asked())
    await give_back(service.runtime, asked(replay="all"))
    assert capsys.readouterr().out == "churn-alert: 0 set-aside events will be handled once more by the worker\n"
    for wanted in (_NOBODY, before[0].event_id):
        with pytest.raises(NotKept, match=f"no set-aside event {wanted}"):
            await give_back(service.runtime, asked(replay=wanted))
    assert await service.rows(_WAITS) == before


def test_what_cannot_be_asked_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        run(Settings, compose, ["set-aside", "--replay", "7"], commands=[SET_ASIDE])
    assert refused.value.code == 2
    assert "neither the id of a set-aside event nor `all`" in capsys.readouterr().err
