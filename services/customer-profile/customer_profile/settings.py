"""What the service reads from its environment, under CUSTOMER_PROFILE_."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic_settings import SettingsConfigDict

from customer_profile.contact.settings import ContactSettings
from customer_profile.correction.calendar import CorrectionSettings
from customer_profile.own_view import LinkSettings
from rapport.bank_settings import BankSettings
from rapport.settings import ServiceSettings


class ConsentSettings(BaseModel):
    """`purposes`: the bank's own purposes and notices instead of the published ones."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    purposes: Path | None = None


class AdapterSettings(BaseModel):
    """Which raw topics of cores are read. `folder`: of the mappings, one a topic; none, without it.

    `token_key_file`: what account and customer numbers are made tokens with; a line `1:<32 bytes in base64>`, for ever.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: Path | None = None
    token_key_file: Path | None = None


class LookUpSettings(BaseModel):
    """`key_file`: of the form of the key-encryption key's, another key. `per_minute`: of one subject."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    key_file: Path
    per_minute: int = Field(default=30, ge=1)


class MergeSettings(BaseModel):
    """`master`: who says which files are one person. Of a `bank` with an ECIF only its events do; we recommend."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    master: Literal["bank", "ours"] = "ours"


class Settings(ServiceSettings):
    """What every service reads, and the bank's calendar: see `rapport.settings` and `rapport.bank_settings`."""

    model_config = SettingsConfigDict(env_prefix="CUSTOMER_PROFILE_")

    bank: BankSettings = BankSettings()
    consent: ConsentSettings = ConsentSettings()
    adapter: AdapterSettings = AdapterSettings()
    contact: ContactSettings = ContactSettings()
    look_up: LookUpSettings
    merge: MergeSettings = MergeSettings()
    correction: CorrectionSettings = CorrectionSettings()
    links: LinkSettings = LinkSettings()
