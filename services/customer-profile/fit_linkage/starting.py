"""The model before it is fitted: what is chosen and not learned."""

from customer_profile.duplicate.linking import LEVELS
from customer_profile.duplicate.model import Comparison, Finding, Key, Linkage

BLOCKING: tuple[tuple[Key, ...], ...] = (
    ("id_number",),
    ("id_head",),
    ("id_tail",),
    ("phone",),
    ("email",),
    ("address",),
    ("full_name", "birth_year"),
)
"""A pair that shares none of these is not looked at: all pairs of a million files are 500 thousand million."""


def unfitted(reason: str) -> Linkage:
    """`twin_share` is a guess of the order, as no bank publishes its own; people look at a pair from even odds on."""
    return Linkage(
        name="persons",
        version=1,
        reason=reason,
        twin_share=0.01,
        crowd=50,
        proposed_from=0.5,
        blocking=BLOCKING,
        comparisons=tuple(
            Comparison(attribute=attribute, findings=tuple(Finding(level=one.name, m=0.5, u=0.5) for one in levels))
            for attribute, levels in LEVELS.items()
        ),
    )
