"""`python -m feedback api|worker|all|migrate|dead-letters|rotate-master-keys`."""

from feedback.main import compose
from feedback.settings import Settings
from rapport.key_commands import rotate_master_keys
from rapport.service import run

COMMANDS = [rotate_master_keys(Settings, lambda composition: composition.state["keyring"])]
raise SystemExit(run(Settings, compose, commands=COMMANDS))
