"""Rows that say nothing usable, written to a file with their line, the column and the reason."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from config.errors import BadInputError
from evidence.tables import Row, Unusable

_FIRST = 20
_MOST_CELL = 2_000


class RejectedRows:
    """A file of rejected rows, made when the first one comes.

    Attributes:
        count: how many there are.
        first: the first of them as `(line, column, reason)`.
    """

    def __init__(self, folder: Path, name: str, header: Sequence[str]) -> None:
        self.count = 0
        self.first: list[tuple[int, str, str]] = []
        self._path = folder / f"{name}.rejected.csv"
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
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.open("w", encoding="utf-8", errors="replace", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow(["line", "column", "reason", *self._header])

    def close(self) -> None:
        """Finish the file."""
        if self._file is not None:
            self._file.close()
            self._file = None
