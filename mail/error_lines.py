"""What may be told of an error that nobody expected: a database names in its errors what it was given."""

from traceback import format_tb

from config.errors import SlmError
from mail.blotting import blot_out

_LONGEST = 200


def in_one_line(error: BaseException) -> str:
    """Return what an error says without secrets: one of ours whole, of another its first line, cut."""
    said = str(error) if isinstance(error, SlmError) else str(error).partition("\n")[0][:_LONGEST]
    return blot_out(said) or type(error).__name__


def place_of(error: BaseException) -> str:
    """Return where an error came from: the lines of its traceback, which hold code and no values."""
    return "".join(format_tb(error.__traceback__)).rstrip()
