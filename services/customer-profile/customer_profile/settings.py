"""What the service reads from its environment, under CUSTOMER_PROFILE_."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field
from pydantic_settings import SettingsConfigDict

from customer_profile.adapter.settings import AdapterSettings
from customer_profile.contact.settings import ContactSettings
from customer_profile.correction.calendar import CorrectionSettings
from customer_profile.export.settings import ExportSettings
from customer_profile.merge.settings import MergeSettings
from customer_profile.own_view import LinkSettings
from rapport.bank_settings import BankSettings
from rapport.settings import ServiceSettings


class ConsentSettings(BaseModel):
    """`purposes`: the bank's own purposes and notices instead of the published ones."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    purposes: Path | None = None


class LookUpSettings(BaseModel):
    """`key_file`: of the form of the key-encryption key's, another key. `per_minute`: of one subject."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    key_file: Path
    per_minute: int = Field(default=30, ge=1)


class UnmaskingSettings(BaseModel):
    """`per_minute`: fields in clear for one subject."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    per_minute: int = Field(default=10, ge=1)


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
    unmasking: UnmaskingSettings = UnmaskingSettings()
    export: ExportSettings = ExportSettings()
