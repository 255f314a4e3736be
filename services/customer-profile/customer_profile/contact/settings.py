"""What contact reads from the environment, under CUSTOMER_PROFILE_CONTACT__."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from customer_profile.contact.domain.policy import Channel


class GatewaySettings(BaseModel):
    """`address`: one of https, or of this machine. `token_file`: read at every message. `ca_file`: who signed its
    certificate, where the system does not know. `channels`: those it serves, as a JSON list; the file has the others.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    address: str = Field(pattern=r"^(https://|http://(127\.0\.0\.1|localhost|\[::1\])(:|/|$))")
    token_file: Path
    ca_file: Path | None = None
    channels: frozenset[Channel] = Field(default=frozenset({"sms", "push", "wecom"}), min_length=1)


class ContactSettings(BaseModel):
    """`policy`, `templates`: the bank's own instead of the published ones.

    `sink_folder`: where the file of messages lies, which holds identity; without it no message goes into a file.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    policy: Path | None = None
    templates: Path | None = None
    sink_folder: Path | None = None
    gateway: GatewaySettings | None = None
