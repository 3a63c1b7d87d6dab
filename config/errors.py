"""The product's own errors: each message is one clear line that a user may read."""


class SlmError(Exception):
    """Something the user asked for is refused, with the reason; nothing was changed."""


class NotFoundError(SlmError):
    """What was asked for does not exist."""


class BadInputError(SlmError):
    """A file, a value or a document is not what it should be; the message says what and where."""


class UnreachableError(SlmError):
    """A database or a mail server cannot be reached."""
