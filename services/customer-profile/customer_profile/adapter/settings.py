"""What the adapter reads from the environment, under CUSTOMER_PROFILE_ADAPTER__."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict


class AdapterSettings(BaseModel):
    """Which raw topics of cores are read. `folder`: of the mappings, one a topic; none, without it.

    `token_key_file`: what account and customer numbers are made tokens with; a line `1:<32 bytes in base64>`, for ever.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: Path | None = None
    token_key_file: Path | None = None
