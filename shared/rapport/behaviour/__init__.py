"""The science two services need: decayed sums, active days and buy-till-you-die formulas. Rules only, no I/O."""
