"""What is not on the list is not logged: not by us, not by a library, not by an error."""

import io
import json
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from rapport.telemetry.logs import ALLOWED, LibraryRecords, Lines, get_logger
from tests.support.logged import logged

MARK = "张三13812341234"


class UniqueViolationError(Exception):
    """As asyncpg's: the text quotes the row."""

    sqlstate = "23505"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """The logs of this test; afterwards logging is as it was."""
    with logged("scoring", role="worker") as found:
        yield found


def _lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_log_is_one_json_object_with_service_and_role(stream: io.StringIO) -> None:
    get_logger().info("poll committed", topic="transaction-recorded", count=3)
    [line] = _lines(stream)
    assert line["event"] == "poll committed"
    assert (line["service"], line["role"], line["level"]) == ("scoring", "worker", "info")
    assert (line["topic"], line["count"]) == ("transaction-recorded", 3)
    assert line["timestamp"].endswith("Z")


def test_a_field_that_is_not_on_the_list_is_dropped_and_its_name_told(stream: io.StringIO) -> None:
    get_logger().info("customer saved", phone=MARK, name=MARK, topic="t")
    [line] = _lines(stream)
    assert line["dropped"] == ["name", "phone"]
    assert MARK not in stream.getvalue()


def test_an_allowed_field_holds_no_object(stream: io.StringIO) -> None:
    get_logger().info("x", reason={"phone": MARK}, error=[1, 2], status=404, seconds=0.5)
    [line] = _lines(stream)
    assert (line["reason"], line["error"], line["status"]) == ("dict", ["1", "2"], 404)


def test_an_error_is_its_kind_and_place_and_never_its_text(stream: io.StringIO) -> None:
    try:
        try:
            raise UniqueViolationError(f"Key (phone)=({MARK}) already exists")
        except UniqueViolationError as cause:
            raise IntegrityError("INSERT INTO customers VALUES ($1)", {"phone": MARK}, cause) from cause
    except IntegrityError:
        get_logger().exception("a poll was rolled back")
    [line] = _lines(stream)
    assert line["error"] == ["IntegrityError 23505", "UniqueViolationError 23505"]
    assert line["frames"][-1].startswith("test_logs.py:")
    assert MARK not in stream.getvalue()


def test_a_librarys_record_keeps_its_template_and_small_numbers(stream: io.StringIO) -> None:
    logging.getLogger("aiokafka.consumer").warning("Heartbeat of %s failed %d times", MARK, 3)
    logging.getLogger("aiokafka.consumer").error("Member %(who)s left", {"who": MARK})
    logging.getLogger("aiokafka.consumer").error("phone %d", 13812341234)
    lines = _lines(stream)
    assert [line["event"] for line in lines] == ["Heartbeat of … failed 3 times", "Member … left", "phone %d"]
    assert lines[0]["logger"] == "aiokafka.consumer"
    assert MARK not in stream.getvalue()
    assert "13812341234" not in stream.getvalue()


def test_a_librarys_error_and_a_second_line_of_text_are_left_out(stream: io.StringIO) -> None:
    try:
        raise ValueError(MARK)
    except ValueError:
        logging.getLogger("asyncio").exception("Task exception was never retrieved\nfuture: ValueError(%s)", MARK)
    built = f"first line\nfuture: {MARK}"
    logging.getLogger("asyncio").error(built)
    assert MARK not in stream.getvalue()
    assert _lines(stream)[0]["error"] == ["ValueError"]


def test_statements_requests_and_warnings_stay_silent_or_bare(stream: io.StringIO) -> None:
    for name in ("sqlalchemy.engine.Engine", "httpx", "uvicorn.access"):
        logging.getLogger(name).info(MARK)
    warnings.warn_explicit(MARK, UserWarning, "module.py", 1)
    assert MARK not in stream.getvalue()


def test_a_record_that_cannot_be_written_is_no_fault_of_the_service(stream: io.StringIO) -> None:
    for text, args in (("%s %s", ("only one",)), ({"an": "object"}, ())):
        LibraryRecords().emit(logging.LogRecord("x", logging.ERROR, __file__, 1, text, args, None))
    assert [line["event"] for line in _lines(stream)] == ["%s %s", "dict"]


def test_without_being_configured_nothing_more_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    secret = MARK
    try:
        raise RuntimeError(secret)
    except RuntimeError:
        get_logger().exception("x", phone=secret)
    written = capsys.readouterr()
    assert json.loads(written.err)["dropped"] == ["phone"]
    assert MARK not in written.out + written.err


def test_a_closed_stderr_is_no_fault_of_the_service() -> None:
    closed = io.StringIO()
    closed.close()
    Lines(closed).info("x")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.text(min_size=1, max_size=12), st.text(min_size=8) | st.integers() | st.lists(st.text())))
def test_only_listed_fields_are_ever_written(stream: io.StringIO, fields: dict[str, Any]) -> None:
    stream.seek(0)
    stream.truncate()
    get_logger().bind(**{name: value for name, value in fields.items() if name != "event"}).info("x")
    [line] = _lines(stream)
    assert set(line) <= ALLOWED
