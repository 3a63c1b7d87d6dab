"""How often one address may try what it does not know: keys, codes and secret links."""

from collections import deque
from ipaddress import IPv6Address, ip_address, ip_network
from threading import Lock

from starlette.requests import Request

from config.clock import now
from config.errors import SlmError
from templates.languages.telling import Told, told

_MOST_ADDRESSES = 10_000
WAIT = told("too many attempts: wait a minute and try again")
WRONG_LINKS = told(
    "too many addresses were tried that lead nowhere; the whole link of a letter works all the same"
)


class TooManyAttemptsError(SlmError):
    """One address has tried too often; what it tries next is refused for a minute."""


class Attempts:
    """Failed attempts by address, kept in memory for one window of time.

    What is refused is not counted, so whoever shares an address with somebody who guesses waits for one
    window at most before the next attempt is looked at. Of IPv6 a network of 64 bits is one address.

    Attributes:
        most: attempts allowed within the window.
        seconds: length of the window.
        refusal: what is said to whoever tries more.
    """

    def __init__(self, most: int, seconds: int = 60, refusal: Told = WAIT) -> None:
        self.most, self.seconds, self.refusal = most, seconds, refusal
        self._failed: dict[str, deque[float]] = {}
        self._lock = Lock()

    def check(self, request: Request) -> None:
        """Refuse an address before what it sends is looked at, so that a right guess opens nothing either.

        Raises:
            TooManyAttemptsError: if it has failed as often as is allowed within the window.
        """
        with self._lock:
            if len(self._within_window(request)) >= self.most:
                raise TooManyAttemptsError(self.refusal)

    def count(self, request: Request) -> None:
        """Count a failed attempt of the address that a request comes from.

        Raises:
            TooManyAttemptsError: if it has failed more often than is allowed within the window.
        """
        with self._lock:
            failed = self._within_window(request)
            failed.append(now().timestamp())
            if len(failed) > self.most:
                raise TooManyAttemptsError(self.refusal)

    def _within_window(self, request: Request) -> deque[float]:
        address = _network_of(client_address(request))
        if address not in self._failed and len(self._failed) >= _MOST_ADDRESSES:
            del self._failed[next(iter(self._failed))]
        failed = self._failed.setdefault(address, deque(maxlen=self.most + 1))
        while failed and failed[0] <= now().timestamp() - self.seconds:
            failed.popleft()
        return failed


def client_address(request: Request) -> str:
    """Return the network address that a request comes from, "" where it has none."""
    return request.client.host if request.client else ""


def _network_of(address: str) -> str:
    try:
        known = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    return str(ip_network((known, 64), strict=False)) if isinstance(known, IPv6Address) else address
