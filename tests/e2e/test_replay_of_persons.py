"""`python -m scoring replay` over customers of several files: each once, and nothing of their files left uncompared."""

import json
from pathlib import Path

from sqlalchemy.ext.asyncio import create_async_engine

from tests.e2e.conftest import Run
from tests.e2e.test_replay_command import lower_thresholds
from tests.support.stack import FreshDatabase


async def test_a_person_of_several_files_is_there_once_and_its_files_are_the_live_ones_to_the_bit(
    run: Run, database: FreshDatabase, tmp_path: Path
) -> None:
    engine = create_async_engine(database.url)
    async with engine.begin() as connection:
        found = (await connection.exec_driver_sql("SELECT customer_id FROM standings ORDER BY 1")).scalars().all()
        survivor, merged, *_ = found
        for table, more, cells in (("merged_files", "", ""), ("file_acts", ", as_of, known_at", ", now(), now()")):
            await connection.exec_driver_sql(
                f"INSERT INTO {table} (customer_id, survivor, revision{more}) "
                f"SELECT unnest(ARRAY['{survivor}', '{merged}']), '{survivor}', 1{cells}"
            )
    done = run("--compare-live", "--scorecard", str(lower_thresholds(tmp_path)))
    assert done.returncode == 0, done.stderr
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert (summary["customers"], summary["passed_over"]) == (len(found) - 1, 2)
    assert summary["differing_from_live"] == 0
    assert "2 files in whose tiers people had a hand before it was kept" in done.stdout
    assert merged not in (tmp_path / "out" / "differences.csv").read_text()
    async with engine.begin() as connection:
        await connection.exec_driver_sql(
            f"UPDATE standings SET own_minor = own_minor + 1 WHERE customer_id = '{merged}'"
        )
    await engine.dispose()
    (tmp_path / "run.json").write_text('{"name": "run on deposits", "balances_lost": 0.9, "silent_days": 120}')
    struck = run("--compare-live", "--shock", str(tmp_path / "run.json"), "--out", str(tmp_path / "struck"))
    assert "1 customers differ from the live table" in struck.stdout, struck.stderr
    summary = json.loads((tmp_path / "struck" / "summary.json").read_text())
    assert sum(one["customers"] for one in summary["at_risk_by_tier"]) == summary["customers"] == len(found) - 1
