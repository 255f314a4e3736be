"""What this service reads from its environment: `FEEDBACK_<GROUP>__<NAME>`."""

from pydantic_settings import SettingsConfigDict

from rapport.settings import ServiceSettings


class Settings(ServiceSettings):
    """Nothing beyond what every service has: the clocks are a promise to customers, not a setting."""

    model_config = SettingsConfigDict(env_prefix="FEEDBACK_")
