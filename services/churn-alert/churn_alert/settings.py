"""What churn-alert reads from its environment, all of it under `CHURN_ALERT_`."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict
from pydantic_settings import SettingsConfigDict

from churn_alert.risk.domain.behaviour import Bank
from rapport.bank_settings import BankSettings
from rapport.settings import ServiceSettings


class ChurnBankSettings(BankSettings):
    """The bank's own money and calendar; documents of its own instead of the published ones."""

    risk_model: Path | None = None
    normal_ranges: Path | None = None
    stages: Path | None = None
    abnormal_rules: Path | None = None
    working_days: Path | None = None
    alert_policy: Path | None = None
    departure: Path | None = None
    register_rules: Path | None = None
    playbooks: Path | None = None
    likeness: Path | None = None
    feed_rules: Path | None = None

    def bank(self) -> Bank:
        """The same as the rules take it."""
        return Bank(self.currency, self.zone)


class HoldOutSettings(BaseModel):
    """`key_file`: what arms are drawn with; a line `1:<32 bytes in base64>`, for ever."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    key_file: Path | None = None


class Settings(ServiceSettings):
    """Settings of the churn-alert service."""

    model_config = SettingsConfigDict(env_prefix="CHURN_ALERT_")

    bank: ChurnBankSettings = ChurnBankSettings()
    hold_out: HoldOutSettings = HoldOutSettings()
