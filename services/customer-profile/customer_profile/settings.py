"""What the service reads from its environment, under CUSTOMER_PROFILE_."""

from pydantic_settings import SettingsConfigDict

from rapport.settings import ServiceSettings


class Settings(ServiceSettings):
    """Nothing of its own yet: see `rapport.settings`."""

    model_config = SettingsConfigDict(env_prefix="CUSTOMER_PROFILE_")
