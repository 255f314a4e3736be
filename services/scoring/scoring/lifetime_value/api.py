"""The lifetime models over REST: what the values of customers rest on, every version with its figures."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from rapport.web import Page, Principal, read, require
from scoring.lifetime_value import store
from scoring.lifetime_value.domain.model import LifetimeModel
from scoring.version.views import ByVersion

router = APIRouter(prefix="/lifetime-models", tags=["lifetime-models"])
Reader = Annotated[Principal, Depends(require("scorecards:read"))]


class ActivityView(BaseModel):
    """MBG/NBD in days: rates vary as Gamma(r, alpha), the chance to leave after any active day as Beta(a, b)."""

    r: float
    alpha: float
    a: float
    b: float
    a_is_held: bool = Field(description="The free fit was refused; a is held at 1, and only the mean chance is fitted")
    b_is_held: bool = Field(description="Nobody is seen to leave; b is held too, and only the rates are fitted")
    log_likelihood: float


class SpendView(BaseModel):
    """Gamma-Gamma in minor units of the bank's currency: what is moved on an active day."""

    p: float
    q: float
    gamma: float
    log_likelihood: float
    mean: float = Field(description="What an active day of a customer without history is worth, in minor units")
    mean_is_held: bool = Field(description="Some move far more money than all others; the mean is the customers' own")
    correlation: float = Field(
        description="Of active days and the mean amount of one; the model assumes 0. Up to 0.1 the sum serves; above "
        "0.15 do not compare customers of one day with others; above 0.25 fit segments apart"
    )


class HoldOutView(BaseModel):
    """The 90 days before the fit: what a model of the time before expected, and what came."""

    customers: int
    days_expected: float
    days_came: int
    calibration: float = Field(description="Came by expected: every value is multiplied by it")
    standard_error: float


class LifetimeModelView(BaseModel):
    """One version of the model; a version never changes."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "version": 2,
                    "made_at": "2026-07-01T02:00:07Z",
                    "as_of": "2026-07-01T02:00:00Z",
                    "customers": 48210,
                    "fitted_on": 48210,
                    "activity": {
                        "r": 2.883,
                        "alpha": 6.379,
                        "a": 1.0,
                        "b": 4107.0,
                        "a_is_held": True,
                        "b_is_held": False,
                        "log_likelihood": -8126034.1,
                    },
                    "spend": {
                        "p": 1.62,
                        "q": 3.41,
                        "gamma": 81250.0,
                        "log_likelihood": -581220.4,
                        "mean": 54616.2,
                        "mean_is_held": False,
                        "correlation": 0.06,
                    },
                    "hold_out": {
                        "customers": 46733,
                        "days_expected": 1512040.2,
                        "days_came": 1481799,
                        "calibration": 0.98,
                        "standard_error": 0.003,
                    },
                    "months": 12,
                    "monthly_discount": 0.0064,
                    "margin": 0.001,
                }
            ]
        }
    )

    version: int
    made_at: datetime = Field(description="A decision that looks at the lifetime value uses it from a minute later on")
    as_of: datetime = Field(description="The moment the customers' histories were read as of")
    customers: int = Field(description="With a day of their own activity")
    fitted_on: int = Field(description="All of them, or a sample that is always the same")
    activity: ActivityView
    spend: SpendView
    hold_out: HoldOutView
    months: int = Field(description="How far a value looks ahead")
    monthly_discount: float
    margin: float = Field(description="Share of the money moved that the bank earns")

    @classmethod
    def of(cls, model: LifetimeModel) -> "LifetimeModelView":
        """A stored version."""
        fitted, terms, figures = model.fitted, model.fitted.terms, model.fitted.figures
        return cls(
            version=model.version,
            made_at=model.made_at,
            as_of=fitted.as_of,
            customers=figures.customers,
            fitted_on=figures.fitted_on,
            activity=ActivityView(
                **asdict(fitted.activity),
                a_is_held=figures.a_is_held,
                b_is_held=figures.b_is_held,
                log_likelihood=figures.activity_log_likelihood,
            ),
            spend=SpendView(
                **asdict(fitted.spend),
                log_likelihood=figures.spend_log_likelihood,
                mean=fitted.spend.population_mean,
                mean_is_held=figures.mean_is_held,
                correlation=figures.correlation,
            ),
            hold_out=HoldOutView(
                customers=figures.held_out,
                days_expected=figures.days_expected,
                days_came=figures.days_came,
                calibration=terms.calibration,
                standard_error=fitted.standard_error,
            ),
            months=terms.periods,
            monthly_discount=terms.discount,
            margin=terms.margin,
        )


@router.get("", summary="List lifetime models")
async def list_lifetime_models(request: Request, _: Reader, paging: ByVersion) -> Page[LifetimeModelView]:
    """Every version, the latest first: parameters, hold-out, and all figures of the fit. The latest one is in force."""
    async with read(request) as connection:
        models = await store.page(connection, before=paging.key, limit=paging.limit + 1)
    return paging.page(models, item=LifetimeModelView.of, key=lambda model: (model.version,))
