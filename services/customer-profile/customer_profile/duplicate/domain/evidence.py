"""What two files have in common, attribute by attribute, as words: never a value."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log2
from typing import Literal

from customer_profile.duplicate.domain.comparing import Attribute

Level = Literal["exact", "close", "differs", "conflicts", "unknown"]
"""`close`: one slip of the pen apart. `conflicts`: two valid numbers of one kind of paper, strong evidence against one
person. `unknown`: a file does not say, or the papers are of two kinds."""
Evidence = Mapping[Attribute, Level]


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two files that may be of one person, `file_a` the lower token.

    `weight`: log2 of how much likelier the evidence makes it that they are, the share of such pairs in the book
    included; in hundredths, so that equal evidence gives equal numbers whatever was added first.
    """

    file_a: str
    file_b: str
    weight: int
    evidence: Evidence

    @property
    def probability(self) -> float:
        """That both files are of one person, by the model."""
        return probability_of(self.weight)


def probability_of(weight: int) -> float:
    """Of a weight in hundredths (Fellegi and Sunter 1969): odds are 2 to the weight."""
    return float(1 / (1 + 2.0 ** (-weight / 100)))


def weight_of(probability: float) -> int:
    """The inverse, in hundredths; the bounds 0 and 1 have no odds. Raises ValueError for them."""
    return round(100 * log2(probability / (1 - probability)))
