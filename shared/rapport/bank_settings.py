"""The bank's own money and calendar, as every service that counts either is told of them."""

from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict, Field, field_validator

from rapport.events.money import MINOR_DIGITS


class BankSettings(BaseModel):
    """A service's own class adds what else it takes from the bank."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    currency: str = Field(default="CNY", description="amounts in any other currency are activity, not money")
    time_zone: str = Field(default="Asia/Shanghai", description="where an active day begins and ends")

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

    @property
    def minor_digits(self) -> int:
        """Decimal places of the bank's currency."""
        return MINOR_DIGITS[self.currency]

    @property
    def zone(self) -> ZoneInfo:
        """Where the bank's days begin and end."""
        return ZoneInfo(self.time_zone)
