"""`python -m scoring api | worker | all | migrate | dead-letters | replay | refit-… | report`."""

import argparse

from rapport.composition import Composition
from rapport.service import Command, run
from scoring.commands import REPLAY
from scoring.main import compose
from scoring.report import REPORT
from scoring.settings import Settings


def _refit(composition: Composition, settings: Settings, _: argparse.Namespace) -> None:
    from scoring.refit_command import act  # noqa: PLC0415 - scipy, 60 MB that no other process of scoring needs

    act(composition, settings)


def _refit_segments(composition: Composition, settings: Settings, _: argparse.Namespace) -> None:
    from scoring.segment_command import act  # noqa: PLC0415 - scikit-learn, for the same reason

    act(composition, settings)


REFIT = Command("refit-lifetime-value", "fit what customers will bring anew, on the whole book", lambda _: None, _refit)
REFIT_SEGMENTS = Command("refit-segments", "find the segments of the whole book anew", lambda _: None, _refit_segments)

if __name__ == "__main__":  # the processes of a replay import this again
    raise SystemExit(run(Settings, compose, commands=[REPLAY, REFIT, REFIT_SEGMENTS, REPORT]))
