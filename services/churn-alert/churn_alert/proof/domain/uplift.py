"""Whether an intervention keeps customers: treated and held out as they were drawn, and when that may be believed.

Intention to treat: a customer belongs to the arm that chance drew, whatever was done or not done afterwards. Who was
really contacted says nothing: staff contact the riskiest, so contact itself would look like the cause of leaving.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil
from statistics import NormalDist
from typing import Literal, NamedTuple

from churn_alert.proof.domain.survival import LogRank, above_chi_square
from rapport.behaviour.rates import Rate, difference, wilson

Conclusion = Literal["keeps", "drives away", "not shown", "too early", "uneven arms", "nobody held out"]
MEANING: dict[Conclusion, str] = {
    "keeps": "more of the treated stay, and chance alone would hardly bring that about",
    "drives away": "fewer of the treated stay, and chance alone would hardly bring that about",
    "not shown": "the interval covers no effect at all: nothing is proven, neither that it helps nor that it does not",
    "too early": "fewer customers than were planned for: an interval that is looked at again and again until it leaves "
    "zero proves nothing",
    "uneven arms": "the arms are not of the sizes that chance would draw, or so many more of one are not judged that "
    "this alone could be the effect: find out why before believing any difference",
    "nobody held out": "without customers who were left alone by lot nobody knows what would have become of the others",
}


@dataclass(frozen=True, slots=True)
class Design:
    """What the experiment is planned for. `leaving_without`, `leaving_with`: the shares of the smallest effect worth
    finding; `alpha` two-sided; `uneven_below`: arms that chance draws more rarely are taken for a fault.
    """

    leaving_without: float
    leaving_with: float
    alpha: float
    power: float
    uneven_below: float


class Arm(NamedTuple):
    """`drawn`: customers; `judged`: whose window is over; `stayed`: those of them who were not gone within it."""

    drawn: int
    judged: int
    stayed: int

    @property
    def rate(self) -> Rate | None:
        """Share of the judged who stayed."""
        return wilson(self.stayed, self.judged) if self.judged else None


@dataclass(frozen=True, slots=True)
class Uplift:
    """What is known of one experiment. `effect`: share that stayed of the treated less that of the held out.

    `evenness`: how likely arms at least so uneven are by chance; None where it is not known which share was to be held
    out. `still_needed`: customers yet to be judged, of both arms, before the planned effect would be found.
    """

    treated: Arm
    held_out: Arm
    effect: Rate | None
    evenness: float | None
    survival: LogRank | None
    needed: int | None
    still_needed: int | None
    conclusion: Conclusion


def uplift(
    treated: Arm,
    held_out: Arm,
    design: Design,
    *,
    held_out_share: float | None,
    survival: LogRank | None = None,
    months: Iterable[tuple[Arm, Arm]] = (),
) -> Uplift:
    """`held_out_share`: which the playbook meant to hold out, of those drawn. `months`: the arms of each month of each
    version, of which alike shares are judged if the arm has no part in it.
    """
    given, without = treated.rate, held_out.rate
    effect = difference(given, without) if given and without else None
    cautious = effect and _cautious(effect, treated, held_out, fewer_judged(months))
    evenness = None if held_out_share is None else chance_of_split(treated.drawn, held_out.drawn, held_out_share)
    drawn = treated.drawn + held_out.drawn
    share = held_out_share if held_out_share is not None else held_out.drawn / drawn if drawn else None
    needed = None if not share or share >= 1.0 else customers_needed(design, share)
    still = None if needed is None else max(needed - treated.judged - held_out.judged, 0)
    conclusion = _concluded(held_out, effect, cautious, evenness, still, design)
    return Uplift(treated, held_out, effect, evenness, survival, needed, still, conclusion)


def fewer_judged(months: Iterable[tuple[Arm, Arm]]) -> float:
    """How many of the treated are not judged beyond the share of the held out of the same month; below zero: of these
    so many more. Who refuses care is not judged, and calls may drive people to that.
    """
    return sum(
        held_out.judged * treated.drawn / held_out.drawn - treated.judged
        for treated, held_out in months
        if treated.drawn and held_out.drawn
    )


def _cautious(effect: Rate, treated: Arm, held_out: Arm, fewer: float) -> Rate:
    """The effect if all who are not judged for being in the one arm had done what speaks most against it.

    Source: bounds of an effect under attrition, as far as that differs by arm: C. F. Manski, American Economic Review
    80 (1990); D. S. Lee, Review of Economic Studies 76 (2009).
    """
    of_treated, of_held_out = max(fewer, 0.0), max(-fewer, 0.0) * held_out.drawn / max(treated.drawn, 1)
    speaks_for = effect.value > 0.0
    given = wilson(treated.stayed + (0.0 if speaks_for else of_treated), treated.judged + of_treated)
    without = wilson(held_out.stayed + (of_held_out if speaks_for else 0.0), held_out.judged + of_held_out)
    return difference(given, without)


def _concluded(
    held_out: Arm,
    effect: Rate | None,
    cautious: Rate | None,
    evenness: float | None,
    still: int | None,
    design: Design,
) -> Conclusion:
    if not held_out.drawn:
        return "nobody held out"
    if evenness is not None and evenness < design.uneven_below:
        return "uneven arms"
    if effect is None or cautious is None or still is None or still > 0:
        return "too early"
    if effect.low <= 0.0 <= effect.high:
        return "not shown"
    if cautious.low <= 0.0 <= cautious.high or (cautious.value > 0.0) != (effect.value > 0.0):
        return "uneven arms"
    return "keeps" if effect.value > 0.0 else "drives away"


def customers_needed(design: Design, held_out_share: float) -> int:
    """Of both arms, to find the planned effect with the planned power.

    Two shares with their own variances: J. L. Fleiss, Statistical Methods for Rates and Proportions (1981), without the
    correction for continuity, for arms of unequal size.
    """
    normal, before, after = NormalDist(), design.leaving_without, design.leaving_with
    reach = normal.inv_cdf(1.0 - design.alpha / 2.0) + normal.inv_cdf(design.power)
    variance = before * (1.0 - before) / held_out_share + after * (1.0 - after) / (1.0 - held_out_share)
    return ceil(variance * (reach / (before - after)) ** 2)


def chance_of_split(treated: int, held_out: int, held_out_share: float) -> float:
    """How likely a draw is at least so uneven: chi-square of one degree of freedom (sample-ratio mismatch)."""
    drawn = treated + held_out
    if not drawn:
        return 1.0
    meant = drawn * held_out_share
    return above_chi_square((held_out - meant) ** 2 / (meant * (1.0 - held_out_share)))
