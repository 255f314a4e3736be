"""What becomes of a lead: told again when it grows, added to by what comes late, overdue; and no sum is too large."""

from datetime import timedelta
from typing import Any

from rapport.events.bank import ExchangeRateSet
from rapport.events.base import Event
from tests.churn_alert.abnormal.telling import at, cash, sent
from tests.churn_alert.abnormal.test_handlers import DAY, HOUR, leads, steps, swept, tell, told_of
from tests.churn_alert.lives import taken_back
from tests.support.delivering import Delivering
from tests.support.grouping import merge


async def test_a_lead_that_grows_is_told_again_from_the_documented_step_on_and_not_before(service: Delivering) -> None:
    amounts = ["50000.00", "20000.00", "10000.00", "30000.00", "3000.00"]
    for number, amount in enumerate(amounts):
        await tell(service, cash(DAY + number * HOUR, amount, transaction_no=f"t-{number}"))
    told = [(fact["step"], fact["amount"], fact["revision"]) for fact in await told_of(service)]
    assert told == [("found", "50000.00", 1), ("grown", "80000.00", 2)]
    assert (await leads(service))[0][5] == 11_300_000
    for number in (1, 2, 3):
        back = taken_back(cash(DAY + number * HOUR, amounts[number], transaction_no=f"t-{number}"), DAY + 30 * HOUR)
        await tell(service, back)
    assert [(fact["step"], fact["amount"]) for fact in (await told_of(service))[2:]] == [("shrunk", "53000.00")]
    assert await steps(service) == ["found", "grown", "shrunk"]


async def test_a_late_posting_adds_to_the_lead_of_its_day_and_leaves_its_figures_true(service: Delivering) -> None:
    now = DAY + timedelta(days=60)
    await tell(service, cash(DAY, "60000.00"), cash(now, "10.00", transaction_no="now"))
    await tell(service, cash(DAY + HOUR, "52000.00", transaction_no="late-large"))
    await tell(service, cash(DAY + 2 * HOUR, "1000.00", transaction_no="late-small"))
    assert await leads(service) == [("c-1", "large-cash", "2025-03-05", "open", 3, 11_300_000)]
    assert [(fact["step"], fact["amount"]) for fact in await told_of(service)] == [
        ("found", "60000.00"),
        ("grown", "112000.00"),
    ]


async def test_a_late_posting_on_a_merged_file_is_found_on_that_file(service: Delivering) -> None:
    now = DAY + timedelta(days=60)
    await tell(service, cash(now, "10.00", "c-1"), cash(now, "10.00", "c-2", transaction_no="t-2"))
    await tell(service, *merge(1, "c-1", "c-2"), time=now + HOUR)
    await tell(service, cash(DAY, "60000.00", "c-2", transaction_no="late"))
    assert await leads(service) == [("c-2", "large-cash", "2025-03-05", "open", 1, 6_000_000)]


async def test_no_sum_of_money_is_too_large_to_be_folded_stored_and_told(service: Delivering) -> None:
    """The largest the contract lets in, a hundred times a day and in a currency of the dearest rate there can be."""
    rates = [
        ExchangeRateSet(base=one, quote="CNY", rate="999999999.99999999", rate_date=DAY.date())
        for one in ("KWD", "USD")
    ]
    cheap = ExchangeRateSet(base="CNY", quote="USD", rate="999999999", rate_date=DAY.date() + timedelta(days=3))
    await tell(service, *rates, cheap, time=DAY - HOUR)
    most = "999999999999999"
    told: list[Event] = []
    for day in (DAY, DAY + timedelta(days=3)):
        for number in range(100):
            moment, no = day + number * timedelta(minutes=2), f"{day.day}-{number}"
            told += [
                cash(moment, f"{most}.99", transaction_no=f"y-{no}"),
                cash(moment, f"{most}.999", currency="KWD", transaction_no=f"k-{no}"),
                sent(moment, most, currency="JPY", transaction_no=f"j-{no}", counterparty_class="abroad"),
            ]
    await tell(service, *told)
    assert (await service.counts()).get("dead_lettered", 0) == 0
    found = {(one[1], one[2]): one[5] for one in await leads(service)}
    assert found["large-cash", "2025-03-05"] > 0
    assert len(await service.rows("SELECT 1 FROM risks WHERE customer_id = 'c-1'")) == 1
    await tell(service, cash(DAY + timedelta(days=4), "50000.00", transaction_no="next"))
    assert ("large-cash", "2025-03-09") in {(one[1], one[2]) for one in await leads(service)}


async def test_a_lead_that_nobody_dealt_with_is_told_to_be_overdue_by_silence_alone(service: Delivering) -> None:
    await tell(service, cash(DAY, "60000.00"))
    await tell(service, cash(at("2025-03-12", "23:59"), "1.00", "c-9", transaction_no="t-2"))
    await swept(service)
    assert await steps(service) == ["found"], "its last day is not over"
    await service.rows_written("UPDATE stream_clocks SET position = '2025-03-20'")
    await swept(service)
    await swept(service)
    assert await steps(service) == ["found", "overdue"]
    fact = (await told_of(service))[-1]
    assert (fact["step"], fact["detected_at"], fact["withdrawn"]) == ("overdue", "2025-03-12T16:00:00Z", False)


async def test_what_a_process_of_the_release_before_did_is_never_told_to_be_overdue(service: Delivering) -> None:
    await tell(service, cash(DAY, "60000.00"))
    # It knows of no due moment to take back.
    await service.rows_written("UPDATE abnormal_activities SET state = 'referred'")
    await tell(service, cash(DAY + timedelta(days=15), "1.00", transaction_no="t-2"))
    await swept(service)
    assert await steps(service) == ["found"]
    assert [row.due_at for row in await service.rows("SELECT due_at FROM abnormal_activities")] == [None]


async def test_what_a_process_of_the_release_before_found_falls_due_as_well(service: Delivering) -> None:
    await tell(service, cash(DAY, "60000.00"))
    await service.rows_written("UPDATE abnormal_activities SET due_at = NULL, partition = NULL")
    await tell(service, cash(DAY + timedelta(days=15), "1.00", transaction_no="t-2"))
    for upkeep in service.runtime.composition.upkeep:
        await upkeep(service.runtime.transactions)
    await swept(service)
    assert await steps(service) == ["found", "overdue"]
    assert (await told_of(service))[-1]["detected_at"] == "2025-03-12T16:00:00Z"


async def test_what_was_overdue_before_an_event_is_told_before_it_whenever_somebody_looked(running: Any) -> None:
    seen = []
    for is_swept in (True, False):
        service = await running()
        last = taken_back(cash(DAY, "60000.00"), DAY + timedelta(days=20))
        told = [cash(DAY, "60000.00"), cash(DAY + timedelta(days=15), "1.00", transaction_no="t-2"), last]
        for number, one in enumerate(told):
            identifier = f"0195f0a2-7c1e-7d3a-9a51-{number:012x}"
            await service.deliver(service.feed.record(one, time=one.occurred_at, identifier=identifier))
            if is_swept:
                await swept(service)
        rows = await service.rows("SELECT event_id FROM outbox WHERE topic = 'abnormal-activity-detected' ORDER BY 1")
        seen.append((await steps(service), [row.event_id for row in rows]))
    assert seen[0] == seen[1]
    assert seen[0][0] == ["found", "overdue", "withdrawn"]
