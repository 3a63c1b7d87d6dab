"""The one connection of a run to the mail server: opened when it is needed, again when it was dropped."""

import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from email.message import EmailMessage
from typing import Any

from aiosmtplib import SMTP
from aiosmtplib.errors import SMTPException, SMTPResponseException
from aiosmtplib.response import SMTPResponse

from config.errors import BadInputError
from config.settings import settings
from mail.refusals import said


class ClaimLostError(Exception):
    """Others have claimed the letter meanwhile: it was not sent."""


class Connection:
    """A connection to the settings' mail server, over which any number of letters go, one after the other.

    Attributes:
        sent: letters that went over the connection since it was opened last.
        perhaps_sent: whether the last letter was handed over and the server did not answer.
    """

    def __init__(self) -> None:
        self.sent = 0
        self.perhaps_sent = False
        self._client: _Client | None = None

    async def open(self) -> None:
        """Connect, encrypt and sign in as the settings say, unless that is done.

        Raises:
            BadInputError: if SLM_SMTP_CA_FILE cannot be read.
            SMTPException, OSError, ValueError: if the server cannot be used.
        """
        if self._client is not None and self._client.is_connected:
            return
        await self.close()
        client = _client()
        self.sent = 0
        try:
            await client.connect()
        except BaseException:
            client.close()
            raise
        self._client = client

    async def send(
        self, message: EmailMessage, sender: str, recipient: str, begin: Callable[[], Awaitable[bool]]
    ) -> str:
        """Hand a letter over and return the server's answer in a line, such as "250 2.0.0 queued as 4F2".

        Args:
            message: the letter.
            sender: the envelope sender, to whom bounces go.
            recipient: the envelope recipient.
            begin: called when the server has accepted both and the letter itself follows; false says that
                it must not be sent.

        Raises:
            ClaimLostError: if `begin` said so.
            SMTPException, OSError, ValueError: if the letter was not accepted; `perhaps_sent` says whether
                the server may have got it nevertheless.
        """
        assert self._client is not None, "open the connection first"
        self._client.begin, self._client.handed_over = begin, False
        self.perhaps_sent = False
        try:
            await self._client.send_message(message, sender=sender, recipients=[recipient])
        except BaseException as error:
            self.perhaps_sent = self._client.handed_over and not _answered(error)
            if not isinstance(error, SMTPException | ValueError):
                self._client.close()  # in the midst of a letter: nothing else can be said over it
            raise
        self.sent += 1
        return said(self._client.answer.code, self._client.answer.message)

    async def close(self) -> None:
        """Take leave of the server, if it is still there."""
        if self._client is not None:
            with suppress(SMTPException, OSError):
                if self._client.is_connected:
                    await self._client.quit()
            self._client.close()
            self._client = None


class _Client(SMTP):
    """aiosmtplib's client, which says when the letter itself is handed over and what was answered to it."""

    begin: Callable[[], Awaitable[bool]]
    handed_over = False
    answer: SMTPResponse

    async def data(self, message: str | bytes, /, **options: Any) -> SMTPResponse:
        """Send the letter itself, where it may still be sent."""
        if not await self.begin():
            raise ClaimLostError
        self.handed_over = True
        self.answer = await super().data(message, **options)
        return self.answer


def _answered(error: BaseException) -> bool:
    """Tell whether the server refused the letter; an answer that is none says nothing about it."""
    return isinstance(error, SMTPResponseException) and error.code >= 400


def _client() -> _Client:
    current = settings()
    return _Client(
        hostname=current.smtp_host,
        port=current.smtp_port,
        username=current.smtp_user or None,
        password=current.smtp_password or None,
        use_tls=current.smtp_security == "tls",
        start_tls=current.smtp_security == "starttls",
        tls_context=_trusted() if current.smtp_security != "none" else None,
        timeout=current.smtp_timeout_s,
    )


def _trusted() -> ssl.SSLContext:
    file = settings().smtp_ca_file
    try:
        return ssl.create_default_context(cafile=file)
    except OSError as error:
        raise BadInputError(f"SLM_SMTP_CA_FILE: {file}: {error.strerror or error}") from None
