"""The science two services need: decayed sums, active days, buy-till-you-die and spend formulas. Rules only, no I/O."""
