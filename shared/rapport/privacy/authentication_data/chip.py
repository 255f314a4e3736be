"""Chip data: EMV data objects in hex, one after the other (BER-TLV), of which one authenticates.

One object alone could be a part of any token or digest, so it must be a run of objects whose tags and lengths all fit.
"""

import re
from collections.abc import Iterator
from itertools import islice

# Tag → the lengths it may have, in bytes: EMV 4.4 book 3, annex A.
_LENGTHS: dict[str, range] = {
    "57": range(8, 20), "5a": range(6, 11), "5f20": range(2, 27), "5f24": range(3, 4), "5f25": range(3, 4),
    "5f2a": range(2, 3), "5f34": range(1, 2), "4f": range(5, 17), "50": range(1, 17), "82": range(2, 3),
    "84": range(5, 17), "95": range(5, 6), "9a": range(3, 4), "9b": range(2, 3), "9c": range(1, 2), "9f02": range(6, 7),
    "9f03": range(6, 7), "9f06": range(5, 17), "9f09": range(2, 3), "9f10": range(1, 33), "9f1a": range(2, 3),
    "9f1e": range(8, 9), "9f1f": range(1, 100), "9f26": range(8, 9), "9f27": range(1, 2), "9f33": range(3, 4),
    "9f34": range(3, 4), "9f35": range(1, 2), "9f36": range(2, 3), "9f37": range(4, 5), "9f41": range(2, 5),
    "9f53": range(1, 2),
}  # fmt: skip
_HEX = re.compile("[0-9a-f]+")
_BEGINS = re.compile(r"9f26|9f10|57|5a")
_ALONE = re.compile(r"(?<![0-9a-z])9f2608[0-9a-f]{16}(?![0-9a-z])")
_TRACK = re.compile(r"([0-9]{12,19})d[0-9]{2}(?:0[1-9]|1[0-2])[0-9]{3,}f?")


def holds_chip_data(lower: str, dense: str) -> bool:
    """Whether a text holds a cryptogram, what an issuer's application says, or a card's number as a chip tells it.

    `dense`: the same text without blanks and separators.
    """
    return bool(_ALONE.search(lower)) or any(_authenticates(dense, found.start()) for found in _BEGINS.finditer(dense))


def _authenticates(dense: str, at: int) -> bool:
    # Two say it. To read on from each beginning to the end would take the square of the length.
    objects = list(islice(_objects(dense, at), 2))
    if not objects:
        return False
    tag, content = objects[0]
    if tag == "57":
        match = _TRACK.fullmatch(content)
        return match is not None and is_card(match[1])
    if tag == "5a":
        return len(objects) > 1 and is_card(content.rstrip("f"))
    return len(objects) > 1


def _objects(dense: str, at: int) -> Iterator[tuple[str, str]]:
    """The data objects that follow each other from here on, each with its content."""
    while True:
        tag = next((one for one in (dense[at : at + 4], dense[at : at + 2]) if one in _LENGTHS), None)
        if tag is None:
            return
        begin = at + len(tag) + 2
        length = int(said, 16) if re.fullmatch("[0-9a-f]{2}", said := dense[begin - 2 : begin]) else -1
        content = dense[begin : begin + 2 * length]
        if length not in _LENGTHS[tag] or len(content) < 2 * length or not _HEX.fullmatch(content):
            return
        yield tag, content
        at = begin + 2 * length


def is_card(number: str) -> bool:
    """Whether digits can be a card's number: length and check digit of ISO/IEC 7812-1."""
    if not (number.isascii() and number.isdigit() and 13 <= len(number) <= 19):
        return False
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number)))
    return sum(value - 9 * (value > 9) for value in doubled) % 10 == 0
