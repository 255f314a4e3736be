"""When the customer acted on each account, for one that wakes after a long rest to be seen: the same in any order.

Of a day only what follows a rest is summed; days before those that may be judged again are one, the latest.
"""

from dataclasses import dataclass, field

from churn_alert.abnormal.domain.words import Cell

RESTED_DAYS = 60
"""Whoever acted on an account within so many days before did not let it rest, by any document of rules."""


@dataclass(slots=True)
class OfAccount:
    """Bit n of `bits` is the n-th day after `first`, an ordinal; no bit: nothing was done on it yet but taken back.

    Not frozen only because thousands of postings are folded into it.
    """

    first: int = 0
    bits: int = 0
    sums: dict[int, Cell] = field(default_factory=dict)
    """Of days after a rest, and of the first there was: count and sum of what the customer started."""

    def add(self, day: int, sign: int, minor: int) -> None:
        """One posting; one that is taken back leaves its day active."""
        if not self.bits:
            if sign > 0:
                self.first, self.bits = day, 1
        elif sign > 0:
            ago = day - self.first
            if ago >= 0:
                self.bits |= 1 << ago
            else:
                self.first, self.bits = day, self.bits << -ago | 1
        if (cell := self.sums.get(day)) is not None:
            cell[0] += sign
            cell[1] += sign * minor
        elif self._may_wake(day):
            self.sums[day] = [sign, sign * minor]

    def rest_before(self, day: int) -> int | None:
        """Days since something was done before this day; None where nothing is known of before."""
        ago = day - self.first
        before = self.bits & ((1 << ago) - 1) if ago > 0 else 0
        return ago - before.bit_length() + 1 if before else None

    def merge(self, other: "OfAccount") -> "OfAccount":
        """Of one account, what two files hold."""
        if not self.bits or not other.bits:
            of = self if self.bits else other
            merged = OfAccount(of.first, of.bits)
        else:
            one, two = (self, other) if self.first <= other.first else (other, self)
            merged = OfAccount(one.first, one.bits | two.bits << (two.first - one.first))
        for day in self.sums.keys() | other.sums.keys():
            cells = [of.sums[day] for of in (self, other) if day in of.sums]
            merged.sums[day] = [sum(cell[0] for cell in cells), sum(cell[1] for cell in cells)]
        return merged

    def forget_before(self, day: int) -> None:
        """Of days before this one keep the latest; of sums those that may yet be a waking."""
        ago = day - self.first
        if ago > 0 and (before := self.bits & ((1 << ago) - 1)):
            gone = before.bit_length() - 1
            self.first, self.bits = self.first + gone, self.bits >> gone
        if self.sums:
            self.sums = {one: cell for one, cell in self.sums.items() if one >= day and self._may_wake(one)}

    def _may_wake(self, day: int) -> bool:
        # Only ever true before false: activity is added, never taken away. So no sum begins in the middle of its day.
        rest = self.rest_before(day)
        return rest is None or rest > RESTED_DAYS
