"""What identity is locked away with, and every file of keys beside the one that each service has."""

from customer_profile.adapter.composing import token_key_files
from customer_profile.customer.domain import INDEXED
from customer_profile.customer.identity import Locks
from customer_profile.settings import Settings
from rapport.privacy.blind_index import BlindIndex
from rapport.privacy.encryption import MasterKeys
from rapport.privacy.key_checks import KeyFile
from rapport.privacy.keyring import Keyring


def read_keys(service: str, settings: Settings) -> tuple[Locks, list[KeyFile]]:
    """The locks, and the files of look-ups and tokens. Raises KeyFileInvalid."""
    path = settings.look_up.key_file
    keys = MasterKeys.read(path)
    locks = Locks(Keyring.of(service, settings.encryption), BlindIndex(service, INDEXED, keys))
    return locks, [KeyFile("CUSTOMER_PROFILE_LOOK_UP__KEY_FILE", path, keys), *token_key_files(settings.adapter)]
