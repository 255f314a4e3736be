"""`python -m scoring refit-lifetime-value` as a person runs it: a model and its card, or one line why the old stays."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from rapport.clock import utc_now
from scoring.lifetime_value.domain.model import LifetimeModel
from scoring.lifetime_value.store import page
from tests.scoring.lifetime_value.banks import NOW, customers
from tests.scoring.lifetime_value.keeping import keep_customers
from tests.support.delivering import Delivering
from tests.support.serving import Start


def command(settings: Any, **variables: str) -> subprocess.CompletedProcess[str]:
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
    asked = [sys.executable, "-m", "scoring", "refit-lifetime-value"]
    return subprocess.run(
        asked, env=environment | variables, capture_output=True, text=True, timeout=120, check=False, cwd=Path.cwd()
    )


async def models(engine: AsyncEngine) -> list[LifetimeModel]:
    """Every version, the latest first."""
    async with engine.connect() as connection:
        return list(await page(connection, before=None, limit=10))


@pytest.fixture
async def simulated(replaying: Delivering) -> Delivering:
    """A bank of 700 customers whose stream has come to NOW."""
    await replaying.rows_written(
        f"INSERT INTO stream_clocks (partition, position) VALUES (3, '{NOW.isoformat()}'), (4, '2025-11-01T00:00:00Z')"
    )
    await keep_customers(replaying.runtime.engine, customers(700))
    return replaying


async def test_a_refit_stores_the_next_version_and_prints_its_card(simulated: Delivering) -> None:
    settings = simulated.runtime.settings
    done = command(settings)
    assert done.returncode == 0, done.stderr
    (model,) = await models(simulated.runtime.engine)
    fitted = model.fitted
    assert (model.version, fitted.as_of, fitted.figures.customers) == (1, NOW, 700)
    assert (fitted.terms.margin, round((1 + fitted.terms.discount) ** 12, 6)) == (0.001, 1.08)
    said = done.stdout
    assert "reading the book" in said and "700/700" in said and "3/3" in said
    assert f"{fitted.terms.calibration:.3f} ± {fitted.standard_error:.3f}" in said
    assert f"A correlation of {fitted.figures.correlation:.2f}: " in said
    first = value_of_everybody(said)[0]

    await keep_customers(simulated.runtime.engine, customers(900, seed=8))
    again = command(settings, SCORING_BANK__LIFETIME_MARGIN="0.002")
    assert again.returncode == 0, again.stderr
    latest, former = await models(simulated.runtime.engine)
    assert (latest.version, former) == (2, model)
    after, before = value_of_everybody(again.stdout)
    assert 1.8 < after / before < 2.2
    assert before != first


def value_of_everybody(said: str) -> list[float]:
    """The last line of the card's table, a number a version."""
    (line,) = [line for line in said.splitlines() if "value of everybody" in line]
    return [float(number.replace(",", "")) for number in re.findall(r"([\d,]+\.\d\d) CNY", line)]


async def test_a_refit_that_is_refused_keeps_the_former_model_and_says_why_in_one_line(simulated: Delivering) -> None:
    settings = simulated.runtime.settings
    assert command(settings).returncode == 0
    kept = await models(simulated.runtime.engine)
    await simulated.rows_written("UPDATE standings SET active_days = '\\x01', active_day_repeats = NULL")
    done = command(settings)
    assert done.returncode == 2
    why = "fewer than 30 customers came back: take more, or a longer time"
    assert done.stderr == f"python -m scoring: no new lifetime model, version 1 stays in force: {why}\n"
    assert await models(simulated.runtime.engine) == kept


async def test_without_a_stream_there_is_no_model_and_none_is_promised(replaying: Delivering) -> None:
    done = command(replaying.runtime.settings)
    assert (done.returncode, "and there is none yet: nothing has happened in the stream" in done.stderr) == (2, True)
    assert "Traceback" not in done.stderr


async def test_by_the_clock_a_model_is_as_of_now(running: Start) -> None:
    service = await running("wall")
    shift = utc_now() - NOW
    moved = {
        name: one._replace(days=one.days._replace(first=one.days.first + shift)) for name, one in customers(700).items()
    }
    await keep_customers(service.runtime.engine, moved)
    began = utc_now()
    done = command(service.runtime.settings, SCORING_TIME__MODE="wall")
    assert done.returncode == 0, done.stderr
    (model,) = await models(service.runtime.engine)
    assert began <= model.fitted.as_of <= model.made_at <= utc_now()


async def test_a_stored_model_cannot_be_altered(simulated: Delivering) -> None:
    assert command(simulated.runtime.settings).returncode == 0
    for statement in ("UPDATE lifetime_models SET version = 7", "DELETE FROM lifetime_models"):
        with pytest.raises(Exception, match="only grows"):
            await simulated.rows_written(statement)
    async with simulated.runtime.engine.connect() as connection:
        assert (await connection.execute(text("SELECT version FROM lifetime_models"))).scalars().all() == [1]
