"""What people look at: shares that add up, lines where the tiers begin, bars as long as what they stand for."""

import re
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from scoring.pages import bars, distribution, matrix

NAMES = ("low", "middle", "high")
counts = st.dictionaries(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), st.integers(1, 10_000), max_size=9)


@given(counts)
def test_each_row_of_a_matrix_gives_its_customers_and_their_shares(found: dict[tuple[str, str], int]) -> None:
    rows = matrix("Tiers", NAMES, found).split("<tr>")[2:]
    for name, row in zip(NAMES, rows, strict=True):
        of_row = [found.get((name, after), 0) for after in NAMES]
        told = [int(cell.replace(",", "")) for cell in re.findall(r"'>([\d,]+)<br>", row)]
        shares = [float(share) for share in re.findall(r"<small>([\d.]+)%", row)]
        assert told == of_row
        assert f"<td>{sum(of_row):,}</td>" in row
        assert abs(sum(shares) - (100 if sum(of_row) else 0)) < 0.2


def test_a_tier_begins_on_the_picture_where_its_points_lie() -> None:
    points = Counter({0: 5, 100: 5, 200: 5})
    drawn = distribution(points, points, {"middle": 100, "beyond": 500})
    (line,) = re.findall(r"<line class='rule' x1='([\d.]+)'", drawn)
    (bar,) = {x for x in re.findall(r"<rect class='after' x='([\d.]+)' y='0.0'", drawn) if 100 < float(x) < 500}
    assert float(bar) <= float(line) <= float(bar) + 16
    assert "middle from 100" in drawn and "beyond" not in drawn


def test_bars_are_as_long_as_the_amounts_and_names_are_no_markup() -> None:
    drawn = bars("Deposits", [("<b>", 100.0, 50.0), ("nothing", 0.0, 0.0)])
    assert "<b>" not in drawn
    widths = [float(width) for width in re.findall(r"<rect class='\w+' x='130' y='\d+' width='([\d.]+)'", drawn)]
    assert widths == [400.0, 200.0, 0.0, 0.0]
