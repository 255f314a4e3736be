"""What `python -m scoring replay` may be asked, what it refuses before anything is read, and what it says of itself."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rapport.service import Refused, run
from scoring.__main__ import COMMANDS
from scoring.main import compose
from scoring.replay.documents import ShockDocument
from scoring.replay.options import add_options, demand_possible
from scoring.settings import Settings

README = Path(__file__).parents[3] / "services/scoring/README.md"


def asked(*options: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_options(parser)
    return parser.parse_args(options)


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--to", "yesterday", "yesterday is no time; one is, for example, 2026-11-01T00:00+08:00"),
        ("--to", "2026-01-01", "2026-01-01 has no zone; with one it is, for example, 2026-11-01T00:00+08:00"),
        ("--to", "2999-01-01T00:00+00:00", "lies in the future"),
        ("--processes", "0", "0 is not a number from 1 on"),
        ("--processes", "-1", "-1 is not a number from 1 on"),
        ("--processes", "two", "two is not a number from 1 on"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_remedy(
    option: str, value: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        asked(f"{option}={value}")
    told = capsys.readouterr().err
    assert f"argument {option}: " in told
    assert said in told


def test_a_moment_that_is_past_is_taken_with_its_zone() -> None:
    assert asked("--to", "2025-01-01T08:00+08:00").to == datetime(2025, 1, 1, tzinfo=UTC)


def test_the_live_rows_are_of_now_and_are_not_held_against_an_earlier_moment() -> None:
    demand_possible(asked("--compare-live"))
    demand_possible(asked("--to", "2025-01-01T08:00+08:00"))
    with pytest.raises(Refused, match="leave --to out"):
        demand_possible(asked("--compare-live", "--to", "2025-01-01T08:00+08:00"))


def test_help_and_readme_say_every_field_of_a_shock_and_what_the_table_by_customer_holds(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit, match="0"):
        run(Settings, compose, ["replay", "--help"], commands=COMMANDS)
    told, readme = capsys.readouterr().out, README.read_text()
    for name, field in ShockDocument.model_fields.items():
        assert f"  {name} " in told
        assert str(field.description) in told
        assert f"| `{name}` |" in readme
    assert "of those alone who come to be in another tier" in told
