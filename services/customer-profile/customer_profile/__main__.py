"""`python -m customer_profile api | worker | all | migrate | dead-letters | index`."""

from customer_profile.index_command import COMMANDS
from customer_profile.main import compose
from customer_profile.settings import Settings
from rapport.service import run

raise SystemExit(run(Settings, compose, commands=COMMANDS))
