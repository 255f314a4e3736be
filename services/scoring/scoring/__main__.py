"""`python -m scoring api | worker | all | migrate | dead-letters`."""

from rapport.service import run
from scoring.main import compose
from scoring.settings import Settings

raise SystemExit(run(Settings, compose))
