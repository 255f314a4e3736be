"""The card of a model of duplicates: what it was fitted on, how it fares, what it is not for.

Markdown; every figure comes from the run that writes it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from customer_profile.duplicate.model import Linkage
from fit_linkage.judging import Judgement
from fit_linkage.twins import TWIN_SHARE

THRESHOLDS = (0.1, 0.5, 0.9, 0.99)


@dataclass(frozen=True, slots=True)
class Judged:
    """One bank: at each threshold, and by the rule of one paper or one phone and name."""

    seed: int
    files: int
    seconds: float
    at: Mapping[float, Judgement]
    rule: Judgement


def card_of(linkage: Linkage, banks: Sequence[Judged], command: str) -> str:
    """The whole page."""
    return "\n".join([*_opening(linkage, command), *_figures(banks), *_parameters(linkage), *_limits(), ""])


def _opening(linkage: Linkage, command: str) -> Iterator[str]:
    yield f"# The card of model {linkage.title}\n"
    yield "Written by the command that fitted it; no figure was typed in:\n"
    yield f"```\n{command}\n```\n"
    yield (
        "Fellegi and Sunter's model (1969), by Splink: `u` by sampling pairs, "
        "`m` by expectation maximisation over pairs"
    )
    yield "that have a paper, a mail address, phone and year, or name and year in common. The truth of the bank it was"
    yield "fitted on was not looked at. A book is taken to hold"
    yield f"{linkage.twin_share:.0%} of second files before it is looked at.\n"


def _figures(banks: Sequence[Judged]) -> Iterator[str]:
    yield f"## On banks it has not seen, {TWIN_SHARE:.0%} of whose files are second ones\n"
    yield "| bank | way | proposed | right | of | precision | recall |"
    yield "|---|---|---|---|---|---|---|"
    for bank in banks:
        ways = [(f"from {least:.0%}", one) for least, one in bank.at.items()]
        for way, one in [("one paper, or one phone and name", bank.rule), *ways]:
            counts = f"{one.proposed:,} | {one.right:,} | {one.true:,}"
            yield f"| {bank.seed}, {bank.files:,} files | {way} | {counts} | {one.precision:.1%} | {one.recall:.1%} |"
    seconds = ", ".join(f"{bank.seconds:.1f} s" for bank in banks)
    yield f"\nComparing took {seconds}.\n"


def _parameters(linkage: Linkage) -> Iterator[str]:
    yield "## What it has learned\n"
    yield "| attribute | finding | of one person (m) | of two (u) |"
    yield "|---|---|---|---|"
    for comparison in linkage.comparisons:
        for one in comparison.findings:
            yield f"| {comparison.attribute} | {one.level} | {one.m:.6f} | {one.u:.6f} |"
    yield (
        "\n`m` of two valid numbers that differ is assumed to be one in a thousand. What was never "
        "seen counts as one in a"
    )
    yield "thousand among some hundred pairs of one person, and as one in a million among a million pairs of two.\n"


def _limits() -> Iterator[str]:
    yield "## What it is not for\n"
    yield "* Merging by itself: it puts pairs before people."
    yield "* A real bank without a look at its own pairs: how often people move, marry and misspell is invented here."
    yield "* Companies: they are known by their credit code."
    yield (
        "* Who comes with another kind of paper, another phone, another address and another "
        "mailbox: nothing is left to see."
    )
