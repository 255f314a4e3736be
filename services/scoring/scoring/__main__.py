"""`python -m scoring api | worker | all | migrate | dead-letters | set-aside | replay | archive | refit-… | report`."""

import argparse
from collections.abc import Callable
from importlib import import_module

from rapport.archive_command import ARCHIVE
from rapport.composition import Composition
from rapport.key_commands import KEY_COMMANDS
from rapport.service import Command, run
from rapport.set_aside_command import SET_ASIDE
from scoring.commands import REPLAY
from scoring.main import compose
from scoring.report import REPORT
from scoring.settings import Settings


def _later(module: str) -> Callable[[Composition, Settings, argparse.Namespace], None]:
    """The `act` of a module that brings libraries, some 60 MB, which no other process of scoring needs."""

    def act(composition: Composition, settings: Settings, asked: argparse.Namespace) -> None:
        import_module(module).act(composition, settings, asked)

    return act


def _nothing(_: argparse.ArgumentParser) -> None:
    """A command without options."""


COMMANDS = [
    REPLAY,
    ARCHIVE,
    SET_ASIDE,
    Command(
        "refit-lifetime-value",
        "fit what customers will bring anew, on the whole book",
        _nothing,
        _later("scoring.refit_command"),
    ),
    Command(
        "refit-segments",
        "find the segments of the whole book anew",
        _nothing,
        _later("scoring.segment_command"),
    ),
    *KEY_COMMANDS,
    REPORT,
]

if __name__ == "__main__":  # the processes of a replay import this again
    raise SystemExit(run(Settings, compose, commands=COMMANDS))
