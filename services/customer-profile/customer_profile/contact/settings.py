"""What contact reads from the environment, under CUSTOMER_PROFILE_CONTACT__."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict


class ContactSettings(BaseModel):
    """`policy`, `templates`: the bank's own instead of the published ones.

    `sink_folder`: where the file of messages lies, which holds identity; without it no message goes into a file.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    policy: Path | None = None
    templates: Path | None = None
    sink_folder: Path | None = None
