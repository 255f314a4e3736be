"""`python -m feedback api|worker|all|migrate|dead-letters`."""

from feedback.main import compose
from feedback.settings import Settings
from rapport.service import run

raise SystemExit(run(Settings, compose))
