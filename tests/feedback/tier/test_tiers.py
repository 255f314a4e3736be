"""The copy of a customer's tier is that of the highest revision, in whatever order the log gives them."""

from hypothesis import given
from hypothesis import strategies as st

from feedback.tier.domain import CustomerTier, newest
from feedback.tier.store import tiers_of
from tests.feedback.said import MONDAY, hear, tier_changed
from tests.support.delivering import Delivering

states = st.lists(
    st.builds(
        CustomerTier,
        customer_id=st.sampled_from(["c-1", "c-2"]),
        tier=st.just("middle"),
        revision=st.integers(1, 9),
        decided_at=st.just(MONDAY),
    )
)


@given(states, st.randoms(use_true_random=False))
def test_any_order_leaves_the_highest_revision(told: list[CustomerTier], random: object) -> None:
    shuffled = sorted(told, key=lambda _: random.random())  # type: ignore[attr-defined]
    highest = {state.customer_id: max(s.revision for s in told if s.customer_id == state.customer_id) for state in told}
    assert {state.customer_id: state.revision for state in newest(shuffled)} == highest


async def test_an_old_tier_told_again_changes_nothing(service: Delivering) -> None:
    await hear(service, tier_changed(tier="low", revision=2), tier_changed(tier="high", revision=1))
    await hear(service, tier_changed(tier="middle", revision=1))
    await hear(service, tier_changed("c-2", tier="high", revision=7))
    async with service.runtime.engine.connect() as connection:
        assert await tiers_of(connection, ["c-1", "c-2", "c-3"]) == {"c-1": "low", "c-2": "high"}
