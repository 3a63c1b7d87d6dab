"""Ports: told to be in use before anything is started."""

import errno
import socket

from config.errors import BadInputError


def listen(host: str, port: int, purpose: str, remedy: str) -> socket.socket:
    """Return a socket that is bound to a port, and holds it.

    Args:
        host: address or name to bind to.
        port: what to bind to.
        purpose: who needs it, for the message.
        remedy: the option or setting that changes it, for the message.

    Raises:
        BadInputError: if the port is in use or cannot be had; the message says what to change.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, protocol)
    except OSError as error:
        raise BadInputError(f"{purpose}: {host} is no address of this machine ({error.strerror})") from None
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError as error:
        bound.close()
        reason = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be had ({error.strerror})"
        raise BadInputError(f"{purpose}: port {port} on {host} {reason}; {remedy}") from None
    return bound


def require_free(host: str, port: int, purpose: str, remedy: str) -> None:
    """Check that a port is free; arguments and errors are those of `listen`."""
    listen(host, port, purpose, remedy).close()
