"""Settings of one installation, from the environment (`SLM_...`) or `.env`."""

import os
import secrets
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from config.errors import BadInputError


class Settings(BaseSettings):
    """What an installation decides for itself; every field has a default that works on one machine."""

    model_config = SettingsConfigDict(env_prefix="SLM_", env_file=".env", extra="ignore")

    var: Path = Field(Path("var"), description="folder of everything the product writes")
    database_url: str = Field("", description="SQLAlchemy URL; empty: SQLite in the folder `var`")
    host: str = Field("127.0.0.1", description="address the web application listens on")
    port: int = Field(8000, ge=1, le=65535, description="port of the web application")
    public_url: str = Field("", description="address that letters link to; empty: http://host:port")
    smtp_host: str = Field("127.0.0.1", description="mail server that letters are handed to")
    smtp_port: int = Field(8025, ge=1, le=65535, description="port of the mail server")
    smtp_user: str = Field("", description="user name at the mail server; empty: none")
    smtp_password: str = Field("", description="password at the mail server")
    smtp_security: Literal["none", "starttls", "tls"] = Field("none", description="none, starttls or tls")
    smtp_timeout_s: float = Field(20.0, gt=0, description="seconds to wait for the mail server")
    mail_from: str = Field(
        "Service level management <slm@slmcycle.example>", description="sender of every letter"
    )
    local_mailbox: bool = Field(True, description="`slm up` receives letters itself and shows them")
    prefect_port: int = Field(4200, ge=1, le=65535, description="port of the Prefect server")
    policy_file: Path | None = Field(None, description="TOML file whose values replace the default policy")

    @property
    def database(self) -> str:
        """The database URL, with the SQLite default filled in."""
        return self.database_url or f"sqlite:///{(self.var / 'slmcycle.db').absolute()}"

    @property
    def base_url(self) -> str:
        """The address that letters link to, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    def secret_key(self) -> str:
        """Return the key that signs sessions, made at the first start and kept in `var/secret.key`."""
        path = self.var / "secret.key"
        if not path.exists():
            self.var.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(48))
        return path.read_text().strip()


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Return this process's settings, read once; `settings.cache_clear()` reads them anew.

    Raises:
        BadInputError: if a variable has a value that cannot be used.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "SLM_" + "_".join(str(part) for part in first["loc"]).upper()
        raise BadInputError(f"{name}: {first['msg']}") from None
