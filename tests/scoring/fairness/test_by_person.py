"""Falls of files that are one person count in the groups of that person, and no merge changes how many there were."""

from collections.abc import Mapping

from rapport.clock import utc_now
from scoring.fairness import store
from tests.scoring.facts import deliver, holdings
from tests.scoring.fairness.test_counting import profile
from tests.support.delivering import Delivering
from tests.support.grouping import Grouped, merge, person, unmerge

_FELL = (
    "INSERT INTO decisions (decided_at, known_at, customer_id, revision, tier, points, points_by_dimension, evidence, "
    "reasons, explanation, scorecard_version, cause, rank, ladder) SELECT now() - days * interval '1 day', now(), "
    "customer_id, revision, 'x', 0, '{}', '[]', '[]', 'x', 1, 'event', rank, 3 "
    "FROM (VALUES ('c-1', 1, 1, 200), ('c-1', 2, 2, 150), ('c-1', 3, 1, 140), ('c-2', 1, 1, 200), ('c-2', 2, 2, 150)) "
    "AS course(customer_id, revision, rank, days)"
)
"""c-1 falls and is back, c-2 falls."""


async def test_a_merge_moves_falls_to_the_groups_of_the_person_and_an_unmerge_moves_them_back(
    service: Delivering,
) -> None:
    await deliver(service, *[holdings(1, "5000.00", customer_id=f"c-{n}") for n in (1, 2)])
    await deliver(service, profile("c-1", gender="female"), profile("c-2", gender="male"))
    await service.rows_written("DELETE FROM decisions", _FELL)

    async def falls_after(told: list[Grouped]) -> Mapping[str, tuple[int, int, int]]:
        """By gender: customers, falls, those taken back."""
        if told:
            await service.deliver(*[service.feed.record(one) for one in told])
        async with service.runtime.engine.connect() as connection:
            groups = await store.count(connection, utc_now())
        return {one.name: (one.customers, one.falls, one.false_falls) for one in groups if one.attribute == "gender"}

    before = await falls_after([])
    assert before == {"female": (1, 1, 1), "male": (1, 1, 0)}
    assert await falls_after(merge(1, "c-2", "c-1")) == {"male": (1, 2, 1)}
    assert await falls_after(unmerge(2, person("c-1"), person("c-2"))) == before
