"""What scoring reads from its environment, all of it under `SCORING_`."""

from datetime import timedelta
from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from rapport.bank_settings import BankSettings
from rapport.settings import ServiceSettings
from scoring.exchange_rate.domain import Rates
from scoring.standing.domain.state import Bank


class ScoringBankSettings(BankSettings):
    """The bank's own money and calendar.

    `scorecards`, `policies`: folders of its own ones to begin with instead of the published. `largest_share_moved`: of
    the customers, by one scorecard version that is approved without force. `lifetime_margin`: of the money that
    customers move, what the bank earns; between the 0.05 % of a transfer and the 0.35 % of a card purchase that
    `fit_scorecard` assumes. `lifetime_discount`: a year's, about what a bank's owners ask of it. Both are assumptions.
    `longest_override_days`: ahead, at most. `appeal_days`: in which an appeal is answered.
    """

    scorecards: Path | None = None
    policies: Path | None = None
    largest_share_moved: float = Field(default=0.10, ge=0, le=1)
    lifetime_margin: float = Field(default=0.001, ge=0, le=1)
    lifetime_discount: float = Field(default=0.08, ge=0, le=10)
    longest_override_days: int = Field(default=180, ge=1, le=3660)
    appeal_days: int = Field(default=15, ge=1, le=366)

    def bank(self) -> Bank:
        """The same as the rules take it."""
        return Bank(self.currency, self.minor_digits, self.zone)

    @property
    def longest_override(self) -> timedelta:
        """How far ahead an override may end."""
        return timedelta(days=self.longest_override_days)

    @property
    def appeal_within(self) -> timedelta:
        """How long a review may take."""
        return timedelta(days=self.appeal_days)


class Settings(ServiceSettings):
    """Settings of the scoring service."""

    model_config = SettingsConfigDict(env_prefix="SCORING_")

    bank: ScoringBankSettings = ScoringBankSettings()

    def rates(self) -> Rates:
        """Of the bank's currency; none is known yet."""
        return Rates(is_stream_time=self.time.mode == "stream")
