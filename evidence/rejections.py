"""Rows that say nothing usable, written to a file with their line, the column and the reason."""

import csv
import re
from collections.abc import Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import IO, Any

from config.errors import BadInputError
from evidence.tables import Row, Unusable

_FIRST = 20
_MOST_CELL = 2_000


class RejectedRows:
    """A file of rejected rows, made when the first one comes; what an earlier import rejected stays.

    Attributes:
        count: how many there are.
        first: the first of them as `(line, column, reason)`.
    """

    def __init__(self, folder: Path, name: str, header: Sequence[str]) -> None:
        """Take the folder, what names the import in the name of the file, and the header of the rows."""
        self.count = 0
        self.first: list[tuple[int, str, str]] = []
        self._folder, self._name = folder, re.sub(r"[^\w.-]+", "_", name)
        self._path = self._numbered(1)
        self._header = header
        self._file: IO[str] | None = None
        self._writer: Any = None

    @property
    def path(self) -> Path | None:
        """The file; None while there is no rejected row."""
        return self._path if self.count else None

    def add(self, item: Row | Unusable, column: str, reason: str) -> None:
        """Write one more row, its cells cut to a length that people read.

        Raises:
            BadInputError: if the file cannot be written.
        """
        self.count += 1
        if len(self.first) < _FIRST:
            self.first.append((item.line, column, reason))
        cells = item.cells[: len(self._header) + 1] if isinstance(item, Row) else [item.text]
        try:
            if self._file is None:
                self._open()
            self._writer.writerow([item.line, column, reason, *(cell[:_MOST_CELL] for cell in cells)])
        except OSError as error:
            raise BadInputError(f"rejected rows: {self._path}: {error.strerror}") from None

    def _open(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._file = self._own_file()
        self._writer = csv.writer(self._file)
        self._writer.writerow(["line", "column", "reason", *self._header])

    def _own_file(self) -> IO[str]:
        for number in count(1):
            self._path = self._numbered(number)
            with suppress(FileExistsError):  # of another import in the same second
                return self._path.open("x", encoding="utf-8", errors="replace", newline="")
        raise AssertionError("one of all numbers is free")

    def _numbered(self, number: int) -> Path:
        return self._folder / f"{self._name}{f'-{number}' if number > 1 else ''}.rejected.csv"

    def close(self) -> None:
        """Finish the file."""
        if self._file is not None:
            self._file.close()
            self._file = None
