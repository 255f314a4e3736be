"""`python -m feedback api|worker|all|migrate|dead-letters|rotate-master-keys|rotate-data-keys`."""

from feedback.main import compose
from feedback.settings import Settings
from rapport.key_commands import KEY_COMMANDS
from rapport.service import run

raise SystemExit(run(Settings, compose, commands=KEY_COMMANDS))
