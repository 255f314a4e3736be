"""Rates through the service's own poll, in stream time: what they convert, when they count, and what is refused."""

from datetime import UTC, date, datetime, timedelta

import httpx

from rapport.serving import api_of
from tests.scoring.exchange_rate.rates import days_of_rates, rate, record
from tests.scoring.facts import MONDAY, deliver, life, moment_of, standing, transaction
from tests.scoring.replaying import outcome, reach, replay
from tests.support.delivering import Delivering
from tests.support.serving import Start
from tests.support.tokens import TestIssuer

APRIL = datetime(2025, 4, 10, tzinfo=UTC)


async def shown(service: Delivering, issuer: TestIssuer) -> tuple[list[dict[str, str | None]], str]:
    """What GET says of other currencies, and of the month's assets."""
    transport = httpx.ASGITransport(api_of(service.runtime))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://scoring", headers=issuer.bearer("auditor", subject="e-1")
    ) as client:
        answer = (await client.get("/standings/c-1")).json()
    (assets,) = [item["value"] for item in answer["evidence"] if item["feature"] == "monthly_assets"]
    return answer["foreign_assets"], assets


async def with_dollars(service: Delivering) -> None:
    """A thousand dollars from the first on, of which a hundred were booked on the 17th, and a hundred yuan."""
    earlier = datetime(2025, 2, 20, tzinfo=UTC)
    at = datetime(2025, 3, 17, 2, tzinfo=UTC)
    credit = {"direction": "credit", "initiator": "automatic"}
    await deliver(service, transaction(earlier, **credit))
    await deliver(service, transaction(earlier, currency="USD", account_id="a-2", amount="900.00", **credit))
    await deliver(service, transaction(at, currency="USD", account_id="a-2", transaction_no="t-9", **credit))


async def test_a_month_is_converted_at_the_rate_of_its_last_day(replaying: Delivering, issuer: TestIssuer) -> None:
    await replaying.deliver(
        record(replaying, rate(date(2025, 3, 28), "7.25")),
        record(replaying, rate(date(2025, 4, 1), "9")),
        record(replaying, rate(date(2025, 3, 31), "8", base="EUR", quote="USD")),
    )
    await with_dollars(replaying)
    await reach(replaying, APRIL)
    # 900 for 16 days and 1,000 for the 15 from the 17th on.
    average = (900 * 16 + 1000 * 15) / 31
    foreign, assets = await shown(replaying, issuer)
    assert foreign == [
        {"currency": "USD", "average": f"{average:.2f}", "rate": "7.25000000", "rate_date": "2025-03-28"}
    ]
    assert assets == f"{100 + average * 7.25:.2f}"
    counted = await replaying.rows("SELECT base, quote FROM exchange_rates ORDER BY rate_date")
    assert [tuple(row) for row in counted] == [("USD", "CNY"), ("USD", "CNY")]
    assert (await standing(replaying)).foreign_currency_transactions == 2


async def test_the_price_of_the_own_currency_in_another_serves_as_well(
    replaying: Delivering, issuer: TestIssuer
) -> None:
    await replaying.deliver(record(replaying, rate(date(2025, 3, 31), "0.125", base="CNY", quote="USD")))
    await with_dollars(replaying)
    await reach(replaying, APRIL)
    ((told,), _) = await shown(replaying, issuer)
    assert told["rate"] == "8.00000000"


async def test_a_rate_that_comes_late_counts_from_then_on_and_until_then_its_absence_is_told(
    replaying: Delivering, issuer: TestIssuer
) -> None:
    await with_dollars(replaying)
    await reach(replaying, APRIL)
    ((missing,), assets) = await shown(replaying, issuer)
    assert (missing["currency"], missing["rate"], missing["rate_date"], assets) == ("USD", None, None, "100.00")
    before = await outcome(replaying)
    await replaying.deliver(record(replaying, rate(date(2025, 3, 31), "7")))
    assert await outcome(replaying) == before, "nobody is decided again because of a rate alone"
    (row,) = await replaying.rows("SELECT told_at, known_at FROM exchange_rates")
    assert (row.told_at, row.known_at) == (datetime(2025, 3, 31, 12, tzinfo=UTC), APRIL)
    await deliver(replaying, transaction(APRIL + timedelta(hours=1), transaction_no="t-10"))
    ((there,), assets) = await shown(replaying, issuer)
    assert (there["rate"], float(assets) > 6000) == ("7.00000000", True)


async def test_a_rate_told_twice_is_kept_once_and_locks_no_customer(replaying: Delivering) -> None:
    twice = [record(replaying, rate(date(2025, 3, 31)), identifier="r-1") for _ in range(2)]
    await replaying.deliver(*twice)
    assert len(await replaying.rows("SELECT 1 FROM exchange_rates")) == 1
    assert await replaying.rows("SELECT 1 FROM customers") == []
    counts = await replaying.counts()
    assert (counts["received"], counts["applied"], counts["duplicate"]) == (2, 1, 1)


async def test_what_is_no_rate_is_a_dead_letter_that_names_the_field(
    replaying: Delivering,
) -> None:
    good = rate(date(2025, 3, 31))
    for bad in ({"rate": "0.00"}, {"rate": "-7"}, {"rate": "7,1"}, {"rate_date": "31.3."}, {"base": "usd"}):
        await replaying.deliver(record(replaying, good, data=bad))
    letters = await replaying.rows('SELECT reason FROM dead_letters ORDER BY "offset"')
    assert [letter.reason.split(":")[0] for letter in letters] == ["rate", "rate", "rate", "rate_date", "base"]
    assert "must be above zero" in letters[0].reason
    assert await replaying.rows("SELECT 1 FROM exchange_rates") == []


async def test_with_rates_told_ahead_any_batch_size_and_any_sweeping_give_the_same_history(running: Start) -> None:
    facts, until = life(seed=5, customers=8, days=200), MONDAY + timedelta(days=260)

    async def played(size: int, *, sweeps: bool, days: int = 260) -> dict[str, object]:
        service = await running("stream")
        await service.deliver(*days_of_rates(service, date(2025, 3, 1), days))
        await replay(service, facts, until=until, size=size, sweeps=sweeps)
        return await outcome(service)

    first = await played(10_000, sweeps=False)
    assert await played(7, sweeps=True) == first
    assert await played(150, sweeps=True) == first
    without = await played(10_000, sweeps=False, days=1)
    assert without["standings"] != first["standings"], "the rates do decide"
    assert max(map(moment_of, facts)) < until
