"""What is dated ahead begins nothing before its time, and what it is to begin when that has come."""

from pathlib import Path

from tests.churn_alert.intervention.books import written
from tests.churn_alert.intervention.test_plans import BOOKS, NOON, account, hear, visit
from tests.churn_alert.lives import DAY, salary
from tests.support.serving import Start


async def test_a_salary_that_is_dated_ahead_is_the_first_when_its_time_has_come(running: Start, tmp_path: Path) -> None:
    service = await running("stream", playbooks=written(tmp_path, *BOOKS))
    sql = "SELECT opened_at FROM interventions WHERE node = 'first-salary'"
    await hear(service, [account(), (salary("c-1", NOON + 3 * DAY), NOON + 2.5 * DAY)])
    assert await service.rows(sql) == []
    await hear(service, [visit(4)])
    assert [row.opened_at for row in await service.rows(sql)] == [NOON + 3 * DAY]
