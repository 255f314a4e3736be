"""How a process comes to know a rate: within ten seconds, and only what stays."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

from rapport.clock import utc_now
from scoring.comparing import TAKEN_UP_WITHIN
from scoring.exchange_rate.domain import Rates
from scoring.exchange_rate.handlers import on_rates_set, take_up_told
from tests.scoring.exchange_rate.rates import rate, record
from tests.support.delivering import Delivering

DAY = date(2025, 3, 31)
LATER = datetime(2100, 1, 1, tzinfo=UTC)


async def look(service: Delivering, rates: Rates) -> str | None:
    """What a dollar costs, once it is looked at what is stored."""
    async with service.runtime.engine.connect() as connection:
        await take_up_told(rates, connection, "CNY")
    found = rates.at("USD", DAY, LATER)
    return None if found is None else str(float(found.price))


async def test_another_process_knows_a_rate_when_ten_seconds_are_over(service: Delivering) -> None:
    others = Rates()
    assert await look(service, others) is None
    await service.deliver(record(service, rate(DAY, "7.1")))
    assert await look(service, others) is None
    others.compared_at -= TAKEN_UP_WITHIN
    assert others.is_outdated(utc_now())
    assert await look(service, others) == "7.1"
    assert not others.is_outdated(utc_now())


async def test_a_rate_told_at_the_beginning_of_all_calendars_is_refused(service: Delivering) -> None:
    told = record(service, rate(DAY, "7.2"), headers={"ce_time": "0001-01-01T00:00:00Z"})
    (arrival,) = await service.deliver(told)
    assert arrival.fault == "ce_time: Value error, lies outside the years 1900 to 2999"
    assert await service.rows("SELECT * FROM exchange_rates") == []


async def test_a_rate_that_is_stored_as_told_before_all_time_counts_for_nothing_and_stops_nothing(
    service: Delivering,
) -> None:
    known = Rates(is_stream_time=True)
    await service.deliver(record(service, rate(DAY, "7.1")))
    await service.rows_written(
        "INSERT INTO exchange_rates (event_id, base, quote, rate, rate_date, told_at, known_at) "
        f"VALUES (gen_random_uuid(), 'USD', 'CNY', '7.2', '{DAY}', '-infinity', now())"
    )
    assert await look(service, known) == "7.1"
    await service.deliver(record(service, rate(DAY, "7.3"), time=datetime(2025, 3, 31, 13, tzinfo=UTC)))
    assert await look(service, known) == "7.3"


async def test_in_wall_time_a_rate_is_known_from_when_it_is_stored_whenever_it_was_told(service: Delivering) -> None:
    before = datetime.now(UTC)
    await service.deliver(record(service, rate(DAY)))
    (row,) = await service.rows("SELECT known_at, told_at FROM exchange_rates")
    assert before <= row.known_at <= datetime.now(UTC)
    assert row.told_at == datetime(2025, 3, 31, 12, tzinfo=UTC)
    known = Rates()
    await look(service, known)
    assert known.at("USD", DAY, row.known_at + timedelta(seconds=59)) is None
    assert known.at("USD", DAY, row.known_at + timedelta(seconds=60)) is not None


async def test_a_rate_of_a_transaction_that_began_before_another_and_ended_after_it_is_not_passed_over(
    service: Delivering,
) -> None:
    slow, quick = (service.arrivals([record(service, rate(DAY, price))])[0].event for price in ("7.2", "7.1"))
    assert slow is not None and quick is not None
    rates = Rates(is_stream_time=True)
    async with service.runtime.transactions.begin() as first:
        await on_rates_set(first, [slow], rates=rates, currency="CNY")
        async with service.runtime.transactions.begin() as second:
            await on_rates_set(second, [quick], rates=rates, currency="CNY")
        assert await look(service, rates) == "7.1"
    await look(service, rates)
    assert rates.state[0] == 2
    assert {event.id for event in (slow, quick)} == {one.event_id for one in rates._by_currency["USD"]}


async def test_what_was_seen_in_a_transaction_that_failed_is_known_no_more(service: Delivering) -> None:
    told = record(service, rate(DAY, "7.1"))
    (arrival,) = service.arrivals([told])
    assert arrival.event is not None
    rates = Rates(is_stream_time=True)
    try:
        async with service.runtime.transactions.begin() as tx:
            await on_rates_set(tx, [arrival.event], rates=rates, currency="CNY")
            await take_up_told(rates, tx.connection, "CNY")
            assert rates.at("USD", DAY, LATER) is not None
            raise ConnectionResetError
    except ConnectionResetError:
        pass
    assert await look(service, rates) is None
    await service.deliver(told)
    assert await look(service, rates) == "7.1"


async def test_a_rate_that_a_transaction_has_stored_stays_known_to_it_whoever_looks_meanwhile(
    service: Delivering,
) -> None:
    (arrival,) = service.arrivals([record(service, rate(DAY, "7.1"))])
    assert arrival.event is not None
    rates = Rates(is_stream_time=True)
    async with service.runtime.transactions.begin() as tx:
        await on_rates_set(tx, [arrival.event], rates=rates, currency="CNY")
        await take_up_told(rates, tx.connection, "CNY")
        assert await look(service, rates) == "7.1", "another transaction sees no such row, and takes nothing away"
    assert await look(service, rates) == "7.1"
    assert rates.being_stored == {}


async def test_a_rate_that_was_not_stored_after_all_is_forgotten_though_another_looked_meanwhile(
    service: Delivering,
) -> None:
    told = record(service, rate(DAY, "7.1"))
    (arrival,) = service.arrivals([told])
    assert arrival.event is not None
    rates = Rates(is_stream_time=True)
    with suppress(ConnectionResetError):
        async with service.runtime.transactions.begin() as tx:
            await on_rates_set(tx, [arrival.event], rates=rates, currency="CNY")
            await take_up_told(rates, tx.connection, "CNY")
            await look(service, rates)
            raise ConnectionResetError
    assert await look(service, rates) is None
