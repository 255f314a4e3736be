"""What is answered about how likely it is, and why for this very customer."""

from typing import Any

from pydantic import BaseModel, Field

HORIZONS: Any = [{"days": 30, "probability": 0.6}, {"days": 90, "probability": 0.78}]
REASONS: Any = [
    {"name": "month", "value": 2.9, "typical": -0.1, "contribution": 4.55},
    {"name": "outflow", "value": 0.0, "typical": 0.12, "contribution": -0.31},
]


class HorizonView(BaseModel):
    """How likely the customer drifts away within so many days."""

    days: int
    probability: float


class ReasonView(BaseModel):
    """What one feature of the risk model adds to the log-odds for this very customer."""

    name: str
    value: float
    typical: float = Field(description="The mean of all customers the model was fitted on")
    contribution: float = Field(description="Its weight times how far the value lies from typical; below zero: lowers")
