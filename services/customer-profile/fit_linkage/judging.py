"""How a way of finding pairs fares against the truth, and the way it must beat."""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from itertools import combinations

from customer_profile.duplicate.domain.comparing import Comparable
from customer_profile.duplicate.domain.evidence import Likeness

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Judgement:
    """`proposed` pairs, of which `right` are of one person, of `true` such pairs in the book."""

    proposed: int
    right: int
    true: int

    @property
    def precision(self) -> float:
        """Of what is proposed, the share that is right; 1 where nothing is proposed."""
        return self.right / self.proposed if self.proposed else 1.0

    @property
    def recall(self) -> float:
        """Of what there is, the share that is found."""
        return self.right / self.true


def judged(proposed: Set[Pair], truth: Set[Pair]) -> Judgement:
    """Against the truth."""
    return Judgement(len(proposed), len(proposed & truth), len(truth))


def from_probability(found: Iterable[Likeness], least: float) -> set[Pair]:
    """The pairs from a probability on."""
    return {(one.file_a, one.file_b) for one in found if one.probability >= least}


def by_rule(files: Sequence[Comparable]) -> set[Pair]:
    """The baseline: one paper, or one phone and one name."""
    groups: dict[tuple[str | None, ...], list[str]] = {}
    for file in files:
        groups.setdefault(("paper", file.id_type, file.id_number), []).append(file.customer_id)
        if file.phone is not None:
            groups.setdefault(("phone", file.phone, file.full_name), []).append(file.customer_id)
    return {pair for group in groups.values() for pair in combinations(sorted(group), 2)}
