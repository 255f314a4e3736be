"""The readers of raw topics, one for each mapping that the settings name."""

from customer_profile.adapter.mappings import MappingInvalid, read_adapters
from customer_profile.adapter.records import RawReader
from customer_profile.adapter.settings import AdapterSettings
from customer_profile.adapter.tokens import read_token_key
from rapport.privacy.encryption import MasterKeys
from rapport.privacy.key_checks import KeyFile
from rapport.settings import SettingsInvalid


def readers_of(settings: AdapterSettings) -> list[RawReader]:
    """None without a folder. Raises SettingsInvalid, naming every fault of every mapping."""
    try:
        return [RawReader(one) for one in read_adapters(settings.folder, settings.token_key_file)]
    except MappingInvalid as invalid:
        raise SettingsInvalid(f"CUSTOMER_PROFILE_ADAPTER__FOLDER: {invalid}") from None


def token_key_files(settings: AdapterSettings) -> list[KeyFile]:
    """The file of the token key; none where no raw topic is read. Raises KeyFileInvalid."""
    if settings.folder is None or settings.token_key_file is None:
        return []
    # Tokens are made with the one key, whichever version it stands under: another version is no other key.
    key = MasterKeys({1: read_token_key(settings.token_key_file)})
    return [KeyFile("CUSTOMER_PROFILE_ADAPTER__TOKEN_KEY_FILE", settings.token_key_file, key)]
