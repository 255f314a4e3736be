"""What scoring reads from its environment, all of it under `SCORING_`."""

from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_settings import SettingsConfigDict

from rapport.events.money import MINOR_DIGITS
from rapport.settings import ServiceSettings
from scoring.standing.domain.state import Bank


class BankSettings(BaseModel):
    """The bank's own money and calendar. `scorecards`: a folder of its own scorecards instead of the published ones."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    currency: str = Field(default="CNY", description="amounts in any other currency are activity, not money")
    time_zone: str = Field(default="Asia/Shanghai", description="where an active day begins and ends")
    scorecards: Path | None = None

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
        return Bank(self.currency, MINOR_DIGITS[self.currency], ZoneInfo(self.time_zone))


class Settings(ServiceSettings):
    """Settings of the scoring service."""

    model_config = SettingsConfigDict(env_prefix="SCORING_")

    bank: BankSettings = BankSettings()
