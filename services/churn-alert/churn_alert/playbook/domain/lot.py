"""Who is held out: drawn by a keyed hash, so that a person stays in one arm of an experiment however often it is drawn.

The share of hashes below a bound is the share of people held out, independent of every other experiment and of whatever
is known of the person: what becomes of the others can be measured against them (science: a comparison of treated and
untreated whom staff chose has the wrong sign). Without the key nobody can tell an arm, whoever knows experiment, share
and customer.
"""

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Literal

Arm = Literal["treated", "held-out"]
_ALL = 2**64


@dataclass(frozen=True, slots=True)
class HoldOut:
    """Of whom an experiment lets this share, over 0 and at most a half, go without."""

    experiment: str
    share: float


@dataclass(frozen=True, slots=True)
class Lot:
    """`key`: 16 to 64 bytes that the service alone knows; with another one people are in other arms."""

    key: bytes = field(repr=False)

    def draw(self, hold_out: HoldOut, person: str) -> Arm:
        """The arm of a person, named by the file that the person is known by: of merged files the survivor.

        A person of several files is so in the survivor's arm, and each file is in its own again once they are
        separated. Keyed BLAKE2b (RFC 7693), its first 64 bits.
        """
        # Neither a code nor a token has a bar in it, so no two pairs are written alike.
        digest = blake2b(f"{hold_out.experiment}|{person}".encode(), digest_size=8, key=self.key).digest()
        return "held-out" if int.from_bytes(digest) < hold_out.share * _ALL else "treated"
