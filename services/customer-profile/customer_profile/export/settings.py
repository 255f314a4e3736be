"""What exports read from the environment, under CUSTOMER_PROFILE_EXPORT__."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field


class ExportSettings(BaseModel):
    """`open_at_once`: of one person. `valid_hours`: for a decision, and once approved for taking it.
    `hand_outs_at_once`: of one process; each holds a connection for minutes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    open_at_once: int = Field(default=1, ge=1)
    valid_hours: int = Field(default=72, ge=1)
    hand_outs_at_once: int = Field(default=2, ge=1)

    @property
    def valid(self) -> timedelta:
        """`valid_hours`."""
        return timedelta(hours=self.valid_hours)
