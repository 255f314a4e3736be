"""`python -m customer_profile api | worker | all | migrate | dead-letters`."""

from customer_profile.main import compose
from customer_profile.settings import Settings
from rapport.service import run

raise SystemExit(run(Settings, compose))
