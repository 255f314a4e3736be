"""A number for each day, kept as planes of bits: sums and differences of all days at once, a plane at a time."""

Planes = tuple[int, ...]
"""Bit n of the i-th plane is worth 2^i on the n-th day. The highest plane is never empty."""


def union(planes: Planes) -> int:
    """The days whose number is not zero."""
    found = 0
    for plane in planes:
        found |= plane
    return found


def increased(planes: Planes, days: int) -> Planes:
    """One more on each of these days."""
    raised, carry = [], days
    for plane in planes:
        raised.append(plane ^ carry)
        carry &= plane
    return (*raised, carry) if carry else tuple(raised)


def decreased(planes: Planes, days: int) -> Planes:
    """One less on each of these days, of which none is at zero."""
    lowered, borrow = [], days
    for plane in planes:
        lowered.append(plane ^ borrow)
        borrow &= ~plane
    return without_empty(lowered)


def total(one: Planes, other: Planes) -> Planes:
    """Both numbers of each day together."""
    for place, plane in enumerate(other):
        padded = one + (0,) * (place - len(one))
        one = padded[:place] + increased(padded[place:], plane)
    return without_empty(list(one))


def difference(one: Planes, other: Planes) -> Planes:
    """By how much the first number of each day is above the second; zero where it is not."""
    places = max(len(one), len(other))
    left, borrow = [], 0
    for mine, theirs in zip(_to(one, places), _to(other, places), strict=True):
        left.append(mine ^ theirs ^ borrow)
        borrow = (~mine & (theirs | borrow)) | (theirs & borrow)
    return without_empty([plane & ~borrow for plane in left])


def without_empty(planes: list[int]) -> Planes:
    """Without the highest planes that hold nothing."""
    while planes and not planes[-1]:
        planes.pop()
    return tuple(planes)


def _to(planes: Planes, places: int) -> Planes:
    return planes + (0,) * (places - len(planes))
