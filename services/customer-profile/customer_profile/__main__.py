"""`python -m customer_profile api | worker | all | migrate | dead-letters`, and what is done by hand: see `--help`."""

from customer_profile.adapter_commands import CHECK, RECONCILE
from customer_profile.audit_command import AUDIT
from customer_profile.duplicate_command import DUPLICATES
from customer_profile.key_commands import COMMANDS
from customer_profile.main import compose
from customer_profile.quality_command import QUALITY
from customer_profile.retention_command import RETENTION
from customer_profile.settings import Settings
from rapport.service import run

raise SystemExit(
    run(Settings, compose, commands=[RECONCILE, DUPLICATES, QUALITY, RETENTION, AUDIT, *COMMANDS], tools=[CHECK])
)
