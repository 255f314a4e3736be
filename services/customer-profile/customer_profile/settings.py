"""What the service reads from its environment, under CUSTOMER_PROFILE_."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from rapport.bank_settings import BankSettings
from rapport.settings import ServiceSettings


class Settings(ServiceSettings):
    """What every service reads, and the bank's calendar: see `rapport.settings` and `rapport.bank_settings`."""

    model_config = SettingsConfigDict(env_prefix="CUSTOMER_PROFILE_")

    bank: BankSettings = Field(default_factory=BankSettings)
