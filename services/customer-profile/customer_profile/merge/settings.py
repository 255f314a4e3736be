"""What merging reads from the environment, under CUSTOMER_PROFILE_MERGE__."""

from typing import Literal

from pydantic import BaseModel, ConfigDict


class MergeSettings(BaseModel):
    """`master`: who says which files are one person. Of a `bank` with an ECIF only its events do; we recommend."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    master: Literal["bank", "ours"] = "ours"
