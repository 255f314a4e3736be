"""Authentication data in records of a core, in whichever field: refused at the door before a mapping reads them."""

from tests.services.authentication_data import everything_kept, found_in, raw_records
from tests.services.test_authentication_data import with_open_door
from tests.shared.privacy.authentication_data.samples import Sample, samples
from tests.support.delivering import Delivering


def one_in_a_hundred() -> list[Sample]:
    return list(samples(1000))[::100]


async def test_of_ten_samples_over_each_raw_topic_nothing_is_kept(service: Delivering) -> None:
    sent = one_in_a_hundred()
    coming = list(raw_records(sent))
    assert len(sent) == 10 and len({raw.topic for raw in coming}) == 2
    for raw in coming:
        (arrival,) = await Delivering(service.runtime).deliver(raw)
        assert arrival.withheld is not None, "it came in"
    assert found_in(await everything_kept(service), sent) == []
    letters = await service.rows("SELECT reason FROM dead_letters")
    assert len(letters) == len(coming)
    assert all("is never kept, so the record is withheld" in letter.reason for letter in letters)
    counted = await service.rows(
        "SELECT topic, sum(records)::int AS n FROM refused_fields WHERE kind <> 'unknown-field' GROUP BY 1"
    )
    assert {row.topic: row.n for row in counted} == {"legacy.postings": 10, "fineract.savings-transactions": 20}


async def test_with_the_door_open_it_would_be_found(service: Delivering) -> None:
    with_open_door(service)
    sent = one_in_a_hundred()
    for raw in raw_records(sent):
        await Delivering(service.runtime).deliver(raw)
    assert found_in(await everything_kept(service), sent) != []
