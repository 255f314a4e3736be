"""What becomes of proposals and of the ECIF's words: an act is entered, the persons follow, and all files are told."""

from customer_profile.merge.handlers.acting import on_merges_recorded, present_persons
from customer_profile.merge.handlers.deciding import decide
from customer_profile.merge.handlers.proposing import (
    merge_of,
    propose_merge,
    propose_same_papers,
    propose_unmerge,
)

__all__ = [
    "decide",
    "merge_of",
    "on_merges_recorded",
    "present_persons",
    "propose_merge",
    "propose_same_papers",
    "propose_unmerge",
]
