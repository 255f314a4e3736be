"""The measures a policy may take: what each is, in which unit, and which of several values counts."""

from typing import Literal, NamedTuple

Kind = Literal["entitlement", "risk"]
Unit = Literal["flag", "percent", "hours", "days", "months", "money"]
Value = bool | int


class Measure(NamedTuple):
    """`counts`: which of several rules' values; `largest`: what a value may be at most."""

    kind: Kind
    unit: Unit
    words: str
    counts: Literal["most", "least"]
    largest: int

    def fault_of(self, value: Value) -> str | None:
        """What is wrong with a value of this measure."""
        if self.unit == "flag":
            return None if value is True else "is not true: leave out what a rule does not give"
        if isinstance(value, bool):
            return f"is not a number of {self.unit}"
        return None if 0 <= value <= self.largest else f"is not 0 to {self.largest} {self.unit}"

    def outweighs(self, value: Value, other: Value) -> bool:
        """Does a value count and not the other? The better one of an entitlement, the stricter one of a control."""
        return value > other if self.counts == "most" else value < other


MEASURES: dict[str, Measure] = {
    "relationship-manager": Measure("entitlement", "flag", "a relationship manager of one's own", "most", 1),
    "priority-queue": Measure(
        "entitlement", "flag", "answered before others on the phone and at the counter", "most", 1
    ),
    "remote-adviser": Measure("entitlement", "flag", "advice by video", "most", 1),
    "fee-waiver": Measure("entitlement", "percent", "of the fees for transfers and cards waived", "most", 100),
    "service-hours": Measure(
        "entitlement", "hours", "within which a request, not a complaint, is dealt with", "least", 720
    ),
    "contact-days": Measure(
        "entitlement", "days", "at most between two contacts on the bank's own initiative", "least", 3660
    ),
    "transfer-review": Measure("risk", "money", "from which on a transfer is reviewed by a person", "least", 10**12),
    "due-diligence-months": Measure("risk", "months", "at most between two reviews of due diligence", "least", 120),
    "enhanced-due-diligence": Measure("risk", "flag", "due diligence to the enhanced standard", "most", 1),
    "manual-credit-decision": Measure("risk", "flag", "credit is decided by a person", "most", 1),
}
"""By name. Of several rules the better entitlement and the stricter control counts, so their order means nothing."""

OF_COMPLAINTS = ("complaint", "case", "appeal", "objection", "dispute", "grievance")
"""A measure named after these would be about complaints, whose clocks run alike for everybody."""


def fault_of_name(name: str, kind: Kind) -> str | None:
    """Why a list of this kind cannot hold a measure of this name."""
    if any(word in name.lower() for word in OF_COMPLAINTS):
        return "is about complaints: their deadlines are the same for everybody and no policy can give them"
    measure = MEASURES.get(name)
    if measure is None:
        return f"is not a known measure; known are {', '.join(one for one in MEASURES if MEASURES[one].kind == kind)}"
    if measure.kind != kind:
        return (
            f"is not of this list: it is {'an entitlement' if measure.kind == 'entitlement' else 'a control of risk'}"
        )
    return None
