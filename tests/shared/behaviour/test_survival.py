"""How long something lasts, when some of it is not over: Kaplan & Meier, recounted and by hand."""

from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.behaviour.survival import survival

durations = st.lists(st.integers(0, 40), max_size=60)


@given(durations, durations)
def test_the_curve_is_the_product_of_what_each_day_leaves(ended: list[int], lasting: list[int]) -> None:
    found = survival(Counter(ended), Counter(lasting))
    left, wanted = Fraction(1), []
    for day in sorted(set(ended)):
        at_risk = sum(one >= day for one in (*ended, *lasting))
        left *= Fraction(at_risk - ended.count(day), at_risk)
        wanted.append((float(day), float(left)))
    assert list(found.days) == [day for day, _ in wanted]
    assert list(found.left) == pytest.approx([share for _, share in wanted], abs=1e-12)
    assert (found.ended, found.lasting) == (len(ended), len(lasting))


def test_who_still_stays_makes_the_median_longer_than_the_ended_ones_say() -> None:
    ended = {10.0: 4, 20.0: 4}
    assert survival(ended, {}).reached(0.5) == 10.0
    assert survival(ended, {30.0: 8}).reached(0.5) == 20.0
    assert survival(ended, {30.0: 100}).reached(0.5) is None


def test_where_nothing_has_ended_nothing_is_said_of_how_long_it_lasts() -> None:
    found = survival({}, {5.0: 3})
    assert (found.days, found.reached(0.25), found.lasting) == ((), None, 3)


def test_published_figures_of_the_leukaemia_trial_are_reproduced() -> None:
    """Freireich et al. 1963, weeks in remission under 6-MP: 21 patients, as in Kaplan-Meier text books."""
    ended = Counter([6, 6, 6, 7, 10, 13, 16, 22, 23])
    lasting = Counter([6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35])
    found = survival(ended, lasting)
    wanted = [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
    assert list(found.left) == pytest.approx(wanted, abs=5e-4)
    assert found.reached(0.5) == 23.0
