"""`python -m scoring refit-segments` as a person runs it: segments and their card, or one line why the former stay."""

import os
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from scoring.exchange_rate.domain import NO_RATES
from scoring.segment.domain.model import SegmentModel
from scoring.segment.store import OvertakenByAnother, keep, page
from scoring.standing.domain.evidence import values_of
from tests.scoring.rules import BANK
from tests.scoring.segment.banks import BY_HAND, KINDS, NOW, customers
from tests.scoring.segment.keeping import keep_customers, standing_of
from tests.support.delivering import Delivering


def command(settings: Any) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, over the database of these settings."""
    environment = os.environ | {
        "SCORING_DATABASE__URL": settings.database.url.get_secret_value(),
        "SCORING_KAFKA__BOOTSTRAP_SERVERS": "127.0.0.1:1",
        "SCORING_AUTH__ISSUER": settings.auth.issuer,
        "SCORING_AUTH__JWKS": settings.auth.jwks,
        "SCORING_ENCRYPTION__KEY_FILE": str(settings.encryption.key_file),
        "SCORING_TIME__MODE": "stream",
        "COLUMNS": "200",
    }
    asked = [sys.executable, "-m", "scoring", "refit-segments"]
    return subprocess.run(asked, env=environment, capture_output=True, text=True, timeout=240, check=False)


async def models(engine: AsyncEngine) -> list[SegmentModel]:
    """Every version, the latest first."""
    async with engine.connect() as connection:
        return list(await page(connection, before=None, limit=10))


@pytest.fixture
async def simulated(replaying: Delivering) -> Delivering:
    """A bank of 600 customers whose stream has come to NOW."""
    clocks = ", ".join(f"({number}, '{NOW.isoformat()}')" for number in range(24))
    await replaying.rows_written(f"INSERT INTO stream_clocks (partition, position) VALUES {clocks}")
    await keep_customers(replaying.runtime.engine, customers(600))
    return replaying


async def test_a_refit_stores_the_next_version_prints_its_card_and_keeps_the_names(simulated: Delivering) -> None:
    settings = simulated.runtime.settings
    done = command(settings)
    assert done.returncode == 0, done.stderr
    (model,) = await models(simulated.runtime.engine)
    fitted = model.fitted
    assert (model.version, fitted.as_of, fitted.unit, fitted.figures.customers) == (1, NOW, 100, 600)
    assert {segment.name: segment.customers for segment in fitted.segments} == {
        name: 6 * kind.share for name, kind in KINDS.items()
    }
    assert "600/600" in done.stdout
    assert "3/3" in done.stdout
    assert all(name in done.stdout for name in KINDS)

    await keep_customers(simulated.runtime.engine, customers(600, seed=8))
    again = command(settings)
    assert again.returncode == 0, again.stderr
    latest, former = await models(simulated.runtime.engine)
    assert (latest.version, former, latest.fitted.figures.kept) == (2, model, 5)
    assert "Kept from version 1: 5 segments with their names." in again.stdout
    assert "By it 0.0% of the customers" in again.stdout


async def test_a_refit_that_is_refused_keeps_the_former_segments_and_says_why_in_one_line(
    simulated: Delivering,
) -> None:
    settings = simulated.runtime.settings
    assert command(settings).returncode == 0
    kept = await models(simulated.runtime.engine)
    await simulated.rows_written("DELETE FROM standings WHERE customer_id >= 'c-2'")
    done = command(settings)
    (left,) = (await simulated.rows("SELECT count(*) AS customers FROM standings"))[0]
    why = f"of {left} customers, fewer than 500: wait until there are more"
    assert done.returncode == 2
    assert done.stderr == f"python -m scoring: no new segments, those of version 1 stay: {why}\n"
    assert await models(simulated.runtime.engine) == kept


def test_no_other_process_of_scoring_loads_what_clusters() -> None:
    program = "import sys, scoring.__main__; print(*sorted({'sklearn', 'scipy', 'joblib'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "\n"


async def test_without_a_stream_there_are_no_segments_and_none_are_promised(replaying: Delivering) -> None:
    done = command(replaying.runtime.settings)
    assert (done.returncode, "and there are none yet: nothing has happened in the stream" in done.stderr) == (2, True)
    assert "Traceback" not in done.stderr


async def test_a_stored_model_cannot_be_altered(replaying: Delivering) -> None:
    engine = replaying.runtime.engine
    async with engine.begin() as connection:
        await keep(connection, BY_HAND, after=0)
    for statement in ("UPDATE segment_models SET version = 7", "DELETE FROM segment_models"):
        with pytest.raises(Exception, match="only grows"):
            await replaying.rows_written(statement)
    async with engine.connect() as connection:
        assert (await connection.execute(text("SELECT version FROM segment_models"))).scalars().all() == [1]


async def test_of_two_refits_at_once_the_later_gives_way(replaying: Delivering) -> None:
    async with replaying.runtime.engine.begin() as connection:
        await keep(connection, BY_HAND, after=0)
        with pytest.raises(OvertakenByAnother):
            await keep(connection, BY_HAND, after=0)


def test_the_customers_of_these_tests_are_known_as_they_were_drawn() -> None:
    for one in customers(50):
        known = values_of(standing_of(one), NOW, BANK, NO_RATES)
        assert known.average_balance == pytest.approx(one.values.average_balance, abs=1)
        assert known.turnover == pytest.approx(one.values.turnover)
        assert (known.active_days, known.investments) == (one.values.active_days, round(one.values.investments))
    assert Counter(one.kind for one in customers(100)) == {name: kind.share for name, kind in KINDS.items()}
