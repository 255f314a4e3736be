"""`python -m churn_alert api | worker | all | migrate | dead-letters | set-aside | backtest | evidence | archive`."""

from churn_alert.backtest_command import BACKTEST
from churn_alert.evidence_command import EVIDENCE
from churn_alert.main import compose
from churn_alert.settings import Settings
from rapport.archive_command import ARCHIVE
from rapport.service import run
from rapport.set_aside_command import SET_ASIDE

if __name__ == "__main__":  # the processes of a back-test import this again
    raise SystemExit(run(Settings, compose, commands=[BACKTEST, EVIDENCE, ARCHIVE, SET_ASIDE]))
