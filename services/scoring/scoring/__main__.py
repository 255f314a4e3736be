"""`python -m scoring api | worker | all | migrate | dead-letters | replay`."""

from rapport.service import run
from scoring.commands import REPLAY
from scoring.main import compose
from scoring.settings import Settings

if __name__ == "__main__":  # the processes of a replay import this again
    raise SystemExit(run(Settings, compose, commands=[REPLAY]))
