"""The scenes type the same commands on the same database as the command line's tests."""

from tests.cli.conftest import database, slm

__all__ = ["database", "slm"]
