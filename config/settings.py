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
    smtp_ca_file: Path | None = Field(
        None, description="PEM file of the authority that vouches for the mail server; empty: the system's"
    )
    smtp_timeout_s: float = Field(20.0, gt=0, description="seconds to wait for the mail server")
    mail_from: str = Field(
        "Service level management <slm@slmcycle.example>", description="sender of every letter"
    )
    reply_domain: str = Field(
        "", description="mail domain whose every address reaches the product; with it people answer by mail"
    )
    reply_mailbox: str = Field(
        "", description="address of one mailbox for answers by mail, where there is no domain for them"
    )
    reply_plus: bool = Field(
        False, description="mail to name+anything@... reaches that mailbox; off: the secret is in the subject"
    )
    authserv_id: str = Field(
        "",
        description="name our own mail server signs Authentication-Results with; it must take such of others "
        "out, or they are believed; empty: none is trusted",
    )
    mail_most_mb: float = Field(
        10.0, gt=0, description="of a larger letter that arrives only the head is kept"
    )
    lmtp_host: str = Field("127.0.0.1", description="address that letters are handed over at by LMTP")
    lmtp_port: int = Field(
        0, ge=0, le=65535, description="port that our mail server hands letters over at by LMTP; 0: none"
    )
    imap_host: str = Field("", description="IMAP server that answers are fetched from; empty: none")
    imap_port: int = Field(993, ge=1, le=65535, description="port of the IMAP server")
    imap_user: str = Field("", description="user name at the IMAP server")
    imap_password: str = Field("", description="password at the IMAP server")
    imap_security: Literal["none", "starttls", "tls"] = Field("tls", description="none, starttls or tls")
    imap_folder: str = Field("INBOX", description="folder that answers are fetched from")
    imap_done_folder: str = Field(
        "", description="folder that fetched letters are moved to; empty: they stay and are marked as seen"
    )
    imap_timeout_s: float = Field(20.0, gt=0, description="seconds to wait for the IMAP server")
    seal_pkcs12: Path | None = Field(
        None,
        description="PKCS#12 file whose key seals signed agreements; empty: one made at first use in `var`",
    )
    seal_password: str = Field("", description="password of that PKCS#12 file")
    timestamp_url: str = Field(
        "", description="RFC 3161 server that puts a time stamp on each seal; empty: no time stamps"
    )
    timestamp_timeout_s: float = Field(20.0, gt=0, description="seconds to wait for that server")
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
    except UnicodeDecodeError:
        raise BadInputError(".env: this is no text in UTF-8") from None
    except ValidationError as error:
        first = error.errors()[0]
        name = "SLM_" + "_".join(str(part) for part in first["loc"]).upper()
        raise BadInputError(f"{name}: {first['msg']}") from None
