"""A stress scenario as people write it: a small JSON document, checked before anything is read."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from scoring.replay.shock import Shock
from scoring.segment.domain.model import SegmentModel

Share = Annotated[float, Field(ge=0.0, le=1.0)]


class ShockInvalid(Exception):
    """The document is not a shock; the text lists every fault."""


class ShockDocument(BaseModel):
    """Whom it strikes, and what it takes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=120)
    tiers: frozenset[str] | None = Field(default=None, description="only customers in these tiers; all without it")
    segments: frozenset[str] | None = Field(default=None, description="and only of these segments")
    balances_lost: Share = 0.0
    products_lost: Share = 0.0
    silent_days: int = Field(default=30, ge=0, le=366, description="days after it without any posting")

    def shock(self) -> Shock:
        """The same as the rules take it."""
        silence = timedelta(days=self.silent_days)
        return Shock(self.name, self.tiers, self.segments, self.balances_lost, self.products_lost, silence)


def read_shock(path: Path, segments: SegmentModel | None) -> Shock:
    """A shock to customers who are told apart by this model. Raises ShockInvalid, OSError."""
    try:
        shock = ShockDocument.model_validate_json(path.read_bytes()).shock()
        _check(shock, path, segments)
        return shock
    except ValidationError as invalid:
        faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in invalid.errors()]
        raise ShockInvalid(f"{path.name}: " + "; ".join(faults)) from None


def _check(shock: Shock, path: Path, model: SegmentModel | None) -> None:
    if shock.segments is None:
        return
    if model is None:
        raise ShockInvalid(f"{path.name}: segments: there are none yet; `python -m scoring refit-segments` finds some")
    known = [segment.name for segment in model.fitted.segments]
    if unknown := sorted(shock.segments - set(known)):
        raise ShockInvalid(f"{path.name}: segments: there is no {', '.join(unknown)}; there are {', '.join(known)}")
