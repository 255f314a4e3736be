"""`python -m churn_alert api | worker | all | migrate | dead-letters`."""

from churn_alert.main import compose
from churn_alert.settings import Settings
from rapport.service import run

raise SystemExit(run(Settings, compose))
