"""The door of our own mail server: it hands letters over by LMTP (RFC 2033), to one recipient or to many.

Each recipient has an outcome, and so a reply, of its own. What cannot be taken in now is refused for now, and
the mail server keeps it: nothing is lost.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

from config.clock import now
from config.errors import SlmError
from config.settings import settings
from mail.error_lines import in_one_line
from mail.listening import MailServer
from mail.reply_addresses import is_to_us
from models.letters import InboxOutcome

TakeIn = Callable[[bytes, str, str, datetime], InboxOutcome]
"""Takes in a letter: content, envelope recipient and sender ("" for a bounce), and when."""

_AGAIN = "451 4.3.0 the letter cannot be recorded now"
_log = logging.getLogger(__name__)


class LmtpServer(MailServer):
    """A server that our own mail server hands letters to.

    Whoever reaches its port can write what our mail server is trusted for, so it is for this machine, or for
    a network in which nobody else can.
    """

    def __init__(self, host: str, port: int, take_in: TakeIn) -> None:
        """Prepare the server; it listens from `start` on.

        Args:
            host: address it listens on.
            port: where it listens.
            take_in: called in a thread for each recipient; must be safe to call at once. What it raises
                makes the mail server try again later.
        """
        controller = _LmtpController(
            _TakingIn(take_in),
            hostname=host,
            port=port,
            server_hostname="localhost",
            ident="slm",
            data_size_limit=int(settings().mail_most_mb * 1_000_000),
        )
        super().__init__("the LMTP server", controller)


class _ReplyToEach(LMTP):
    """LMTP with one reply for each recipient after the data, which the library leaves out."""

    # mail programs write lines longer than the 1,000 characters allowed, and other doors take them
    line_length_limit = 1_000_000
    _unanswered = 0

    async def push(self, status: str | bytes) -> None:
        """Send a reply; the one that follows the data as often as there are recipients."""
        text = status.decode() if isinstance(status, bytes) else status
        if text.startswith("354"):  # nothing but DATA says so
            assert self.envelope is not None
            self._unanswered = len(self.envelope.rcpt_tos)
        elif self._unanswered:
            replies = text.split("\r\n")
            text = "\r\n".join(replies if len(replies) == self._unanswered else replies * self._unanswered)
            self._unanswered = 0
        await super().push(text)


class _LmtpController(Controller):
    def factory(self) -> SMTP:
        return _ReplyToEach(self.handler, **self.SMTP_kwargs)


class _TakingIn:
    """What the server does with a letter."""

    def __init__(self, take_in: TakeIn) -> None:
        self._take_in = take_in

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]]

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not address.isprintable() or not is_to_us(address):
            return "550 5.1.1 no such address here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content, at = envelope.original_content or b"", now()
        sender = (envelope.mail_from or "").strip("<>")  # a bounce has none
        return "\r\n".join(
            [await self._reply(content, recipient, sender, at) for recipient in envelope.rcpt_tos]
        )

    async def handle_exception(self, error: Exception) -> str:
        _log.error("a letter could not be taken in: %s", in_one_line(error))
        return _AGAIN

    async def _reply(self, content: bytes, recipient: str, sender: str, at: datetime) -> str:
        try:
            outcome = await asyncio.to_thread(self._take_in, content, recipient, sender, at)
        except SlmError:
            return _AGAIN
        except Exception as error:
            _log.error("a letter could not be taken in: %s", in_one_line(error))
            return _AGAIN
        return f"250 2.0.0 {outcome.value}"
