"""A person's step from one state of the relationship to another: possible, permitted, and what it makes of the file."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from customer_profile.customer.domain.file import File, corrected, settled
from customer_profile.customer.domain.refusals import StepImpossible, StepNotPermitted
from customer_profile.customer.domain.relationship import WAYS, Reason, Relationship


def demand(file: File, to: Relationship, reason: Reason, rights: Collection[str]) -> None:
    """Raises StepImpossible for a step that there is not or not for this reason, StepNotPermitted by these rights."""
    way = WAYS.get((file.relationship, to))
    if way is None:
        others = ", ".join(after for before, after in WAYS if before == file.relationship)
        raise StepImpossible("to", f"cannot be reached: from {file.relationship} it goes to {others}")
    if reason not in way.reasons:
        raise StepImpossible("reason", f"is none for this step; it is taken for {', '.join(way.reasons)}")
    if way.right not in rights:
        raise StepNotPermitted(f"from {file.relationship} to {to} takes {way.right}")


def stepped(file: File, to: Relationship, reason: Reason, *, at: datetime) -> File:
    """The file after a step; an end and its taking back hold like any correction, until the core says something later.

    Raises StepImpossible where a restriction or a missing admission leads elsewhere, or there is none to lift.
    """
    if file.relationship == to:
        if not file.is_restricted:
            raise StepImpossible("to", f"cannot be reached: it is {to}, and no restriction outlasted it")
        return replace(file, is_restricted=False, revision=file.revision + 1)
    if to == "exited":
        after = corrected(file, {"status": "deceased" if reason == "deceased" else "closed"}, {}, at=at)
    elif file.relationship == "exited":
        after = corrected(file, {"status": "active"}, {}, at=at)
    else:
        after = settled(file, replace(file, is_admitted=True, is_restricted=to == "restricted"), at)
    if after.relationship != to:
        raise StepImpossible("to", f"cannot be reached: what ended as {after.relationship} begins again so")
    return after
