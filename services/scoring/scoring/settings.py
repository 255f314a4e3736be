"""What scoring reads from its environment, all of it under `SCORING_`."""

from pathlib import Path

from pydantic_settings import SettingsConfigDict

from rapport.bank_settings import BankSettings
from rapport.settings import ServiceSettings
from scoring.standing.domain.state import Bank


class ScoringBankSettings(BankSettings):
    """The bank's own money and calendar. `scorecards`: a folder of its own scorecards instead of the published ones."""

    scorecards: Path | None = None

    def bank(self) -> Bank:
        """The same as the rules take it."""
        return Bank(self.currency, self.minor_digits, self.zone)


class Settings(ServiceSettings):
    """Settings of the scoring service."""

    model_config = SettingsConfigDict(env_prefix="SCORING_")

    bank: ScoringBankSettings = ScoringBankSettings()
