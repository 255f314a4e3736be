"""Where the keys are that everything else is encrypted under, and which cipher seals what is new."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from rapport.privacy.ciphers import AlgorithmName


class VaultSettings(BaseModel):
    """A key of Vault's transit engine. `token_file`: kept fresh by Vault's agent; it is read at every request.

    The key authenticates associated data (aes256-gcm96) and is this service's own. `ca_file`: who signed Vault's
    certificate, where the system does not know.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    address: str = Field(pattern=r"^(https://|http://(127\.0\.0\.1|localhost|\[::1\])(:|/|$))")
    key: str = Field(pattern=r"^[A-Za-z0-9_.-]+$")
    token_file: Path
    mount: str = Field(default="transit", pattern=r"^[A-Za-z0-9_./-]+$")
    ca_file: Path | None = None


class EncryptionSettings(BaseModel):
    """The key-encryption key: a file with lines `<version>:<32 bytes in base64>`, the highest wraps new keys.

    `vault`: customers' data keys hang on a key that never leaves it; the file then closes what belongs to no customer.
    `algorithm`: for what is new; what the other one sealed is read as before.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    key_file: Path
    vault: VaultSettings | None = None
    algorithm: AlgorithmName = "aes-256-gcm"
