"""What is answered about the stages of the whole book."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, Field

from churn_alert.lifecycle.domain.funnel import Count, Funnel, Risk, Window
from churn_alert.lifecycle.domain.life import STAGES, Stage
from churn_alert.lifecycle.domain.rules import Strategy
from churn_alert.lifecycle.views import StrategyView
from rapport.behaviour.survival import Survival

_WINDOW: dict[str, Any] = {"as_of": "2025-12-31T16:00:00Z", "begins": "2025-12-01T16:00:00Z", "unit": None}


class CountView(BaseModel):
    """How many customers are in a stage, and how many came and went."""

    inside: int = Field(description="At `as_of`", examples=[1520])
    entered: int = Field(description="After `begins`, until `as_of`", examples=[80])
    left: int = Field(description="In the same period", examples=[64])

    @classmethod
    def of(cls, one: Count) -> Self:
        """As they were counted."""
        return cls(inside=one.inside, entered=one.entered, left=one.left)


class RiskOfStage(BaseModel):
    """The churn risk of those who are in a stage now, as it was last decided; of the past it is not reckoned."""

    known: int = Field(description="Of how many it is known: enough history, and care is not refused", examples=[1310])
    mean: float | None = Field(description="Mean probability", examples=[0.17])
    raised: int = Field(description="How many are above the threshold", examples=[71])

    @classmethod
    def of(cls, risk: Risk) -> Self:
        """As it was counted."""
        return cls(**risk._asdict())


class StageView(CountView):
    """One stage of the funnel, with the risk of leaving and the strategy."""

    stage: Stage = Field(examples=["mature"])
    risk: RiskOfStage
    strategy: StrategyView


class UnitView(BaseModel):
    """One unit's part."""

    unit: str | None = Field(description="Null: of no unit that was told", examples=["B017"])
    stages: dict[Stage, CountView] = Field(examples=[{"mature": {"inside": 210, "entered": 9, "left": 4}}])


class MoveView(BaseModel):
    """How many went from one stage to another by one rule."""

    previous: Stage | None = Field(description="Null: first heard of", examples=["new"])
    stage: Stage = Field(examples=["mature"])
    rule: str = Field(examples=["settled"])
    customers: int = Field(examples=[80])


class FunnelView(BaseModel):
    """The stages of the book at a moment, and what moved in the period before it."""

    as_of: datetime = Field(examples=[_WINDOW["as_of"]])
    begins: datetime = Field(examples=[_WINDOW["begins"]])
    unit: str | None = Field(description="Null: all units", examples=["B017"])
    stages: list[StageView]
    units: list[UnitView]
    moves: list[MoveView] = Field(description="Every change of stage in the period, by rule, corrected ones too")

    @classmethod
    def of(cls, funnel: Funnel, strategies: Mapping[Stage, Strategy]) -> Self:
        """As it was counted."""
        stages = [
            StageView(
                stage=stage,
                risk=RiskOfStage.of(funnel.risks.get(stage, Risk())),
                strategy=StrategyView.of(strategies[stage]),
                **CountView.of(funnel.of(stage)).model_dump(),
            )
            for stage in STAGES
        ]
        units = [
            UnitView(unit=unit, stages={stage: CountView.of(one) for stage, one in counts.items()})
            for unit, counts in funnel.units().items()
        ]
        moves = [MoveView(**one._asdict()) for one in funnel.moves]
        return cls(**funnel.window._asdict(), stages=stages, units=units, moves=moves)


class DwellOfStage(BaseModel):
    """How long customers stay in a stage, in days, by Kaplan & Meier: who is still in it counts as staying longer."""

    stage: Stage = Field(examples=["new"])
    left: int = Field(description="Times that it was left", examples=[640])
    still: int = Field(description="Who is still in it", examples=[410])
    quarter: float | None = Field(description="By when a quarter has left; null: not so many yet", examples=[89.0])
    median: float | None = Field(examples=[90.0])
    three_quarters: float | None = Field(examples=[118.0])

    @classmethod
    def of(cls, stage: Stage, found: Survival) -> Self:
        """As it was estimated."""
        return cls(
            stage=stage,
            left=found.ended,
            still=found.lasting,
            quarter=found.reached(0.25),
            median=found.reached(0.5),
            three_quarters=found.reached(0.75),
        )


class DwellView(BaseModel):
    """How long customers stay in each stage, in whole days rounded down, by what had happened at a moment."""

    as_of: datetime = Field(examples=[_WINDOW["as_of"]])
    unit: str | None = Field(examples=["B017"])
    stages: list[DwellOfStage]

    @classmethod
    def of(cls, window: Window, found: Mapping[Stage, Survival]) -> Self:
        """Stage by stage."""
        stages = [DwellOfStage.of(stage, one) for stage, one in found.items()]
        return cls(as_of=window.as_of, unit=window.unit, stages=stages)
