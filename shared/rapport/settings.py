"""Settings every service has, read once from the environment and frozen; no secret has a default.

A name is `<SERVICE>_<GROUP>__<NAME>`, such as `SCORING_DATABASE__URL`. All faults are listed together at start.
"""

from pathlib import Path
from typing import Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from rapport.privacy.settings import EncryptionSettings


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class DatabaseSettings(_Group):
    """`url`: the application role, DML only. `migration_url`: the owner of the tables; only `migrate` needs it."""

    url: SecretStr
    migration_url: SecretStr | None = None
    pool_size: int = Field(default=8, ge=1, le=100)
    statement_timeout_ms: int = Field(default=2000, ge=100, description="of a request; a worker's is ten times as long")


class KafkaSettings(_Group):
    """Where Kafka is. `topic_prefix` lets several systems share a cluster, such as `uat.`."""

    bootstrap_servers: str
    topic_prefix: str = Field(default="", pattern=r"^[a-z0-9.-]*$")
    partitions: int = Field(default=24, ge=1, description="of every topic; never changed on a live system")
    session_timeout_ms: int = Field(default=10_000, ge=1000)
    max_poll_records: int = Field(default=5000, ge=1)
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = None
    sasl_username: str | None = None
    sasl_password: SecretStr | None = None


class AuthSettings(_Group):
    """Whose tokens are accepted. `jwks` is the address or the file of the issuer's public keys.

    `step_up_acr`, `step_up_seconds`: which authentication, and how old at most, an operation asks that unmasks.
    """

    issuer: str
    jwks: str
    audience: str = "rapport"
    step_up_acr: str = Field(default="mfa", pattern=r"^[\x21\x23-\x5b\x5d-\x7e]+$")
    step_up_seconds: int = Field(default=300, ge=30)


class TimeSettings(_Group):
    """`wall`: the system clock. `stream`: the time of the events themselves, for replays and history."""

    mode: Literal["wall", "stream"] = "wall"


class ApiSettings(_Group):
    """Where REST is served; `docs` shows the API page and belongs on no production system."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    docs: bool = False
    requests_per_second: float = Field(default=50, gt=0, description="of one subject, sustained")
    burst: int = Field(default=100, ge=1)


class OperationsSettings(_Group):
    """Where health and metrics are served, without tokens: an inner address only."""

    host: str = "127.0.0.1"
    port: int = Field(default=9090, ge=0, le=65535)


class TelemetrySettings(_Group):
    """Log level, and where traces go; without an endpoint none are exported."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    otlp_endpoint: str | None = None


class ServiceSettings(BaseSettings):
    """What a service reads from its environment; a service's own class adds its prefix and its own groups."""

    model_config = SettingsConfigDict(
        env_nested_delimiter="__",
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
        nested_model_default_partial_update=True,
    )

    database: DatabaseSettings
    kafka: KafkaSettings
    auth: AuthSettings
    encryption: EncryptionSettings
    time: TimeSettings = TimeSettings()
    api: ApiSettings = ApiSettings()
    operations: OperationsSettings = OperationsSettings()
    telemetry: TelemetrySettings = TelemetrySettings()

    @classmethod
    def read(cls) -> Self:
        """Settings from the environment. Raises SettingsInvalid, which names every variable at fault and no value."""
        return read_settings(cls)


class SettingsInvalid(Exception):
    """The environment is not a configuration; the text lists every variable at fault."""


S = TypeVar("S", bound=ServiceSettings)


def read_settings(settings_class: type[S]) -> S:
    """See `ServiceSettings.read`."""
    prefix = settings_class.model_config.get("env_prefix", "")
    try:
        return settings_class()
    except ValidationError as invalid:
        faults = [
            f"  {prefix}{'__'.join(str(part) for part in error['loc']).upper()}: {error['msg']}"
            for error in invalid.errors()
        ]
        raise SettingsInvalid("these settings are missing or wrong:\n" + "\n".join(faults)) from None
