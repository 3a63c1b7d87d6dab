"""No request may be larger than an agreement could be: strangers can reach the pages behind letters."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 1_000_000


class SmallBodiesOnly:
    """ASGI middleware that answers 413 as soon as a body is too large, whatever length it announced."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting its bytes as they are read."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        received = 0

        async def receive_counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > MOST_BYTES:
                raise HTTPException(413, f"This is too large: at most {MOST_BYTES:,} bytes are taken.")
            return message

        await self.app(scope, receive_counted, send)
