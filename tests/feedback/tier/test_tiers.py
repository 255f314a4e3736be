"""The copy of a customer's tier is that of the highest revision, in whatever order the log gives them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.tables import tiers
from rapport.events.scoring import TierChanged
from rapport.tier.domain import CustomerTier, newest
from rapport.tier.store import tiers_of
from tests.feedback.said import MONDAY, hear, tier_changed
from tests.support.delivering import Delivering

SAMPLES = sorted((Path(__file__).parents[2] / "contract" / "corpus" / "tier-changed").glob("*.json"))
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
        found = await tiers_of(connection, tiers, ["c-1", "c-2", "c-3"])
    assert {customer: tier.tier for customer, tier in found.items()} == {"c-1": "low", "c-2": "high"}


async def test_the_top_of_a_ladder_is_known_by_its_place_and_without_one_by_its_name(service: Delivering) -> None:
    await hear(
        service,
        tier_changed("c-1", "private", rank=1, ladder=4),
        tier_changed("c-2", "high", rank=2, ladder=4),
        tier_changed("c-3", "high"),
        tier_changed("c-4", "middle"),
    )
    async with service.runtime.engine.connect() as connection:
        found = await tiers_of(connection, tiers, ["c-1", "c-2", "c-3", "c-4"])
    assert {customer: tier.is_top for customer, tier in found.items()} == {
        "c-1": True, "c-2": False, "c-3": True, "c-4": False
    }  # fmt: skip


@pytest.mark.parametrize("sample", [path.read_bytes() for path in SAMPLES], ids=[path.stem for path in SAMPLES])
async def test_every_sample_of_a_tier_ever_published_is_kept(service: Delivering, sample: bytes) -> None:
    told = TierChanged.model_validate_json(sample)
    await hear(service, told)
    async with service.runtime.engine.connect() as connection:
        found = await tiers_of(connection, tiers, [told.customer_id])
    assert (found[told.customer_id].tier, found[told.customer_id].is_top) == (told.tier, True)
