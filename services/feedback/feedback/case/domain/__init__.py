"""The rules of a case, by idea: what feedback amounts to, the two clocks, the closed loop, its history, words."""
