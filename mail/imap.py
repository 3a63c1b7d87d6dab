"""Fetching answers from a mailbox by IMAP: each letter is taken in first, and marked or moved then."""

import ssl
from collections.abc import Callable
from contextlib import suppress
from imaplib import IMAP4

from imap_tools import (
    BaseMailBox,
    MailBox,
    MailboxLoginError,
    MailBoxStartTls,
    MailBoxUnencrypted,
    MailMessageFlags,
)
from imap_tools.errors import ImapToolsError

from config.errors import UnreachableError
from config.plain_text import plain_line
from config.settings import settings

_MOST_AT_ONCE = 200
_HEAD_BYTES = 256_000


def fetch_letters(take_in: Callable[[bytes], bool]) -> int:
    """Hand every unseen letter of the settings' mailbox to `take_in`, and return how many there were.

    At most 200 a call; the others stay for the next one. A letter is marked once `take_in` has said that it
    is taken in, so that one whose taker fails, or dies, comes again.

    Args:
        take_in: is given the message exactly as the server holds it; of one that is larger than this
            installation reads, its first part.

    Raises:
        UnreachableError: if the server cannot be reached, refuses the user, or has no such folder.
    """
    current = settings()
    try:
        with _connected() as mailbox:
            mailbox.folder.set(current.imap_folder)
            uids = mailbox.uids("UNSEEN")[:_MOST_AT_ONCE]
            for uid in uids:
                if not take_in(_message(mailbox, uid)):
                    continue
                if current.imap_done_folder:
                    mailbox.move(uid, current.imap_done_folder)
                else:
                    mailbox.flag(uid, MailMessageFlags.SEEN, True)
            return len(uids)
    except (ImapToolsError, IMAP4.error, OSError) as error:
        said = "it refuses the user or the password" if isinstance(error, MailboxLoginError) else str(error)
        where = f"{current.imap_host}:{current.imap_port}"
        raise UnreachableError(f"IMAP server {where}: {plain_line(said) or 'no answer'}") from None


def _connected() -> BaseMailBox:
    current = settings()
    address = {"host": current.imap_host, "port": current.imap_port, "timeout": current.imap_timeout_s}
    mailbox: BaseMailBox
    if current.imap_security == "none":
        mailbox = MailBoxUnencrypted(**address)
    elif current.imap_security == "starttls":
        mailbox = MailBoxStartTls(**address, ssl_context=ssl.create_default_context())
    else:
        mailbox = MailBox(**address, ssl_context=ssl.create_default_context())
    try:
        mailbox.login(current.imap_user, current.imap_password, initial_folder=None)
    except BaseException:
        with suppress(IMAP4.error, OSError):
            mailbox.client.shutdown()
        raise
    return mailbox


def _message(mailbox: BaseMailBox, uid: str) -> bytes:
    """Return a message byte for byte, not marked as seen; of a huge one a little more than is read."""
    most = max(_HEAD_BYTES, int(settings().mail_most_mb * 1_000_000)) + 1
    answer = mailbox.client.uid("FETCH", uid, f"(BODY.PEEK[]<0.{most}>)")[1]
    found = next((part[1] for part in answer if isinstance(part, tuple)), b"")
    return bytes(found)
