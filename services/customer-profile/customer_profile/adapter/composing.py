"""The readers of raw topics, one for each mapping that the settings name."""

from customer_profile.adapter.mappings import MappingInvalid, read_adapters
from customer_profile.adapter.records import RawReader
from customer_profile.adapter.settings import AdapterSettings
from rapport.settings import SettingsInvalid


def readers_of(settings: AdapterSettings) -> list[RawReader]:
    """None without a folder. Raises SettingsInvalid, naming every fault of every mapping."""
    try:
        return [RawReader(one) for one in read_adapters(settings.folder, settings.token_key_file)]
    except MappingInvalid as invalid:
        raise SettingsInvalid(f"CUSTOMER_PROFILE_ADAPTER__FOLDER: {invalid}") from None
