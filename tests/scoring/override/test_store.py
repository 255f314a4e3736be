"""Who had a part in a decision is asked of one customer: revisions of others are called the same."""

from uuid import UUID, uuid4

from scoring.override import store
from tests.scoring.facts import DAY, MONDAY
from tests.support.delivering import Delivering


async def test_who_had_a_part_in_another_customers_decision_has_none_here(service: Delivering) -> None:
    async with service.runtime.engine.begin() as connection:
        ids: dict[str, UUID] = {}
        for customer_id, approver in (("c-1", "ben"), ("c-2", "dora")):
            ids[customer_id] = override_id = uuid4()
            row = {
                "override_id": override_id,
                "customer_id": customer_id,
                "tier": "high",
                "reason": "relationship",
                "until": MONDAY + 60 * DAY,
                "proposed_by": "ana",
                "proposed_at": MONDAY,
            }
            await store.add(connection, row)
            await store.keep_act(connection, override_id, "approved", by=approver, at=MONDAY, revision=2)
        for customer_id, approver in (("c-1", "ben"), ("c-2", "dora")):
            assert await store.parties(connection, customer_id, revision=2, override_id=None) == {"ana", approver}
            of_it = await store.parties(connection, customer_id, revision=9, override_id=ids[customer_id])
            assert of_it == {approver}
        assert await store.parties(connection, "c-1", revision=9, override_id=ids["c-2"]) == set()
        assert await store.parties(connection, "c-1", revision=9, override_id=None) == set()
