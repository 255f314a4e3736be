"""What churn-alert reads from its environment, all of it under `CHURN_ALERT_`."""

from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_settings import SettingsConfigDict

from churn_alert.risk.domain.behaviour import Bank
from rapport.events.money import MINOR_DIGITS
from rapport.settings import ServiceSettings


class BankSettings(BaseModel):
    """The bank's own money and calendar. `risk_model`: a model of its own instead of the published one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    currency: str = Field(default="CNY", description="amounts in any other currency are activity, not money")
    time_zone: str = Field(default="Asia/Shanghai", description="where an active day begins and ends")
    risk_model: Path | None = None

    @field_validator("currency")
    @classmethod
    def _is_a_currency(cls, code: str) -> str:
        if code not in MINOR_DIGITS:
            raise ValueError("is not an active ISO 4217 code")
        return code

    @field_validator("time_zone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError("is not a name of the time zone database")
        return name

    def bank(self) -> Bank:
        """The same as the rules take it."""
        return Bank(self.currency, ZoneInfo(self.time_zone))


class Settings(ServiceSettings):
    """Settings of the churn-alert service."""

    model_config = SettingsConfigDict(env_prefix="CHURN_ALERT_")

    bank: BankSettings = BankSettings()
