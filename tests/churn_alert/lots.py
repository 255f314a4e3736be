"""The lot by which the service under test draws its arms."""

from churn_alert.playbook.domain.lot import Lot
from rapport.privacy.encryption import MasterKeys, bound
from tests.support.serving import HOLD_OUT_KEY

LOT = Lot(MasterKeys({1: HOLD_OUT_KEY}).derived_bytes(1, bound("churn-alert", "hold-out")))
