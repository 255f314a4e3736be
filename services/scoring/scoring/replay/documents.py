"""A stress scenario as people write it: a small JSON document, checked before anything is read."""

from collections.abc import Collection, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from rapport.documents import Part, read_document
from scoring.replay.shock import Shock
from scoring.scorecard.domain import Tier
from scoring.segment.domain.model import SegmentModel

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Days = Annotated[int, Field(ge=0, le=366)]
_SILENT_DAYS = 30


class ShockDocument(Part):
    """Whom it strikes, and what it takes. Checked against the names in the context: `tiers` and `segments`."""

    name: str = Field(min_length=1, max_length=120, description="what it is called in the results")
    tiers: frozenset[str] | None = Field(
        default=None, min_length=1, description="only customers in these tiers of the scorecard used; all without it"
    )
    segments: frozenset[str] | None = Field(
        default=None, min_length=1, description="and only of these segments of the latest model; all without it"
    )
    balances_lost: Share = Field(default=0.0, description="share of what lies in accounts that is gone, 0 to 1")
    products_lost: Share = Field(
        default=0.0, description="share of deposits, wealth products, funds and insurance held that is gone, 0 to 1"
    )
    inflows_stopped_days: Days = Field(
        default=0, description="days after it without credits, while what is left is spent as it was spent before"
    )
    silent_days: Days | None = Field(
        default=None,
        validate_default=True,
        description=f"days after it without any posting, neither credits nor debits; {_SILENT_DAYS} after a loss, "
        "unless inflows stop",
    )

    @field_validator("tiers", "segments")
    @classmethod
    def _that_there_are(cls, names: frozenset[str] | None, info: ValidationInfo) -> frozenset[str] | None:
        known: Collection[str] = (info.context or {}).get(info.field_name, ())
        if names is not None and info.field_name == "segments" and not known:
            raise _fault("there are none yet; `python -m scoring refit-segments` finds some")
        if unknown := sorted((names or frozenset()) - set(known)):
            raise _fault(f"there is no {', '.join(unknown)}; there are {', '.join(known)}")
        return names

    @field_validator("silent_days")
    @classmethod
    def _takes_something(cls, days: int | None, info: ValidationInfo) -> int | None:
        stopped = info.data.get("inflows_stopped_days")
        effects = [stopped, *(info.data.get(name) for name in ("balances_lost", "products_lost"))]
        if days and stopped:
            raise _fault("in silence nobody spends either; give silent_days or inflows_stopped_days, not both")
        if not days and not any(effects) and None not in effects:
            remedy = "give balances_lost, products_lost, inflows_stopped_days or silent_days"
            raise _fault(f"nothing is lost, no inflows stop and nobody falls silent; {remedy}")
        return days

    def shock(self) -> Shock:
        """The same as the rules take it."""
        by_default = 0 if self.inflows_stopped_days else _SILENT_DAYS
        silence = timedelta(days=by_default if self.silent_days is None else self.silent_days)
        stopped = timedelta(days=self.inflows_stopped_days)
        return Shock(self.name, self.tiers, self.segments, self.balances_lost, self.products_lost, silence, stopped)


def _fault(text: str) -> PydanticCustomError:
    return PydanticCustomError("shock", "{text}", {"text": text})


def read_shock(path: Path, ladder: Collection[Tier], segments: SegmentModel | None) -> Shock:
    """A shock to customers in these tiers, who are told apart by this model. Raises DocumentInvalid."""
    names = [segment.name for segment in segments.fitted.segments] if segments else []
    known = {"tiers": ladder, "segments": names}
    return read_document(path, ShockDocument, noun="shock", context=known).shock()


def fields() -> Iterator[tuple[str, str]]:
    """Each field of such a document, and what it says."""
    for name, field in ShockDocument.model_fields.items():
        yield name, str(field.description)
