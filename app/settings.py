"""What one installation may set, read once from the environment (`MILEPOST_…`) and from a `.env` file beside it.

Every setting has a default that suits a laptop. The one rule: a production environment refuses to start with what is meant
for development.
"""

import os
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Self

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from app import database_urls, mail_urls, seal_keys
from app.identity_settings import IdentitySettings
from app.limit_settings import LimitSettings

PRODUCTION_RATE = 500
"""Requests of one client per second in production, where nothing else is set."""

DEVELOPMENT_SECRET = "milepost-development-secret-that-everybody-knows"  # noqa: S105 production takes no tokens that it signs
SHORTEST_SECRET = 32


class Environment(StrEnum):
    DEVELOPMENT = "development"
    PRODUCTION = "production"
    TEST = "test"


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    CONSOLE = "console"
    JSON = "json"


class InvalidSettingsError(ValueError):
    """Settings that cannot be used: one line for each, naming the variable, what it held and what it takes."""


class Settings(IdentitySettings, LimitSettings):
    """Settings as the environment gives them; `load()` is the way to get them with readable errors."""

    model_config = SettingsConfigDict(
        env_prefix="MILEPOST_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    environment: Environment = Environment.DEVELOPMENT
    # Without a URL the embedded database is used, and the broker is the database itself.
    database_url: str | None = Field(None, validation_alias=AliasChoices("MILEPOST_DATABASE_URL", "DATABASE_URL"))
    broker_url: str | None = Field(None, validation_alias=AliasChoices("MILEPOST_BROKER_URL", "BROKER_URL"))
    data_folder: Path = Path("var")
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535, validation_alias=AliasChoices("MILEPOST_PORT", "PORT"))
    pool_size: int = Field(20, ge=1, le=500, description="database connections of one process")
    worker_chunks: int = Field(2, ge=1, le=8, description="chunks of one program that a worker has in hand at once")
    secret: SecretStr = SecretStr(DEVELOPMENT_SECRET)
    # Without a server, emails are written into a folder.
    smtp_url: SecretStr | None = None
    mail_from: str = "milepost@localhost"
    mail_folder: Path | None = None
    webhooks_private: bool = Field(default=False, description="webhooks may call private addresses: development only")
    metrics_token: SecretStr | None = Field(None, description="who may see the figures; production shows none without")
    metrics_port: int | None = Field(None, ge=1, le=65535, description="where a worker shows its figures")
    slow_ms: int = Field(1000, ge=1, le=600_000, description="operations that take longer are logged as slow")
    seal_key: SecretStr | None = Field(None, description="signs checkpoints of the seals")
    log_level: LogLevel = LogLevel.INFO
    log_format: LogFormat | None = None

    @field_validator("database_url")
    @classmethod
    def _database_url_for_asyncpg(cls, value: str | None) -> str | None:
        return None if value is None else database_urls.for_asyncpg(value)

    @field_validator("broker_url")
    @classmethod
    def _broker_is_known(cls, value: str | None) -> str | None:
        return None if value is None else database_urls.known_broker(value)

    @field_validator("secret")
    @classmethod
    def _secret_is_long_enough(cls, value: SecretStr) -> SecretStr:
        if len(value.get_secret_value()) < SHORTEST_SECRET:
            raise ValueError(f"a secret has at least {SHORTEST_SECRET} characters")
        return value

    @model_validator(mode="after")
    def _production_takes_no_tokens_of_its_own(self) -> Self:
        if self.environment is Environment.PRODUCTION and self.local_tokens:
            raise ValueError(
                "MILEPOST_LOCAL_TOKENS is on, so that whoever has MILEPOST_SECRET is anybody: production refuses it. People "
                "come with tokens of MILEPOST_OIDC_ISSUER, systems with API keys (`milepost key create`)"
            )
        return self

    @field_validator("seal_key")
    @classmethod
    def _seal_key_is_one(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            seal_keys.known(value.get_secret_value())
        return value

    @field_validator("smtp_url")
    @classmethod
    def _smtp_url_is_one(cls, value: SecretStr | None) -> SecretStr | None:
        return None if value is None else mail_urls.known(value)

    @field_validator("mail_from")
    @classmethod
    def _mail_from_is_an_address(cls, value: str) -> str:
        return mail_urls.sender(value)

    @model_validator(mode="after")
    def _production_calls_no_neighbours(self) -> Self:
        if self.environment is Environment.PRODUCTION and self.webhooks_private:
            raise ValueError(
                "MILEPOST_WEBHOOKS_PRIVATE lets webhooks call private addresses, and with them whatever runs beside this "
                "installation: production refuses it"
            )
        return self

    @cached_property
    def takes_local_tokens(self) -> bool:
        """Whether tokens are taken that this installation signs itself."""
        return self.environment is not Environment.PRODUCTION and self.local_tokens is not False

    @cached_property
    def requests_per_second(self) -> int:
        """How fast one client may ask; 0: as fast as it likes."""
        usual = PRODUCTION_RATE if self.environment is Environment.PRODUCTION else 0
        return usual if self.rate is None else self.rate

    @cached_property
    def emails_folder(self) -> Path:
        """Where emails go if no server is named."""
        return self.mail_folder or self.data_folder / "mail"

    @cached_property
    def logs_as_json(self) -> bool:
        """Machines read the logs of production, people those of everything else."""
        return (self.log_format or self._usual_log_format()) is LogFormat.JSON

    def _usual_log_format(self) -> LogFormat:
        return LogFormat.JSON if self.environment is Environment.PRODUCTION else LogFormat.CONSOLE


def load(**overrides: object) -> Settings:
    """Settings of this process; `overrides` by field name win over the environment. Raises InvalidSettingsError."""
    try:
        # A missing override must not hide what the environment says.
        return Settings(**{name: value for name, value in overrides.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        raise InvalidSettingsError(_readable(error)) from None


def _readable(error: ValidationError) -> str:
    lines = []
    for problem in error.errors(include_url=False, include_context=False):
        message = problem["msg"].removeprefix("Value error, ")
        if not problem["loc"]:
            lines.append(message)
            continue
        variable = _variable(str(problem["loc"][0]))
        lines.append(f"{variable}{_shown(variable, problem['input'])}: {message}")
    return "\n".join(lines)


def _variable(name: str) -> str:
    """The variable as it was set: those that have a short name, too, are called by it, unless the long one holds a value."""
    if not name.isupper():
        return f"MILEPOST_{name.upper()}"
    return name if os.environ.get(name) else name.removeprefix("MILEPOST_")


def _shown(variable: str, value: object) -> str:
    # An address may hold a password, and errors end in logs.
    return "" if variable.endswith(("_URL", "_SECRET", "_ISSUER")) else f" is {value!s:.80}"
