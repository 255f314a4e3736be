"""A person who asks for dead letters is told how many are not shown, and of an id that nobody has."""

from collections.abc import AsyncIterator, Callable, Sequence

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from deploy.local.__main__ import main
from deploy.local.connections import Connections
from deploy.local.dead_letters import ask_services
from deploy.local.errors import StackError
from rapport.clock import utc_now
from rapport.database import create_engine
from rapport.messaging import dead_letters
from rapport.messaging.dead_letters import DeadLetter
from rapport.messaging.records import RawRecord
from tests.support.stack import FreshDatabase

SERVICES = ("scoring", "feedback")
UNKNOWN = "0195d2f0-3c00-7000-8000-000000000001"


@pytest.fixture
def environments(
    postgres: Connections, fresh_database: Callable[..., FreshDatabase]
) -> dict[str, tuple[FreshDatabase, dict[str, str]]]:
    """For each service a database of its own, and the settings over it."""
    found = {}
    for service in SERVICES:
        database = fresh_database(service)
        settings = {
            "DATABASE__URL": database.url,
            "KAFKA__BOOTSTRAP_SERVERS": "127.0.0.1:1",
            "AUTH__ISSUER": "nobody",
            "AUTH__JWKS": "nowhere",
            "ENCRYPTION__KEY_FILE": str(postgres.encryption_key_file),
            "LOOK_UP__KEY_FILE": str(postgres.look_up_key_file),
            "HOLD_OUT__KEY_FILE": str(postgres.hold_out_key_file),
        }
        found[service] = (database, {f"{service.upper()}_{name}": value for name, value in settings.items()})
    return found


@pytest.fixture
async def scoring(environments: dict[str, tuple[FreshDatabase, dict[str, str]]]) -> AsyncIterator[AsyncEngine]:
    """The database of scoring with three dead letters in it."""
    engine = create_engine(environments["scoring"][0].url, application="test", pool_size=1)
    letters = [
        (DeadLetter(RawRecord("holding-changed", 3, offset, offset, b"c-1", b"x", []), "why", "scoring:decode"), b"x")
        for offset in range(3)
    ]
    async with engine.begin() as connection:
        await dead_letters.keep(connection, letters, utc_now())
    yield engine
    await engine.dispose()


@pytest.fixture
def ask(environments: dict[str, tuple[FreshDatabase, dict[str, str]]]) -> Callable[..., int]:
    """`ask("--limit", "2")`: all services here, or `services=` some of them."""

    def ask(*options: str, services: Sequence[str] = SERVICES) -> int:
        return ask_services({service: environments[service][1] for service in services}, options)

    return ask


def test_a_list_says_how_many_it_leaves_out_and_how_to_see_them(
    scoring: AsyncEngine, ask: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask("--limit", "2", services=["scoring"]) == 0
    shown = capsys.readouterr()
    first, second = shown.out.splitlines()
    assert ("holding-changed/3@0" in first, "holding-changed/3@1" in second) == (True, True)
    last = second.split()[0]
    assert shown.err == f"scoring: 1 more: --after {last} lists them\n"
    assert ask("--after", last, services=["scoring"]) == 0
    rest = capsys.readouterr()
    assert [line.split()[2] for line in rest.out.splitlines()] == ["holding-changed/3@2"]
    assert rest.err == ""


async def test_an_id_that_one_service_has_is_replayed_there_and_missed_nowhere(
    scoring: AsyncEngine, ask: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    async with scoring.connect() as connection:
        wanted = (await dead_letters.listing(connection))[1]["dead_letter_id"]
    assert ask("--replay", str(wanted)) == 0
    said = capsys.readouterr()
    assert said.out == "scoring: 1 dead letters will be handled once more by the worker\n"
    assert said.err == ""
    async with scoring.connect() as connection:
        asked_for = [row["replay_requested_at"] is not None for row in await dead_letters.listing(connection)]
    assert asked_for == [False, True, False]


def test_an_id_that_no_service_has_is_an_error(
    scoring: AsyncEngine, ask: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(StackError, match="no service has a dead letter of this id"):
        ask("--replay", UNKNOWN)
    assert capsys.readouterr().out == ""


def test_a_service_that_cannot_be_asked_is_not_taken_for_one_that_does_not_know(
    scoring: AsyncEngine,
    environments: dict[str, tuple[FreshDatabase, dict[str, str]]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    away = environments["feedback"][1] | {"FEEDBACK_DATABASE__URL": "postgresql+asyncpg://nobody:x@127.0.0.1:1/nothing"}
    assert ask_services({"scoring": environments["scoring"][1], "feedback": away}, ["--replay", UNKNOWN]) == 2
    assert "feedback: the database or Kafka does not answer" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        (["--replay", "7"], "neither the id of a dead letter nor `all`"),
        (["--limit", "0"], "is not a number from 1 on"),
        (["--replay", "all", "--after", UNKNOWN], "not allowed with"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_any_service_is(
    options: list[str], fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        main(["dead-letters", *options])
    assert refused.value.code == 2
    assert fault in capsys.readouterr().err
