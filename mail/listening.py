"""A mail server of our own: it listens in a thread of its own, and says in one line where it cannot."""

import socket
from types import TracebackType
from typing import Self

from aiosmtpd.controller import Controller

from config.errors import UnreachableError


class MailServer:
    """A server that letters are handed to; use it as a context manager, or with `start` and `stop`.

    Attributes:
        name: what people call it.
        host, port: where it listens.
    """

    def __init__(self, name: str, controller: Controller) -> None:
        """Prepare it; it listens from `start` on."""
        self.name, self._controller = name, controller
        self.host, self.port = controller.hostname, controller.port

    def start(self) -> None:
        """Listen for letters, in a thread of its own.

        Raises:
            UnreachableError: if the port is in use.
        """
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        try:
            # asked first, because the controller takes seconds to find out
            socket.create_server((self.host, self.port), family=family).close()
            self._controller.start()
        except OSError as error:
            raise UnreachableError(
                f"{self.name} cannot listen on {self.host}:{self.port}: {error.strerror or error}"
            ) from None

    def stop(self) -> None:
        """Close the port; whoever was handing in a letter and got no answer will do so again."""
        self._controller.stop()

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()
