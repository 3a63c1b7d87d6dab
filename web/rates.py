"""How often one address may try what it does not know: tokens and keys."""

from collections import deque

from starlette.requests import Request

from config.clock import now
from config.errors import SlmError

_MOST_ADDRESSES = 10_000


class TooManyAttemptsError(SlmError):
    """One address has tried too often; what it tries next is refused for a minute."""


class Attempts:
    """Failed attempts by address, kept in memory for one window of time.

    Attributes:
        most: attempts allowed within the window.
        seconds: length of the window.
    """

    def __init__(self, most: int, seconds: int = 60) -> None:
        self.most, self.seconds = most, seconds
        self._failed: dict[str, deque[float]] = {}

    def count(self, request: Request) -> None:
        """Count a failed attempt of the address that a request comes from.

        Raises:
            TooManyAttemptsError: if it has failed too often within the window.
        """
        address = client_address(request)
        at = now().timestamp()
        if len(self._failed) >= _MOST_ADDRESSES:
            self._failed.clear()
        failed = self._failed.setdefault(address, deque(maxlen=self.most + 1))
        while failed and failed[0] <= at - self.seconds:
            failed.popleft()
        failed.append(at)
        if len(failed) > self.most:
            raise TooManyAttemptsError("too many attempts: wait a minute and try again")


def client_address(request: Request) -> str:
    """Return the network address that a request comes from, "" where it has none."""
    return request.client.host if request.client else ""
